// Rejected records as they are kept between a chunk and the reject file: one JSON line each, whole and in file order.
import type { FileColumn } from '../dataset/types.ts';
import { placeOfError, type PlacesOfFile, withPlace } from './error-place.ts';
import type { RowError } from './row-error.ts';

export const ROW_COLUMN = '_row';
export const REJECT_ERRORS_COLUMN = '_errors';
/** Columns before the file's own in the files we give out (rejects.csv, unprocessed.csv). No field may be called so. */
export const REJECT_COLUMNS = [ROW_COLUMN, REJECT_ERRORS_COLUMN];

/** Whether a file is one that we gave out and that comes back: its cells are guarded. `_errors` may have been removed. */
export function isRejectFile(columns: readonly FileColumn[]): boolean {
  return columns.some(({ header, fieldIndex }) => header === ROW_COLUMN && fieldIndex === null);
}

export interface Reject {
  /** Its number; of a retry, in the first file, and 0 when it says none. */
  readonly row: number;
  /** Physical line of this file where it starts; parts from before retries lack it. */
  readonly line?: number;
  /** True when no retry may land it: it was refused as a retry itself. */
  readonly isFinal?: true;
  /** The record's cells as they stood in the file; of a broken record, its text cut at the delimiters. */
  readonly cells: readonly string[];
  /** For people: every error of the record in one cell. */
  readonly errors: string;
}

/** @param file says what its places are called */
export function describeErrors(errors: readonly RowError[], file: PlacesOfFile): string {
  return errors
    .map((error) => `${placeOfError(error, file)}: ${withPlace(error, file).message} [${error.code}]`)
    .join('; ');
}

export function formatReject(reject: Reject): string {
  return `${JSON.stringify(reject)}\n`;
}

export function parseReject(line: string): Reject {
  return JSON.parse(line) as Reject;
}
