// The header's names in another order: what follows are records of a table with the same columns elsewhere, which would land under the
// wrong names. Looked for among all records, so most are told by their first two bytes.
import { foldHeader } from '../../dataset/header/mapping.ts';
import { type Grammar, isLineEnd, NO_BYTE, SPACE } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';

/** Of two bytes. */
const PAIRS = 0x1_0000;
/** Fewer letters in all names may be a record: `yes,no` above `no,yes`. */
const LEAST_LETTERS = 8;
const NOT_ASCII = 0x80;
const A = 0x41;
const Z = 0x5a;
const TO_SMALL = 0x20;
/** The names of a wider table begin with too many pairs. */
const MOST_COLUMNS = 100;

export class ReorderedHeader {
  readonly #grammar: Grammar;
  /** Folded, in the order of the file. */
  readonly #names: readonly string[];
  readonly #known: ReadonlySet<string>;
  /** The names as bytes, in small letters. */
  readonly #texts: readonly Buffer[];
  /** 1 for each byte that the record may end with, before its quote. */
  readonly #ends = new Uint8Array(256).fill(1, 0, SPACE + 1).fill(1, NOT_ASCII);
  #table: Uint8Array | undefined;
  /** Two bytes that such a record may begin with, behind its quote. */
  readonly pairs: readonly number[];

  /** @param header the file's */
  constructor(header: readonly string[], grammar: Grammar) {
    this.#grammar = grammar;
    this.#names = header.map(foldHeader);
    this.#known = new Set(this.#names);
    const isTold =
      header.length > 1 &&
      header.length <= MOST_COLUMNS &&
      this.#known.size === header.length &&
      !this.#known.has('') &&
      this.#names.join('').length >= LEAST_LETTERS;
    this.#texts = header.map((name) => Buffer.from(name.trim().toLowerCase()));
    for (const name of this.#texts)
      for (const byte of [
        name.at(-1) ?? 0,
        ...Buffer.from(name.subarray(-1).toString('latin1').toUpperCase(), 'latin1'),
      ])
        this.#ends[byte] = 1;
    this.pairs = isTold ? [...new Set(header.flatMap((name) => pairsOf(name, grammar)))] : [];
  }

  /** 1 for each of the pairs; made for the first record that is asked about. */
  get #pairTable(): Uint8Array {
    if (this.#table !== undefined) return this.#table;
    this.#table = new Uint8Array(PAIRS);
    for (const pair of this.pairs) this.#table[pair] = 1;
    return this.#table;
  }

  #mayBegin(bytes: Buffer, start: number, to: number): boolean {
    for (const name of this.#texts) if (isName(bytes, start, to, name, this.#grammar)) return true;
    return false;
  }

  /** @param from behind the marks before the record */
  isAt(bytes: Buffer, from: number, to: number): boolean {
    if (this.pairs.length === 0) return false;
    const { quote } = this.#grammar;
    let last = to - 1;
    while (last > from && isLineEnd(bytes[last])) last--;
    if (bytes[last] === quote) last--;
    if (this.#ends[bytes[last]!] === 0) return false;
    const start = bytes[from] === quote ? from + 1 : from;
    if (start + 1 >= to || this.#pairTable[(bytes[start]! << 8) | bytes[start + 1]!] === 0) return false;
    if (!this.#mayBegin(bytes, start, to)) return false;
    const { cells, problem } = readCells(bytes, from, to, this.#grammar);
    if ((problem !== undefined && problem !== 'cut') || cells.length !== this.#names.length) return false;
    const folded = cells.map(foldHeader);
    return (
      new Set(folded).size === folded.length &&
      folded.every((name) => this.#known.has(name)) &&
      folded.some((name, column) => name !== this.#names[column])
    );
  }
}

/** Whether the bytes from `start` on are the name, in any case, and then blanks and the end of the cell. */
function isName(
  bytes: Buffer,
  start: number,
  to: number,
  name: Buffer,
  { delimiter, quote }: Grammar,
): boolean {
  let at = start;
  for (const expected of name) {
    const byte = at < to ? bytes[at++]! : NO_BYTE;
    if (byte !== expected && (byte < A || byte > Z || byte + TO_SMALL !== expected)) return false;
  }
  while (at < to && bytes[at] === SPACE) at++;
  return at === to || bytes[at] === delimiter || bytes[at] === quote || isLineEnd(bytes[at]);
}

/** As it is in the header, in small letters, in capitals, and with a capital first. */
function pairsOf(name: string, { delimiter, quote }: Grammar): number[] {
  const text = name.trim();
  const lower = text.toLowerCase();
  const forms = [text, lower, text.toUpperCase(), `${lower.slice(0, 1).toUpperCase()}${lower.slice(1)}`];
  return forms.flatMap((form) => {
    const bytes = Buffer.from(form);
    if (bytes.length > 1) return bytes.readUInt16BE(0);
    return [delimiter, quote, SPACE]
      .filter((byte) => byte !== NO_BYTE)
      .map((byte) => (bytes[0]! << 8) | byte);
  });
}
