// Another table below a blank line, with a header of its own. One of the same names is found anywhere (header-again.ts); one of other
// names shows itself by its records: they have numbers where it has none.
import { afterLineEnd, CR, type Grammar, isLineEnd, LF, readShape } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';
import type { Hand } from './cell-end.ts';
import { isNumberText } from './likeness.ts';
import { LOOK_BELOW_BYTES, recordsAbove } from './stray-quotes.ts';

const MAX_RECORDS = 3;
/** Enough below it where the record above has no number. */
const ENOUGH = 2;

/**
 * @param from a record below a blank line, `end` where its text ends
 * @param floor lines above this place are not looked at
 */
export function isOtherHeader(
  bytes: Buffer,
  from: number,
  end: number,
  floor: number,
  { to, isAll }: Hand,
  columns: number,
  grammar: Grammar,
): boolean | 'more' {
  const next = afterLineEnd(bytes, end, to);
  if (next === to && !isAll) return 'more';
  // Where blank lines stand between all records, they say nothing.
  if (next === end || isLineEnd(bytes[next])) return false;
  const { cells, strayQuote } = readCells(bytes, from, to, grammar);
  const isNames = cells.every((cell) => cell.trim() !== '' && !isNumberText(cell.trim()));
  if (columns === 1 || strayQuote || cells.length !== columns || !isNames) return false;
  if (new Set(cells).size < columns) return false;
  const bound = Math.min(to, next + LOOK_BELOW_BYTES);
  if (bound < next + LOOK_BELOW_BYTES && !isAll) return 'more';
  const below = numbersBelow(bytes, next, bound, columns, grammar);
  const [above] = recordsAbove(bytes, from, floor, grammar);
  const numbersAbove =
    above === undefined ? [] : numbersOf(readCells(bytes, above.start, above.end, grammar).cells, columns);
  return below.numbers.some((column) => below.records >= ENOUGH || numbersAbove.includes(column));
}

/** The columns (from 0) in which all of the next records have a number. */
function numbersBelow(
  bytes: Buffer,
  from: number,
  to: number,
  columns: number,
  grammar: Grammar,
): { readonly records: number; readonly numbers: readonly number[] } {
  let numbers: readonly number[] | undefined;
  let records = 0;
  for (let at = from; at < to && records < MAX_RECORDS && !isLineEnd(bytes[at]); records++) {
    const { cells, next, problem } = readCells(bytes, at, to, grammar);
    if (problem !== undefined && problem !== 'cut') break;
    const own = numbersOf(cells, columns);
    numbers = numbers === undefined ? own : numbers.filter((column) => own.includes(column));
    at = next;
  }
  return { records, numbers: numbers ?? [] };
}

function numbersOf(cells: readonly string[], columns: number): number[] {
  if (cells.length !== columns) return [];
  return cells.flatMap((cell, column) => (isNumberText(cell.trim()) ? column : []));
}

/** Whether the line that ends before `at` is blank, and the one behind is not. */
export function isBelowBlank(bytes: Buffer, at: number): boolean {
  const end = bytes[at - 1] === LF && bytes[at - 2] === CR ? at - 2 : at - 1;
  return isLineEnd(bytes[at - 1]) && isLineEnd(bytes[end - 1]) && !isLineEnd(bytes[at]);
}

/** The first record behind the blank lines at `at`. */
export function recordBelowBlank(
  bytes: Buffer,
  at: number,
  to: number,
  grammar: Grammar,
): { readonly from: number; readonly end: number } | undefined {
  let from = at;
  while (from < to && isLineEnd(bytes[from])) from++;
  if (from === at || from === to) return undefined;
  return { from, end: readShape(bytes, from, to, grammar).end };
}
