// Postgres' COPY text format: tab between columns, newline after rows, `\N` for NULL, backslash escapes.

export const COPY_NULL = '\\N';

/** What is escaped, and the letter behind the backslash. Other control characters are plain data. */
export const COPY_ESCAPES: readonly (readonly [char: string, letter: string])[] = [
  ['\\', '\\'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\r', 'r'],
];

const SPECIAL = /[\\\t\n\r]/;
const ALL_SPECIAL = /[\\\t\n\r]/g;
const LETTERS = new Map(COPY_ESCAPES);

/** The value as COPY text; the same string when nothing in it needs escaping. */
export function escapeCopyText(value: string): string {
  return SPECIAL.test(value) ? value.replace(ALL_SPECIAL, (char) => `\\${LETTERS.get(char)!}`) : value;
}
