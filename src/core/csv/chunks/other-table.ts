// Another table below a blank line or a total, with a header of its own. One of the same names is found anywhere (header-again.ts). One of other
// names shows itself by its records: they have numbers where it has none; or by how it is written (texts-header.ts).
import { Totals } from '../dialect/totals.ts';
import { afterLineEnd, CR, type Grammar, isLineEnd, LF, readShape } from '../grammar.ts';
import { isEmptyRecord } from '../records/empty-record.ts';
import { readCells } from '../records/read-cells.ts';
import type { Hand } from './cell-end.ts';
import { isNumberText } from './likeness.ts';
import { LOOK_BACK_BYTES, LOOK_BELOW_BYTES, recordsAbove } from './stray-quotes.ts';
import { isHeaderOfTexts, isOfValues, type Line } from './texts-header.ts';

/** The first table. */
export interface Table {
  readonly columns: number;
  readonly header: readonly string[];
}

const MAX_RECORDS = 3;
/** Enough below it where the record above has no number. */
const ENOUGH = 2;
/** Of texts, so many on each side are looked at. */
const MAX_TEXTS = 16;

/**
 * @param from a record below a blank line or a total, `end` where its text ends
 * @param floor lines above this place are not looked at
 */
export function isOtherHeader(
  bytes: Buffer,
  { from, end }: { readonly from: number; readonly end: number },
  floor: number,
  { to, isAll }: Hand,
  { columns, header }: Table,
  grammar: Grammar,
): boolean | 'more' {
  const next = afterLineEnd(bytes, end, to);
  if (next === to && !isAll) return 'more';
  // Where blank lines stand between all records, they say nothing.
  if (next === end || isBlank(bytes, next, to, grammar)) return false;
  const { cells, strayQuote } = readCells(bytes, from, to, grammar);
  const isNames = cells.every((cell) => cell.trim() !== '' && !isNumberText(cell.trim()));
  if (columns === 1 || strayQuote || cells.length !== columns || !isNames) return false;
  if (new Set(cells).size < columns) return false;
  const bound = Math.min(to, next + LOOK_BELOW_BYTES);
  if (bound < next + LOOK_BELOW_BYTES && !isAll) return 'more';
  const line = lineOf(bytes, from, end, grammar);
  const below = linesBelow(bytes, next, bound, columns, grammar);
  const top = titlesAbove(bytes, from, floor, { columns, header }, grammar);
  const { lines: above, isOneOfMany } = linesAbove(bytes, top, floor, grammar);
  const around = { above: ofWidth(above, columns), below: ofWidth(below, columns) };
  if (isOfValues(line, around)) return false;
  const numbersAbove = numbersOf(above[0]?.cells ?? [], columns);
  const numbers = numbersBelow(below.slice(0, MAX_RECORDS), columns);
  if (numbers.some((column) => below.length >= ENOUGH || numbersAbove.includes(column))) return true;
  return !isOneOfMany && isHeaderOfTexts(line, header, around);
}

/** Whether only the first cell of a line has a value: a title above a table is written so. */
export function isTitle(
  bytes: Buffer,
  from: number,
  end: number,
  { columns }: Table,
  grammar: Grammar,
): boolean {
  if (columns === 1) return false;
  const [first = '', ...others] = readCells(bytes, from, end, grammar).cells;
  return first.trim() !== '' && !isNumberText(first.trim()) && others.every((cell) => cell.trim() === '');
}

/** Where the titles begin that stand right above a header; `from`: there are none. */
export function titlesAbove(
  bytes: Buffer,
  from: number,
  floor: number,
  table: Table,
  grammar: Grammar,
): number {
  let top = from;
  for (const { start, end } of recordsAbove(bytes, from, floor, grammar)) {
    if (afterLineEnd(bytes, end, from) !== top || !isTitle(bytes, start, end, table, grammar)) break;
    top = start;
  }
  return top;
}

function ofWidth(lines: readonly Line[], columns: number): Line[] {
  return lines.filter(({ cells }) => cells.length === columns);
}

/** The columns (from 0) in which all of the records have a number. */
function numbersBelow(below: readonly Line[], columns: number): readonly number[] {
  const [first, ...others] = below.map(({ cells }) => numbersOf(cells, columns));
  return (first ?? []).filter((column) => others.every((numbers) => numbers.includes(column)));
}

function numbersOf(cells: readonly string[], columns: number): number[] {
  if (cells.length !== columns) return [];
  return cells.flatMap((cell, column) => (isNumberText(cell.trim()) ? column : []));
}

/** The next records, down to a blank line or a broken one. */
function linesBelow(bytes: Buffer, from: number, to: number, columns: number, grammar: Grammar): Line[] {
  const lines: Line[] = [];
  for (let at = from; at < to && lines.length < MAX_TEXTS && !isBlank(bytes, at, to, grammar);) {
    const { end, next, problem } = readShape(bytes, at, to, grammar);
    if (problem !== undefined && problem !== 'cut') break;
    // What is cut off by the end of what is looked at is no whole record.
    const line = lineOf(bytes, at, end, grammar);
    if (problem === 'cut' && line.cells.length !== columns) break;
    lines.push(line);
    at = next;
  }
  return lines;
}

/** The records above, and whether blank lines stand between them too: then this one says little. */
function linesAbove(
  bytes: Buffer,
  from: number,
  floor: number,
  grammar: Grammar,
): { readonly lines: readonly Line[]; readonly isOneOfMany: boolean } {
  const lines: Line[] = [];
  for (const { start, end } of recordsAbove(bytes, from, floor, grammar)) {
    if (lines.length === MAX_TEXTS) break;
    if (isEmptyRecord(bytes, start, end, grammar)) {
      if (lines.length > 0) return { lines, isOneOfMany: true };
      continue;
    }
    lines.push(lineOf(bytes, start, end, grammar));
    if (start > floor && isBelowBlank(bytes, start)) return { lines, isOneOfMany: true };
  }
  return { lines, isOneOfMany: false };
}

function lineOf(bytes: Buffer, start: number, end: number, grammar: Grammar): Line {
  const quoted: boolean[] = [];
  readShape(bytes, start, end, grammar, (_from, _to, isQuoted) => quoted.push(isQuoted));
  return { cells: readCells(bytes, start, end, grammar).cells, quoted };
}

/** Whether a blank line stands there, or a record without a value, which spreadsheets write for one. */
function isBlank(bytes: Buffer, at: number, to: number, grammar: Grammar): boolean {
  return isLineEnd(bytes[at]) || isEmptyRecord(bytes, at, to, grammar);
}

/** Whether the line that ends before `at` is blank, and the one behind is not. */
export function isBelowBlank(bytes: Buffer, at: number): boolean {
  const end = bytes[at - 1] === LF && bytes[at - 2] === CR ? at - 2 : at - 1;
  return isLineEnd(bytes[at - 1]) && isLineEnd(bytes[end - 1]) && !isLineEnd(bytes[at]);
}

/** The first record behind `at` that is below a blank line or a total, as far as records above it are looked at. */
export function recordBelowEnd(
  bytes: Buffer,
  at: number,
  to: number,
  table: Table,
  grammar: Grammar,
): { readonly from: number; readonly end: number } | undefined {
  const bound = Math.min(to, at + LOOK_BACK_BYTES);
  const totals = new Totals(grammar);
  let from = at;
  let isBelowEnd = false;
  while (from < bound) {
    if (isLineEnd(bytes[from])) {
      isBelowEnd = true;
      from++;
      continue;
    }
    const { end, next } = readShape(bytes, from, to, grammar);
    const isEmpty = isEmptyRecord(bytes, from, end, grammar);
    const isTitleLine: boolean = isBelowEnd && isTitle(bytes, from, end, table, grammar);
    if (isBelowEnd && !isEmpty && !isTitleLine) return { from, end };
    isBelowEnd = isEmpty || isTitleLine || totals.isAt(bytes, from, end);
    from = next;
  }
  return undefined;
}
