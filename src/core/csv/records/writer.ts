import { NULL_CELL } from './cell-places.ts';

/**
 * One record with its line end (CRLF, RFC 4180). Read again, it gives the same cells.
 * @param tellsNull a cell NULL_CELL is empty, and the empty text is in quotes
 */
export function formatCsvRecord(cells: readonly string[], tellsNull = false): string {
  // A lone empty cell would be a blank line, which readers skip.
  if (cells.length === 1 && cells[0] === '') return '""\r\n';
  const written = cells.map(tellsNull ? (cell) => (cell === NULL_CELL ? '' : quote(cell) || '""') : quote);
  return `${written.join(',')}\r\n`;
}

/** Also around what other programs cut at or trim: there quotes change nothing for those that cut at commas. */
function quote(text: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
