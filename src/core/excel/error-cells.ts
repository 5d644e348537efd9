// Errors of a sheet name their cell: a record is on the line of its row, and its columns begin at the table's first.
import type { SheetOfFile } from '../csv/types.ts';
import type { RowError } from '../imports/row-error.ts';
import { cellName } from './cell-name.ts';

type Placed = Pick<RowError, 'line' | 'column'>;

/** Undefined for an error of the whole record, and for one that is not of a sheet. */
export function cellOfError({ line, column }: Placed, sheet: SheetOfFile | undefined): string | undefined {
  return sheet === undefined || column === null
    ? undefined
    : cellName(line, sheet.firstColumn + column.index - 1);
}

/** The error with the name of its cell, if it has one. */
export function withCell<E extends Placed>(
  error: E,
  sheet: SheetOfFile | undefined,
): E & { readonly cell?: string } {
  const cell = cellOfError(error, sheet);
  return cell === undefined ? error : { ...error, cell };
}

/** Where the error is, for people: `line 12`, `cell B12`, `row 12`. */
export function placeOfError(error: Placed, sheet: SheetOfFile | undefined): string {
  const cell = cellOfError(error, sheet);
  if (cell !== undefined) return `cell ${cell}`;
  return sheet === undefined ? `line ${error.line}` : `row ${error.line}`;
}
