// How a cell of a sheet stands in the text that the sheet becomes: as text, or with a first byte that says what it is, so that
// a number is never read in the notation of a CSV file and an error never lands as a text. Neither quotes nor line ends are in
// that text, so each record is one line, and its number is that of the row in the sheet.
//   plain text        as it is
//   NUMBER value      as Excel shows it to 15 digits; PART and what the format shows may follow
//   DATE value        ISO 8601; PART and what the format shows may follow
//   BOOLEAN value     TRUE or FALSE
//   ERROR value PART reason
//   TEXT text         with ESCAPE and four hex digits for what may not stand there

/** Ends a cell, as the delimiter. */
export const CELL_END = '\u001f';

export const NUMBER = 2;
export const DATE = 3;
export const BOOLEAN = 4;
export const ERROR = 5;
export const TEXT = 6;
/** Cells whose first byte is not beyond it say what they are. */
export const LAST_KIND = 7;
const PART_BYTE = 7;

/** A text without a character, which a cell says that it is; a blank cell is none. */
export const EMPTY_TEXT = '\u0006';

const PART = '\u0007';
const KINDS = ['\u0002', '\u0003', '\u0004', '\u0005', '\u0006'];
export type CellKind = 'number' | 'date' | 'boolean' | 'error' | 'text';
const KIND_NAMES: readonly CellKind[] = ['number', 'date', 'boolean', 'error', 'text'];

/** A cell, taken apart. */
export interface SheetCell {
  readonly kind: CellKind;
  /** Of a text: the text itself. */
  readonly value: string;
  /** What Excel shows; of an error the value, which begins with `#`. */
  readonly shown: string;
  /** Of an error: what is wrong; goes on from the name of the column. */
  readonly reason: string;
}

// oxlint-disable-next-line no-control-regex -- they have a meaning here
const NOT_PLAIN = /^\ufeff|[\u0000-\u0008\u000a-\u001f"]/g;

// oxlint-disable-next-line no-control-regex -- as it is written below
const ESCAPED = /\u0007([0-9a-f]{4})/g;

export function writeText(text: string): string {
  const escaped = escape(text);
  return escaped === text ? text : `\u0006${escaped}`;
}

function escape(text: string): string {
  return text.replace(NOT_PLAIN, (char) => `${PART}${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function unescape(text: string): string {
  return text.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

export function writeNumber(value: string, shown = value): string {
  return `\u0002${value}${shown === value ? '' : `${PART}${shown}`}`;
}

export function writeDate(value: string, shown = value): string {
  return `\u0003${value}${shown === value ? '' : `${PART}${shown}`}`;
}

export function writeBoolean(value: boolean): string {
  return value ? '\u0004TRUE' : '\u0004FALSE';
}

/** @param value begins with `#`, so that it is known when it comes back unmended */
export function writeError(value: string, reason: string): string {
  // oxlint-disable-next-line no-control-regex -- it stands on one line, behind the value
  return `\u0005${escape(value)}${PART}${reason.replace(/[\u0000-\u001f"]/g, "'")}`;
}

/** A value to the right of the table. @param index its column, the table's first being 1 */
export function writeBeside(shown: string, index: number): string {
  return writeError(shown, String(index));
}

/** The column of a value beside the table; undefined for any other cell. */
export function placeBeside({ kind, reason }: SheetCell): number | undefined {
  return kind === 'error' && /^\d+$/.test(reason) ? Number(reason) : undefined;
}

export function readSheetCell(cell: string): SheetCell {
  const kind = KIND_NAMES[KINDS.indexOf(cell[0] ?? '')];
  if (kind === undefined) return { kind: 'text', value: cell, shown: cell, reason: '' };
  if (kind === 'text') {
    const text = unescape(cell.slice(1));
    return { kind, value: text, shown: text, reason: '' };
  }
  // The value of an error may have escapes, what follows has none.
  const part = cell.lastIndexOf(PART);
  const value = part === -1 ? cell.slice(1) : cell.slice(1, part);
  const more = part === -1 ? '' : cell.slice(part + 1);
  if (kind === 'error') {
    const said = unescape(value);
    return { kind, value: said, shown: said, reason: more };
  }
  return { kind, value, shown: part === -1 ? value : more, reason: '' };
}

/** What people see in the cell. */
export function shownText(cell: string): string {
  return cell.charCodeAt(0) > LAST_KIND ? cell : readSheetCell(cell).shown;
}

/** Whether a cell has two parts. */
export function hasParts(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === PART_BYTE) return true;
  return false;
}
