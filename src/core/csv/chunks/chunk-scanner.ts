// What a scan of records into chunks takes and gives (scanner.ts).
import type { ChunkPlan, Dialect, FileDialect, Rescan, TableEnd } from '../types.ts';
import type { ChunkLimits } from './chunk-list.ts';

export interface ChunkScannerOptions extends ChunkLimits {
  readonly dialect: Dialect & Pick<FileDialect, 'lineEnd' | 'repeatedHeader' | 'otherNames' | 'emptyRecords'>;
  /** Width of the header; evidence for what is a record around a broken one, and the cells of one. */
  readonly columns: number;
  /** The header's cells, to know it when it comes again. */
  readonly header?: readonly string[];
  /** Where the data begins in the file, behind the header. */
  readonly startByte: number;
  /** The physical line there. */
  readonly startLine: number;
  /** When it begins at a chunk further down: the chunk's first row, and what was seen above it. */
  readonly resumed?: Omit<Rescan, 'maxRecordBytes'> & { readonly firstRow: number };
  /** The text above, of a scan that begins further down; its last records say what records are like. In place of `likeness`. */
  readonly above?: Buffer;
  readonly limits: { readonly maxRecordBytes: number };
}

export interface ScanTotals {
  /** Of the file up to here; broken ones included, blank lines not. */
  readonly records: number;
  readonly broken: number;
  /** The chunks that are closed cover the file up to here. */
  readonly endByte: number;
  /** Where another table begins. */
  readonly tableEnd: TableEnd | undefined;
  /** How often the header was left out. */
  readonly repeatedHeaders: number;
  /** How many records without a value were. */
  readonly emptyRecords: number;
}

export interface ChunkScanner {
  /** Takes the next bytes of the data part, cut anywhere; they may be reused afterwards. Gives the chunks that closed. */
  push(bytes: Buffer): ChunkPlan[];
  /** Gives the last chunk. To be called once. */
  end(): ChunkPlan[];
  readonly totals: ScanTotals;
  /** Of the chunk that is open: where it begins, and what was seen above it. */
  readonly open: { readonly byte: number; readonly line: number } & Omit<
    Rescan,
    'maxRecordBytes' | 'likeness'
  >;
}
