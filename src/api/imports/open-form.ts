// Finds the options and the file in a form (multipart), without reading the file.
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import type { CollectedOptions } from '../../intake/upload-options.ts';
import { readCharset, refuseCoding, saidByType } from './file-type.ts';
import { FormBoundaries } from './form-boundaries.ts';
import { openKept, uploadAndFile } from './open-kept.ts';
import type { OpenUpload } from './open-upload.ts';
import { FormHead } from './part-charset.ts';
import { MAX_FIELDS, MAX_FORM_BYTES, readFile, uploadBroken } from './read-body.ts';

/** The part of a form that is the file. */
export const FILE_PART = 'file';

/** @param add takes a field, and prevents the upload by throwing @throws AppError as `openUpload` */
export async function openForm(
  request: FastifyRequest,
  options: CollectedOptions,
  add: (name: string, value: unknown) => Promise<void>,
): Promise<OpenUpload> {
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
    if (part === undefined && boundaries.parts > before) throw unreadPart(head.oddity());
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
  const oddity = head.oddity();
  if (oddity !== undefined) throw unreadPart(oddity);
  const contentType = head.fileType() ?? '';
  return {
    // A part of Content-Type application/octet-stream is a file also without a name.
    options: { ...saidByType(contentType, texts), fileName: head.fileName(part.filename ?? ''), ...texts },
    charset: readCharset(contentType),
    bytes: () =>
      readFile(request, part.file, async () => {
        await refuseMore(request, parts);
        boundaries.close();
        if (boundaries.parts > before + 1) throw unreadPart();
      }),
  };
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

/** @param why a sentence, where the form shows it */
function unreadPart(
  why = 'A part of the form has no name, or a header that cannot be read. Give each part a line Content-Disposition: form-data; name="…".',
): AppError {
  return new AppError('UPLOAD_MALFORMED', `${why} Nothing was kept.`);
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
