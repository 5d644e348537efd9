// The lines of rejects.csv and unprocessed.csv: the same columns, so that both can be mended and sent again as one file.
import { formatCsvRecord } from '../core/csv/records/writer.ts';
import { REJECT_COLUMNS } from '../core/imports/rejects.ts';
import { guard, guardRaw } from '../core/imports/spreadsheet-guard.ts';

/** Excel reads a CSV file as UTF-8 only with it. */
const BOM = '\ufeff';

export interface RejectLines {
  readonly head: string;
  /** @param cells as they stood in the file, without the guard it may have come with */
  readonly line: (row: string, errors: string, cells: readonly string[]) => string;
}

/**
 * @param raw leaves out the guard against spreadsheet formulas
 * @param tellsNull the file has NULL beside the empty text: an empty cell, and `""`
 */
export function rejectLines(header: readonly string[], raw: boolean, tellsNull: boolean): RejectLines {
  const protect = raw ? guardRaw : guard;
  // A file of ours that came back has these columns already: they were about another file.
  const own = (cells: readonly string[]): string[] =>
    cells.filter((_, at) => !REJECT_COLUMNS.includes(header[at] ?? '')).map(protect);
  return {
    head: BOM + formatCsvRecord([...REJECT_COLUMNS, ...own(header)]),
    line: (row, errors, cells) => formatCsvRecord([protect(row), protect(errors), ...own(cells)], tellsNull),
  };
}
