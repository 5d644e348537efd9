// Rejected records as they are kept between a chunk and the reject file: one JSON line each, whole and in file order.
import type { RowError } from './row-error.ts';

export const REJECT_ERRORS_COLUMN = '_errors';
/** Columns before the file's own; a file that has them is known as a reject file when it comes back. */
export const REJECT_COLUMNS = ['_row', REJECT_ERRORS_COLUMN];

export function isRejectFile(header: readonly string[]): boolean {
  return REJECT_COLUMNS.every((name) => header.includes(name));
}

export interface Reject {
  readonly row: number;
  /** The record's cells as they stood in the file; of a broken record, its text cut at the delimiters. */
  readonly cells: readonly string[];
  /** For people: every error of the record in one cell. */
  readonly errors: string;
}

export function describeErrors(errors: readonly RowError[]): string {
  return errors.map((error) => `line ${error.line}: ${error.message} [${error.code}]`).join('; ');
}

export function formatReject(reject: Reject): string {
  return `${JSON.stringify(reject)}\n`;
}

export function parseReject(line: string): Reject {
  return JSON.parse(line) as Reject;
}
