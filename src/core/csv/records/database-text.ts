// What a backslash means in the text in which a database writes tables. MySQL: "LOAD DATA Statement", table of escape sequences;
// Postgres: "COPY", Text Format.
import { isUtf8 } from 'node:buffer';
import { CR, LF, NO_BYTE } from '../grammar.ts';
import type { EscapedText } from '../types.ts';

/** A cell, without quotes, that is NULL. */
export const NULL_SIGN = '\\N';

const BACKSLASH = 0x5c;
const NUL = 0;
const HEX_MARK = 'x'.charCodeAt(0);
const NULL_LETTER = 'N'.charCodeAt(0);

/** The byte that a letter behind a backslash stands for. Any other byte stands for itself. */
const LETTERS: Readonly<Record<EscapedText, Uint8Array>> = {
  mysql: meanings({ '0': NUL, b: 8, n: LF, r: CR, t: 9, Z: 0x1a }),
  'postgres-text': meanings({ b: 8, f: 12, n: LF, r: CR, t: 9, v: 11 }),
};

function meanings(letters: Readonly<Record<string, number>>): Uint8Array {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  for (const [letter, byte] of Object.entries(letters)) bytes[letter.charCodeAt(0)] = byte;
  return bytes;
}

/** Whether a cell without quotes is NULL. */
export function isNullSign(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === NULL_LETTER;
}

/**
 * Puts what is written in place of its escapes; the text moves together, and what is left behind it is garbage.
 * @param quote of a quoted cell, where it may be doubled too
 * @returns the cell's new end
 */
export function decodeEscapes(
  bytes: Buffer,
  start: number,
  end: number,
  text: EscapedText,
  quote: number,
): number {
  const letters = LETTERS[text];
  let to = start;
  for (let at = start; at < end;) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH && at + 1 < end) {
      const code = text === 'postgres-text' ? readCode(bytes, at + 1, end) : undefined;
      bytes[to++] = code?.byte ?? letters[bytes[at + 1]!]!;
      at = code?.next ?? at + 2;
      continue;
    }
    bytes[to++] = byte;
    at += byte === quote && bytes[at + 1] === quote && at + 1 < end ? 2 : 1;
  }
  return to;
}

/** A byte written as one to three octal digits, or as `x` and one or two hexadecimal ones. */
function readCode(bytes: Buffer, at: number, end: number): { byte: number; next: number } | undefined {
  const isHex = bytes[at] === HEX_MARK;
  const first = isHex ? at + 1 : at;
  const digits = (isHex ? /^[0-9a-f]{1,2}/i : /^[0-7]{1,3}/).exec(
    bytes.toString('latin1', first, Math.min(end, first + 3)),
  )?.[0];
  if (digits === undefined) return undefined;
  return { byte: Number.parseInt(digits, isHex ? 16 : 8) & 0xff, next: first + digits.length };
}

/** A cell as `decodeEscapes` reads it; null: it is NULL. */
export function readDatabaseCell(written: string, text: EscapedText): string | null {
  if (written === NULL_SIGN) return null;
  const bytes = Buffer.from(written);
  return bytes.toString('utf8', 0, decodeEscapes(bytes, 0, bytes.length, text, NO_BYTE));
}

/** Whether what the escapes stand for can be kept as text. */
export function isText(bytes: Buffer, start: number, end: number): boolean {
  const cell = bytes.subarray(start, end);
  return !cell.includes(NUL) && isUtf8(cell);
}
