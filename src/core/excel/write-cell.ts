// Cells as XML, for workbooks that we give out.
import { cellName } from './cell-name.ts';

/** Excel takes no longer text in a cell. */
export const MAX_CELL_CHARS = 32_767;

// oxlint-disable-next-line no-control-regex -- XML cannot hold them
const NOT_XML = /[\u0000-\u0008\u000b-\u001f\ufffe\uffff]|_(?=x[0-9a-f]{4}_)/gi;

/** What XML cannot hold is written as `_x000D_`, and a text that looks like that as `_x005F_x000D_`. */
export function escapeText(text: string): string {
  return escapeXml(
    text.replace(NOT_XML, (char) => `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`),
  );
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** @param style its place in `STYLES` (write-workbook.ts) */
export function textCell(row: number, column: number, text: string, style = 0): string {
  const s = style === 0 ? '' : ` s="${style}"`;
  if (text === '') return style === 0 ? '' : `<c r="${cellName(row, column)}"${s}/>`;
  return `<c r="${cellName(row, column)}"${s} t="inlineStr"><is><t xml:space="preserve">${escapeText(text)}</t></is></c>`;
}

/** A text without a character, as Excel has one where only an apostrophe was typed. */
export function emptyTextCell(row: number, column: number, style: number): string {
  return `<c r="${cellName(row, column)}" s="${style}" t="inlineStr"><is><t/></is></c>`;
}

export function numberCell(row: number, column: number, number: string | number, style = 0): string {
  const s = style === 0 ? '' : ` s="${style}"`;
  return `<c r="${cellName(row, column)}"${s}><v>${number}</v></c>`;
}

export function booleanCell(row: number, column: number, value: boolean): string {
  return `<c r="${cellName(row, column)}" t="b"><v>${value ? 1 : 0}</v></c>`;
}

export function rowXml(row: number, cells: readonly string[]): string {
  return `<row r="${row}">${cells.join('')}</row>`;
}
