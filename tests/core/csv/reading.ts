// What the reader's tests share: a text in, its plan and its records out.
import type { ListedRecords } from '../../../src/core/csv/chunks/listed-parts.ts';
import type { ChunkScannerOptions } from '../../../src/core/csv/chunks/chunk-scanner.ts';
import { isLeftOut } from '../../../src/core/csv/records/records.ts';
import { createChunkScanner } from '../../../src/core/csv/chunks/scanner.ts';
import type { BrokenRecord, ChunkPlan, Delimiter, FileDialect } from '../../../src/core/csv/types.ts';
import { readRecords } from './papaparse-reference.ts';

export interface ReadOptions {
  readonly columns: number;
  readonly delimiter?: Delimiter;
  readonly dialect?: FileDialect;
  readonly header?: readonly string[];
  readonly chunkBytes?: number;
  readonly chunkCells?: number;
  readonly maxRecordBytes?: number;
  readonly startByte?: number;
  readonly startLine?: number;
}

function dialectOf({ dialect, delimiter = ',' }: ReadOptions): FileDialect {
  return dialect ?? { delimiter };
}

/** Of a scanner whose chunks are `listed`. */
export function scannerOptions(options: ReadOptions): ChunkScannerOptions {
  return {
    dialect: dialectOf(options),
    columns: options.columns,
    header: options.header ?? [],
    startByte: options.startByte ?? 0,
    startLine: options.startLine ?? 1,
    chunkBytes: options.chunkBytes ?? 1_000_000,
    chunkCells: options.chunkCells ?? 1_000_000,
    parts: { broken: 1000, endByte: Infinity },
    limits: { maxRecordBytes: options.maxRecordBytes ?? 1_000_000 },
  };
}

/** A chunk whose broken records are listed, however many they are; headers that are left out are not. */
export type ListedChunk = ChunkPlan & ListedRecords & { readonly broken: readonly BrokenRecord[] };

/** The plan of a data part that comes in these pieces. */
export function planPieces(pieces: readonly Buffer[], options: ReadOptions): ListedChunk[] {
  const scanner = createChunkScanner(scannerOptions(options));
  const chunks = pieces.flatMap((piece) => scanner.push(piece));
  return listed([...chunks, ...scanner.end()]);
}

export function listed(chunks: readonly ChunkPlan[]): ListedChunk[] {
  return chunks.map((chunk) => {
    if ('headerLines' in chunk.broken) throw new Error('The chunk does not list what is broken');
    return { ...chunk, broken: chunk.broken.filter((each) => !isLeftOut(each)) };
  });
}

export function plan(text: string | Buffer, options: ReadOptions): ListedChunk[] {
  return planPieces([Buffer.from(text)], options);
}

export interface ReadRecord {
  readonly row: number;
  readonly line: number;
  readonly lineEnd: number;
  readonly cells?: string[];
  readonly broken?: BrokenRecord['reason'];
  readonly text?: string;
}

/** Every record of the data part, good and broken, as planned and then read. */
export async function readAll(text: string | Buffer, options: ReadOptions): Promise<ReadRecord[]> {
  const bytes = Buffer.from(text);
  const startByte = options.startByte ?? 0;
  const records: ReadRecord[] = [];
  for (const chunk of plan(bytes, options))
    await readRecords(
      { dialect: dialectOf(options), columns: [], dataEnd: startByte + bytes.length },
      chunk,
      async (range) => bytes.subarray(range.startByte - startByte, range.endByte - startByte),
      {
        record: (cells, row, line, lineEnd) => records.push({ row, line, lineEnd, cells }),
        broken: ({ row, line, lineEnd, reason }, raw) =>
          records.push({ row, line, lineEnd, broken: reason, text: raw }),
      },
    );
  return records;
}

/** Short form for comparing: cells of a good record, `reason line..lineEnd` of a broken one. */
export async function outline(text: string | Buffer, options: ReadOptions): Promise<(string[] | string)[]> {
  const records = await readAll(text, options);
  return records.map(({ cells, broken, line, lineEnd }) => cells ?? `${broken} ${line}..${lineEnd}`);
}
