// Where reading may go on inside a broken record, so that a stray quote costs its own record and not the rest of the file.
//
// A broken record has two readings. Either its quote is stray, and the lines below are records; or the cell is real
// (an unescaped quote in it, a file cut off), and the lines below are its text. Taking text for records would land rows
// that nobody wrote, so a line is believed to begin a record only on evidence:
//   - Read from there, the first record is clean: it has the header's width, no stray quote, and no cell that begins with
//     a space (prose does). Of up to 32 records looked at, three quarters are clean or at least have the header's width
//     when a quote of theirs is taken literally.
//   - Where the broken record did end (its quote closed at last), none of them has a stray quote: the quote that closes a
//     real cell is stray in the other reading. The quote where reading failed may be that one too, so if it is stray,
//     enough clean records must stand above it.
//   - The lines above it together have at least the header's width; else they may be the beginning of a record of several
//     lines, and this is its end. Then its first cell must be quoted or be like those of the records below; or it has a quoted
//     cell, and the broken one is not the first, below which no text of the header's width would follow.
//   - One clean record is enough right below the first line if that line, its quote taken literally, has the header's
//     width too, or if its first cell counts on from that of the broken one (17 below 16). Otherwise the clean ones must hold four delimiters: one record of five columns, four records of two. A quoted
//     cell counts for three: within a real cell its quotes would be quotes that nobody has doubled, right beside delimiters.
//   - Its cells are like those of the records below it, or, where few are left, of those above the broken one (likeness.ts).
//   - Where the broken cell is in the first column, its last line has the header's width, like a record's. Below a line
//     of another width it is not believed without those signs that it is no text.
//   - The line above it ends as the file's records do: in a file of CRLF, LF ends a line of a cell.
//   - A header of one column gives no evidence at all.
// One case is easier: text after a quote on the first line while its quotes are even in number (`"a"b,c`). No quote is
// left open there, so the next line counts unless it has a stray quote or an odd quote of its own.
import {
  afterLineEnd,
  countQuotes,
  type Grammar,
  isDelimiter,
  isLineEnd,
  nextLineEnd,
  NO_BYTE,
  readShape,
} from '../grammar.ts';
import { behindMarks } from '../text/record-marks.ts';
import { countsOn } from './counts-on.ts';
import { kindAt } from './line-ends.ts';
import { type Column, isKnown, isLike, isUnlike, likenessOf, withoutQuotes } from './likeness.ts';
import {
  hasEvenQuotes,
  hasSpacedCell,
  hasSpacedTail,
  hasSpacedRecord,
  isBroken,
  lineAt,
  literalWidth,
  MAX_RECORDS,
  shapesFrom,
} from './line-shapes.ts';

const MAX_CANDIDATES = 32;
const ENOUGH_DELIMITERS = 4;
const DELIMITERS_OF_QUOTED = 3;
/** So much below a region shows what records are like. */
export const BELOW_BYTES = 4 * 1024;

/** The bytes in which to look: from a broken record's first byte, or from where an earlier search ended. */
export interface RestartRegion {
  readonly from: number;
  /** Physical line at `from`. */
  readonly line: number;
  readonly to: number;
  /** What `to` is: the broken record's end, the end of the file, or just as far as was read. */
  readonly ends: 'with-record' | 'with-file' | 'anywhere';
  /** `from` is the broken record's first byte. */
  readonly atFirstLine: boolean;
  /** Where text stands after a quote, if that is how reading failed. */
  readonly failedAt: number | undefined;
  /** The column of the broken record where reading failed. */
  readonly columnIndex: number;
  /** Where the cells of several lines end that stand before it, and are closed; `from`: there are none. */
  readonly closedTo: number;
  /** Kinds of line ends that are unusual in the file (line-ends.ts): below one of them a cell goes on. */
  readonly oddEnds: number;
  /** What records above are like; looked at where few are left below. */
  readonly above: () => readonly Column[];
}

/** A line start where reading goes on. */
export interface Restart {
  readonly at: number;
  readonly line: number;
}

/**
 * The first line below `from` that can be trusted to begin a record; `undecided`: where more is read, there may be one.
 * @param window up to BELOW_BYTES behind the region, as far as the file goes
 */
export function findRestart(
  window: Buffer,
  region: RestartRegion,
  columns: number,
  grammar: Grammar,
): Restart | 'undecided' | undefined {
  const bytes = window.subarray(0, region.to);
  const firstLine = lineAt(bytes, region.from);
  let lineEnd = region.from + firstLine.length;
  let at = afterLineEnd(bytes, lineEnd, region.to);
  if (at === region.to) return undefined;
  const isBelowOdd = (): boolean =>
    (kindAt(bytes, lineEnd, at) & region.oddEnds) !== 0 && hasUsualEnd(window, at, region.oddEnds);
  const failedOnFirstLine = region.atFirstLine && region.failedAt !== undefined && region.failedAt < at;
  if (
    failedOnFirstLine &&
    !isBelowOdd() &&
    hasEvenQuotes(firstLine, grammar) &&
    startsCalmly(bytes, at, region.ends, grammar)
  )
    return { at, line: region.line + 1 };
  if (columns === 1) return undefined;
  const { closedTo } = region;
  const firstWidth = literalWidth(firstLine, grammar);
  let widthAbove = region.atFirstLine ? firstWidth : columns;
  const isFirstCell = region.atFirstLine && region.columnIndex === 1;
  const isInSequence = region.atFirstLine && region.columnIndex > 1;
  let mayBeLastLine = isFirstCell && firstWidth < columns;
  const proseTo = endOfProse(window, region, columns, grammar);
  let lineAbove = firstLine;
  for (let candidate = 1; candidate <= MAX_CANDIDATES && at < region.to; candidate++) {
    if (at < closedTo) {
      lineAbove = lineAt(bytes, at);
      lineEnd = at + lineAbove.length;
      at = afterLineEnd(bytes, lineEnd, region.to);
      // What stands in a closed cell is no part of a record's width.
      widthAbove =
        region.columnIndex - 1 + literalWidth(bytes.subarray(closedTo, Math.max(closedTo, lineEnd)), grammar);
      continue;
    }
    const isNext = candidate === 1 && region.atFirstLine && firstWidth === columns;
    const isCountedOn =
      region.atFirstLine &&
      [region.from, region.failedAt].some((from) => from !== undefined && countsOn(bytes, from, at, grammar));
    const needed = isNext || isCountedOn ? columns - 1 : ENOUGH_DELIMITERS;
    const mayBeTail = isInSequence && isTail(bytes, at, lineAbove, proseTo > 0, region, columns, grammar);
    const isBelowWhole = widthAbove >= columns && !mayBeLastLine && !mayBeTail;
    const evidence = {
      columns,
      grammar,
      needed,
      isBelowWhole,
      isFarther: candidate > 1,
      isInProse: at < proseTo,
      mayBeTail,
      isCountedOn,
    };
    const reads = !isBelowOdd() && readsAsRecords(window, at, region, evidence);
    if (reads === 'undecided') return reads;
    if (reads || isBelowClosed(window, region, lineEnd, at, grammar))
      return { at, line: region.line + candidate };
    const line = lineAt(bytes, at);
    const width = literalWidth(line, grammar);
    mayBeLastLine =
      isFirstCell &&
      (width !== columns || (proseTo > 0 && readShape(line, 0, line.length, grammar).spacedCell));
    lineAbove = line;
    widthAbove += width - 1;
    lineEnd = at + line.length;
    at = afterLineEnd(bytes, lineEnd, region.to);
  }
  return undefined;
}

/** Whether a line below ends as records do. Where none does, it is a part of the file that is written otherwise. */
function hasUsualEnd(window: Buffer, from: number, oddEnds: number): boolean {
  for (let at = from; at < window.length;) {
    const end = nextLineEnd(window, at, window.length);
    at = afterLineEnd(window, end, window.length);
    if (at > end && (kindAt(window, end, at) & oddEnds) === 0) return true;
  }
  return false;
}

/**
 * The start of the line where reading failed, if lines above it are prose, as text with commas is ("Springfield, USA"): then they may be the
 * text of the broken cell, and none of them is believed to begin a record that is not like others. Where records are written so as well, or
 * there are many lines, it says nothing, and the place is 0.
 */
function endOfProse(window: Buffer, region: RestartRegion, columns: number, grammar: Grammar): number {
  const { from, to, failedAt } = region;
  if (failedAt === undefined || columns === 1) return 0;
  let isProse = false;
  let at = from;
  for (let lines = 0; lines <= MAX_CANDIDATES; lines++) {
    const end = nextLineEnd(window, at, to);
    if (end >= failedAt) break;
    // Of the first line, what stands in the broken cell.
    isProse ||=
      (at !== from && hasSpacedCell(window, at, end, grammar)) || hasSpacedTail(window, at, end, grammar);
    at = afterLineEnd(window, end, to);
    if (lines === MAX_CANDIDATES) return 0;
  }
  return isProse && !hasSpacedRecord(window, at, columns, grammar) ? at : 0;
}

/**
 * Whether a line of the header's width may be the last one of the broken cell, whose closing quote was lost, with the cells behind it. Then
 * they stand behind the text, and the text has as many delimiters as stand before the cell. Where the broken record ends above instead, the
 * line above has those cells.
 */
function isTail(
  bytes: Buffer,
  at: number,
  lineAbove: Buffer,
  isInProse: boolean,
  { columnIndex }: RestartRegion,
  columns: number,
  grammar: Grammar,
): boolean {
  const isProse =
    isInProse &&
    (hasSpacedCell(lineAbove, 0, lineAbove.length, grammar) ||
      hasSpacedTail(lineAbove, 0, lineAbove.length, grammar));
  if (!isProse && literalWidth(lineAbove, grammar) > columns - columnIndex) return false;
  const line = lineAt(bytes, at);
  const quoteAt = line.indexOf(grammar.quote);
  return literalWidth(quoteAt === -1 ? line : line.subarray(0, quoteAt), grammar) > columnIndex;
}

/**
 * Whether the line at `at` follows the one where text stands behind a quote, and that quote closed its cell: no other one is open there, and
 * the next one would not close the cell if it went on.
 * @param lineEnd of the line above
 */
function isBelowClosed(
  window: Buffer,
  { from, atFirstLine, failedAt, ends, to }: RestartRegion,
  lineEnd: number,
  at: number,
  grammar: Grammar,
): boolean {
  if (
    !atFirstLine ||
    failedAt === undefined ||
    failedAt > lineEnd ||
    lineEnd !== nextLineEnd(window, failedAt, to)
  )
    return false;
  if (countQuotes(window, from, lineEnd, grammar) % 2 > 0) return false;
  return opensNext(window, at, grammar) && startsCalmly(window.subarray(0, to), at, ends, grammar);
}

/** Whether text follows the next quote that is not doubled. */
function opensNext(window: Buffer, from: number, grammar: Grammar): boolean {
  const { quote } = grammar;
  if (grammar.escape !== NO_BYTE) return false;
  for (let at = window.indexOf(quote, from); at !== -1; at = window.indexOf(quote, at + 2))
    if (window[at + 1] !== quote)
      return at + 1 < window.length && !isLineEnd(window[at + 1]) && !isDelimiter(window, at + 1, grammar);
  return false;
}

interface Evidence {
  readonly columns: number;
  readonly grammar: Grammar;
  /** Delimiters that the clean records must hold. */
  readonly needed: number;
  /** The lines above have the header's width. */
  readonly isBelowWhole: boolean;
  /** There are lines between the broken record's first and this one. */
  readonly isFarther: boolean;
  /** It may be the last line of the broken cell with the cells behind it. */
  readonly mayBeTail: boolean;
  /** It is among lines of prose. */
  readonly isInProse: boolean;
  /** Its first cell is the number that follows that of the broken record. */
  readonly isCountedOn: boolean;
}

function readsAsRecords(
  window: Buffer,
  from: number,
  { to, ends, failedAt = -1, columnIndex, above }: RestartRegion,
  { columns, grammar, needed, isBelowWhole, isFarther, isInProse, mayBeTail, isCountedOn }: Evidence,
): boolean | 'undecided' {
  const bytes = window.subarray(0, to);
  let looked = 0;
  let clean = 0;
  let fitting = 0;
  let behindFirst = to;
  let isNoText = isBelowWhole;
  let endsEarly = true;
  for (const shape of shapesFrom(bytes, from, grammar)) {
    const isCut = shape.problem === 'cut' || shape.problem === 'open-quote';
    if (isCut && ends === 'anywhere') {
      if (looked === 0) return 'undecided';
      break;
    }
    if (shape.strayQuote && ends === 'with-record') return false;
    if (shape.strayQuote && shape.start <= failedAt && clean < ENOUGH_DELIMITERS) return false;
    looked++;
    const width = isBroken(shape) ? literalWidth(lineAt(bytes, shape.start), grammar) : shape.columns;
    const fits = width === columns && !shape.spacedCell;
    if (fits) fitting++;
    if (fits && !shape.strayQuote && !isBroken(shape))
      clean += columns - 1 + DELIMITERS_OF_QUOTED * shape.quotedCells;
    if (clean === 0) return false;
    if (looked === 1) {
      behindFirst = shape.next;
      const start = behindMarks(bytes, from, bytes.length, grammar.markLeads);
      isNoText ||=
        bytes[start] === grammar.quote && ((!isFarther && columnIndex > 1) || start !== failedAt - 1);
      isNoText ||= columnIndex > 1 && shape.quotedCells > 0 && !mayBeTail;
    }
    endsEarly = looked < MAX_RECORDS;
  }
  if (fitting * 4 < looked * 3) return false;
  if (clean < needed) return ends === 'anywhere' && endsEarly ? 'undecided' : false;
  if (isCountedOn) return true;
  const below = likenessOf(window, behindFirst, window.length, columns, grammar);
  const isFew = !below.some(isKnown) && window.length - behindFirst < BELOW_BYTES;
  const likeness = isFew ? above() : below;
  if (isUnlike(window, from, behindFirst, likeness, grammar)) return false;
  const farther = likenessOf(window, to, window.length, columns, grammar);
  if (isUnlike(window, from, behindFirst, farther, grammar)) return false;
  // Where no column shows what a record is, a line that is none shows that they are text.
  if (isInProse || fitting < looked) return isLike(window, from, behindFirst, likeness, grammar);
  if (isNoText) return true;
  // The quote where reading failed may be one of the text.
  const first =
    window[from] === grammar.quote && from === failedAt - 1 ? withoutQuotes(likeness, 1) : likeness;
  return isLike(window, from, behindFirst, first.slice(0, 1), grammar);
}

/** Nothing at `from` hints at a cell that is still open: no stray quote, and what is broken is so within its line. */
function startsCalmly(bytes: Buffer, from: number, ends: RestartRegion['ends'], grammar: Grammar): boolean {
  let first = true;
  for (const shape of shapesFrom(bytes, from, grammar)) {
    if (shape.strayQuote && (first || ends === 'with-record')) return false;
    if (first && shape.problem === 'text-after-quote') return hasEvenQuotes(lineAt(bytes, from), grammar);
    first = false;
  }
  return true;
}
