// Cells that a merged range covers: Excel shows the value of its first cell there, and the file holds none.
import type { SheetOfFile } from '../csv/types.ts';
import type { FileColumn } from '../dataset/types.ts';
import type { RowError } from '../imports/row-error.ts';
import { cellName } from './cell-name.ts';

type ExplainCovered = (row: number, line: number) => RowError[] | null;

/** Undefined when no record has such cells. */
export function coveredCells(
  sheet: SheetOfFile | undefined,
  columns: readonly FileColumn[],
): ExplainCovered | undefined {
  if (sheet === undefined || sheet.merged.length === 0) return undefined;
  const lastRow = Math.max(...sheet.merged.map(([, , last]) => last));
  return (row, line) => {
    if (line > lastRow) return null;
    const errors = sheet.merged.flatMap((range) => explain(range, row, line, sheet.firstColumn, columns));
    return errors.length === 0 ? null : errors;
  };
}

function explain(
  [firstRow, firstColumn, lastRow, lastColumn]: readonly [number, number, number, number],
  row: number,
  line: number,
  tableColumn: number,
  columns: readonly FileColumn[],
): RowError[] {
  if (line < firstRow || line > lastRow) return [];
  const range = `${cellName(firstRow, firstColumn)}:${cellName(lastRow, lastColumn)}`;
  return columns.flatMap(({ header, fieldIndex }, at): RowError[] => {
    const column = tableColumn + at;
    const isFirst = line === firstRow && column === firstColumn;
    if (fieldIndex === null || isFirst || column < firstColumn || column > lastColumn) return [];
    return [
      {
        row,
        line,
        column: { index: at + 1, name: header },
        code: 'cell-error',
        value: null,
        message: `Column "${header}" is part of the merged cells ${range}, whose value is in ${cellName(firstRow, firstColumn)} alone. Unmerge them and fill in each cell.`,
      },
    ];
  });
}
