// What the records below a doubtful line have in common: where each of them has a number, or a quoted cell, a line of text shows that
// it is no record, also when it has their width by chance.
import { type Grammar, isDelimiter, isLineEnd, readShape } from '../grammar.ts';

const MAX_RECORDS = 8;
/** Records are looked at, so many times as many as are wanted. */
const LOOKED_AT = 2;
/** Fewer cells have nothing in common that means something. */
const MIN_CELLS = 3;
/** Of cells whose quotes are needed for nothing that stands in them. */
const MIN_QUOTED = 6;
const MAX_NUMBER_BYTES = 32;
const QUOTES = new Set(Buffer.from(`"'`));

interface Cell {
  readonly isEmpty: boolean;
  readonly isQuoted: boolean;
  /** It is quoted and need not be. */
  readonly isChosen: boolean;
  readonly isNumber: boolean;
}

/** What all cells of a column are; of no kind: nothing is known. */
export interface Column {
  readonly isNumber: boolean;
  readonly isQuoted: boolean;
  /** Those that are no numbers and not empty are quoted, needed or not. */
  readonly hasQuotedTexts: boolean;
}

export function isKnown({ isNumber, isQuoted, hasQuotedTexts }: Column): boolean {
  return isNumber || isQuoted || hasQuotedTexts;
}

/** As one digit for each column, so that a plan stays small. */
export function writeLikeness(columns: readonly Column[]): string {
  return columns
    .map(({ isNumber, isQuoted, hasQuotedTexts }) => +isNumber + 2 * +isQuoted + 4 * +hasQuotedTexts)
    .join('');
}

export function readLikeness(written: string): Column[] {
  return Array.from(written, Number).map((kinds) => ({
    isNumber: (kinds & 1) !== 0,
    isQuoted: (kinds & 2) !== 0,
    hasQuotedTexts: (kinds & 4) !== 0,
  }));
}

/** Of the sound records of this width between two places. @param most so many records are wanted */
export function likenessOf(
  bytes: Buffer,
  from: number,
  to: number,
  columns: number,
  grammar: Grammar,
  most = MAX_RECORDS,
): readonly Column[] {
  const records: Cell[][] = [];
  for (let at = from, looked = 0; at < to && records.length < most && looked < most * LOOKED_AT; looked++) {
    const cells: Cell[] = [];
    const { problem, strayQuote, end, next } = readShape(bytes, at, to, grammar, (start, stop, quoted) =>
      cells.push(cellOf(bytes, start, stop, quoted, grammar)),
    );
    if (problem !== undefined) break;
    if (end > at && !strayQuote && cells.length === columns) records.push(cells);
    at = next;
  }
  return columnsOf(records, columns, most);
}

/** Of records whose places are known, the first ones of this width. */
export function likenessOfRecords(
  bytes: Buffer,
  places: Iterable<{ readonly start: number; readonly end: number }>,
  columns: number,
  grammar: Grammar,
): readonly Column[] {
  const records: Cell[][] = [];
  for (const { start, end } of places) {
    if (records.length === MAX_RECORDS) break;
    const cells: Cell[] = [];
    const { strayQuote } = readShape(bytes, start, end, grammar, (from, stop, quoted) =>
      cells.push(cellOf(bytes, from, stop, quoted, grammar)),
    );
    if (!strayQuote && cells.length === columns) records.push(cells);
  }
  return columnsOf(records, columns, MAX_RECORDS);
}

function columnsOf(records: readonly Cell[][], columns: number, most: number): readonly Column[] {
  const enough = Math.min(MIN_CELLS, most);
  const all = records.flat();
  const surely = records.filter((record) => record.some(({ isQuoted, isEmpty }) => isQuoted && !isEmpty));
  // One column may not show it where most of its cells need their quotes.
  const areAllQuoted =
    records.length >= enough && all.every(({ isQuoted }) => isQuoted) && hasChosen(all, MIN_CELLS);
  return Array.from({ length: columns }, (_, index) => {
    const cells = records.map((record) => record[index]!);
    const filled = cells.filter(({ isEmpty }) => !isEmpty);
    const texts = filled.filter((cell) => cell.isQuoted || !cell.isNumber);
    return {
      isNumber:
        filled.length >= enough &&
        isMost(filled.filter(({ isNumber }) => isNumber).length, filled.length) &&
        !surely.some((record) => isText(record[index]!)),
      isQuoted:
        areAllQuoted ||
        (cells.every(({ isQuoted }) => isQuoted) && hasChosen(cells, Math.min(MIN_QUOTED, most))),
      hasQuotedTexts: texts.every(({ isQuoted }) => isQuoted) && hasChosen(texts, Math.min(MIN_QUOTED, most)),
    };
  });
}

/** What is known but for the quotes of a column. @param column from 1 */
export function withoutQuotes(likeness: readonly Column[], column: number): Column[] {
  return likeness.map((each, index) =>
    index === column - 1 ? { ...each, isQuoted: false, hasQuotedTexts: false } : each,
  );
}

function hasChosen(cells: readonly Cell[], atLeast: number): boolean {
  return cells.filter(({ isChosen }) => isChosen).length >= atLeast;
}

function isText({ isEmpty, isNumber }: Cell): boolean {
  return !isEmpty && !isNumber;
}

/** A line of text may be among the records; it has no cell with quotes around it, for in a text they are doubled. */
function isMost(count: number, all: number): boolean {
  return count >= Math.min(MIN_CELLS, all) && count * 4 >= all * 3;
}

/** Whether one of the first cells of the line that begins at `from` is not what its column is. @param most so many are looked at */
export function isUnlike(
  bytes: Buffer,
  from: number,
  to: number,
  likeness: readonly Column[],
  grammar: Grammar,
  most = likeness.length,
): boolean {
  return compare(bytes, from, to, likeness, grammar, most).unlike > 0;
}

/** Whether some cell is what its column is, and none is not. */
export function isLike(
  bytes: Buffer,
  from: number,
  to: number,
  likeness: readonly Column[],
  grammar: Grammar,
): boolean {
  const { alike, unlike } = compare(bytes, from, to, likeness, grammar, likeness.length);
  return alike > 0 && unlike === 0;
}

function compare(
  bytes: Buffer,
  from: number,
  to: number,
  likeness: readonly Column[],
  grammar: Grammar,
  most: number,
): { readonly alike: number; readonly unlike: number } {
  let index = 0;
  let alike = 0;
  let unlike = 0;
  readShape(bytes, from, to, grammar, (start, end, quoted) => {
    const column = likeness[index];
    if (column === undefined || index++ >= most) return;
    const { isEmpty, isNumber } = cellOf(bytes, start, end, quoted, grammar);
    const isText = !isEmpty && !isNumber;
    const isOther =
      (column.isNumber && isText) ||
      (column.isQuoted && !quoted) ||
      (column.hasQuotedTexts && isText && !quoted);
    if (isOther) unlike++;
    else if (!isEmpty && isKnown(column)) alike++;
  });
  return { alike, unlike };
}

function cellOf(bytes: Buffer, start: number, end: number, isQuoted: boolean, grammar: Grammar): Cell {
  // A stray quote makes no text of a number.
  const stop = !isQuoted && end - 1 > start && QUOTES.has(bytes[end - 1]!) ? end - 1 : end;
  return {
    isEmpty: end === start,
    isQuoted,
    isChosen: isQuoted && !needsQuotes(bytes, start, end, grammar),
    isNumber: isNumber(bytes, start, stop),
  };
}

function needsQuotes(bytes: Buffer, start: number, end: number, grammar: Grammar): boolean {
  for (let at = start; at < end; at++)
    if (isLineEnd(bytes[at]) || isDelimiter(bytes, at, grammar) || bytes[at] === grammar.quote) return true;
  return false;
}

/** Digits and what stands between them in numbers, dates and times. */
function isNumber(bytes: Buffer, start: number, end: number): boolean {
  if (end === start || end - start > MAX_NUMBER_BYTES) return false;
  return isNumberText(bytes.toString('latin1', start, end));
}

/** A cell of a sheet that is a number, a date, true or false says so in its first byte (excel/sheet-cell.ts). */
// oxlint-disable-next-line no-control-regex -- they have a meaning there
const NUMBER_TEXT = /^(?:[\u0002-\u0005]|[-+.]?\d[\d\-+.,:/ ]*$)/;

export function isNumberText(text: string): boolean {
  return NUMBER_TEXT.test(text);
}
