// The simplest patterns, such as `[0-9]{3}-[0-9]{4}`, as a loop over bytes.
import type { ByteTest } from './byte-test.ts';

/** A class without escapes or negation, `\d`, or a character that means itself; then perhaps how often. */
const ATOM =
  /(?:\[([a-zA-Z0-9 _.,:;@#/-]+)\]|(\\d)|([a-zA-Z0-9 _,:;@#/-]))(?:\{(\d{1,2})(?:,(\d{1,2}))?\})?/y;
const MAX_BYTES = 64;

/** So many bytes of one class, one behind the other. */
interface Run {
  /** 1 for each byte of the class. */
  readonly members: Uint8Array;
  /** Where it ends, from where the cell starts; the last run may end before. */
  readonly end: number;
}

/** Says yes to bytes that match; undefined for a pattern that is not of the simple kind. Only the last atom may vary in length. */
export function compileBytePattern(pattern: string): ByteTest | undefined {
  const runs: Run[] = [];
  let shortest = 0;
  let longest = 0;
  let at = 0;
  while (at < pattern.length) {
    ATOM.lastIndex = at;
    const atom = ATOM.exec(pattern);
    if (atom === null || shortest < longest) return undefined;
    const [whole, listed, digit, char, least = '1', most = least] = atom;
    const members = membersOf(listed ?? (digit === undefined ? char! : '0-9'));
    if (members === undefined || Number(most) < Number(least)) return undefined;
    shortest += Number(least);
    longest += Number(most);
    runs.push({ members, end: longest });
    at += whole.length;
  }
  if (longest === 0 || longest > MAX_BYTES) return undefined;
  return (bytes, start, end) => {
    const length = end - start;
    if (length < shortest || length > longest) return false;
    let from = start;
    for (const run of runs) {
      const { members } = run;
      const to = Math.min(start + run.end, end);
      for (; from < to; from++) if (members[bytes[from]!] === 0) return false;
    }
    return true;
  };
}

/** Kept, so that all fields share the tables of their classes: those of many columns would not fit the processor's cache. */
const tables = new Map<string, Uint8Array | undefined>();

/** The bytes that a class's text stands for; undefined when a hyphen's meaning is not plain. */
function membersOf(text: string): Uint8Array | undefined {
  if (!tables.has(text)) tables.set(text, readMembers(text));
  return tables.get(text);
}

function readMembers(text: string): Uint8Array | undefined {
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
