// Postgres' COPY text format: tab between columns, newline after rows, `\N` for NULL, backslash escapes.

export const COPY_NULL = '\\N';

const SPECIAL = /[\\\t\n\r]/;
const ALL_SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** The value as COPY text; the same string when nothing in it needs escaping. Other control characters are plain data. */
export function escapeCopyText(value: string): string {
  return SPECIAL.test(value) ? value.replace(ALL_SPECIAL, (char) => ESCAPES[char]!) : value;
}
