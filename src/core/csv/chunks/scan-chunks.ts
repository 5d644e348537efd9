import type { ChunkLimits } from './chunk-list.ts';
import type { ChunkScanner } from './chunk-scanner.ts';
import { createChunkScanner } from './scanner.ts';
import type { ByteRange, ChunkPlan, FileDialect, FilePlan, Learnt } from '../types.ts';

/** So much is read at a time. */
const SCAN_BYTES = 1024 * 1024;

/** Where the records of a file begin, and how they are told from each other. */
export interface BeginningOfRecords {
  readonly dialect: FileDialect;
  readonly columns: readonly { readonly header: string }[];
  readonly dataStart: number;
  readonly dataLine: number;
}

/** Where the records of a stored file are. */
export interface RecordsOfFile extends BeginningOfRecords {
  readonly dataEnd: number;
}

export type ScanLimits = ChunkLimits & { readonly maxRecordBytes: number };

/**
 * Scans a stored file into chunks, in file order. The generator's return value is what it has learnt.
 * @param read gives a range of the file, good until it is called again
 */
export async function* scanChunks(
  file: RecordsOfFile,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: ScanLimits,
): AsyncGenerator<ChunkPlan, Learnt> {
  const scanner = openScanner(file, limits);
  for (const range of scannedRanges(file)) yield* scanner.push(await read(range));
  yield* scanner.end();
  return learntBy(scanner, file);
}

/** Makes the plan of a file from its bytes as they come. */
export interface FileScan {
  /** Takes the next bytes behind `dataStart`, cut anywhere; they may be reused afterwards. */
  push(bytes: Buffer): void;
  /** Ends the scan. To be called once. */
  end(): FilePlan;
}

/** @param maxRecords a file with more of them has a plan without chunks */
export function startScan(file: BeginningOfRecords, limits: ScanLimits, maxRecords = Infinity): FileScan {
  const scanner = openScanner(file, limits);
  let chunks: ChunkPlan[] = [];
  let records = 0;
  function take(closed: readonly ChunkPlan[]): void {
    for (const chunk of closed) {
      records += chunk.records;
      if (records > maxRecords) chunks = [];
      else chunks.push(chunk);
    }
  }
  return {
    push: (bytes) => take(scanner.push(bytes)),
    end() {
      take(scanner.end());
      return { chunks, records, learnt: learntBy(scanner, file) };
    },
  };
}

/**
 * Makes the plan of a stored file.
 * @param read gives a range of the file, good until it is called again
 * @param maxRecords as of `startScan`
 */
export async function planFile(
  file: RecordsOfFile,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: ScanLimits,
  maxRecords: number,
): Promise<FilePlan> {
  const scan = startScan(file, limits, maxRecords);
  for (const range of scannedRanges(file)) scan.push(await read(range));
  return scan.end();
}

function* scannedRanges({ dataStart, dataEnd }: RecordsOfFile): Generator<ByteRange> {
  for (let startByte = dataStart; startByte < dataEnd; startByte += SCAN_BYTES)
    yield { startByte, endByte: Math.min(startByte + SCAN_BYTES, dataEnd) };
}

function openScanner(file: BeginningOfRecords, limits: ScanLimits): ChunkScanner {
  return createChunkScanner({
    dialect: file.dialect,
    columns: file.columns.length,
    header: file.dialect.json === undefined ? file.columns.map((column) => column.header) : [],
    startByte: file.dataStart,
    startLine: file.dataLine,
    chunkBytes: limits.chunkBytes,
    chunkCells: limits.chunkCells,
    limits,
  });
}

function learntBy({ totals }: ChunkScanner, { dialect }: BeginningOfRecords): Learnt {
  const { tableEnd, repeatedHeaders, emptyRecords } = totals;
  return {
    ...(tableEnd !== undefined && { tableEnd }),
    ...(dialect.repeatedHeader === 'skip' && { repeatedHeaders }),
    ...(emptyRecords > 0 && { emptyRecordsWithin: emptyRecords }),
  };
}
