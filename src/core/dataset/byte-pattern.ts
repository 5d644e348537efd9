// The simplest patterns, such as `[0-9]{3}-[0-9]{4}`, as a loop over bytes.
import type { ByteTest } from './byte-test.ts';

/** A class without escapes or negation, `\d`, or a character that means itself; then perhaps how often. */
const ATOM =
  /(?:\[([a-zA-Z0-9 _.,:;@#/-]+)\]|(\\d)|([a-zA-Z0-9 _,:;@#/-]))(?:\{(\d{1,2})(?:,(\d{1,2}))?\})?/y;
const MAX_BYTES = 64;

/** Says yes to bytes that match; undefined for a pattern that is not of the simple kind. Only the last atom may vary in length. */
export function compileBytePattern(pattern: string): ByteTest | undefined {
  const allowed: Uint8Array[] = [];
  let shortest = 0;
  let at = 0;
  while (at < pattern.length) {
    ATOM.lastIndex = at;
    const atom = ATOM.exec(pattern);
    if (atom === null || shortest < allowed.length) return undefined;
    const [whole, members, digit, char, least = '1', most = least] = atom;
    const table = membersOf(members ?? (digit === undefined ? char! : '0-9'));
    if (table === undefined || Number(most) < Number(least)) return undefined;
    shortest += Number(least);
    for (let count = 0; count < Number(most); count++) allowed.push(table);
    at += whole.length;
  }
  if (allowed.length === 0 || allowed.length > MAX_BYTES) return undefined;
  return (bytes, start, end) => {
    const length = end - start;
    if (length < shortest || length > allowed.length) return false;
    for (let index = 0; index < length; index++)
      if (allowed[index]![bytes[start + index]!] === 0) return false;
    return true;
  };
}

/** The bytes that a class's text stands for; undefined when a hyphen's meaning is not plain. */
function membersOf(text: string): Uint8Array | undefined {
  const table = new Uint8Array(256);
  if (text === '-') return table.fill(1, 45, 46);
  const ranges = text.replaceAll(/([a-zA-Z0-9])-([a-zA-Z0-9])/g, (_, first: string, last: string) => {
    table.fill(1, first.charCodeAt(0), last.charCodeAt(0) + 1);
    return '';
  });
  if (ranges.includes('-')) return undefined;
  for (const char of ranges) table[char.charCodeAt(0)] = 1;
  return table;
}
