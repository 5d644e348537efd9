// What may stand before a record and is no part of it: a byte order mark, as in files that were joined, and a page break, as in what was
// made for a printer.

/** The first byte of the byte order mark in UTF-8, and how many it has. */
export const BOM_LEAD = 0xef;
const BOM_BYTES = 3;
/** U+000C, which printers take for the end of a page. */
export const FORM_FEED = 0x0c;

/**
 * Where a record begins that may have marks before it.
 * @param text in UTF-8, up to `to`
 * @param pageBreak FORM_FEED where it is a mark, otherwise what no byte equals
 */
export function behindMarks(text: Buffer, at: number, to: number, pageBreak: number): number {
  let start = at;
  while (start < to) {
    if (text[start] === pageBreak) start++;
    else if (isBom(text, start, to)) start += BOM_BYTES;
    else break;
  }
  return start;
}

function isBom(text: Buffer, at: number, to: number): boolean {
  return at + BOM_BYTES <= to && text[at] === BOM_LEAD && text[at + 1] === 0xbb && text[at + 2] === 0xbf;
}
