// Unpacks a gzip file on its way into the storage. Its first bytes say that it is one: no text begins with them.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import type { Config } from '../../config.ts';
import { AppError } from '../../errors.ts';
import { tooLarge } from './too-large.ts';

type UnpackLimits = Pick<Config, 'maxUploadBytes' | 'maxInflateRatio'>;

/** Small files may be as repetitive as they like. */
const RATIO_FROM_BYTES = 8 * 1024 * 1024;
const MAGIC_BYTES = 4;

/**
 * Gives the bytes of the file as text: as they come, or inflated; gzip members one after the other are one file.
 * @param mustBeGzip a header says so
 * @throws AppError FILE_GZIP, UPLOAD_TOO_LARGE, UPLOAD_INFLATES_TOO_FAR, UNSUPPORTED_MEDIA_TYPE for a ZIP archive
 */
export async function* unpack(
  source: AsyncIterable<Buffer>,
  mustBeGzip: boolean,
  limits: UnpackLimits,
): AsyncGenerator<Buffer> {
  const { magic, bytes } = await peek(source);
  if (isGzip(magic)) {
    yield* refuseGzipWithin(inflate(bytes, limits));
    return;
  }
  if (mustBeGzip)
    throw new AppError(
      'FILE_GZIP',
      'The upload says that it is gzip, but its bytes are not. Leave the header out, or pack the file.',
    );
  if (magic.toString('latin1') === 'PK\u0003\u0004')
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      'The file is a ZIP archive or an Excel workbook (.xlsx). Send the CSV file itself, or packed with gzip; in Excel, save it as "CSV UTF-8".',
    );
  yield* bytes;
}

function isGzip(magic: Buffer): boolean {
  return magic[0] === 0x1f && magic[1] === 0x8b;
}

/** Looks at the first bytes and gives all of them back. */
async function peek(
  source: AsyncIterable<Buffer>,
): Promise<{ magic: Buffer; bytes: AsyncGenerator<Buffer> }> {
  const rest = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < MAGIC_BYTES) {
    const next = await rest.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return { magic: head.subarray(0, MAGIC_BYTES), bytes: all() };
}

async function* inflate(packed: AsyncIterable<Buffer>, limits: UnpackLimits): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let taken = 0;
  /** Behind the last byte that is not 0: zeros may fill up a gzip file, anything else belongs to it. */
  let contentEnd = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of packed) {
      let length = chunk.length;
      while (length > 0 && chunk[length - 1] === 0) length--;
      if (length > 0) contentEnd = taken + length;
      taken += chunk.length;
      if (!gunzip.readableEnded) yield chunk;
    }
  }
  // A failure of either side comes out of the loop below; here it only must not go unheard.
  let failure: unknown;
  const fed = pipeline(Readable.from(counted()), gunzip).catch((error: unknown) => (failure = error));
  let inflated = 0;
  try {
    // When the last member has ended, what follows must still be looked at.
    for await (const text of gunzip.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      inflated += text.length;
      if (inflated > limits.maxUploadBytes) throw tooLarge(limits.maxUploadBytes, 'inflated');
      if (inflated > RATIO_FROM_BYTES && inflated > taken * limits.maxInflateRatio)
        throw inflatesTooFar(limits.maxInflateRatio);
      yield text;
    }
    await fed;
  } catch (error) {
    throw gzipBroken(failure ?? error, gunzip);
  } finally {
    gunzip.destroy();
  }
  if (failure !== undefined) throw gzipBroken(failure, gunzip);
  if (contentEnd > gunzip.bytesWritten)
    throw new AppError(
      'FILE_GZIP',
      `The gzip file ends at byte ${gunzip.bytesWritten}, and other bytes follow. Pack the file again; nothing was kept.`,
      { byteOffset: gunzip.bytesWritten },
    );
}

/** Says what zlib's codes mean; anything else stays what it is. */
function gzipBroken(error: unknown, gunzip: Gunzip): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR')
    return new AppError(
      'FILE_GZIP',
      'The gzip file ends early, or bytes that are no gzip follow it. Was it cut off? Pack it again and send it again; nothing was kept.',
      {},
      { cause: error },
    );
  if (code?.startsWith('Z_') === true)
    return new AppError(
      'FILE_GZIP',
      `The gzip file is damaged behind byte ${gunzip.bytesWritten}, or bytes that are no gzip follow it: ${(error as Error).message}. Pack it again and send it again; nothing was kept.`,
      {},
      { cause: error },
    );
  return error;
}

async function* refuseGzipWithin(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { magic, bytes } = await peek(text);
  if (isGzip(magic))
    throw new AppError(
      'FILE_GZIP',
      'The file is packed with gzip twice. Send it packed once; nothing was kept.',
    );
  yield* bytes;
}

function inflatesTooFar(limit: number): AppError {
  return new AppError(
    'UPLOAD_INFLATES_TOO_FAR',
    `The gzip file inflates to more than ${limit} times its size, the limit here (SLUICE_MAX_INFLATE_RATIO). Send it unpacked, or ask for a higher limit. Nothing was kept.`,
    { limit },
  );
}
