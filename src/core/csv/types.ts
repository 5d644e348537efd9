// The words of the CSV reader. Bytes are always UTF-8 without BOM here: storing has decoded the file already.

export type Delimiter = ',' | ';' | '\t' | '|';

/** How a file is cut into cells. The quote is always `"`, doubled inside a quoted cell (RFC 4180). */
export interface Dialect {
  readonly delimiter: Delimiter;
}

/** How the file as a whole is laid out. Imports from before these options have the delimiter alone. */
export interface FileDialect extends Dialect {
  /** Default true; without a header the columns are the dataset's fields in order. */
  readonly header?: boolean;
  /** Physical lines above header or records that were passed over: those asked for, or Excel's line `sep=`. */
  readonly skipLines?: number;
}

/** Bytes of the stored file; `endByte` exclusive. */
export interface ByteRange {
  readonly startByte: number;
  readonly endByte: number;
}

/** A stretch of the file that cannot be read as a record with certainty; it counts as one record and is rejected. */
export interface BrokenRecord extends ByteRange {
  /** Its number among the data records, from 1. */
  readonly row: number;
  readonly line: number;
  /** The last physical line it swallows; equal to `line` for one line. */
  readonly lineEnd: number;
  readonly reason: 'unclosed-quote' | 'text-after-quote' | 'record-too-long';
  /** Column (from 1) where reading failed. */
  readonly columnIndex: number;
}

/** The unit of work: a byte range that begins and ends at record ends. */
export interface ChunkPlan extends ByteRange {
  /** From 0. */
  readonly chunkNo: number;
  /** Number of its first data record, from 1. */
  readonly firstRow: number;
  /** Physical line of its first byte, from 1. */
  readonly firstLine: number;
  /** Data records in it, broken ones included, blank lines not. */
  readonly records: number;
  /** In file order, within the range. */
  readonly broken: readonly BrokenRecord[];
}
