/** One record with its line end (CRLF, RFC 4180). Read again, it gives the same cells. */
export function formatCsvRecord(cells: readonly string[]): string {
  // A lone empty cell would be a blank line, which readers skip.
  return cells.length === 1 && cells[0] === '' ? '""\r\n' : `${cells.map(quote).join(',')}\r\n`;
}

/** Also around what other programs cut at or trim: there quotes change nothing for those that cut at commas. */
function quote(text: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
