// Finds the options and the file in a request, multipart or raw, without reading the file.
import type { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import type { TextEncoding } from '../../core/csv/text/encodings.ts';
import { AppError } from '../../errors.ts';
import type { Packing } from '../../intake/unpack.ts';
import type { UploadOptionName } from '../../intake/options/table.ts';
import { CollectedOptions, type RawUploadOptions } from '../../intake/upload-options.ts';
import { PACKING_OF_TYPE, RAW_FILE_TYPES, readCharset, refuseCoding, saidByType } from './file-type.ts';
import { FILE_PART, openForm } from './open-form.ts';
import { isJson, openJson, openKept, uploadAndFile } from './open-kept.ts';
import { atEnd, readFile } from './read-body.ts';

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
  // Said in the query: a list of objects is the file then, and not what is asked for.
  const isFile = options.texts.format === 'json';
  if (isJson(request) && !isFile)
    return openJson(
      request.body === undefined ? [] : readFile(request, request.body as Readable, atEnd),
      options,
      add,
    );
  if (!request.isMultipart()) return openRaw(request, options);
  return openForm(request, options, add);
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
  if (type === undefined || !(RAW_FILE_TYPES.includes(type) || isJson(request)))
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
