// Notes below a table: where it came from, what a sign means. A spreadsheet writes them as wide as the table, with nothing behind their text.
import type { Grammar } from '../grammar.ts';
import { isEmptyRecord } from '../records/empty-record.ts';
import type { LineFromEnd } from '../text/lines-from-end.ts';
import { readCells } from '../records/read-cells.ts';

/** More of them are no notes. */
const MOST_NOTES = 8;
const NUMBER = /^[^\p{L}]*\p{Nd}[^\p{L}]*$/u;
/** A value by itself is a word or a number; a note has several words, a colon, or a sign before it. */
const NOTE = /\S\s+\S|[:：]|^[*†‡※＊(（[【#]/u;

/**
 * How many of the last records are notes, or the ones without a value among them. The first stands right below a record of several values,
 * set off by a blank line or by a record without a value.
 * @param lines of the end of the table's text, the last one first, down to some records above the notes
 * @param skipsEmpty records without a value are none
 * @param shown a cell as people see it
 */
export function countNotes(
  lines: readonly LineFromEnd[],
  columns: number,
  grammar: Grammar,
  skipsEmpty: boolean,
  shown: (cell: string) => string,
): number {
  if (columns < 2) return 0;
  let notes = 0;
  let hasText = false;
  let isSetOff = false;
  let isBelowTotal = false;
  for (const { text, begins } of lines) {
    if (notes > MOST_NOTES || !begins) return 0;
    const isNone = text.length === 0 || (skipsEmpty && isEmptyRecord(text, 0, text.length, grammar));
    const cells = isNone
      ? []
      : readCells(text, 0, text.length, grammar).cells.map((cell) => shown(cell).trim());
    const filled = cells.filter((cell) => cell !== '').length;
    if (filled === 0) {
      isSetOff = true;
      if (!isNone) notes++;
      continue;
    }
    // Of a total without a word the sum may be all there is.
    if (hasText && isSetOff && !isBelowTotal && filled === 1 && cells.some((cell) => NUMBER.test(cell))) {
      isBelowTotal = true;
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
