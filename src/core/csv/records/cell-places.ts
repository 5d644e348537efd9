// Where the cells of a record stand in its bytes, and what can be told of them without decoding.
import type { Delimiter } from '../types.ts';

/** Bits of a cell's mark, of which a byte's kind has some too. */
export const NOT_ASCII = 1;
/** It holds something else than the digits 0 to 9. */
export const NOT_DIGIT = 2;
/** It holds a backslash, tab or line end. */
export const SPECIAL = 4;
/** It was quoted and holds quotes, still doubled. */
export const DOUBLED = 8;

/** Bits of a byte's kind alone. A kind below `SPECIAL` is that of text without a meaning of its own. */
export const ENDS_CELL = 16;
export const IS_QUOTE = 32;

const FIRST_CELLS = 64;

/** The place of a cell that is NULL in the text of a database (`\N`): it begins and ends here. */
const NULL_PLACE = -1;
/** What such a cell is read as. No text is equal to it: half of a surrogate pair cannot come out of UTF-8. */
export const NULL_CELL = '\ud800';

/** What is wrong with a record, or with a cell of it. */
export interface CellRefusal {
  /** From 1; 0: the record as a whole. */
  readonly columnIndex: number;
  readonly code: 'encoding-error' | 'json-error' | 'type-error' | 'extra-cell';
  /** A whole sentence. */
  readonly message: string;
  /** The text in question, where it is none of the cells. */
  readonly value?: string;
}

/** The cells of one record, quotes around them left out. Filled anew for each record. */
export class CellPlaces {
  count = 0;
  /** The column (from 1) where the record can be read in two ways (ambiguous-quote.ts); 0: in one only. */
  ambiguousColumn = 0;
  /** Why the record cannot be taken, though it is one by its bytes. */
  refusal: CellRefusal | null = null;
  /** Line ends inside its cells. */
  lineEnds = 0;
  /** An unquoted cell holds a quote. */
  strayQuote = false;
  /** The file tells NULL from the empty text, and what gives its cells back must too. */
  tellsNull = false;
  starts = new Int32Array(FIRST_CELLS);
  ends = new Int32Array(FIRST_CELLS);
  marks = new Uint8Array(FIRST_CELLS);

  add(start: number, end: number, mark: number): void {
    const at = this.count++;
    if (at === this.starts.length) this.grow();
    this.starts[at] = start;
    this.ends[at] = end;
    this.marks[at] = mark;
  }

  addNull(): void {
    this.add(NULL_PLACE, NULL_PLACE, 0);
  }

  /** Makes NULL of the empty cells for which `isNull` says so of the byte behind them: the quote that closes them, or what ends them. */
  makeNull(isNull: (end: number) => boolean): void {
    this.tellsNull = true;
    for (let at = 0; at < this.count; at++)
      if (this.starts[at] === this.ends[at] && isNull(this.ends[at]!))
        this.starts[at] = this.ends[at] = NULL_PLACE;
  }

  /** Makes room for more; what the three arrays were before is no longer used. */
  grow(): void {
    const { starts, ends, marks } = this;
    this.starts = new Int32Array(starts.length * 2);
    this.ends = new Int32Array(starts.length * 2);
    this.marks = new Uint8Array(starts.length * 2);
    this.starts.set(starts);
    this.ends.set(ends);
    this.marks.set(marks);
  }
}

/** The text of a cell; NULL_CELL for one that is NULL. */
export function decodeCell(bytes: Buffer, start: number, end: number, mark: number): string {
  if (start === end) return start === NULL_PLACE ? NULL_CELL : '';
  if ((mark & NOT_ASCII) === 0 && (mark & DOUBLED) === 0) return bytes.toString('latin1', start, end);
  const text = bytes.toString('utf8', start, end);
  return (mark & DOUBLED) === 0 ? text : text.replaceAll('""', '"');
}

/** The texts of all cells as a CSV file writes them: one that is NULL is empty, or NULL_CELL where the file tells the two apart. */
export function decodeCells(bytes: Buffer, places: CellPlaces): string[] {
  const cells = decodeAll(bytes, places);
  return places.tellsNull ? cells : cells.map(shownCell);
}

/** A cell for people: NULL is empty. */
export function shownCell(cell: string): string {
  return cell === NULL_CELL ? '' : cell;
}

/** What all cells are read as, NULL_CELL among them. */
export function decodeAll(bytes: Buffer, { count, starts, ends, marks }: CellPlaces): string[] {
  const cells: string[] = [];
  for (let at = 0; at < count; at++) cells.push(decodeCell(bytes, starts[at]!, ends[at]!, marks[at]!));
  return cells;
}

/** The kind of each byte in a file with this delimiter. */
export function byteKinds(delimiter: Delimiter): Uint8Array {
  const kinds = new Uint8Array(256).fill(NOT_DIGIT);
  for (const digit of '0123456789') kinds[digit.charCodeAt(0)] = 0;
  for (let byte = 0x80; byte < kinds.length; byte++) kinds[byte]! |= NOT_ASCII;
  for (const char of '\\\t\r\n') kinds[char.charCodeAt(0)]! |= SPECIAL;
  for (const char of `\r\n${delimiter}`) kinds[char.charCodeAt(0)]! |= ENDS_CELL;
  kinds[0x22]! |= IS_QUOTE;
  return kinds;
}
