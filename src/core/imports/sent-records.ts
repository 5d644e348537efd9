// The records of a chunk as their sender wrote them, for files that give them back.
import { decodeCells } from '../csv/records/cell-places.ts';
import { describeBroken } from '../csv/records/describe-broken.ts';
import { readRecords } from '../csv/records/read-records.ts';
import type { ChunkRecords } from '../csv/chunks/listed-parts.ts';
import { splitBroken } from '../csv/records/records.ts';
import { refuseMisread } from '../csv/dialect/misread.ts';
import type { ByteRange, FileDialect } from '../csv/types.ts';
import { explainUndecodable, holdsUndecodable, type UndecodablePlace } from '../csv/text/undecodable.ts';
import type { Dataset, FileColumn } from '../dataset/types.ts';
import type { RowError } from './row-error.ts';
import { sentCells } from './sent-cells.ts';

/** What reading a stored file takes. */
export interface SentFile {
  readonly dialect: FileDialect;
  readonly columns: readonly FileColumn[];
  readonly document: Dataset;
  readonly dataEnd: number;
  /** Null: not known yet. */
  readonly records: number | null;
  readonly encoding: string;
  readonly undecodable: readonly UndecodablePlace[];
}

export interface SentRecord {
  /** Its number in this file, from 1. */
  readonly row: number;
  readonly line: number;
  /** Of a record that could not be read, its text cut at the delimiters. */
  readonly cells: readonly string[];
  /** Why it could not be read or decoded, or is of another table. */
  readonly errors: readonly RowError[];
}

/** Hands out every record of a chunk, in file order. `read` is that of `readRecords`. */
export async function readSentRecords(
  file: SentFile,
  chunk: ChunkRecords,
  read: (range: ByteRange) => Promise<Buffer>,
  limits: { readonly maxRecordBytes: number },
  onRecord: (record: SentRecord) => void,
): Promise<void> {
  const header = file.columns.map((column) => column.header);
  const asSent = sentCells(file);
  const undecodable = (cells: string[], row: number, line: number, lineEnd: number): RowError[] =>
    holdsUndecodable(file.undecodable, line, lineEnd)
      ? (explainUndecodable(file, cells, row, line, lineEnd) ?? [])
      : [];
  const misread = refuseMisread(file.dialect, header, chunk, file);
  await readRecords(file, chunk, read, {
    sound(bytes, places, row, line, lineEnd) {
      const cells = asSent(decodeCells(bytes, places));
      const errors = misread(bytes, places, row, line, lineEnd)?.errors ?? [];
      onRecord({ row, line, cells, errors: [...errors, ...undecodable(cells, row, line, lineEnd)] });
    },
    broken(broken, rawText) {
      const { row, line, lineEnd } = broken;
      const cells = asSent(splitBroken(rawText, file.dialect));
      const errors = [
        describeBroken(broken, header, rawText, limits),
        ...undecodable(cells, row, line, lineEnd),
      ];
      onRecord({ row, line, cells, errors });
    },
  });
}
