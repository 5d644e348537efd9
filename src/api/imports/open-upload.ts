// Finds the options and the file in a request, multipart or raw, without reading the file.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { findEncoding, type TextEncoding } from '../../core/csv/text/encodings.ts';
import { AppError } from '../../errors.ts';
import type { Packing } from '../../intake/unpack.ts';
import type { UploadOptionName } from '../../intake/options/table.ts';
import { CollectedOptions, type RawUploadOptions } from '../../intake/upload-options.ts';
import { isJson, openJson, openKept, uploadAndFile } from './open-kept.ts';
import { FormBoundaries } from './form-boundaries.ts';
import { FormHead } from './part-charset.ts';

/** An upload whose file is about to be read. */
export interface OpenUpload {
  readonly options: RawUploadOptions;
  /** The kept upload that stands for the file; undefined: the file is sent. */
  readonly uploadId?: string | undefined;
  /** Options that the kept upload was sent with, and that do not hold. */
  readonly takenBack?: ReadonlySet<UploadOptionName>;
  /** What the Content-Type of a raw body, or of the part, says about its encoding. */
  readonly charset?: TextEncoding | undefined;
  /** What its Content-Encoding or Content-Type says about its packing. */
  readonly packing?: Packing | undefined;
  /**
   * The file's bytes, to be read once. Who stops early leaves the rest unread, and the request whole.
   * @throws AppError UPLOAD_TRUNCATED when they end early; at their end, when something follows that must not
   */
  readonly bytes: () => AsyncGenerator<Buffer>;
}

const FILE_PART = 'file';
const MAX_FIELDS = 50;
/** Of all fields together: room for a mapping of as many columns as a file may have. */
const MAX_FORM_BYTES = 1024 * 1024;

const PACKING_OF_TYPE: Readonly<Record<string, Packing>> = {
  'application/gzip': 'gzip',
  'application/x-gzip': 'gzip',
  'application/zip': 'zip',
  'application/x-zip-compressed': 'zip',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'zip',
  'application/vnd.oasis.opendocument.spreadsheet': 'zip',
  'application/vnd.ms-excel.sheet.macroenabled.12': 'zip',
};
/** Raw bodies that are a file. */
export const RAW_FILE_TYPES = [
  'text/csv',
  'text/tab-separated-values',
  'application/x-ndjson',
  'application/jsonl',
  ...Object.keys(PACKING_OF_TYPE),
];

/** Judges an option as soon as it is known. */
export type JudgeOption = (name: UploadOptionName, text: string) => Promise<void>;

/**
 * @param judge prevents the upload by throwing, before more of it is read
 * @param uploadId of a kept upload that stands for the file, when the path says it
 * @throws AppError UPLOAD_NO_FILE, UPLOAD_UNKNOWN_OPTION, UPLOAD_MALFORMED, INVALID_REQUEST, UNSUPPORTED_MEDIA_TYPE
 */
export async function openUpload(
  request: FastifyRequest,
  judge: JudgeOption,
  uploadId?: string,
): Promise<OpenUpload> {
  const options = new CollectedOptions();
  const add = async (name: string, value: unknown): Promise<void> => {
    const added = options.add(name, value);
    if (added !== undefined) await judge(added.name, added.text);
  };
  if (uploadId !== undefined) await add('uploadId', uploadId);
  for (const [name, value] of Object.entries(request.query as Record<string, unknown>))
    await add(name, value);
  if (isJson(request))
    return openJson(
      request.body === undefined ? [] : readFile(request, request.body as Readable, atEnd),
      options,
      add,
    );
  if (!request.isMultipart()) return openRaw(request, options);
  refuseCoding('Content-Encoding', request.headers['content-encoding']);
  const boundaries = new FormBoundaries(request.raw);
  const head = new FormHead(request.raw, 2 * MAX_FORM_BYTES);
  try {
    return await openMultipart(request, options, add, head, boundaries);
  } catch (error) {
    boundaries.close();
    throw error;
  } finally {
    head.close();
  }
}

function openRaw(request: FastifyRequest, { texts }: CollectedOptions): OpenUpload {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  const advice = `Send multipart/form-data with a part "${FILE_PART}", the file itself as Content-Type: text/csv, or the uploadId of a kept upload.`;
  if (texts.uploadId !== undefined) {
    if (request.body !== undefined) throw uploadAndFile();
    return openKept(texts);
  }
  if (request.body === undefined)
    throw new AppError('UPLOAD_NO_FILE', `There is no file in the request. ${advice}`);
  if (type === undefined || !RAW_FILE_TYPES.includes(type))
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      `A body of ${type ?? 'no Content-Type'} is not taken as a file. ${advice}`,
    );
  const coding = request.headers['content-encoding']?.trim().toLowerCase();
  const isGzip = coding === 'gzip' || coding === 'x-gzip';
  if (!isGzip) refuseCoding('Content-Encoding', coding);
  const contentType = request.headers['content-type'] ?? '';
  const charset = readCharset(contentType);
  return {
    options: { ...saidByType(contentType, texts), ...texts },
    packing: isGzip ? 'gzip' : PACKING_OF_TYPE[type],
    charset,
    bytes: () => readFile(request, request.body as Readable, atEnd),
  };
}

/** What a Content-Type says, as options: a charset, and of text/csv whether there is a header (RFC 4180). */
function saidByType(contentType: string, texts: RawUploadOptions): RawUploadOptions {
  const charset = readCharset(contentType);
  const header = /;\s*header="?(present|absent)\b/i.exec(contentType)?.[1]?.toLowerCase();
  if (header !== undefined && texts.header !== undefined && texts.header !== String(header === 'present'))
    throw new AppError(
      'INVALID_REQUEST',
      `The option "header" says ${texts.header}, the Content-Type says header=${header}. Give one of them, or the same.`,
      { option: 'header' },
    );
  return {
    ...(charset === undefined ? {} : { encoding: charset }),
    ...(header === undefined ? {} : { header: String(header === 'present') }),
  };
}

/** US-ASCII says nothing: it is UTF-8 too, and many clients send it without looking. */
function readCharset(contentType: string): TextEncoding | undefined {
  const charset = /;\s*charset="?([^";\s]+)/i.exec(contentType)?.[1];
  if (charset === undefined || /^us-ascii$/i.test(charset)) return undefined;
  const encoding = findEncoding(charset);
  if (encoding === undefined)
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Files in ${charset} cannot be read. Send UTF-8, or an encoding of the WHATWG Encoding Standard other than ISO-2022-JP.`,
      { charset },
    );
  return encoding;
}

/** Codings other than gzip would be stored as they are. `identity` and the like change nothing. */
function refuseCoding(header: string, coding = 'identity'): void {
  if (!/^(identity|binary|[78]bit)?$/i.test(coding.trim()))
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      `Files with ${header}: ${coding.trim()} are not taken. Send the file as it is, or packed with gzip.`,
      { coding: coding.trim() },
    );
}

async function openMultipart(
  request: FastifyRequest,
  options: CollectedOptions,
  add: (name: string, value: unknown) => Promise<void>,
  head: FormHead,
  boundaries: FormBoundaries,
): Promise<OpenUpload> {
  const parts = request.parts({
    // The file's size is limited where it is stored; here a second file must be seen, not cut off.
    limits: {
      fileSize: Infinity,
      files: Infinity,
      fields: MAX_FIELDS,
      fieldSize: MAX_FORM_BYTES,
      parts: Infinity,
      headerPairs: 100,
    },
  });
  for (let bytes = 0, before = 0; ; before++) {
    const part = await nextPart(request, parts);
    if (part === undefined && options.texts.uploadId !== undefined) {
      boundaries.close();
      return openKept(options.texts);
    }
    if (part === undefined)
      throw new AppError(
        'UPLOAD_NO_FILE',
        `The form has no file. Add a part named "${FILE_PART}" with a file name.`,
      );
    if (part.type === 'file' && options.texts.uploadId !== undefined) throw uploadAndFile();
    if (part.type === 'file') return openFile(request, { part, parts, head, boundaries, before }, options);
    if (hasNoName(part)) throw unreadPart();
    if (part.fieldname === FILE_PART)
      throw new AppError(
        'UPLOAD_NO_FILE',
        `The part "${FILE_PART}" has no file name, so it is a text field. Send it with filename="…" (curl: -F ${FILE_PART}=@data.csv).`,
      );
    // What was cut off must not be taken for all there is.
    bytes += part.valueTruncated || part.fieldnameTruncated ? Infinity : sizeOf(part.value);
    if (bytes > MAX_FORM_BYTES) throw fieldsTooLong(part.fieldname);
    await add(part.fieldname, part.value);
  }
}

/** A part of Content-Type application/json arrives as what it says. */
function sizeOf(value: unknown): number {
  return Buffer.byteLength(typeof value === 'string' ? value : JSON.stringify(value));
}

/** The part of a file, and where it stands in its form. */
interface FilePart {
  readonly part: MultipartFile;
  /** What follows it. */
  readonly parts: AsyncIterableIterator<Multipart>;
  readonly head: FormHead;
  readonly boundaries: FormBoundaries;
  /** How many parts have come before it. */
  readonly before: number;
}

function openFile(
  request: FastifyRequest,
  { part, parts, head, boundaries, before }: FilePart,
  { texts }: CollectedOptions,
): OpenUpload {
  if (part.fieldname !== FILE_PART)
    throw new AppError(
      'UPLOAD_NO_FILE',
      `The file is in a part named "${part.fieldname}". Name that part "${FILE_PART}".`,
      { part: part.fieldname },
    );
  refuseCoding('Content-Transfer-Encoding', part.encoding);
  const contentType = head.fileType() ?? '';
  return {
    // A part of Content-Type application/octet-stream is a file also without a name.
    options: { ...saidByType(contentType, texts), fileName: part.filename ?? '', ...texts },
    charset: readCharset(contentType),
    bytes: () =>
      readFile(request, part.file, async () => {
        await refuseMore(request, parts);
        boundaries.close();
        if (boundaries.parts > before + 1) throw unreadPart();
      }),
  };
}

/** Of a body that is the file, nothing can follow. */
function atEnd(): Promise<void> {
  return Promise.resolve();
}

/** Destroying the stream would cut the connection before the client has its answer. */
async function* readFile(
  request: FastifyRequest,
  file: Readable,
  after: () => Promise<void>,
): AsyncGenerator<Buffer> {
  try {
    yield* file.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw uploadBroken(request, error);
  }
  await after();
}

function fieldsTooLong(name: string): AppError {
  return new AppError(
    'INVALID_REQUEST',
    `The fields of the form are longer than ${MAX_FORM_BYTES} bytes in all, the limit, at "${name.slice(0, 100)}". Nothing was kept.`,
    { option: name.slice(0, 100), limitBytes: MAX_FORM_BYTES },
  );
}

async function refuseMore(request: FastifyRequest, parts: AsyncIterableIterator<Multipart>): Promise<void> {
  const part = await nextPart(request, parts);
  if (part === undefined) return;
  if (part.type === 'field' && hasNoName(part)) throw unreadPart();
  if (part.type === 'file') {
    part.file.resume();
    throw new AppError(
      'UPLOAD_TWO_FILES',
      'The form has more than one file. Send one file in a request; nothing was kept.',
    );
  }
  throw new AppError(
    'UPLOAD_FIELD_AFTER_FILE',
    `The field "${part.fieldname}" comes after the file. Put every field before the file; nothing was kept.`,
    {
      field: part.fieldname,
    },
  );
}

/** The parser has none for a part whose header names none, whatever its types say. */
function hasNoName({ fieldname }: { readonly fieldname: string | undefined }): boolean {
  return fieldname === undefined || fieldname === '';
}

function unreadPart(): AppError {
  return new AppError(
    'UPLOAD_MALFORMED',
    'A part of the form has no name, or a header that cannot be read. Give each part a line Content-Disposition: form-data; name="…". Nothing was kept.',
  );
}

async function nextPart(
  request: FastifyRequest,
  parts: AsyncIterableIterator<Multipart>,
): Promise<Multipart | undefined> {
  try {
    const next = await parts.next();
    return next.done === true ? undefined : next.value;
  } catch (error) {
    throw uploadBroken(request, error);
  }
}

/** Says what a broken form or connection means; anything else stays what it is. */
function uploadBroken({ raw }: FastifyRequest, error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (
    /Unexpected end|Part terminated early/i.test(error.message) ||
    ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR'].includes(code)
  )
    return new AppError('UPLOAD_TRUNCATED', `${sayCut(raw)} Nothing was kept.`, {}, { cause: error });
  if (code === 'FST_INVALID_JSON_FIELD_ERROR')
    return new AppError(
      'INVALID_REQUEST',
      `A form field has Content-Type: application/json and is not JSON, or is longer than ${MAX_FORM_BYTES} bytes. Nothing was kept.`,
    );
  if (code === 'FST_FIELDS_LIMIT')
    return new AppError(
      'INVALID_REQUEST',
      `The form has more than ${MAX_FIELDS} fields. Send each option once; nothing was kept.`,
    );
  if (/Malformed|boundary|Multipart|header/i.test(error.message) && !/^(EN|EI|EA)/.test(code))
    return new AppError(
      'UPLOAD_MALFORMED',
      `The form cannot be read: ${error.message}. Nothing was kept.`,
      {},
      { cause: error },
    );
  return error;
}

/** A body of which all bytes have come that its Content-Length announces was cut off before it was sent, or that number is wrong. */
function sayCut({ complete, headers }: IncomingMessage): string {
  const announced = headers['content-length'];
  if (announced === undefined) return 'The upload ended before the end of the file. Send it again.';
  return complete
    ? `The form ends before its last boundary, though all ${announced} bytes have come that Content-Length announces. Content-Length is too small, or the form was cut off before it was sent. Send it whole, with the right Content-Length or none.`
    : `The upload ended before all ${announced} bytes had come that Content-Length announces. Send it again. If it was sent whole, Content-Length is too large.`;
}
