// How many lines skipFooter means at the end of a file whose last records have no value.
import { looksLikeFooter } from '../core/csv/dialect/totals.ts';
import { grammarOf } from '../core/csv/grammar.ts';
import { readCells } from '../core/csv/records/read-cells.ts';
import type { Dialect } from '../core/csv/types.ts';
import { wrong } from './options/option.ts';

/**
 * How many lines above records without a value the sender means, who may have counted those or not: in an editor they are lines, in a
 * spreadsheet nobody sees them. The lines about which that decides show it.
 * @param lines the last ones above these records, as many as the sender has said, or all
 * @throws AppError INVALID_REQUEST when they do not
 */
export function linesOfFooter(
  lines: readonly Buffer[],
  said: number,
  {
    records,
    columns,
    dialect,
  }: { readonly records: number; readonly columns: number; readonly dialect: Dialect },
): number {
  const grammar = grammarOf(dialect);
  const first = lines.length - said;
  const open = lines.slice(Math.max(0, first), Math.max(0, first + records));
  const areNone = open.map((line) => isNone(readCells(line, 0, line.length, grammar).cells, columns));
  if (areNone.every((isIt) => isIt)) return said;
  if (!areNone.some((isIt) => isIt)) return Math.max(0, said - records);
  throw wrong(
    'skipFooter',
    `says ${said}, and ${records} records without a value stand at the end. Whether you count them decides over a record. Send emptyRecords=keep if you do, or remove them from the file`,
  );
}

function isNone(cells: readonly string[], columns: number): boolean {
  const filled = cells.filter((cell) => cell.trim() !== '');
  return looksLikeFooter(cells) || cells.length !== columns || (columns > 2 && filled.length === 1);
}
