// The header again, written otherwise: its names in another order, by other names that the dataset has for its columns, behind a mark of a
// comment, or with one name left out or changed. What follows are records of another table, or of the same on another page, and none of them
// is to land under a wrong name, nor the line itself as a record. Looked for among all records, so most are told by their first two bytes.
import { foldHeader } from '../../dataset/header/mapping.ts';
import { isNumberText } from '../chunks/likeness.ts';
import { type Grammar, isLineEnd, NO_BYTE, SPACE } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';

/** Of two bytes. */
const PAIRS = 0x1_0000;
/** Fewer letters in all names may be a record: `yes,no` above `no,yes`. */
const LEAST_LETTERS = 8;
/** So many names must stand in their own columns where one does not. */
const LEAST_NAMES = 2;
const A = 0x41;
const Z = 0x5a;
const TO_SMALL = 0x20;
/** Of a wider table, the names take longer to look for than its records to read. */
export const MOST_NAMED_COLUMNS = 2000;
/** What programs put before a header to say that it is none of the records. */
const MARKS = '!#$%&*/;@^~|-';
const MARKED = /^[!#$%&*/;@^~|-]+\s*(?=[^\s!#$%&*/;@^~|-])/;
/** What no record ends with. */
export const NO_ENDINGS = new Uint8Array(PAIRS);
const IS_MARK = new Uint8Array(256);
for (const byte of Buffer.from(MARKS)) IS_MARK[byte] = 1;

/** `again`: the columns stand where they did. `other`: not all of them do. */
export type HeaderVariant = 'again' | 'other';

export class HeaderVariants {
  readonly #grammar: Grammar;
  /** Of each column, folded: its name first. */
  readonly #names: readonly ReadonlySet<string>[];
  readonly #columnOf = new Map<string, number>();
  /** What such a record may begin with behind its quote and marks, by the first two bytes: texts in small letters. */
  readonly #beginnings = new Map<number, Buffer[]>();
  #table: Uint8Array | undefined;
  /** Two bytes that such a record may begin with, behind its quote. */
  readonly pairs: readonly number[];
  /** 1 for each two bytes that it may end with where its first name is another: those of the last name, with its quote if it has one. */
  readonly endings: Uint8Array = NO_ENDINGS;
  /** In small letters. */
  readonly #lastName: Buffer;

  /**
   * @param header the file's
   * @param otherNames of each column, folded
   */
  constructor(header: readonly string[], otherNames: readonly (readonly string[])[], grammar: Grammar) {
    this.#grammar = grammar;
    const folded = header.map(foldHeader);
    this.#names = folded.map((name, column) => new Set([name, ...(otherNames[column] ?? [])]));
    const isTold =
      header.length > 1 &&
      header.length <= MOST_NAMED_COLUMNS &&
      new Set(folded).size === header.length &&
      !folded.includes('') &&
      folded.join('').length >= LEAST_LETTERS;
    if (isTold) {
      this.#learn(folded);
      this.#begin(header, otherNames);
    }
    this.pairs = [...this.#beginnings.keys()];
    this.#lastName = Buffer.from(header.at(-1)?.trim().toLowerCase() ?? '');
    if (isTold && header.length > LEAST_NAMES) this.endings = this.#endingsOf(header.at(-1)!.trim());
  }

  #endingsOf(name: string): Uint8Array {
    const endings = new Uint8Array(PAIRS);
    const { quote } = this.#grammar;
    const lower = name.toLowerCase();
    for (const form of [name, lower, name.toUpperCase(), capital(lower)]) {
      const bytes = Buffer.from(form);
      if (bytes.length > 1) endings[bytes.readUInt16BE(bytes.length - 2)] = 1;
      if (quote !== NO_BYTE) endings[(bytes.at(-1)! << 8) | quote] = 1;
    }
    return endings;
  }

  /** Another name that two columns have means neither. */
  #learn(folded: readonly string[]): void {
    const twice = new Set<string>();
    for (const [column, names] of this.#names.entries())
      for (const name of names) {
        if (this.#columnOf.has(name)) twice.add(name);
        this.#columnOf.set(name, column);
      }
    for (const name of twice) this.#columnOf.delete(name);
    for (const [column, name] of folded.entries()) this.#columnOf.set(name, column);
  }

  #begin(header: readonly string[], otherNames: readonly (readonly string[])[]): void {
    const { delimiter, quote } = this.#grammar;
    const noted = new Set<string>();
    for (const name of [...header, ...otherNames.flat()]) this.#beginsWith(noted, name);
    for (const name of [header[0]!, ...(otherNames[0] ?? [])])
      for (const mark of MARKS)
        if (mark.charCodeAt(0) !== delimiter)
          for (const before of [mark, `${mark} `, `${mark}${mark}`])
            this.#beginsWith(noted, name, (form) => `${before}${form}`);
    // The first cell is empty, perhaps in quotes, of which the first is passed over.
    const [comma, mark] = [delimiter, quote].map((byte) =>
      byte === NO_BYTE ? '' : String.fromCharCode(byte),
    );
    for (const name of [header[1]!, ...(otherNames[1] ?? [])])
      for (const before of ['', mark])
        for (const around of ['', mark]) this.#beginsWith(noted, `${before}${comma}${around}${name}`);
  }

  /**
   * As it is, in small letters, in capitals, and with a capital first.
   * @param noted what is, by pair and text
   * @param written how a record begins with a form of the text
   */
  #beginsWith(noted: Set<string>, text: string, written = (form: string): string => form): void {
    const trimmed = text.trim();
    if (trimmed === '') return;
    const lower = trimmed.toLowerCase();
    const beginning = Buffer.from(lower);
    for (const form of new Set([trimmed, lower, trimmed.toUpperCase(), capital(lower)]))
      for (const pair of this.#pairsOf(Buffer.from(written(form)))) {
        const known = this.#beginnings.get(pair) ?? [];
        if (noted.has(`${pair} ${lower}`)) continue;
        noted.add(`${pair} ${lower}`);
        known.push(beginning);
        this.#beginnings.set(pair, known);
      }
  }

  #pairsOf(form: Buffer): number[] {
    if (form.length > 1) return [form.readUInt16BE(0)];
    return [this.#grammar.delimiter, this.#grammar.quote, SPACE]
      .filter((byte) => byte !== NO_BYTE)
      .map((byte) => (form[0]! << 8) | byte);
  }

  /** 1 for each of the pairs; made for the first record that is asked about. */
  get #pairTable(): Uint8Array {
    if (this.#table !== undefined) return this.#table;
    this.#table = new Uint8Array(PAIRS);
    for (const pair of this.pairs) this.#table[pair] = 1;
    return this.#table;
  }

  /** @param from behind the marks before the record @returns undefined: it is no header */
  at(bytes: Buffer, from: number, to: number): HeaderVariant | undefined {
    if (this.pairs.length === 0) return undefined;
    return this.#begunAt(bytes, from, to) ?? (this.isRenamedAt(bytes, from, to) ? 'other' : undefined);
  }

  #begunAt(bytes: Buffer, from: number, to: number): HeaderVariant | undefined {
    const start = bytes[from] === this.#grammar.quote ? from + 1 : from;
    if (start + 1 >= to) return undefined;
    const pair = (bytes[start]! << 8) | bytes[start + 1]!;
    if (this.#pairTable[pair] === 0) return undefined;
    if (!this.#isBegun(this.#beginnings.get(pair)!, bytes, start, to)) return undefined;
    const { cells, problem } = readCells(bytes, from, to, this.#grammar);
    if (problem !== undefined && problem !== 'cut') return undefined;
    const [first = '', ...others] = cells;
    return this.#judge([foldHeader(first.trimStart().replace(MARKED, '')), ...others.map(foldHeader)]);
  }

  /**
   * Whether it is the header but for the name of its first column, by which it is not found.
   * @param from behind the marks before the record
   */
  isRenamedAt(bytes: Buffer, from: number, to: number): boolean {
    const { quote, delimiter } = this.#grammar;
    let textEnd = to;
    while (textEnd > from && isLineEnd(bytes[textEnd - 1])) textEnd--;
    if (this.endings[(bytes[textEnd - 2]! << 8) | bytes[textEnd - 1]!] !== 1) return false;
    const isQuoted = bytes[textEnd - 1] === quote;
    const start = (isQuoted ? textEnd - 1 : textEnd) - this.#lastName.length;
    if (start <= from || bytes[start - 1] !== (isQuoted ? quote : delimiter)) return false;
    if (!isCell(bytes, start, to, this.#lastName, this.#grammar)) return false;
    const { cells, problem } = readCells(bytes, from, to, this.#grammar);
    if (problem !== undefined && problem !== 'cut') return false;
    return this.#judge(cells.map(foldHeader)) === 'other';
  }

  #isBegun(beginnings: readonly Buffer[], bytes: Buffer, start: number, to: number): boolean {
    const behind = IS_MARK[bytes[start]!] === 1 ? behindMark(bytes, start, to) : start;
    const grammar = this.#grammar;
    for (let index = 0; index < beginnings.length; index++) {
      const text = beginnings[index]!;
      if (isCell(bytes, start, to, text, grammar)) return true;
      if (behind > start && isCell(bytes, behind, to, text, grammar)) return true;
    }
    return false;
  }

  #judge(cells: readonly string[]): HeaderVariant | undefined {
    const columns = this.#names.length;
    if (cells.length === columns - 1) return this.#lacksOne(cells) ? 'other' : undefined;
    if (cells.length !== columns) return undefined;
    const odd = cells.flatMap((cell, column) => (this.#names[column]!.has(cell) ? [] : column));
    if (odd.length === 0) return 'again';
    if (this.#isReordered(cells)) return 'other';
    const [column] = odd;
    if (odd.length > 1 || !isEnough(cells.filter((_, at) => at !== column))) return undefined;
    if (cells[column!] === '') return 'again';
    return columns > LEAST_NAMES && isNameLike(cells[column!]!) ? 'other' : undefined;
  }

  #isReordered(cells: readonly string[]): boolean {
    const columns = cells.map((cell) => this.#columnOf.get(cell));
    return !columns.includes(undefined) && new Set(columns).size === columns.length;
  }

  /** Whether they are the names in their order, but for one. */
  #lacksOne(cells: readonly string[]): boolean {
    let skipped = 0;
    for (const cell of cells.keys()) {
      while (skipped < 2 && !this.#names[cell + skipped]!.has(cells[cell]!)) skipped++;
      if (skipped === 2) return false;
    }
    return isEnough(cells);
  }
}

function isEnough(names: readonly string[]): boolean {
  return names.length >= LEAST_NAMES && names.join('').length >= LEAST_LETTERS;
}

function isNameLike(cell: string): boolean {
  return /\p{L}/u.test(cell) && !isNumberText(cell);
}

/** Behind the marks that stand at `start`, and blanks. */
function behindMark(bytes: Buffer, start: number, to: number): number {
  let at = start;
  while (at < to && IS_MARK[bytes[at]!] === 1) at++;
  if (at > start) while (at < to && bytes[at] === SPACE) at++;
  return at;
}

/** Whether the bytes from `start` on are this text, in any case, and then blanks and the end of the cell. */
function isCell(
  bytes: Buffer,
  start: number,
  to: number,
  text: Buffer,
  { delimiter, quote }: Grammar,
): boolean {
  let at = start + text.length;
  if (at > to) return false;
  // By its index: the iterator of a buffer is slow, and many records begin alike.
  for (let index = 0; index < text.length; index++) {
    const expected = text[index]!;
    const byte = bytes[start + index]!;
    if (byte !== expected && (byte < A || byte > Z || byte + TO_SMALL !== expected)) return false;
  }
  while (at < to && bytes[at] === SPACE) at++;
  return at === to || bytes[at] === delimiter || bytes[at] === quote || isLineEnd(bytes[at]);
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
