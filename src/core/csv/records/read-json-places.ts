// The reader of NDJSON: each line is an object (RFC 8259) whose values are the cells. Texts are unescaped where they stand, numbers stay
// the digits that were written, null and keys that are missing are NULL.
import { counted } from '../../counted.ts';
import { afterLineEnd, nextLineEnd } from '../grammar.ts';
import { BOM_ONLY, behindMarks } from '../text/record-marks.ts';
import type { Dialect, JsonLines, Stretch } from '../types.ts';
import { byteKinds, CellPlaces, NOT_ASCII, NOT_DIGIT, SPECIAL, type CellRefusal } from './cell-places.ts';
import { endOfNested, endOfString, JsonError, skipBlanks, unescapeString } from './json-bytes.ts';
import type { OnPlaces } from './read-places.ts';

const OPEN_OBJECT = '{'.charCodeAt(0);
const CLOSE_OBJECT = '}'.charCodeAt(0);
const OPEN_LIST = '['.charCodeAt(0);
const QUOTE = '"'.charCodeAt(0);
const COLON = ':'.charCodeAt(0);
const COMMA = ','.charCodeAt(0);
const POINT = '.'.charCodeAt(0);
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const ENDS_LITERAL = /[\s,:{}[\]"]/;
/** A literal that goes on is none. */
const MAX_LITERAL = 2000;

/** Hands out the lines of one stretch that are not empty. @returns their number */
export function readJsonPlaces(
  bytes: Buffer,
  stretch: Stretch,
  { json }: Dialect,
  onPlaces: OnPlaces,
): number {
  const reader = new ObjectReader(json!, bytes);
  let row = stretch.firstRow;
  let line = stretch.firstLine;
  for (let at = 0; at < bytes.length; line++) {
    const end = nextLineEnd(bytes, at, bytes.length);
    const start = behindMarks(bytes, at, end, BOM_ONLY);
    if (start < end) {
      reader.read(start, end);
      onPlaces(reader.cells, row++, line, line);
    }
    at = afterLineEnd(bytes, end, bytes.length);
  }
  return row - stretch.firstRow;
}

/** Keys of one object, in the order in which they stand. @throws JsonError */
export function readKeys(line: Buffer): string[] {
  const keys: string[] = [];
  const bytes = Buffer.from(line);
  readMembers(bytes, 0, bytes.length, (key, start, end) => {
    keys.push(key);
    return valueEnd(bytes, start, end);
  });
  return keys;
}

class ObjectReader {
  readonly cells = new CellPlaces();
  readonly #bytes: Buffer;
  readonly #kinds = byteKinds(',');
  readonly #json: JsonLines;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #seen = new Set<string>();

  constructor(json: JsonLines, bytes: Buffer) {
    this.#json = json;
    this.#bytes = bytes;
    this.#indexes = new Map(json.keys.map(({ name }, index) => [name, index]));
  }

  read(start: number, end: number): void {
    const { cells } = this;
    cells.count = 0;
    cells.refusal = null;
    cells.tellsNull = true;
    for (let column = 0; column < this.#json.keys.length; column++) cells.addNull();
    this.#seen.clear();
    try {
      readMembers(this.#bytes, start, end, (key, at, to) => this.#member(key, at, to));
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      this.#refuse({
        columnIndex: 0,
        code: 'json-error',
        message: `The ${this.#json.isArray === true ? 'element' : 'line'} is no JSON object: at character ${this.#bytes.toString('utf8', start, error.at).length + 1} ${error.message}. ${this.#json.isArray === true ? 'In the list each element' : 'In NDJSON each line'} is an object such as {"name":"value"}.`,
        value: this.#bytes.toString('utf8', start, end),
      });
    }
  }

  #member(key: string, start: number, end: number): number {
    if (this.#seen.has(key))
      this.#refuse({
        columnIndex: (this.#indexes.get(key) ?? -1) + 1,
        code: 'json-error',
        message: `The object has the key ${JSON.stringify(key)} twice. Keep one of them.`,
      });
    this.#seen.add(key);
    const index = this.#indexes.get(key);
    if (index !== undefined) return this.#place(index, start, end);
    const valueTo = valueEnd(this.#bytes, start, end);
    if (!this.#json.ignoresOthers)
      this.#refuse({
        columnIndex: 0,
        code: 'extra-cell',
        message: `The object has the key ${JSON.stringify(key.slice(0, 100))}, which the first objects of the file do not have, so that it feeds no field. Put it into the first object too (its value may be null), or send unknownColumns=ignore to leave it out.`,
        value: this.#bytes.toString('utf8', start, valueTo),
      });
    return valueTo;
  }

  #place(index: number, start: number, end: number): number {
    const bytes = this.#bytes;
    const first = bytes[start];
    const valueTo = valueEnd(bytes, start, end);
    let [from, to] = [start, valueTo];
    if (first === QUOTE) {
      from++;
      to = unescapeString(bytes, from, valueTo - 1);
      if (to === -1) {
        to = valueTo - 1;
        this.#refuse({ columnIndex: index + 1, code: 'encoding-error', message: NOT_TEXT });
      }
    } else if (first === OPEN_OBJECT || first === OPEN_LIST) this.#nested(index, from, to);
    else if (isNull(bytes, from, to)) return valueTo;
    else this.#point(index, from, to);
    const { cells } = this;
    let mark = 0;
    for (let at = from; at < to; at++) mark |= this.#kinds[bytes[at]!]!;
    cells.starts[index] = from;
    cells.ends[index] = to;
    cells.marks[index] = mark & (NOT_ASCII | NOT_DIGIT | SPECIAL);
    return valueTo;
  }

  #nested(index: number, start: number, end: number): void {
    const { name, takesNested } = this.#json.keys[index]!;
    if (!takesNested)
      this.#refuse({
        columnIndex: index + 1,
        code: 'type-error',
        message: `The value of ${JSON.stringify(name)} is ${this.#bytes[start] === OPEN_LIST ? 'a list' : 'an object'}, and its field takes one value. Write the value itself, or declare the field as an object or an array.`,
        value: this.#bytes.toString('utf8', start, end),
      });
  }

  /** A number as its field writes numbers: JSON has a point whatever the field declares. */
  #point(index: number, start: number, end: number): void {
    const { decimalChar = '.' } = this.#json.keys[index]!;
    if (decimalChar === '.') return;
    const at = this.#bytes.subarray(start, end).indexOf(POINT);
    if (at !== -1) this.#bytes[start + at] = decimalChar.charCodeAt(0);
  }

  /** The first thing that is wrong counts. */
  #refuse(refusal: CellRefusal): void {
    this.cells.refusal ??= refusal;
  }
}

const NOT_TEXT =
  'The escapes in this text stand for a NUL or for half of a surrogate pair, which Postgres cannot keep as text. Leave them out.';

/** Told of each member: its key, and where its value begins. Gives back where the value ends. */
type OnMember = (key: string, start: number, end: number) => number;

/** @throws JsonError */
function readMembers(bytes: Buffer, start: number, end: number, onMember: OnMember): void {
  let at = skipBlanks(bytes, start, end);
  if (bytes[at] !== OPEN_OBJECT || at === end) throw new JsonError(at, 'an object should begin with "{"');
  at = skipBlanks(bytes, at + 1, end);
  if (bytes[at] === CLOSE_OBJECT && at < end) at++;
  else
    for (;;) {
      if (bytes[at] !== QUOTE || at >= end) throw new JsonError(at, 'a key in quotes should stand');
      const keyEnd = endOfString(bytes, at, end);
      const key = JSON.parse(bytes.toString('utf8', at, keyEnd)) as string;
      at = skipBlanks(bytes, keyEnd, end);
      if (bytes[at] !== COLON || at >= end) throw new JsonError(at, 'a ":" should stand');
      at = skipBlanks(bytes, onMember(key, skipBlanks(bytes, at + 1, end), end), end);
      if (bytes[at] === CLOSE_OBJECT && at < end) break;
      if (bytes[at] !== COMMA || at >= end) throw new JsonError(at, 'a "," or "}" should stand');
      at = skipBlanks(bytes, at + 1, end);
    }
  at = skipBlanks(bytes, bytes[at] === CLOSE_OBJECT ? at + 1 : at, end);
  if (at < end) throw new JsonError(at, 'something follows the object');
}

/** @throws JsonError */
function valueEnd(bytes: Buffer, start: number, end: number): number {
  if (start >= end) throw new JsonError(start, 'a value is missing');
  const first = bytes[start];
  if (first === QUOTE) return endOfString(bytes, start, end);
  if (first === OPEN_OBJECT || first === OPEN_LIST) return endOfNested(bytes, start, end);
  const text = bytes.toString('latin1', start, Math.min(end, start + MAX_LITERAL));
  const length = text.search(ENDS_LITERAL);
  const literal = length === -1 ? text : text.slice(0, length);
  if (!['null', 'true', 'false'].includes(literal) && !NUMBER.test(literal))
    throw new JsonError(
      start,
      `${JSON.stringify(literal.slice(0, 40))} stands for no value; texts are in quotes, and numbers like -1.5e3`,
    );
  if (literal.length === MAX_LITERAL)
    throw new JsonError(start, `a number has more than ${counted(MAX_LITERAL, 'character')}`);
  return start + literal.length;
}

function isNull(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 4 && bytes.toString('latin1', start, end) === 'null';
}
