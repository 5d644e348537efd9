// One entry of a ZIP archive, unpacked. yauzl gives the packed bytes: it would inflate them in pieces of 16 KiB through three streams, and a
// million cells of a workbook then waited a fifth of their time.
import { pipeline } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import type { InflateGuard } from './inflate-guard.ts';

const STORED = 0;
const PIECE_BYTES = 64 * 1024;

/**
 * Who stops early reads no more of it.
 * @throws AppError of the guard; Error for an entry that is damaged, or not as long as the archive's directory says
 */
export async function* readEntry(zip: ZipFile, entry: Entry, guard: InflateGuard): AsyncGenerator<Buffer> {
  if (!entry.isCompressed() && entry.compressionMethod !== STORED)
    throw new Error(
      `an entry is packed with method ${entry.compressionMethod}, not stored (0) or deflated (8)`,
    );
  const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false });
  const bytes = entry.isCompressed()
    ? // The error of either is what reading meets.
      pipeline(packed, createInflateRaw({ chunkSize: PIECE_BYTES }), () => undefined)
    : packed;
  const said = entry.uncompressedSize;
  let sum = 0;
  let length = 0;
  for await (const piece of bytes as AsyncIterable<Buffer>) {
    guard.count(piece.length, entry.compressedSize);
    length += piece.length;
    if (length > said) throw new Error(`an entry has more than the ${said} bytes that the directory says`);
    sum = crc32(piece, sum);
    yield piece;
  }
  if (length < said) throw new Error(`an entry has ${length} bytes, and the directory says ${said}`);
  if (sum !== entry.crc32) throw new Error('the checksum of an entry is another one');
}
