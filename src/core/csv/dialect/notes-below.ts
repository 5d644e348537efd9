// Notes below a table: where it came from, what a sign means. A spreadsheet writes them as wide as the table, with nothing behind their text.
import { type Grammar, isLineEnd } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';

/** More of them are no notes. */
const MOST_NOTES = 8;
/** A value by itself is a word or a number; a note has several words, a colon, or a sign before it. */
const NOTE = /\S\s+\S|[:：]|^[*†‡※＊(（[【#]/u;

/**
 * How many of the last records are notes, or the ones without a value among them. The first stands right below a record of several values,
 * set off by a blank line or by a record without a value.
 * @param tail the end of the table's text, with the records above the notes
 * @param shown a cell as people see it
 */
export function countNotes(
  tail: Buffer,
  columns: number,
  grammar: Grammar,
  shown: (cell: string) => string,
): number {
  if (columns < 2) return 0;
  let notes = 0;
  let hasText = false;
  let isSetOff = false;
  for (let to = tail.length; to > 0 && notes <= MOST_NOTES;) {
    let from = to;
    while (from > 0 && !isLineEnd(tail[from - 1])) from--;
    // The first line may be cut.
    if (from === 0) return 0;
    const isBlank = from === to;
    const cells = isBlank ? [] : readCells(tail, from, to, grammar).cells.map((cell) => shown(cell).trim());
    to = from - (tail[from - 1] === 10 && tail[from - 2] === 13 ? 2 : 1);
    const filled = cells.filter((cell) => cell !== '').length;
    if (isBlank || filled === 0) {
      isSetOff = true;
      if (!isBlank) notes++;
      continue;
    }
    const isNote = filled === 1 && NOTE.test(cells[0]!);
    if (!isNote) return hasText && isSetOff && filled > 1 && cells.length === columns ? notes : 0;
    hasText = true;
    isSetOff = false;
    notes++;
  }
  return 0;
}
