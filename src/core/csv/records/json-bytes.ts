// Pieces of JSON (RFC 8259) in bytes of UTF-8.
import { isJsonText } from '../../is-json.ts';

/** What is wrong, and at which byte; the message is a clause. */
export class JsonError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const FIRST_INK = 0x20;
/** `JSON.parse` and Postgres end some thousands of levels down. */
const MAX_DEPTH = 512;

/** Behind blanks, tabs and line ends. */
export function skipBlanks(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] === 0x20 || bytes[at] === 0x09)) at++;
  return at;
}

/** Behind the quote that closes the text opened at `open`. @throws JsonError */
export function endOfString(bytes: Buffer, open: number, end: number): number {
  for (let at = open + 1; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH) at++;
    else if (byte < FIRST_INK)
      throw new JsonError(
        at,
        `a control character (${hex(byte)}) stands in a text; write it as \\u00${hex(byte)}`,
      );
  }
  throw new JsonError(open, 'a text begins and does not end');
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** Behind the object or list that begins at `start`. @throws JsonError when it is not well-formed */
export function endOfNested(bytes: Buffer, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) at = endOfString(bytes, at, end) - 1;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--;
    if (depth > MAX_DEPTH) throw new JsonError(start, `a value is nested more than ${MAX_DEPTH} levels deep`);
    if (depth > 0) continue;
    if (!isJsonText(bytes.toString('utf8', start, at + 1)))
      throw new JsonError(start, 'a nested value is no JSON');
    return at + 1;
  }
  throw new JsonError(start, 'a nested value begins and does not end');
}

/**
 * Puts a text in place of what is written for it, between its quotes; what is left behind it is garbage.
 * @returns its new end; -1: it is no text, for it holds U+0000 or half of a surrogate pair
 * @throws JsonError for an escape that JSON does not have
 */
export function unescapeString(bytes: Buffer, start: number, end: number): number {
  const first = bytes.subarray(start, end).indexOf(BACKSLASH);
  if (first === -1) return end;
  let text: string;
  try {
    text = JSON.parse(`"${bytes.toString('utf8', start, end)}"`) as string;
  } catch {
    throw new JsonError(start + first, 'a text has an escape that JSON does not have');
  }
  // Half of a pair would become U+FFFD, another character.
  return text.includes('\0') || /\p{Surrogate}/u.test(text) ? -1 : start + bytes.write(text, start);
}
