// Schemas that several resources share. A schema is the type, the check, and the documentation.
import { Type, type Static, type TSchema } from '@fastify/type-provider-typebox';
import { ROLES } from '../../core/access/roles.ts';
import { PROBLEM_TYPE } from './problem.ts';

export const Id = (description: string) =>
  Type.String({ format: 'uuid', description, examples: ['0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10'] });

export const Instant = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-01-31T09:00:00.000Z'] });

/** A value that may be null, in the one form that every part (check, serializer, OpenAPI 3.1) reads well. */
export function nullable<T extends TSchema>(schema: T): ReturnType<typeof Type.Unsafe<Static<T> | null>> {
  return Type.Unsafe<Static<T> | null>({ ...schema, type: [(schema as { type?: string }).type, 'null'] });
}

/** A text people write: not empty, no control characters (Postgres takes no NUL). */
export const Label = (description: string, maxLength = 200) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]+$', description });

export const RoleName = Type.Enum([...ROLES], {
  description: 'viewer reads; operator also uploads and cancels; admin also keys, users and the dashboard.',
});

/** Who made something; use it `nullable`. */
export const CreatedBy = Type.Object(
  { id: Id('The user.'), name: nullable(Type.String({ description: 'Null when the user was removed.' })) },
  { description: 'The user who made it; null for the command line and for Sluice itself.' },
);

export const IdParams = Type.Object({ id: Id('Which one.') });

/** `?limit=&cursor=` of every list. The default limit is filled in before the check. */
export const PageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'How many at most.' }),
  cursor: Type.Optional(Label('The `nextCursor` of the page before; without, the first page.')),
};

/** Of a list by id, whose cursor is the last id of the page before. */
export const IdPageQuery = Type.Object(
  {
    ...PageQuery,
    cursor: Type.Optional(
      Type.String({
        format: 'uuid',
        description: 'The `nextCursor` of the page before; without, the first page.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const Page = <T extends TSchema>(item: T, description: string) =>
  Type.Object(
    {
      data: Type.Array(item),
      nextCursor: nullable(
        Type.String({ description: 'Give it as `cursor` for the next page; null at the end.' }),
      ),
    },
    { description },
  );

const PROBLEM_MEANINGS = {
  400: 'The request is not as described; `errors` says where.',
  401: 'No key, or not a valid one.',
  403: 'The key’s role does not allow this.',
  404: 'There is no such thing.',
  409: 'Does not go with how things stand now.',
  412: 'What it was meant for has changed.',
  410: 'The file is no longer kept.',
  413: 'Larger than allowed.',
  415: 'A body of this Content-Type is not taken.',
  422: 'Understood, and cannot be done with this content.',
  429: 'Too many requests; see `Retry-After`.',
  503: 'Postgres is away for the moment; see `Retry-After`.',
  507: 'The storage is full.',
} as const;

type ProblemStatus = keyof typeof PROBLEM_MEANINGS;

/** The error answers of a route, for its `response` schema; 401, 403, 429 and 503 go without saying. */
export function problems(...statuses: ProblemStatus[]): object {
  const all: ProblemStatus[] = [...new Set([...statuses, 401, 403, 429, 503] as ProblemStatus[])].sort();
  return Object.fromEntries(
    all.map((status) => [
      status,
      {
        description: PROBLEM_MEANINGS[status],
        content: { [PROBLEM_TYPE]: { schema: { $ref: 'Problem#' } } },
      },
    ]),
  );
}

/** The shared component `Problem`. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String({ description: 'Short, the same for every occurrence of `code`.' }),
    status: Type.Integer({ description: 'The HTTP status.' }),
    detail: Type.String({ description: 'What happened, to which one, and what to do now.' }),
    code: Type.String({ description: 'What a program may branch on.' }),
    requestId: Type.String({ description: 'As in `X-Request-Id`; Sluice’s log has it too.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object(
          { pointer: Type.Optional(Type.String()), detail: Type.String() },
          { additionalProperties: true },
        ),
      ),
    ),
    errorsOmitted: Type.Optional(
      Type.Integer({ description: 'How many more errors there are; `errors` holds 100 at most.' }),
    ),
    omitted: Type.Optional(
      Type.Array(Type.String(), {
        description: 'Members that would have made the answer longer than 100 KB.',
      }),
    ),
  },
  {
    $id: 'Problem',
    additionalProperties: true,
    description: 'RFC 9457. May have more members that belong to its `code`.',
    examples: [
      {
        type: 'about:blank',
        title: 'Invalid request',
        status: 400,
        detail: 'The body is not as expected: email is required.',
        code: 'INVALID_REQUEST',
        requestId: '0b6d2c1e-6f4e-4a55-9a0c-2d8f6a1f7f3b',
        errors: [{ pointer: '/email', detail: 'email is required' }],
      },
    ],
  },
);
