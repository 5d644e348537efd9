import type { Delimiter } from './types.ts';

export interface CsvFormat {
  /** A value that a spreadsheet would run as a formula gets a leading apostrophe (CWE-1236). */
  readonly guardFormulas?: boolean;
  readonly delimiter?: Delimiter;
}

/** First characters that make a spreadsheet calculate, after OWASP's "CSV Injection". */
const FORMULA = /^[=+\-@\t\r]/;

/** One record with its line end (CRLF, RFC 4180). Read again, it gives the same cells, guards apart. */
export function formatCsvRecord(
  cells: readonly string[],
  { guardFormulas = false, delimiter = ',' }: CsvFormat = {},
): string {
  const texts = cells.map((cell) =>
    quote(guardFormulas && FORMULA.test(cell) ? `'${cell}` : cell, delimiter),
  );
  // A lone empty cell would be a blank line, which readers skip.
  return `${texts.length === 1 && texts[0] === '' ? '""' : texts.join(delimiter)}\r\n`;
}

function quote(text: string, delimiter: Delimiter): string {
  return text.includes(delimiter) || /["\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
