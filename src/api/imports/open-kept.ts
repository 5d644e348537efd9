// A request without a file, for a kept upload: its id and options as JSON, as fields of a form or in the query.
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { isOptionName, UPLOAD_OPTIONS, type UploadOptionName } from '../../intake/options/table.ts';
import type { CollectedOptions, RawUploadOptions } from '../../intake/upload-options.ts';
import type { OpenUpload } from './open-upload.ts';

/** Room for a mapping of as many columns as a file may have. */
const MAX_JSON_BYTES = 1024 * 1024;

/** @param takenBack options that the upload was sent with, and that do not hold */
export function openKept(
  { uploadId, ...options }: RawUploadOptions,
  takenBack: ReadonlySet<UploadOptionName> = new Set(),
): OpenUpload {
  return {
    options,
    uploadId: UPLOAD_OPTIONS.uploadId.read(uploadId, 'uploadId'),
    takenBack,
    bytes: () => {
      throw new Error('The file of a kept upload is in the storage');
    },
  };
}

export function uploadAndFile(): AppError {
  return new AppError(
    'INVALID_REQUEST',
    'The request has a file and the uploadId of a kept one. Send one of them; nothing was kept.',
    { option: 'uploadId' },
  );
}

export function isJson({ headers }: FastifyRequest): boolean {
  return /^application\/json\s*(;|$)/i.test(headers['content-type']?.trim() ?? '');
}

/** @throws AppError INVALID_REQUEST, UPLOAD_NO_FILE, UPLOAD_TOO_LARGE; what `add` throws */
export async function openJson(
  body: AsyncIterable<Buffer> | Iterable<Buffer>,
  options: CollectedOptions,
  add: (name: string, value: unknown) => Promise<void>,
): Promise<OpenUpload> {
  const takenBack = new Set<UploadOptionName>();
  for (const [name, value] of Object.entries(await readObject(body)))
    if (value === null && isOptionName(name)) takenBack.add(name);
    else await add(name, value);
  if (options.texts.uploadId === undefined)
    throw new AppError(
      'UPLOAD_NO_FILE',
      'A body of JSON is for a kept upload, and there is no uploadId. Send a file as multipart/form-data or as Content-Type: text/csv.',
    );
  return openKept(options.texts, takenBack);
}

async function readObject(body: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<object> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > MAX_JSON_BYTES)
      throw new AppError(
        'UPLOAD_TOO_LARGE',
        `The body is longer than ${MAX_JSON_BYTES} bytes, the limit for options as JSON. If it is a file, say so with format=json in the query, or send it as a form.`,
        { limitBytes: MAX_JSON_BYTES },
      );
    pieces.push(piece);
  }
  const said = parse(Buffer.concat(pieces).toString());
  if (typeof said === 'object' && said !== null && !Array.isArray(said)) return said;
  throw new AppError(
    'INVALID_REQUEST',
    Array.isArray(said)
      ? 'The body is a JSON list. If it is the file, say so with format=json in the query, or send it as a form.'
      : 'The body is not a JSON object of options such as {"uploadId":"…","dateOrder":"dmy"}. If it is a file, say so with format=json in the query, or send it as a form.',
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
