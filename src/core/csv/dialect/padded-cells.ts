// Cells that are filled up with blanks to one width, or that stand between blanks other than spaces. Names in a header are compared
// without the blanks around them, and cells are not: a header that has such blanks above cells that have them too is asked about.
import { AppError } from '../../../errors.ts';
import { grammarOf } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';
import { fullDialect } from './dialect-options.ts';
import type { Dialect } from '../types.ts';

const MAX_LOOKED_AT = 200;
/** A cell that fills the whole width has no blank. */
const LEAST_SHARE = 0.5;

/**
 * @param header its cells
 * @param body the file below its header
 * @param isWhole it is all of the file; otherwise its last record may be cut
 * @param keeps whether blanks at the ends of a column's cells are part of them
 * @throws AppError FILE_DIALECT
 */
export function askAboutPadding(
  header: readonly string[],
  body: Buffer,
  isWhole: boolean,
  keeps: (column: number) => boolean,
  dialect: Dialect,
): void {
  const padded = [...header.keys()].filter((column) => isPadded(header[column]!) && keeps(column));
  if (padded.length === 0) return;
  const records = firstRecords(body, isWhole, header.length, dialect);
  const column = padded.find((each) => {
    const filled = records.map((cells) => cells[each]!).filter((cell) => cell.trim() !== '');
    const share = filled.filter(isPadded).length / filled.length;
    return filled.length > 0 && share >= LEAST_SHARE;
  });
  if (column === undefined) return;
  const [first = []] = records;
  throw new AppError(
    'FILE_DIALECT',
    `Column ${column + 1} (${JSON.stringify(header[column])}) has blanks around its name and around its cells. Send the file with trim=true to take them off, or with trim=false if they are part of the cells.`,
    {
      candidates: [true, false].map((trim) => ({
        ...fullDialect(dialect),
        trim,
        confidence: 0.5,
        columns: header.length,
        firstRecord: trim ? first.map((cell) => cell.trim()) : first,
      })),
    },
  );
}

/** Spaces before a cell are what skipInitialSpace is about. */
function isPadded(cell: string): boolean {
  const inked = cell.trim();
  return inked !== '' && cell.replace(/^ +/, '') !== inked;
}

function firstRecords(
  body: Buffer,
  isWhole: boolean,
  columns: number,
  dialect: Dialect,
): (readonly string[])[] {
  const grammar = grammarOf(dialect);
  const records: (readonly string[])[] = [];
  for (let at = 0; at < body.length && records.length < MAX_LOOKED_AT;) {
    const { cells, end, next, problem } = readCells(body, at, body.length, grammar);
    if (problem !== undefined && !(problem === 'cut' && isWhole)) break;
    if (end > at && cells.length === columns) records.push(cells);
    at = next;
  }
  return records;
}
