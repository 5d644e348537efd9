// Cells as nearly all programs write them, `<c r="B12" s="1" t="s"><v>7</v></c>`: they are read in one walk over their bytes. Any other is
// left to the XML reader, which reads these as the same.
import type { CellType } from './typed-cell.ts';
import { digitsOf } from './digits.ts';
import { AMPERSAND, EQUALS, GT, LT, QUOTE, SLASH, SPACE } from './xml-bytes.ts';

const C = 0x63;
const N = 0x6e;
const R = 0x72;
const S = 0x73;
const T = 0x74;
const V = 0x76;
/** Of a value: the number of a text, a number or a date has no more. */
const MOST_BYTES = 40;

export class UsualCell {
  nameStart = 0;
  nameEnd = 0;
  style = 0;
  type: CellType = 'n';
  /** Where its value is. */
  start = 0;
  end = 0;
  /** Behind its closing tag. */
  next = 0;

  /** @returns false when no such cell is here, or not all of it */
  read(bytes: Buffer, from: number): boolean {
    if (bytes[from] !== LT || bytes[from + 1] !== C || !opensAttribute(bytes, from + 2, R)) return false;
    const name = from + 6;
    let at = name;
    while (isLetterOrDigit(bytes[at]!)) at++;
    this.nameStart = name;
    this.nameEnd = at;
    if (bytes[at++] !== QUOTE) return false;
    this.style = 0;
    if (opensAttribute(bytes, at, S)) {
      const style = at + 4;
      for (at = style; isLetterOrDigit(bytes[at]!); at++);
      this.style = digitsOf(bytes, style, at);
      if (bytes[at++] !== QUOTE) return false;
    }
    this.type = 'n';
    if (opensAttribute(bytes, at, T)) {
      const type = bytes[at + 4];
      if ((type !== S && type !== N) || bytes[at + 5] !== QUOTE) return false;
      if (type === S) this.type = 's';
      at += 6;
    }
    return this.readValue(bytes, at);
  }

  private readValue(bytes: Buffer, from: number): boolean {
    if (bytes[from] !== GT || bytes[from + 1] !== LT || bytes[from + 2] !== V || bytes[from + 3] !== GT)
      return false;
    const start = from + 4;
    let end = start;
    for (; bytes[end]! > SPACE && bytes[end] !== LT; end++) if (bytes[end] === AMPERSAND) return false;
    if (end - start > MOST_BYTES || !closes(bytes, end, V) || !closes(bytes, end + 4, C)) return false;
    this.start = start;
    this.end = end;
    this.next = end + 8;
    return true;
  }
}

/** A blank, a name of one letter, the sign and the quote. */
function opensAttribute(bytes: Buffer, at: number, letter: number): boolean {
  return (
    bytes[at + 1] === letter && bytes[at] === SPACE && bytes[at + 2] === EQUALS && bytes[at + 3] === QUOTE
  );
}

function closes(bytes: Buffer, at: number, letter: number): boolean {
  return bytes[at] === LT && bytes[at + 1] === SLASH && bytes[at + 2] === letter && bytes[at + 3] === GT;
}

function isLetterOrDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a);
}
