// A chunk's plan lists its broken records, or says what they are found again with when they are many. This makes lists of both.
import { counted } from '../../counted.ts';
import type { RecordsOfFile } from './scan-chunks.ts';
import { createChunkScanner } from './scanner.ts';
import type { ByteRange, ChunkPlan, Rescan, Unread } from '../types.ts';

/** The part of a chunk's plan that reading needs. */
export type ChunkRecords = Omit<ChunkPlan, 'chunkNo'>;

/** A chunk, or a part of one, that lists its broken records. */
export type ListedRecords = ChunkRecords & { readonly broken: readonly Unread[] };

/** A part has so many broken records at most: few enough to be held, and enough to be read with one read. */
const PART_BROKEN = 10_000;

const SCAN_BYTES = 1024 * 1024;
/** What decides over a record may stand below the chunk's end; so much of it is looked at, at a time. */
const BELOW_BYTES = 64 * 1024;

/**
 * The parts of a chunk, in file order: itself when its broken records are listed.
 * @param read gives a range of the file, good until it is called again
 * @throws Error when scanning again does not find the records that the plan says
 */
export async function* listedParts(
  file: Pick<RecordsOfFile, 'dialect' | 'columns' | 'dataEnd'>,
  chunk: ChunkRecords,
  read: (range: ByteRange) => Promise<Buffer>,
): AsyncGenerator<ListedRecords> {
  const { broken } = chunk;
  if (isListed(broken)) {
    yield { ...chunk, broken };
    return;
  }
  let endByte = chunk.startByte;
  let records = 0;
  for await (const part of scanAgain(file, chunk, broken, read)) {
    if (!isListed(part.broken)) throw new Error('A part lists its broken records');
    yield { ...part, broken: part.broken };
    endByte = part.endByte;
    records += part.records;
    if (endByte >= chunk.endByte) break;
  }
  if (endByte !== chunk.endByte || records !== chunk.records)
    throw new Error(
      `Scanned again, bytes ${chunk.startByte} to ${endByte} (line ${chunk.firstLine}) hold ${counted(records, 'record')}; the plan says ${chunk.records} up to byte ${chunk.endByte}`,
    );
}

async function* scanAgain(
  { dialect, columns, dataEnd }: Pick<RecordsOfFile, 'dialect' | 'columns' | 'dataEnd'>,
  { startByte, endByte, firstRow, firstLine }: ByteRange & Pick<ChunkRecords, 'firstRow' | 'firstLine'>,
  { maxRecordBytes, ...seenAbove }: Rescan,
  read: (range: ByteRange) => Promise<Buffer>,
): AsyncGenerator<ChunkRecords> {
  const scanner = createChunkScanner({
    dialect,
    columns: columns.length,
    header: columns.map((column) => column.header),
    startByte,
    startLine: firstLine,
    resumed: { firstRow, ...seenAbove },
    chunkBytes: endByte - startByte,
    chunkCells: Infinity,
    parts: { broken: PART_BROKEN, endByte },
    limits: { maxRecordBytes },
  });
  for (let at = startByte; at < dataEnd;) {
    const to = Math.min(at < endByte ? Math.min(at + SCAN_BYTES, endByte) : at + BELOW_BYTES, dataEnd);
    yield* scanner.push(await read({ startByte: at, endByte: to }));
    at = to;
  }
  yield* scanner.end();
}

function isListed(broken: ChunkRecords['broken']): broken is readonly Unread[] {
  return Array.isArray(broken);
}
