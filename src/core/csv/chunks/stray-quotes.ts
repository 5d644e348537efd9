// A quote inside an unquoted cell is text, unless it is what a damaged record left: the quote that closes a cell whose opening
// quote was lost, or one that opens a cell whose delimiter was lost. Where such a cell has several lines, each of them reads as a
// record, and one with the header's width by chance would land.
import { afterLineEnd, countQuotes, CR, type Grammar, isLineEnd, LF, readShape } from '../grammar.ts';
import { findCellEnd, type Hand } from './cell-end.ts';
import { countsOn } from './counts-on.ts';
import { type Column, isKnown, isUnlike, likenessOf, likenessOfRecords, withoutQuotes } from './likeness.ts';
import { hasSpacedRecord } from './line-shapes.ts';

/** Lines so far above and below are looked at. */
export const LOOK_BACK_BYTES = 16 * 1024;
export const LOOK_BACK_LINES = 64;
export const LOOK_BELOW_BYTES = 4 * 1024;
/** Lines in a row that read as records are none of a torn one if they hold so many delimiters, and are three at least. */
const SURELY_DELIMITERS = 8;
const SURELY_RECORDS = 3;
/** With so many delimiters, those above its first line that is none may be text too: a line of text seldom has a record's width. */
const DOUBTFUL_DELIMITERS = 4;

/** A record that has a quote inside an unquoted cell, and is sound. */
export interface StrayRecord {
  readonly start: number;
  /** Of its text. */
  readonly end: number;
}

/** The bytes at hand around a record. */
export interface Around extends Hand {
  /** Lines above this place are settled. */
  readonly floor: number;
  /** Those above that have stray quotes, in the file's order: there, the number of quotes in a line does not tell where a record begins. */
  readonly strays: () => readonly StrayRecord[];
}

/** Lines that are one damaged record. */
export interface TornRecord {
  readonly from: number;
  readonly to: number;
  readonly columnIndex: number;
}

/** A record, or a line of one that is torn. */
interface LineAbove {
  readonly start: number;
  readonly end: number;
  readonly columns: number;
  readonly spacedCell: boolean;
  /** The last column (from 1) whose cell has quotes around it; 0: there is none. */
  readonly lastQuoted: number;
  /** A cell with quotes around it is not empty. */
  readonly hasQuotedCell: boolean;
}

interface Strays {
  readonly columns: number;
  /** The first column (from 1) whose cell has an odd quote and ends with one; 0: there is none. */
  readonly closing: number;
  /** The first one with an odd quote before text, and where that stands. */
  readonly opening: number;
  readonly openingAt: number;
}

/**
 * Looks at a record that has a quote inside an unquoted cell.
 * @returns the lines that it is torn into; undefined: its quotes are text; `more`: that takes more bytes
 */
export function findTornRecord(
  bytes: Buffer,
  from: number,
  end: number,
  around: Around,
  columns: number,
  grammar: Grammar,
): TornRecord | 'more' | undefined {
  if (columns === 1) return undefined;
  const strays = findStrays(bytes, from, end, grammar);
  const { closing, opening } = strays;
  if (opening > 0 && (closing === 0 || opening > closing)) {
    // A delimiter was lost before the cell, or the line end between two records.
    const behind = opening === columns ? columns - 1 : columns - opening - 1;
    const to = findCellEnd(bytes, strays.openingAt, around, behind, columns, grammar);
    if (to === 'more') return 'more';
    if (to !== undefined && to > afterLineEnd(bytes, end, around.to))
      return { from, to, columnIndex: opening };
  }
  if (closing === 0 || (opening > 0 && opening < closing)) return undefined;
  return findLostOpening(bytes, from, end, around, strays, columns, grammar);
}

function findStrays(bytes: Buffer, from: number, to: number, grammar: Grammar): Strays {
  let column = 0;
  let closing = 0;
  let opening = 0;
  let openingAt = 0;
  const { columns } = readShape(bytes, from, to, grammar, (start, end, quoted) => {
    column++;
    if (quoted || countQuotes(bytes, start, end, grammar) % 2 === 0) return;
    if (bytes[end - 1] === grammar.quote) closing ||= column;
    else if (opening === 0) {
      opening = column;
      openingAt = bytes.indexOf(grammar.quote, start);
    }
  });
  return { columns, closing, opening, openingAt };
}

/**
 * The record's quote closes a cell: was that cell opened in a line above? It was when the lines above are no records either, or when
 * the record is not like those below. Its lines go up to the one whose first cells are like those of a record; where nothing shows
 * that, up to one that has as many cells as stand before the cell that was opened.
 */
function findLostOpening(
  bytes: Buffer,
  from: number,
  end: number,
  { floor, strays, to, isAll }: Around,
  { columns: own, closing }: Strays,
  columns: number,
  grammar: Grammar,
): TornRecord | 'more' | undefined {
  const next = afterLineEnd(bytes, end, to);
  const opened = columns - own + closing;
  if (opened < 1) return undefined;
  const below = Math.min(to, next + LOOK_BELOW_BYTES);
  if (below < next + LOOK_BELOW_BYTES && !isAll) return 'more';
  const strayRecords = strays();
  const linesOver = (): Iterable<LineAbove> => recordsAbove(bytes, from, floor, grammar, strayRecords);
  const above = isRecordAbove(linesOver(), columns);
  // Neither this record nor the lines above would land.
  if (own < columns && !above.isAnywhere) return undefined;
  if (own >= columns && above.isNext) {
    // Most stray quotes are text: a look at one record is enough where it is like this one.
    const first = likenessOf(bytes, next, below, columns, grammar, 1);
    if (first.slice(0, closing).some(isKnown) && !isUnlike(bytes, from, end, first, grammar))
      return undefined;
  }
  const likeness = likenessAround(bytes, from, floor, next, below, columns, grammar);
  const isText = isUnlike(bytes, from, end, likeness, grammar);
  if (isNumbered(bytes, from, next, linesOver(), columns, grammar))
    return isText || closing === 1 ? { from, to: next, columnIndex: closing } : undefined;
  // That its cell has no quote before it is what is wrong with it; it says nothing of the lines above.
  const isPart = isText && isUnlike(bytes, from, end, withoutQuotes(likeness, closing), grammar);
  const before = Math.min(opened, closing) - 1;
  const begins = likeness.slice(0, before).some(isKnown);
  if (begins && !isUnlike(bytes, from, end, likeness, grammar, before))
    return isText ? { from, to: next, columnIndex: closing } : undefined;
  const showsBeginning = likeness.slice(0, opened - 1).some(isKnown);
  const looksLike = (line: LineAbove, most: number): boolean =>
    !isUnlike(bytes, line.start, line.end, likeness, grammar, most);
  if (showsBeginning)
    for (const line of linesOver())
      if (line.columns >= opened && looksLike(line, opened - 1))
        return { from: line.start, to: next, columnIndex: opened };
  let top = from;
  let isBegunBelow = own >= opened;
  // Lines that read as records, with none that does not above them so far.
  let records: LineAbove[] = [];
  const surely = Math.max(SURELY_RECORDS, Math.ceil(SURELY_DELIMITERS / (columns - 1)));
  const isProse = hasSpacedRecord(bytes.subarray(0, below), next, columns, grammar)
    ? () => false
    : ({ spacedCell }: LineAbove) => spacedCell;
  // What none of them is like is no sign of a beginning.
  const mayBeRecord = (line: LineAbove): boolean =>
    line.columns === columns && (showsBeginning || looksLike(line, columns)) && !isProse(line);
  for (const line of linesOver()) {
    if (mayBeRecord(line)) {
      // The quote that ends the line was added: without it its last cell goes on, and no line below begins one that the stray quote closes.
      const isBeginning = !isBegunBelow && records.length === 0 && opened === columns;
      if (isBeginning && line.lastQuoted === columns && bytes[line.end - 1] === grammar.quote)
        return { from: line.start, to: next, columnIndex: opened };
      // In a torn cell quotes would be doubled: they stand before it.
      if (line.lastQuoted >= opened) break;
      records.push(line);
      if (line.lastQuoted > 0 || records.length === surely) break;
      continue;
    }
    top = line.start;
    isBegunBelow = line.columns >= opened;
    records = [];
    // In a torn cell the quotes around another one would be doubled, and it would not read so.
    if (line.hasQuotedCell) break;
  }
  const hasPart = top < from || isPart || own < columns;
  const doubtful = records.slice(0, Math.ceil(DOUBTFUL_DELIMITERS / (columns - 1)));
  if (hasPart) top = doubtful.at(-1)?.start ?? top;
  return top < from || isText ? { from: top, to: next, columnIndex: opened } : undefined;
}

/** Whether the record counts on from the nearest one above, and the next one from it. */
function isNumbered(
  bytes: Buffer,
  from: number,
  next: number,
  above: Iterable<LineAbove>,
  columns: number,
  grammar: Grammar,
): boolean {
  for (const line of above)
    return (
      line.columns === columns &&
      countsOn(bytes, line.start, from, grammar) &&
      (next === bytes.length || countsOn(bytes, from, next, grammar))
    );
  return false;
}

/** That of the records below; where few are left, of those above. */
function likenessAround(
  bytes: Buffer,
  from: number,
  floor: number,
  next: number,
  below: number,
  columns: number,
  grammar: Grammar,
): readonly Column[] {
  const likeness = likenessOf(bytes, next, below, columns, grammar);
  if (likeness.some(isKnown) || below - next >= LOOK_BELOW_BYTES) return likeness;
  return likenessAbove(bytes, from, floor, columns, grammar);
}

/** That of records above `from`, as far away from it as is looked: lines right above may be text. */
export function likenessAbove(
  bytes: Buffer,
  from: number,
  floor: number,
  columns: number,
  grammar: Grammar,
): readonly Column[] {
  const records = [...recordsAbove(bytes, from, floor, grammar)].reverse();
  return likenessOfRecords(bytes, records, columns, grammar);
}

/** Whether the line above is a record by itself, or one farther up, below whatever ends a quoted cell. */
function isRecordAbove(
  above: Iterable<LineAbove>,
  columns: number,
): { readonly isNext: boolean; readonly isAnywhere: boolean } {
  let isNext = true;
  for (const { columns: width } of above) {
    if (width === columns) return { isNext, isAnywhere: true };
    isNext = false;
  }
  return { isNext: false, isAnywhere: false };
}

/**
 * The records above `from`, nearest first, as long as they can be read so. One of several lines begins and ends with an odd quote, unless it
 * is among `strays`.
 */
export function* recordsAbove(
  bytes: Buffer,
  from: number,
  floor: number,
  grammar: Grammar,
  strays: readonly StrayRecord[] = [],
): Generator<LineAbove> {
  let end = -1;
  let known = strays.length - 1;
  for (const line of linesAbove(bytes, from, floor)) {
    while (known >= 0 && strays[known]!.start >= line.end) known--;
    const stray = strays[known];
    if (stray !== undefined && stray.end >= line.end) {
      if (stray.start !== line.start) continue;
      const record = lineAbove(bytes, stray.start, stray.end, grammar);
      if (record === undefined) return;
      yield record;
      continue;
    }
    const isOdd = countQuotes(bytes, line.start, line.end, grammar) % 2 > 0;
    if (end === -1 && (isOdd || line.end === line.start)) {
      if (isOdd) end = line.end;
      continue;
    }
    if (end !== -1 && !isOdd) continue;
    const to = end === -1 ? line.end : end;
    const record = lineAbove(bytes, line.start, to, grammar);
    if (record === undefined) return;
    yield record;
    end = -1;
  }
}

/** Undefined: it cannot be read so. */
function lineAbove(bytes: Buffer, start: number, end: number, grammar: Grammar): LineAbove | undefined {
  let column = 0;
  let lastQuoted = 0;
  const shape = readShape(bytes, start, end, grammar, (_from, _to, quoted) => {
    column++;
    if (quoted) lastQuoted = column;
  });
  const { columns, problem, spacedCell, quotedCells } = shape;
  return problem === 'cut'
    ? { start, end, columns, spacedCell, lastQuoted, hasQuotedCell: quotedCells > 0 }
    : undefined;
}

/** The lines above `from`, nearest first, as far as they stand behind `floor` and not too far away. */
function* linesAbove(bytes: Buffer, from: number, floor: number): Generator<{ start: number; end: number }> {
  const bound = Math.max(floor, from - LOOK_BACK_BYTES);
  for (let below = from, lines = 0; below > bound && lines < LOOK_BACK_LINES; lines++) {
    const end =
      bytes[below - 1] === LF && bytes[below - 2] === CR && below - 2 >= bound ? below - 2 : below - 1;
    let start = end;
    while (start > bound && !isLineEnd(bytes[start - 1])) start--;
    if (start === bound && bound > floor) return;
    yield { start, end };
    below = start;
  }
}
