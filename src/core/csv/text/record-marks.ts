// What may stand before a record and is no part of it: a byte order mark, or the Ctrl-Z that ends a file of DOS, as in files that were
// joined, and a page break, as in what was made for a printer.

/** The first byte of the byte order mark in UTF-8, and how many it has. */
const BOM_LEAD = 0xef;
const BOM_BYTES = 3;
/** U+000C, which printers take for the end of a page. */
const FORM_FEED = 0x0c;
const CTRL_Z = 0x1a;

/** 1 for each byte that a mark may begin with: of all, or where the others are text like any other. */
export const MARK_LEADS = leads(BOM_LEAD, FORM_FEED, CTRL_Z);
export const BOM_ONLY = leads(BOM_LEAD);

function leads(...bytes: readonly number[]): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of bytes) table[byte] = 1;
  return table;
}

/**
 * Where a record begins that may have marks before it.
 * @param text in UTF-8, up to `to`
 * @param markLeads MARK_LEADS or BOM_ONLY
 */
export function behindMarks(text: Buffer, at: number, to: number, markLeads: Uint8Array): number {
  let start = at;
  while (start < to && markLeads[text[start]!] === 1) {
    if (text[start] !== BOM_LEAD) start++;
    else if (isBom(text, start, to)) start += BOM_BYTES;
    else break;
  }
  return start;
}

function isBom(text: Buffer, at: number, to: number): boolean {
  return at + BOM_BYTES <= to && text[at + 1] === 0xbb && text[at + 2] === 0xbf;
}
