// How POST /v1/imports is described in OpenAPI. What it takes is checked by hand (intake/upload-options.ts, open-upload.ts).
import { Type, type TSchema } from '@fastify/type-provider-typebox';
import { counted } from '../../core/counted.ts';
import type { Config } from '../../config/config.ts';
import { component } from '../http/components.ts';
import { problems } from '../http/schemas.ts';
import { RAW_FILE_TYPES } from './file-type.ts';
import { ImportSchema } from './import-schema.ts';
import type { OptionSchema } from '../../intake/options/option.ts';
import { describeOption, OPTION_ENTRIES } from '../../intake/options/table.ts';

/** What the request is: a new upload, or the mended rejects of an import, which says some options itself. */
type Sends = 'upload' | 'retry' | 'look';

const FORM_NAMES = { upload: 'UploadForm', retry: 'RetryForm', look: 'InspectForm' } as const;

/** The fields of a form; `required` is what its schema says of each. The file is the last one, as it must be sent. */
function formOf(sends: Sends) {
  const fields = optionsOf(sends, 'sent').map(([name, option]): [string, TSchema] => {
    const field = { ...option.schema, description: describeOption(option) };
    const isRequired = option.required === true && sends !== 'look';
    return [name, isRequired ? { ...field, examples: ['customers'] } : Type.Optional(field)];
  });
  const file = Type.Unsafe<unknown>({
    type: 'string',
    format: 'binary',
    description: 'The file; the last part.',
  });
  return component(FORM_NAMES[sends], Type.Object({ ...Object.fromEntries(fields), file }));
}

/** The same for the query, where a mapping is the text of its JSON. */
function queryOf(sends: Sends) {
  const parameters = optionsOf(sends, sends === 'look' ? 'sent' : 'either').map(([name, option]) => {
    const schema: OptionSchema = option.takesObject === true ? Type.String() : option.schema;
    const required = option.required === true && sends !== 'look' ? ' Required, here or in the form.' : '';
    return [name, Type.Optional({ ...schema, description: `${describeOption(option)}${required}` })] as const;
  });
  return Type.Object(Object.fromEntries(parameters));
}

/** @param file what the options are for: with a file, the id of a kept one has no place */
function optionsOf(sends: Sends, file: 'sent' | 'kept' | 'either') {
  return OPTION_ENTRIES.filter(
    ([name, { retry }]) =>
      (sends !== 'retry' || retry !== 'fixed') && (file === 'either' || name !== 'uploadId'),
  );
}

/** Of a kept upload: the options are those it was sent with, unless they are said here; null takes one back. */
function keptOptions() {
  const fields = optionsOf('upload', 'sent').map(([name, option]) => [
    name,
    Type.Optional(
      Type.Unsafe<unknown>({
        anyOf: [option.schema, { type: 'null' }],
        description: describeOption(option),
      }),
    ),
  ]);
  return component(
    'UploadAnswer',
    Type.Object(Object.fromEntries(fields), {
      additionalProperties: false,
      description:
        'Options of an import. What is left out is as the upload was sent with it; null is as if it had never been given.',
    }),
  );
}

const RAW_FILE = Type.Unsafe<unknown>({
  type: 'string',
  format: 'binary',
  examples: ['氏名,電話番号\n山田太郎,09012345678\n'],
});

const HEADERS = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 255,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'Makes it safe to send the upload again. Use a new one for each upload, such as a UUID.',
    }),
  ),
});

/** The answer of a request that became an import. */
export const TAKEN = {
  description: 'Taken. `Location` is the task to poll, `Retry-After` when to begin.',
  headers: {
    Location: { type: 'string' },
    'Retry-After': { type: 'integer' },
    'Idempotent-Replayed': {
      type: 'string',
      description: '`true` when the upload was sent before, and this is that import as it is now.',
    },
  },
  content: { 'application/json': { schema: ImportSchema } },
};

/** A request that brings a file and its options. */
function fileRequest(sends: Sends) {
  return {
    querystring: queryOf(sends),
    headers: HEADERS,
    body: {
      content: {
        'multipart/form-data': { schema: formOf(sends) },
        ...Object.fromEntries(RAW_FILE_TYPES.map((type) => [type, { schema: RAW_FILE }])),
      },
    },
  };
}

/** A file that is kept and looked at; its dataset may be named later. */
export function fileToKeepRequest() {
  return {
    querystring: queryOf('look'),
    body: {
      content: {
        'multipart/form-data': { schema: formOf('look') },
        ...Object.fromEntries(RAW_FILE_TYPES.map((type) => [type, { schema: RAW_FILE }])),
      },
    },
  };
}

/** A file that a dataset is inferred from, sent or kept. @param own parameters that no other request has */
export function fileToInferRequest(own: Readonly<Record<string, TSchema>>) {
  const { body } = fileToKeepRequest();
  const uploadId = component(
    'InferRequest',
    Type.Object(
      { uploadId: Type.String({ format: 'uuid', description: 'A kept upload.' }) },
      {
        additionalProperties: true,
        description: 'With options that hold in place of those it was sent with.',
      },
    ),
  );
  return {
    querystring: Type.Object({ ...own, ...queryOf('look').properties }),
    body: {
      content: {
        ...body.content,
        'application/json': { schema: uploadId },
      },
    },
  };
}

/** The query of a look at a kept upload. */
export function optionsToInspect() {
  return queryOf('look');
}

export function importUploadSchema() {
  return {
    operationId: 'importUpload',
    summary: 'Import a kept upload',
    description:
      'Answers the question that a file has raised, or imports one that was looked at. The file is not sent again. The same as `POST /v1/imports` with the `uploadId` among the options; mended rejects go to the import that they are of.',
    headers: HEADERS,
    body: { content: { 'application/json': { schema: keptOptions() } } },
    response: { 202: TAKEN, ...problems(400, 404, 408, 409, 410, 413, 415, 422, 507) },
  };
}

export function uploadSchema({
  idempotencyKeyHours,
  uploadHours,
}: Pick<Config, 'idempotencyKeyHours' | 'uploadHours'>) {
  return {
    operationId: 'createImport',
    summary: 'Send a CSV or Excel file',
    description: [
      'Either `multipart/form-data` (fields first, then one part `file` with a file name) or the file itself as `text/csv`, options in the query.',
      'A file packed with gzip is known by its first bytes and inflated on the way; a raw body may also say `Content-Encoding: gzip` or `Content-Type: application/gzip`. A form as a whole is not packed. So is a ZIP archive that holds one CSV (`application/zip`); folders, hidden files, `__MACOSX/`, `Thumbs.db`, `desktop.ini` and `~$…` in it are passed over (`dialect.otherEntries` names what was not read), and `entryName` of the import tells the name of the CSV. `bytes` and `sha256` of the import are those of the file as sent.',
      'A workbook of Excel (.xlsx, .xlsm) or LibreOffice (.ods) is known by its first bytes too. Its sheet is the one that `sheet` names, the only one that is not hidden or empty, or the only one whose header fits; else the answer is 422 `FILE_SHEET` with `candidates`. `dialect.sheet` of the import tells which sheet was read and what of it is hidden.',
      'A header that does not fit the dataset is answered with 422 `HEADER_MISMATCH`: `errors` name each column and field, `suggestedMapping` is a `mapping` to begin with, `savedMapping` the one that was saved for this header, if any. 422 `DATE_ORDER_AMBIGUOUS` has `samples` of each column read both ways; 422 `NUMBER_NOTATION_AMBIGUOUS` those of numbers that look like some with a decimal comma, or with a point where `decimalChar=,` was sent.',
      `A 422 that is a question has \`answers\` and an \`uploadId\`: the file is kept for ${counted(uploadHours, 'hour')}, and is not sent again. Send an answer to \`POST /v1/uploads/{uploadId}/imports\`, or the id with it here as JSON, such as \`{"uploadId":"…","dateOrder":"dmy"}\`; the options that the file was sent with hold, and so does each answer, so that several questions are answered one by one. An upload may be imported more than once.`,
      'The file is stored in one pass and its header checked at once; the records are checked and landed by workers. Poll the task at `Location`.',
      '',
      `With an \`Idempotency-Key\` an upload may be sent again, at once or hours later, and is not taken twice: the same file and options get the same import (202, \`Idempotent-Replayed: true\`), anything else 422. While the first request is under way the answer is 409 with \`Retry-After\`; when it fails, the key is free again. Keys are each user’s own and kept for ${idempotencyKeyHours} hours.`,
    ].join('\n'),
    ...fileRequest('upload'),
    response: { 202: TAKEN, ...problems(400, 404, 408, 409, 413, 415, 422, 507) },
  };
}

export function retrySchema({ fileRetentionDays }: Pick<Config, 'fileRetentionDays'>) {
  return {
    operationId: 'retryImport',
    summary: 'Send corrected rejects',
    description: [
      'The reject file of an import that has ended (rejects.csv), corrected: sent, stored and followed like any upload, with the same options. Dataset and mode are those of the import (after a replace: insert), and so are `mapping`, `dateOrder`, `decimalChar`, `groupChar`, `negative` and `timeZone` unless they are given.',
      'The file must have the column `_row`; `_errors` may be removed, and so may records. The answer is an import of its own, whose `parentId` is the import that was retried. Its row errors, rejects.csv, accepted.csv and the rows in the table go by the original numbers; `line` is that of the file sent.',
      'A record lands only when its `_row` is among the rejects of the import. One that has landed by another retry, that comes twice in the file, or whose `_row` is no number is rejected with `retry-error`; so it is safe to send a retry twice, also at the same time. The rejects of a retry can be retried in turn.',
      `409 while the import is under way, or when it has rejected nothing; 410 when its rejects are no longer kept (${counted(fileRetentionDays, 'day')}).`,
    ].join('\n\n'),
    ...fileRequest('retry'),
    response: { 202: TAKEN, ...problems(400, 404, 408, 409, 410, 413, 415, 422, 507) },
  };
}
