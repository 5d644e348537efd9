// The empty text in a workbook whose empty cells are NULL: a cell of two quotes. A text of nothing but quotes has two more of them there, so
// that it stays what it is.

const ONLY_QUOTES = /^(?:""+)?$/;

/** A text as the cell holds it. */
export function quoteEmpty(text: string): string {
  return ONLY_QUOTES.test(text) ? `""${text}` : text;
}

/** A quote in the text of a sheet (sheet-cell.ts). */
const QUOTE = Buffer.from('\u00070022');
const TEXT = 6;

/** Where a cell in the text of a sheet ends without the two quotes: at the least, behind the byte that says that it is a text. */
export function endWithoutQuotes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start - 1;
  if (bytes[start] !== TEXT || length < 2 * QUOTE.length || length % QUOTE.length !== 0) return end;
  for (let at = 0; at < length; at++) if (bytes[start + 1 + at] !== QUOTE[at % QUOTE.length]) return end;
  return end - 2 * QUOTE.length;
}
