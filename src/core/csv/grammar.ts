// The grammar of one record over bytes, plainly: used where speed does not matter, and to judge text around broken
// records. The scanner's loop and read-places.ts read the same grammar fast, papaparse reads it too; the tests hold the four
// together.
//   record = cell *(delimiter cell) (CRLF | LF | CR | end of file)
//   cell   = `"` *(any byte but `"`, or `""`) `"`  |  bytes up to a delimiter or line end, quotes in them literal
export const LF = 0x0a;
export const CR = 0x0d;
export const QUOTE = 0x22;
const SPACE = 0x20;

/** What one record looks like from its first byte on. Offsets are into the bytes read. */
export interface RecordShape {
  readonly start: number;
  /** Offset of its line end, or of where reading failed. */
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
}

/** Reads the record that begins at `from`. */
export function readShape(bytes: Buffer, from: number, to: number, delimiter: number): RecordShape {
  let columns = 1;
  let strayQuote = false;
  let spacedCell = false;
  let at = from;
  const shape = (end: number, problem?: RecordShape['problem']): RecordShape => ({
    start: from,
    end,
    next: afterLineEnd(bytes, end, to),
    columns,
    problem,
    strayQuote,
    spacedCell,
  });
  for (;;) {
    if (at < to && bytes[at] === QUOTE) {
      spacedCell ||= columns > 1 && bytes[at + 1] === SPACE;
      at = closingQuote(bytes, at, to) + 1;
      if (at === 0) return shape(to, 'open-quote');
      if (at < to && bytes[at] !== delimiter && !isLineEnd(bytes[at])) return shape(at, 'text-after-quote');
    } else {
      spacedCell ||= columns > 1 && bytes[at] === SPACE;
      for (; at < to && bytes[at] !== delimiter && !isLineEnd(bytes[at]); at++)
        strayQuote ||= bytes[at] === QUOTE;
    }
    if (at >= to) return shape(to, 'cut');
    if (bytes[at] !== delimiter) return shape(at);
    columns++;
    at++;
  }
}

/** Offset of the quote that closes the cell opened at `open`, or -1. */
export function closingQuote(bytes: Buffer, open: number, to: number): number {
  for (let at = bytes.indexOf(QUOTE, open + 1); at !== -1 && at < to; at = bytes.indexOf(QUOTE, at + 2)) {
    if (at + 1 >= to || bytes[at + 1] !== QUOTE) return at;
  }
  return -1;
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
