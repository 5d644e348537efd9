// Shared texts as nearly all programs write them, `<si><t>Ann</t></si>`: they are read in one walk over their bytes, where the text in the
// workbook is also what stands in the text of a sheet. Any other is left to the XML reader, which reads these as the same.
import { isUtf8 } from 'node:buffer';
import { AMPERSAND, LT, QUOTE, SPACE, UNDERSCORE } from './xml-bytes.ts';

const OPENS = Buffer.from('<si><t>');
const CLOSES = Buffer.from('</t></si>');
const LAST_ASCII = 0x7f;
/** The first byte of a BOM in UTF-8. */
const BOM = 0xef;
/** A longer one may be longer than Excel takes. */
const MOST_BYTES = 32_767;

export class UsualString {
  start = 0;
  end = 0;
  /** Behind its closing tag. */
  next = 0;

  /** @returns false when no such text is here, or not all of it */
  read(bytes: Buffer, from: number): boolean {
    if (!isAt(bytes, from, OPENS)) return false;
    const start = from + OPENS.length;
    let end = start;
    let isAscii = true;
    for (; end < bytes.length && bytes[end] !== LT; end++) {
      const byte = bytes[end]!;
      if (byte < SPACE || byte === AMPERSAND || byte === QUOTE || byte === UNDERSCORE) return false;
      if (byte > LAST_ASCII) isAscii = false;
    }
    if (end - start > MOST_BYTES || !isAt(bytes, end, CLOSES)) return false;
    if (bytes[start]! <= SPACE || bytes[start] === BOM || bytes[end - 1]! <= SPACE) return false;
    if (!isAscii && !isUtf8(bytes.subarray(start, end))) return false;
    this.start = start;
    this.end = end;
    this.next = end + CLOSES.length;
    return true;
  }
}

function isAt(bytes: Buffer, from: number, wanted: Buffer): boolean {
  for (let at = 0; at < wanted.length; at++) if (bytes[from + at] !== wanted[at]) return false;
  return true;
}
