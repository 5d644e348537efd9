// Unpacks a file on its way into the storage. Its first bytes say how it is packed: no text begins with them.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, type Gunzip } from 'node:zlib';
import { AppError } from '../errors.ts';
import { FOREIGN_BYTES, refuseForeign } from './foreign-file.ts';
import { isCompound, refuseOldExcel } from './excel/old-excel.ts';
import { InflateGuard, type InflateLimits } from './inflate-guard.ts';

export type Packing = 'gzip' | 'zip';

export const MAGIC_BYTES = 4;
/** So much of a compound file is looked at. */
const HEAD_BYTES = 1024 * 1024;

const FAILURE = { gzip: 'FILE_GZIP', zip: 'FILE_ZIP' } as const;
const NAME = { gzip: 'gzip', zip: 'a ZIP archive' } as const;

/**
 * Gives the bytes of the file as text: as they come, or inflated; gzip members one after the other are one file.
 * @param declared what a header says
 * @param unzip gives the file in a ZIP archive
 * @throws AppError FILE_GZIP, FILE_ZIP, FILE_FORMAT, UPLOAD_TOO_LARGE, UPLOAD_INFLATES_TOO_FAR
 */
export async function* unpack(
  source: AsyncIterable<Buffer>,
  declared: Packing | undefined,
  limits: InflateLimits,
  unzip: (archive: AsyncIterable<Buffer>) => AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  const { magic, bytes } = await peek(source, MAGIC_BYTES, HEAD_BYTES);
  refuseOldExcel(magic);
  const packing = packingOf(magic);
  if (declared !== undefined && packing !== declared)
    throw new AppError(
      FAILURE[declared],
      `The upload says that it is ${NAME[declared]}, but its bytes are not. Send it without that header, or pack the file.`,
    );
  switch (packing) {
    case 'gzip':
      yield* asTable(refusePackedWithin(packing, inflate(bytes, limits)));
      break;
    case 'zip':
      yield* asTable(refusePackedWithin(packing, unzip(bytes)));
      break;
    case undefined:
      yield* asTable(bytes);
  }
}

/** By its first bytes. An archive without a file begins with the end of its directory. */
export function packingOf(magic: Buffer): Packing | undefined {
  if (magic[0] === 0x1f && magic[1] === 0x8b) return 'gzip';
  return /^PK(\u0003\u0004|\u0005\u0006)$/.test(magic.toString('latin1', 0, MAGIC_BYTES)) ? 'zip' : undefined;
}

/** Looks at the first bytes and gives all of them back. */
async function peek(
  source: AsyncIterable<Buffer>,
  atLeast = MAGIC_BYTES,
  most = atLeast,
): Promise<{ magic: Buffer; bytes: AsyncGenerator<Buffer> }> {
  const rest = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  // A compound file says further down what is in it.
  while (head.length < atLeast || (isCompound(head) && head.length < most)) {
    const next = await rest.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => rest };
  }
  return { magic: head.subarray(0, most), bytes: all() };
}

/** @throws AppError FILE_FORMAT */
async function* asTable(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { magic, bytes } = await peek(text, FOREIGN_BYTES);
  refuseForeign(magic);
  yield* bytes;
}

async function* inflate(packed: AsyncIterable<Buffer>, limits: InflateLimits): AsyncGenerator<Buffer> {
  const guard = new InflateGuard('gzip file', limits);
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
  try {
    // When the last member has ended, what follows must still be looked at.
    for await (const text of gunzip.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      guard.count(text.length, taken);
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
      'The gzip file ends early, or is followed by bytes that are not gzip. Was it cut off? Pack it again and send it again; nothing was kept.',
      {},
      { cause: error },
    );
  if (code?.startsWith('Z_') === true)
    return new AppError(
      'FILE_GZIP',
      `The gzip file is damaged after byte ${gunzip.bytesWritten}, or bytes that are not gzip follow it: ${(error as Error).message}. Pack it again and send it again; nothing was kept.`,
      {},
      { cause: error },
    );
  return error;
}

async function* refusePackedWithin(outer: Packing, text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const { magic, bytes } = await peek(text);
  const inner = packingOf(magic);
  if (inner !== undefined)
    throw new AppError(
      FAILURE[outer],
      `The file is packed twice: ${NAME[outer]} holds ${inner === 'zip' ? 'a ZIP archive or an Excel workbook' : NAME[inner]}. Send it packed once; nothing was kept.`,
    );
  yield* bytes;
}
