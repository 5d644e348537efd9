// The headers of tus 1.0 (https://tus.io/protocols/resumable-upload), read strictly.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../errors.ts';
import { CHECKSUMS, type Checksum } from '../../intake/resumable/append-bytes.ts';
import type { ResumableUpload } from '../../db/uploads/resumable.ts';

export const TUS_VERSION = '1.0.0';
export const TUS_EXTENSIONS = 'creation,creation-with-upload,termination,checksum,expiration';
export const BYTES_TYPE = 'application/offset+octet-stream';

const DIGEST_BYTES: Record<Checksum['algorithm'], number> = { sha256: 32, sha1: 20, md5: 16 };

function header({ headers }: FastifyRequest, name: string): string | undefined {
  return [headers[name]].flat()[0]?.trim();
}

function wrong(name: string, detail: string): AppError {
  return new AppError('INVALID_REQUEST', `The header ${name} ${detail}.`, { header: name });
}

/** @throws AppError UPLOAD_PROTOCOL */
export function requireVersion(request: FastifyRequest): void {
  const version = header(request, 'tus-resumable');
  if (version === TUS_VERSION) return;
  throw new AppError(
    'UPLOAD_PROTOCOL',
    `This address speaks tus ${TUS_VERSION}. Send the header Tus-Resumable: ${TUS_VERSION}${version === undefined ? '' : `, not ${version.slice(0, 20)}`}.`,
  );
}

/** For clients behind a proxy that lets nothing but GET and POST pass. @returns in upper case */
export function overridingMethod(request: FastifyRequest): string | undefined {
  return header(request, 'x-http-method-override')?.toUpperCase();
}

/** @returns the length of the file @throws AppError INVALID_REQUEST */
export function readLength(request: FastifyRequest): number {
  // Each part would be taken for a file.
  if (header(request, 'upload-concat') !== undefined)
    throw wrong(
      'Upload-Concat',
      'is not taken: send the file as one upload, in tus-js-client with parallelUploads: 1',
    );
  if (header(request, 'upload-defer-length') !== undefined)
    throw wrong(
      'Upload-Defer-Length',
      'is not taken: say how long the file is (Upload-Length) when you begin',
    );
  return readCount(request, 'Upload-Length');
}

/** @throws AppError INVALID_REQUEST */
export function readOffset(request: FastifyRequest): number {
  return readCount(request, 'Upload-Offset');
}

function readCount(request: FastifyRequest, name: string): number {
  const text = header(request, name.toLowerCase());
  const value = Number(text);
  if (text === undefined || !/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value))
    throw wrong(
      name,
      text === undefined ? 'is missing' : `must be a number of bytes, not "${text.slice(0, 40)}"`,
    );
  return value;
}

/** Of what clients of tus say by themselves; all others are options of an upload. */
const FILE_NAMES = ['filename', 'name'];
const IGNORED = ['filetype', 'type', 'relativePath'];

/** `Upload-Metadata`: names, each with a value in base64. @returns options of an upload, by name @throws AppError INVALID_REQUEST */
export function readMetadata(request: FastifyRequest): {
  readonly text: string;
  readonly options: Map<string, string>;
} {
  const text = header(request, 'upload-metadata') ?? '';
  const said = new Map<string, string>();
  for (const pair of text.split(',').map((each) => each.trim())) {
    if (pair === '') continue;
    const [name = '', value = '', ...rest] = pair.split(' ');
    if (rest.length > 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value))
      throw wrong(
        'Upload-Metadata',
        `must be names, each with a value in base64, such as "dataset Y3VzdG9tZXJz"; "${pair.slice(0, 60)}" is not`,
      );
    if (said.has(name)) throw wrong('Upload-Metadata', `has "${name.slice(0, 60)}" twice`);
    said.set(name, utf8(name, value));
  }
  const options = new Map<string, string>();
  for (const [name, value] of said)
    if (!FILE_NAMES.includes(name) && !IGNORED.includes(name)) options.set(name, value);
  const fileName = FILE_NAMES.map((name) => said.get(name)).find((value) => value !== undefined);
  if (fileName !== undefined && !options.has('fileName')) options.set('fileName', fileName);
  return { text, options };
}

function utf8(name: string, base64: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64'));
  } catch {
    throw wrong('Upload-Metadata', `has a value of "${name.slice(0, 60)}" that is not UTF-8`);
  }
}

/** @throws AppError INVALID_REQUEST */
export function readChecksum(request: FastifyRequest): Checksum | undefined {
  const text = header(request, 'upload-checksum');
  if (text === undefined) return undefined;
  const [name = '', base64 = ''] = text.split(' ');
  const algorithm = CHECKSUMS.find((each) => each === name.toLowerCase());
  const digest = Buffer.from(base64, 'base64');
  if (algorithm === undefined || digest.length !== DIGEST_BYTES[algorithm])
    throw wrong(
      'Upload-Checksum',
      `must be one of ${CHECKSUMS.join(', ')}, a blank, and the digest in base64`,
    );
  return { algorithm, digest };
}

/** Whether the request has bytes of the file. @throws AppError UNSUPPORTED_MEDIA_TYPE for a body of another type */
export function hasBytes(request: FastifyRequest): boolean {
  const type = header(request, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type === BYTES_TYPE) return true;
  if (request.body === undefined && type === undefined) return false;
  throw new AppError('UNSUPPORTED_MEDIA_TYPE', `Bytes of the file come as Content-Type: ${BYTES_TYPE}.`);
}

/** How an upload stands. */
export function sayStanding(
  reply: FastifyReply,
  upload: Pick<ResumableUpload, 'received' | 'expiresAt'>,
): FastifyReply {
  return reply
    .header('Upload-Offset', String(upload.received))
    .header('Upload-Expires', upload.expiresAt.toUTCString());
}
