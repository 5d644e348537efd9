// Expected failures and the one table of their codes. A bad row is a value (core/imports/row-error.ts), a bug flies as it is.

interface ErrorKind {
  /** The HTTP status the API answers with. */
  readonly status: number;
  /** Short and the same for every occurrence (RFC 9457 `title`). */
  readonly title: string;
}

/** Every expected failure. The key is the `code` a client sees and may branch on. */
export const ERROR_KINDS = {
  // who
  UNAUTHENTICATED: { status: 401, title: 'Authentication required' },
  FORBIDDEN: { status: 403, title: 'Not allowed for this role' },
  // request
  INVALID_REQUEST: { status: 400, title: 'Invalid request' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'Unsupported media type' },
  RATE_LIMITED: { status: 429, title: 'Too many requests' },
  PRECONDITION_FAILED: { status: 412, title: 'It was changed meanwhile' },
  CONFLICT: { status: 409, title: 'Conflict with the current state' },
  WORKERS_NOT_ON_DEMAND: { status: 409, title: 'Nobody starts workers on demand' },
  WORKERS_IN_USE: { status: 409, title: 'Others are at work' },
  // upload
  UPLOAD_MALFORMED: { status: 400, title: 'Malformed upload' },
  UPLOAD_TRUNCATED: { status: 400, title: 'Upload ended early' },
  UPLOAD_NO_FILE: { status: 400, title: 'No file in the upload' },
  UPLOAD_TWO_FILES: { status: 400, title: 'More than one file in the upload' },
  UPLOAD_FIELD_AFTER_FILE: { status: 400, title: 'Field after the file' },
  UPLOAD_UNKNOWN_OPTION: { status: 400, title: 'Unknown option' },
  UPLOAD_TOO_SLOW: { status: 408, title: 'Upload too slow' },
  TOO_MANY_UPLOADS: { status: 503, title: 'Too many uploads at once' },
  UPLOAD_TOO_LARGE: { status: 413, title: 'Upload too large' },
  UPLOAD_INFLATES_TOO_FAR: { status: 413, title: 'Upload inflates too far' },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: 'Idempotency-Key used for another request' },
  IDEMPOTENCY_KEY_BUSY: {
    status: 409,
    title: 'The first request with this key is under way',
  },
  UPLOAD_NOT_FOUND: { status: 404, title: 'Unknown upload' },
  TOO_MANY_KEPT_UPLOADS: { status: 409, title: 'Too many kept uploads' },
  UPLOAD_PROTOCOL: { status: 412, title: 'Another version of tus is needed' },
  UPLOAD_OFFSET: { status: 409, title: 'The upload is at another offset' },
  UPLOAD_FINISHING: { status: 423, title: 'The upload is being finished' },
  UPLOAD_CHECKSUM: { status: 460, title: 'The checksum does not fit' },
  UPLOAD_DUPLICATE: { status: 409, title: 'The same file was sent before' },
  DATASET_NOT_FOUND: { status: 404, title: 'Unknown dataset' },
  FILE_EMPTY: { status: 422, title: 'The file is empty' },
  FILE_HEADER_ONLY: { status: 422, title: 'The file has a header and no records' },
  FILE_GZIP: { status: 422, title: 'The file is not sound gzip' },
  FILE_ZIP: { status: 422, title: 'The file is not a ZIP archive with one CSV in it' },
  FILE_FORMAT: { status: 422, title: 'The file is in a format that is not read' },
  FILE_WORKBOOK: { status: 422, title: 'The file is not a workbook that can be read' },
  FILE_SHEET: { status: 422, title: 'Which sheet of the workbook?' },
  FILE_ENCODING: { status: 422, title: 'The file is not text in its encoding' },
  FILE_NUL_BYTE: { status: 422, title: 'The file holds a NUL byte' },
  FILE_DIALECT: { status: 422, title: 'The file does not show its dialect' },
  FILE_DELIMITER: { status: 422, title: 'The delimiter that the file names is not allowed' },
  FILE_HEADER_TOO_LONG: { status: 422, title: 'The header is too long' },
  FILE_NDJSON: { status: 422, title: 'The file is not NDJSON' },
  FILE_JSON: { status: 422, title: 'The file is not a JSON list of objects' },
  FILE_HEADER_WIDTH: { status: 422, title: 'The records of the header differ in width' },
  FILE_HEADER_SHORT: { status: 422, title: 'The header has fewer cells than the records' },
  FILE_HEADER_QUOTE: { status: 422, title: 'The header has a broken quote' },
  FILE_TOO_MANY_COLUMNS: { status: 422, title: 'Too many columns' },
  MAPPING_NOT_SAVED: { status: 422, title: 'No mapping is saved for the header' },
  UPSERT_NO_KEY: { status: 422, title: 'The dataset has no key for an upsert' },
  DATE_ORDER_AMBIGUOUS: { status: 422, title: 'Day or month first?' },
  NUMBER_NOTATION_AMBIGUOUS: { status: 422, title: 'Decimal comma or point?' },
  RETRY_NO_ROW: { status: 422, title: 'The file has no column _row' },
  HEADER_MISMATCH: { status: 422, title: 'The header does not fit the dataset' },
  TABLE_CHANGED: { status: 412, title: 'The table has changed since the dry run' },
  // records
  QUERY_INVALID: { status: 400, title: 'The query is not valid' },
  QUERY_TOO_SLOW: { status: 422, title: 'The query takes too long' },
  RECORD_NOT_FOUND: { status: 404, title: 'Unknown record' },
  RECORD_INVALID: { status: 422, title: 'The record is not valid' },
  RECORD_CHANGED: { status: 412, title: 'The record has changed since it was read' },
  EXPORT_TOO_LARGE: { status: 409, title: 'The export is too large to be streamed' },
  EXPORT_NOT_FOUND: { status: 404, title: 'Unknown export' },
  TOO_MANY_AFFECTED: { status: 409, title: 'More records than expected' },
  // tasks
  TASK_UNKNOWN: { status: 422, title: 'Unknown task' },
  TASK_INVALID: { status: 422, title: 'The task is not valid' },
  TASK_FINAL: { status: 409, title: 'The task has already ended' },
  SCHEDULE_INVALID: { status: 422, title: 'Invalid schedule' },
  // set-up
  CONFIG_INVALID: { status: 500, title: 'Invalid configuration' },
  DATASET_INVALID: { status: 422, title: 'Invalid dataset' },
  DATASET_MANAGED: { status: 409, title: 'The dataset is managed elsewhere' },
  DATASET_IN_USE: { status: 409, title: 'Imports of the dataset are under way' },
  TABLE_ALTERED: { status: 409, title: 'The table was altered' },
  DATASET_INCOMPATIBLE: { status: 409, title: 'The table does not fit the dataset' },
  // outside
  STORAGE_FULL: { status: 507, title: 'Storage is full' },
  STORAGE_UNAVAILABLE: { status: 503, title: 'The storage is not available' },
  FILE_GONE: { status: 410, title: 'The file is no longer kept' },
  ROW_ERRORS_GONE: { status: 410, title: 'The row errors are no longer kept' },
  UNAVAILABLE: { status: 503, title: 'A service Sluice depends on is not available' },
  INTERNAL: { status: 500, title: 'Internal error' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KINDS;

/** One entry of a problem document's `errors[]`: what is wrong and where (RFC 6901 pointer or a name). */
export interface ErrorItem {
  readonly code?: string;
  readonly pointer?: string;
  /** Of the file, from 1; the name is its header. */
  readonly column?: { readonly index: number; readonly name: string };
  readonly detail: string;
  readonly [extra: string]: unknown;
}

/**
 * An expected failure: says what happened, to which one, and what to do now.
 * `params` travel to the client beside `detail` (RFC 9457 extension members), so they hold nothing secret.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly params: Readonly<Record<string, unknown>>;
  readonly errors: readonly ErrorItem[] | undefined;

  constructor(
    code: ErrorCode,
    detail: string,
    params: Readonly<Record<string, unknown>> = {},
    options: { cause?: unknown; errors?: readonly ErrorItem[] } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.params = params;
    this.errors = options.errors;
  }

  get status(): number {
    return ERROR_KINDS[this.code].status;
  }
}
