// The grammar of one record over bytes, plainly: used where speed does not matter, and to judge text around broken
// records. The scanner's loop and read-places.ts read the same grammar fast, papaparse reads it too; the tests hold the four
// together.
//   record = cell *(delimiter cell) (CRLF | LF | CR | end of file)
//   cell   = quote *(any byte but the quote, or an escaped one) quote  |  bytes up to a delimiter or line end, quotes literal
//   escaped: the quote doubled; or, where the dialect says so, another character before a quote or before itself. Before
//   anything else that character is text (so it is in Postgres' COPY ... ESCAPE).
//   In the text of a database (escapesAll) it stands in any cell, and makes whatever follows it text, a line end too;
//   database-text.ts says what it then means.
//   Where the dialect says so, blanks (U+0020) before a cell are no part of it.
//   U+FEFF, form feeds and Ctrl-Z where a record begins are no part of it (record-marks.ts); in the text of a
//   database only the first is none.
//   A line that begins like a record and with the dialect's comment character is none.
//   A blank line is none, except where Postgres wrote a table of one column: there its cell is NULL.
import { BOM_ONLY, behindMarks, MARK_LEADS } from './text/record-marks.ts';
import { type Dialect, isEscapedText } from './types.ts';

export const LF = 0x0a;
export const CR = 0x0d;
export const QUOTE = 0x22;
export const SPACE = 0x20;
const BACKSLASH = 0x5c;
const DOT = 0x2e;
/** No byte equals it. */
export const NO_BYTE = -1;

/** A dialect as bytes. */
export interface Grammar {
  readonly delimiter: number;
  /** The second byte of a delimiter of two (`, `), never the same as the first; NO_BYTE: it has one. */
  readonly delimiter2: number;
  /** NO_BYTE: no cell is quoted. */
  readonly quote: number;
  /** NO_BYTE: a quote is doubled. */
  readonly escape: number;
  /** The escape has its meaning in any cell and before any byte. */
  readonly escapesAll: boolean;
  /** A line `\.` ends the data, as Postgres' COPY has it, and is no record. */
  readonly hasEndMark: boolean;
  /** NO_BYTE: there are no comments. */
  readonly comment: number;
  /** 1 for each byte that a mark before a record may begin with (text/record-marks.ts). */
  readonly markLeads: Uint8Array;
  /** Blanks before a cell are no part of it. */
  readonly skipsBlanks: boolean;
  /** A blank line is a record. */
  readonly hasBlankRecords: boolean;
  /** What the fast reader knows: cells in `"`, doubled inside; a delimiter of one byte; no comments. */
  readonly isPlain: boolean;
}

/** Records are lines, of one cell each. */
const LINES: Grammar = {
  delimiter: NO_BYTE,
  delimiter2: NO_BYTE,
  quote: NO_BYTE,
  escape: NO_BYTE,
  escapesAll: false,
  hasEndMark: false,
  comment: NO_BYTE,
  markLeads: BOM_ONLY,
  skipsBlanks: false,
  hasBlankRecords: false,
  isPlain: false,
};

export function grammarOf({ databaseText, json, blankLines, ...dialect }: Dialect): Grammar {
  if (json !== undefined) return LINES;
  const escapesAll = isEscapedText(databaseText);
  const { delimiter, quote = escapesAll ? null : '"', escape, comment, skipInitialSpace = false } = dialect;
  const delimiter2 = delimiter.length === 2 ? delimiter.charCodeAt(1) : NO_BYTE;
  const hasBlankRecords = blankLines === 'null';
  const isDoubled = !escapesAll && (quote === null || (escape ?? quote) === quote);
  return {
    delimiter: delimiter.charCodeAt(0),
    delimiter2,
    quote: quote === null ? NO_BYTE : quote.charCodeAt(0),
    escape: isDoubled ? NO_BYTE : escapesAll ? BACKSLASH : escape!.charCodeAt(0),
    escapesAll,
    hasEndMark: databaseText === 'postgres-text',
    comment: comment === undefined || comment === null ? NO_BYTE : comment.charCodeAt(0),
    markLeads: (databaseText ?? null) === null ? MARK_LEADS : BOM_ONLY,
    skipsBlanks: skipInitialSpace,
    hasBlankRecords,
    isPlain:
      quote === '"' &&
      isDoubled &&
      delimiter2 === NO_BYTE &&
      (comment ?? null) === null &&
      !skipInitialSpace &&
      !hasBlankRecords,
  };
}

/** What one record looks like from its first byte on. Offsets are into the bytes read. */
export interface RecordShape {
  readonly start: number;
  /** Offset of its line end, or of where reading failed; `start` for a blank line or a comment. */
  readonly end: number;
  /** Behind its line end: the next record. */
  readonly next: number;
  readonly columns: number;
  /**
   * `text-after-quote`: something else than a delimiter or line end follows a closing quote, at `end`.
   * `open-quote`: the bytes end inside a quoted cell. `cut`: they end without a line end.
   */
  readonly problem: 'text-after-quote' | 'open-quote' | 'cut' | undefined;
  /** A cell that does not begin with a quote holds one; literal by the grammar, but often the trace of a broken cell. */
  readonly strayQuote: boolean;
  /** A cell after a delimiter begins with a space, quoted or not: prose does that, data seldom. */
  readonly spacedCell: boolean;
  /** Cells in quotes that are not empty. */
  readonly quotedCells: number;
}

/**
 * Reads the record that begins at `from`.
 * @param onCell is told where each cell's text stands, quotes around it left out
 */
export function readShape(
  bytes: Buffer,
  from: number,
  to: number,
  grammar: Grammar,
  onCell?: (start: number, end: number, quoted: boolean) => void,
): RecordShape {
  const { quote } = grammar;
  const delimiterBytes = grammar.delimiter2 === NO_BYTE ? 1 : 2;
  let columns = 1;
  let strayQuote = false;
  let spacedCell = false;
  let quotedCells = 0;
  const first = behindMarks(bytes, from, to, grammar.markLeads);
  let at = first;
  const shape = (end: number, problem?: RecordShape['problem']): RecordShape => ({
    start: from,
    end: end === first ? from : end,
    next: afterLineEnd(bytes, end, to),
    columns,
    problem,
    strayQuote,
    spacedCell,
    quotedCells,
  });
  if (first < to && bytes[first] === grammar.comment) {
    const end = nextLineEnd(bytes, first, to);
    return { ...shape(end, end === to ? 'cut' : undefined), end: from };
  }
  if (grammar.hasEndMark && isEndMark(bytes, first, to)) return { ...shape(first + 2), end: from };
  for (;;) {
    if (grammar.skipsBlanks) while (at < to && bytes[at] === SPACE) at++;
    const start = at;
    if (at < to && bytes[at] === quote) {
      spacedCell ||= columns > 1 && bytes[at + 1] === SPACE;
      at = closingQuote(bytes, at, to, grammar) + 1;
      if (at === 0) return shape(to, 'open-quote');
      if (at < to && !isDelimiter(bytes, at, grammar) && !isLineEnd(bytes[at]))
        return shape(at, 'text-after-quote');
      if (at - 1 > start + 1) quotedCells++;
      onCell?.(start + 1, at - 1, true);
    } else {
      spacedCell ||= columns > 1 && bytes[at] === SPACE;
      for (; at < to && !isDelimiter(bytes, at, grammar) && !isLineEnd(bytes[at]); at++) {
        strayQuote ||= bytes[at] === quote;
        if (grammar.escapesAll && bytes[at] === grammar.escape) at += escapedBytes(bytes, at, to);
      }
      onCell?.(start, at, false);
    }
    if (at >= to) return shape(to, 'cut');
    if (isLineEnd(bytes[at])) return shape(at);
    columns++;
    at += delimiterBytes;
  }
}

/** Whether there is a record, and not a blank line or a comment. */
export function isRecord({ start, end, next }: RecordShape, { hasBlankRecords }: Grammar): boolean {
  return end > start || (hasBlankRecords && next > end);
}

/** Offset of the quote that closes the cell opened at `open`, or -1. */
export function closingQuote(bytes: Buffer, open: number, to: number, grammar: Grammar): number {
  const { quote } = grammar;
  if (grammar.escape !== NO_BYTE) {
    for (let at = open + 1; at < to; at++) {
      if (grammar.escapesAll && bytes[at] === grammar.escape) at += escapedBytes(bytes, at, to);
      else if (grammar.escapesAll && bytes[at] === quote && bytes[at + 1] === quote && at + 1 < to) at++;
      else if (bytes[at] === quote) return at;
      else if (isEscape(bytes, at, grammar)) at++;
    }
    return -1;
  }
  for (let at = bytes.indexOf(quote, open + 1); at !== -1 && at < to; at = bytes.indexOf(quote, at + 2)) {
    if (at + 1 >= to || bytes[at + 1] !== quote) return at;
  }
  return -1;
}

/** Whether the line that begins at `at` is `\.`. */
export function isEndMark(bytes: Buffer, at: number, to: number): boolean {
  return (
    bytes[at] === BACKSLASH &&
    bytes[at + 1] === DOT &&
    (at + 2 === to || (at + 2 < to && isLineEnd(bytes[at + 2])))
  );
}

/** How many bytes the escape at `at` makes text where it escapes all: one, of a CRLF both; none at the end. */
export function escapedBytes(bytes: Buffer, at: number, to: number): number {
  return Math.min(bytes[at + 1] === CR && bytes[at + 2] === LF ? 2 : 1, to - at - 1);
}

/** Whether this byte makes the next one text. */
export function isEscape(bytes: Buffer, at: number, { quote, escape, escapesAll }: Grammar): boolean {
  return bytes[at] === escape && (escapesAll || bytes[at + 1] === quote || bytes[at + 1] === escape);
}

export function isDelimiter(bytes: Buffer, at: number, { delimiter, delimiter2 }: Grammar): boolean {
  return bytes[at] === delimiter && (delimiter2 === NO_BYTE || bytes[at + 1] === delimiter2);
}

export function isLineEnd(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}

/** Behind the line end at `at`, CRLF being one; `at` itself when there is none. */
export function afterLineEnd(bytes: Buffer, at: number, to: number): number {
  if (at >= to || !isLineEnd(bytes[at])) return at;
  return bytes[at] === CR && at + 1 < to && bytes[at + 1] === LF ? at + 2 : at + 1;
}

/** Offset of the next CR or LF, quotes or not; `to` when there is none. */
export function nextLineEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && !isLineEnd(bytes[at])) at++;
  return at;
}

/** Physical lines that end between these places. */
export function countLineEnds(bytes: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++)
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) count++;
  return count;
}

/** Quotes between these places, those that an escape makes text left out. */
export function countQuotes(bytes: Buffer, from: number, to: number, grammar: Grammar): number {
  const { quote, escape } = grammar;
  let count = 0;
  for (let at = from; at < to; at++) {
    if (escape !== NO_BYTE && isEscape(bytes, at, grammar)) at++;
    else if (bytes[at] === quote) count++;
  }
  return count;
}
