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
//   - The lines above it together have at least the header's width; else they are the beginning of a record of several
//     lines, and this is its end.
//   - One clean record is enough right below the first line if that line, its quote taken literally, has the header's
//     width too. Otherwise the clean ones must hold four delimiters: one record of five columns, four records of two.
//   - A header of one column gives no evidence at all.
// One case is easier: text after a quote on the first line while its quotes are even in number (`"a"b,c`). No quote is
// left open there, so the next line counts unless it has a stray quote or an odd quote of its own.
import {
  afterLineEnd,
  closingQuote,
  type Grammar,
  isDelimiter,
  isEscape,
  nextLineEnd,
  NO_BYTE,
  readShape,
  type RecordShape,
} from '../grammar.ts';
import { behindBoms } from '../text/bom.ts';

const MAX_CANDIDATES = 32;
const MAX_RECORDS = 32;
const ENOUGH_DELIMITERS = 4;

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
}

/** A line start where reading goes on. */
export interface Restart {
  readonly at: number;
  readonly line: number;
}

/** The first line below `from` that can be trusted to begin a record. */
export function findRestart(
  window: Buffer,
  region: RestartRegion,
  columns: number,
  grammar: Grammar,
): Restart | undefined {
  const bytes = window.subarray(0, region.to);
  const firstLine = lineAt(bytes, region.from);
  let at = afterLineEnd(bytes, region.from + firstLine.length, region.to);
  if (at === region.to) return undefined;
  const failedOnFirstLine = region.atFirstLine && region.failedAt !== undefined && region.failedAt < at;
  if (failedOnFirstLine && hasEvenQuotes(firstLine, grammar) && startsCalmly(bytes, at, region.ends, grammar))
    return { at, line: region.line + 1 };
  if (columns === 1) return undefined;
  const enough = Math.ceil(ENOUGH_DELIMITERS / (columns - 1));
  const firstWidth = literalWidth(firstLine, grammar);
  let widthAbove = region.atFirstLine ? firstWidth : columns;
  for (let candidate = 1; candidate <= MAX_CANDIDATES && at < region.to; candidate++) {
    const needed = candidate === 1 && region.atFirstLine && firstWidth === columns ? 1 : enough;
    if (widthAbove >= columns && readsAsRecords(bytes, at, region, { columns, grammar, needed, enough }))
      return { at, line: region.line + candidate };
    const line = lineAt(bytes, at);
    widthAbove += literalWidth(line, grammar) - 1;
    at = afterLineEnd(bytes, at + line.length, region.to);
  }
  return undefined;
}

interface Evidence {
  readonly columns: number;
  readonly grammar: Grammar;
  /** Clean records there must be, and above a stray quote that may be the end of a real cell. */
  readonly needed: number;
  readonly enough: number;
}

function readsAsRecords(
  bytes: Buffer,
  from: number,
  { ends, failedAt = -1 }: RestartRegion,
  { columns, grammar, needed, enough }: Evidence,
): boolean {
  let looked = 0;
  let clean = 0;
  let fitting = 0;
  for (const shape of shapesFrom(bytes, from, grammar)) {
    if (shape.problem === 'cut' && ends === 'anywhere') break;
    if (shape.strayQuote && ends === 'with-record') return false;
    if (shape.strayQuote && shape.start <= failedAt && clean < enough) return false;
    looked++;
    const width = isBroken(shape) ? literalWidth(lineAt(bytes, shape.start), grammar) : shape.columns;
    if (width === columns && !shape.spacedCell) fitting++;
    if (width === columns && !shape.spacedCell && !shape.strayQuote && !isBroken(shape)) clean++;
    if (clean === 0) return false;
  }
  return clean >= needed && fitting * 4 >= looked * 3;
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

/** Up to MAX_RECORDS records from `from` on, blank lines left out; below a broken one the next line is tried. */
function* shapesFrom(bytes: Buffer, from: number, grammar: Grammar): Generator<RecordShape> {
  const to = bytes.length;
  for (let at = from, records = 0; at < to && records < MAX_RECORDS;) {
    const shape = readShape(bytes, at, to, grammar);
    if (shape.end > at) {
      records++;
      yield shape;
    }
    at = isBroken(shape) ? afterLineEnd(bytes, nextLineEnd(bytes, at, to), to) : shape.next;
  }
}

function lineAt(bytes: Buffer, from: number): Buffer {
  return bytes.subarray(from, nextLineEnd(bytes, from, bytes.length));
}

function isBroken(shape: RecordShape): boolean {
  return shape.problem === 'text-after-quote' || shape.problem === 'open-quote';
}

function hasEvenQuotes(line: Buffer, grammar: Grammar): boolean {
  let quotes = 0;
  for (let at = 0; at < line.length; at++) {
    if (isEscape(line, at, grammar)) at++;
    else if (line[at] === grammar.quote) quotes++;
  }
  return quotes % 2 === 0;
}

/** Columns of a line when a quoted cell that does not end well within it is taken literally. */
function literalWidth(line: Buffer, grammar: Grammar): number {
  let columns = 1;
  for (let at = behindBoms(line, 0); at < line.length; at++) {
    if (line[at] === grammar.quote) {
      const close = closingQuote(line, at, line.length, grammar);
      if (close !== -1 && (close + 1 === line.length || isDelimiter(line, close + 1, grammar)))
        at = close + 1;
    }
    while (at < line.length && !isDelimiter(line, at, grammar)) at++;
    if (at < line.length) columns++;
    if (grammar.delimiter2 !== NO_BYTE) at++;
  }
  return columns;
}
