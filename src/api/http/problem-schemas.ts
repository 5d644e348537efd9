// Problem documents (RFC 9457) as OpenAPI describes them: one component for each status, with its codes and what belongs to them.
import { Type, type TSchema } from '@fastify/type-provider-typebox';
import type { ColumnMapping } from '../../core/dataset/header/mapping.ts';
import { ERROR_KINDS, type ErrorCode } from '../../errors.ts';
import { component } from './components.ts';

/** Where in a file something is wrong. The one shape of a column in every answer. */
export const Column = component(
  'Column',
  Type.Object(
    {
      index: Type.Integer({ minimum: 1, description: 'Column of the file, from 1.' }),
      name: Type.String({ description: 'Its header; empty when it has none.' }),
    },
    { description: 'A column of the file.' },
  ),
);

export const Mapping = component(
  'Mapping',
  Type.Unsafe<ColumnMapping>({
    type: 'object',
    additionalProperties: { type: ['string', 'null'] },
    description: 'As an upload gives it: column to field, null for an ignored column.',
    examples: [{ 氏名: 'name', '#3': 'phone_no', メモ: null }],
  }),
);

const Sample = component(
  'Sample',
  Type.Object(
    {
      line: Type.Integer({ description: 'Physical line, from 1.' }),
      value: Type.String({ description: 'The cell.' }),
      dmy: Type.Optional(optionalText('What it is with the day first; null: no date.')),
      mdy: Type.Optional(optionalText('What it is with the month first; null: no date.')),
    },
    { description: 'A cell that shows, or does not show, how its column writes dates or numbers.' },
  ),
);

const ProblemItem = component(
  'ProblemItem',
  Type.Object(
    {
      detail: Type.String({ description: 'What is wrong, in a sentence.' }),
      code: Type.Optional(Type.String({ description: 'What a program may branch on.' })),
      pointer: Type.Optional(
        Type.String({ description: 'Where in the body or query: a JSON Pointer (RFC 6901).' }),
      ),
      column: Type.Optional(Column),
      field: Type.Optional(Type.String({ description: 'The field of the dataset.' })),
      key: Type.Optional(Type.String({ description: 'The column as the mapping names it.' })),
      suggestion: Type.Optional(Type.String({ description: 'What may have been meant.' })),
      samples: Type.Optional(Type.Array(Sample)),
    },
    { additionalProperties: true, description: 'One thing that is wrong with the request.' },
  ),
);

const Candidate = component(
  'Candidate',
  Type.Object(
    {
      confidence: Type.Number({ minimum: 0, maximum: 1 }),
      encoding: Type.Optional(Type.String({ description: 'Send it as `encoding`.' })),
      sample: Type.Optional(
        Type.String({
          description: 'The first line, and lines that the candidates read differently, read so.',
        }),
      ),
      rejects: Type.Optional(
        Type.Integer({ description: 'How many lines cannot be read so. Their records would be rejected.' }),
      ),
      dialect: Type.Optional(
        Type.String({
          description: 'Send it as `dialect`: the database that may have written the file, or `csv`.',
        }),
      ),
      delimiter: Type.Optional(Type.String({ description: 'Send it as `delimiter`.' })),
      quote: Type.Optional(optionalText('Send it as `quote`; null is `none`.')),
      escape: Type.Optional(optionalText('Send it as `escape`.')),
      comment: Type.Optional(optionalText('Send it as `comment`.')),
      skipInitialSpace: Type.Optional(Type.Boolean({ description: 'Send it as `skipInitialSpace`.' })),
      skipAfterHeader: Type.Optional(Type.Integer({ description: 'Send it as `skipAfterHeader`.' })),
      header: Type.Optional(Type.Boolean({ description: 'Send it as `header`.' })),
      skipLines: Type.Optional(Type.Integer({ description: 'Send it as `skipLines`.' })),
      columns: Type.Optional(Type.Integer({ description: 'Columns, read so.' })),
      firstRecord: Type.Optional(
        Type.Array(optionalText('Null: the cell is NULL, as databases write it.'), {
          description: 'Cells of the first record that the candidates read differently, read so.',
        }),
      ),
    },
    { description: 'What the file may be: an encoding, or a dialect.' },
  ),
);

const Answer = component(
  'Answer',
  Type.Object(
    {
      send: Type.Object(
        {},
        {
          additionalProperties: true,
          description: 'Options, to be sent with the `uploadId` to POST /v1/imports.',
          examples: [{ dateOrder: 'dmy' }],
        },
      ),
      means: Type.String({ description: 'What it says, for people.' }),
    },
    { description: 'One answer to a question about a file.' },
  ),
);

/** What a problem that is a question has, and a question of an upload that is looked at. */
export const QUESTION = {
  option: Type.String({ description: 'The option that answers it, in most cases.' }),
  answers: Type.Array(Answer, {
    description: 'Answers to choose from, likeliest first; none when only a person knows.',
  }),
};

const ErrorCodeName = component(
  'ErrorCode',
  Type.Enum(Object.keys(ERROR_KINDS) as ErrorCode[], {
    type: 'string',
    description: 'What a program may branch on.',
  }),
);

const Problem = component(
  'Problem',
  Type.Object(
    {
      type: Type.String({ description: '`about:blank`: `title` says it.' }),
      title: Type.String({ description: 'Short, the same for every occurrence of `code`.' }),
      status: Type.Integer({ description: 'The HTTP status.' }),
      detail: Type.String({ description: 'What happened, to which one, and what to do now.' }),
      code: ErrorCodeName,
      requestId: Type.String({ description: 'As in `X-Request-Id`; Sluice’s log has it too.' }),
      errors: Type.Optional(Type.Array(ProblemItem)),
      errorsOmitted: Type.Optional(
        Type.Integer({ description: 'How many more errors there are; `errors` holds 100 at most.' }),
      ),
      omitted: Type.Optional(
        Type.Array(Type.String(), {
          description: 'Members that would have made the answer longer than 100 KB.',
        }),
      ),
    },
    { additionalProperties: true, description: 'RFC 9457. May have more members that belong to its `code`.' },
  ),
);

function optionalText(description: string) {
  return Type.Unsafe<string | null>({ type: ['string', 'null'], description });
}

const uuid = (description: string): TSchema => Type.String({ format: 'uuid', description });

interface Kind {
  readonly name: string;
  readonly meaning: string;
  /** What problems of this status may have beside what all have. */
  readonly members?: Readonly<Record<string, TSchema>>;
  readonly example?: string;
}

const TASK_STATUS = Type.String({ description: 'The status of the task that is in the way.' });

/** Every status that a route may answer with when it fails. */
const KINDS = {
  400: {
    name: 'BadRequestProblem',
    meaning: 'The request is not as described; `errors` or `option` says where.',
    members: {
      option: Type.String({ description: 'The upload option that is wrong.' }),
      parameter: Type.String({ description: 'The query parameter that is wrong.' }),
    },
  },
  401: { name: 'UnauthenticatedProblem', meaning: 'No key, or not a valid one.' },
  403: {
    name: 'ForbiddenProblem',
    meaning: 'The key’s role does not allow this.',
    members: { neededRole: Type.String({ description: 'The role that may.' }) },
  },
  404: {
    name: 'NotFoundProblem',
    meaning: 'There is no such thing.',
  },
  408: { name: 'TooSlowProblem', meaning: 'The body arrived too slowly and was given up.' },
  409: {
    name: 'ConflictProblem',
    meaning: 'Does not go with how things are now.',
    members: {
      taskStatus: TASK_STATUS,
      taskId: uuid('The undo or other task that is in the way.'),
      importId: uuid('The import that is in the way.'),
      duplicateOf: uuid('The import of the same file.'),
      uploads: Type.Integer({ description: 'How many uploads you keep.' }),
      keptBytes: Type.Integer({ description: 'Bytes of the uploads you keep.' }),
      bytes: Type.Integer({ description: 'Bytes of the upload that was sent.' }),
      matching: Type.Integer({ description: 'How many imports or tasks a request for many would touch.' }),
    },
  },
  410: { name: 'GoneProblem', meaning: 'What it asks for is no longer kept.' },
  412: {
    name: 'ChangedProblem',
    meaning: 'What it was meant for has changed.',
    members: { importId: uuid('The dry run.') },
  },
  413: {
    name: 'TooLargeProblem',
    meaning: 'Larger than allowed.',
    members: { limitBytes: Type.Integer({ description: 'The limit.' }) },
  },
  415: { name: 'UnsupportedMediaTypeProblem', meaning: 'A body of this Content-Type is not taken.' },
  422: {
    name: 'UnprocessableProblem',
    meaning: 'Understood, and cannot be done with this content.',
    members: {
      dataset: Type.String({ description: 'The name of the dataset.' }),
      candidates: Type.Array(Candidate, {
        description: 'Of `FILE_ENCODING` and `FILE_DIALECT`, likeliest first.',
      }),
      likelyEncoding: optionalText('Of `FILE_ENCODING`.'),
      line: Type.Integer({ description: 'Physical line of the file, from 1.' }),
      byteOffset: Type.Integer({ description: 'Byte of the file, from 0.' }),
      column: Column,
      dateOrders: Type.Array(Type.Enum(['dmy', 'mdy', 'ymd'], { type: 'string' }), {
        description: 'Of `DATE_ORDER_AMBIGUOUS`: what to send as `dateOrder`.',
      }),
      missing: Type.Array(Type.String(), { description: 'Required fields that have no column.' }),
      unknown: Type.Array(Column, { description: 'Columns that fit no field.' }),
      duplicate: Type.Array(Column, { description: 'Columns that mean what another one means.' }),
      blank: Type.Array(Column, { description: 'Columns without a header.' }),
      expected: Type.Array(Type.String(), { description: 'The header of the dataset.' }),
      header: Type.Array(Type.String(), { description: 'The header of the file.' }),
      headerLine: Type.Unsafe<number | null>({
        type: ['integer', 'null'],
        description: 'The line that looks like the header; null: the file seems to have none.',
      }),
      headerFingerprint: Type.String({ description: 'What a mapping is saved by.' }),
      ...QUESTION,
      uploadId: uuid(
        'Of a question: the file is kept under this id. POST /v1/imports with it and the answer goes on, and the file is not sent again.',
      ),
      uploadExpiresAt: Type.String({ format: 'date-time', description: 'Until when it is kept.' }),
      uploadOptions: Type.Unsafe<Readonly<Record<string, string>>>({
        type: 'object',
        additionalProperties: { type: 'string' },
        description:
          'What holds for the upload so far, as texts: the options that it was sent with, and the answers since.',
      }),
      notKept: Type.String({ description: 'Why the file of a question is not kept.' }),
      suggestedMapping: { ...Mapping, description: 'A `mapping` to begin with.' },
      savedMapping: { ...Mapping, description: 'The mapping that was saved for this header.' },
    },
  },
  423: {
    name: 'LockedProblem',
    meaning: 'All bytes of the upload are there, and the file is being looked at; see `Retry-After`.',
  },
  429: {
    name: 'RateLimitedProblem',
    meaning: 'Too many requests, invalid keys, or event streams; see `Retry-After`.',
  },
  460: { name: 'ChecksumProblem', meaning: 'The bytes that came do not have the checksum of the request.' },
  503: {
    name: 'UnavailableProblem',
    meaning:
      'Postgres or the storage is away for the moment, or as many uploads as allowed are under way; see `Retry-After`.',
    members: { taskId: uuid('The task of which it is not known whether it was recorded.') },
  },
  507: { name: 'StorageFullProblem', meaning: 'The storage is full.' },
} as const satisfies Record<number, Kind>;

export type ProblemStatus = keyof typeof KINDS;

/** How a status is described, and the schema of its document. It is sent as it is, so the serializer need not know it. */
export function problemAnswer(status: ProblemStatus): { description: string; schema: TSchema } {
  const kind: Kind = KINDS[status];
  const documented = Type.Unsafe<unknown>({
    description: kind.meaning,
    allOf: [
      Problem,
      {
        type: 'object',
        required: ['status', 'code'],
        properties: {
          status: { type: 'integer', const: status },
          code: { type: 'string', enum: codesOf(status) },
          ...kind.members,
        },
      },
    ],
  });
  return {
    description: kind.meaning,
    schema: component(kind.name, Type.Unsafe<unknown>({}), documented),
  };
}

function codesOf(status: ProblemStatus): string[] {
  return Object.entries(ERROR_KINDS).flatMap(([code, kind]) => (kind.status === status ? code : []));
}
