import type { ChunkLimits } from './chunk-list.ts';
import { createChunkScanner } from './scanner.ts';
import type { ByteRange, ChunkPlan, FileDialect } from '../types.ts';

/** So much is read at a time. */
const SCAN_BYTES = 1024 * 1024;

/** Where the records of a stored file are. */
export interface RecordsOfFile {
  readonly dialect: FileDialect;
  readonly columns: readonly { readonly header: string }[];
  readonly dataStart: number;
  readonly dataLine: number;
  readonly dataEnd: number;
}

/** What only a scan of the whole file tells of how it is read. */
export type Learnt = Pick<FileDialect, 'tableEnd' | 'repeatedHeaders'>;

/**
 * Scans a stored file into chunks, in file order. The generator's return value is what it has learnt.
 * @param read gives a range of the file, good until it is called again
 */
export async function* scanChunks(
  file: RecordsOfFile,
  read: (range: ByteRange) => Promise<Buffer>,
  settings: ChunkLimits & { readonly maxRecordBytes: number },
): AsyncGenerator<ChunkPlan, Learnt> {
  const scanner = createChunkScanner({
    dialect: file.dialect,
    columns: file.columns.length,
    header: file.dialect.json === undefined ? file.columns.map((column) => column.header) : [],
    startByte: file.dataStart,
    startLine: file.dataLine,
    chunkBytes: settings.chunkBytes,
    chunkCells: settings.chunkCells,
    limits: settings,
  });
  for (let startByte = file.dataStart; startByte < file.dataEnd; startByte += SCAN_BYTES) {
    const endByte = Math.min(startByte + SCAN_BYTES, file.dataEnd);
    yield* scanner.push(await read({ startByte, endByte }));
  }
  yield* scanner.end();
  const { tableEnd, repeatedHeaders } = scanner.totals;
  return {
    ...(tableEnd !== undefined && { tableEnd }),
    ...(file.dialect.repeatedHeader === 'skip' && { repeatedHeaders }),
  };
}
