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
