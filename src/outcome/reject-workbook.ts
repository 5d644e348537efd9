// The reject file as a workbook: the same columns as rejects.csv, each cell as a text, so that it comes back as it went out.
import type { Readable } from 'node:stream';
import { NULL_CELL, shownCell } from '../core/csv/records/cell-places.ts';
import { MAX_ROWS } from '../core/excel/cell-name.ts';
import { quoteEmpty } from '../core/excel/quotes-cell.ts';
import { styleOfField } from '../core/excel/column-style.ts';
import { MAX_CELL_CHARS, numberCell, rowXml, textCell } from '../core/excel/write-cell.ts';
import { sheetHead, sheetPart, sheetTail, STYLES, workbookParts } from '../core/excel/write-workbook.ts';
import type { Dataset, FileColumn } from '../core/dataset/types.ts';
import { REJECT_COLUMNS, ROW_COLUMN } from '../core/imports/rejects.ts';
import { guardRaw } from '../core/imports/spreadsheet-guard.ts';
import { AppError } from '../errors.ts';
import { readRejects } from '../storage/reject-parts.ts';
import type { Storage, StorageKey } from '../storage/storage.ts';
import { zipParts } from './zip-parts.ts';

const ROW_WIDTH = 8;
const ERRORS_WIDTH = 60;
const WIDTH = 18;
const PIECE_LENGTH = 64 * 1024;

/** What a reject file is made of. */
export interface RejectedFile {
  readonly document: Dataset;
  readonly columns: readonly FileColumn[];
  readonly keys: readonly StorageKey[];
  /** The file has NULL beside the empty text: an empty cell, and a cell of two quotes (core/excel/quotes-cell.ts). */
  readonly tellsNull: boolean;
}

/** @throws AppError CONFLICT when a sheet cannot hold so many */
export function requireRoom(rejected: number): void {
  if (rejected >= MAX_ROWS)
    throw new AppError(
      'CONFLICT',
      `The import has ${rejected} rejects; a sheet of Excel holds ${MAX_ROWS - 1}. Fetch rejects.csv.`,
    );
}

/** What fails before the first record is read fails here, before the first byte. */
export async function streamRejectWorkbook(storage: Storage, file: RejectedFile): Promise<Readable> {
  const pieces = sheetOf(storage, file);
  const first = await pieces.next();
  async function* all(): AsyncGenerator<string> {
    if (first.done !== true) yield first.value;
    yield* pieces;
  }
  return zipParts([...workbookParts([{ name: 'Rejects' }]), [sheetPart(0), all()]]);
}

async function* sheetOf(
  storage: Storage,
  { document, columns, keys, tellsNull }: RejectedFile,
): AsyncGenerator<string> {
  const write = tellsNull
    ? (cell: string): string => (cell === NULL_CELL ? '' : quoteEmpty(guardRaw(cell)))
    : (cell: string): string => guardRaw(shownCell(cell));
  const rowAt = columns.findIndex(({ header }) => header === ROW_COLUMN);
  const own = [...columns.keys()].filter((at) => !REJECT_COLUMNS.includes(columns[at]!.header));
  const styles = own.map((at) => {
    const { fieldIndex } = columns[at]!;
    return styleOfField(fieldIndex === null ? undefined : document.schema.fields[fieldIndex]);
  });
  const header = [...REJECT_COLUMNS, ...own.map((at) => guardRaw(columns[at]!.header))];
  let text =
    sheetHead([
      { width: ROW_WIDTH, style: 0 },
      { width: ERRORS_WIDTH, style: 0 },
      ...styles.map((style) => ({ width: WIDTH, style })),
    ]) +
    rowXml(
      1,
      header.map((name, at) => textCell(1, at + 1, name, STYLES.header)),
    );
  let row = 1;
  for (const key of keys)
    for await (const reject of readRejects(storage, key)) {
      row++;
      // A record of a retry that says no number keeps what it says.
      const number = reject.row === 0 ? (reject.cells[rowAt] ?? '') : String(reject.row);
      const cells = own.map((at) => write(reject.cells[at] ?? (tellsNull ? NULL_CELL : '')));
      // A ragged record has cells beyond the header.
      cells.push(...reject.cells.slice(columns.length).map(write));
      text += recordRow(row, number, guardRaw(reject.errors), cells, styles);
      if (text.length < PIECE_LENGTH) continue;
      yield text;
      text = '';
    }
  yield text + sheetTail();
}

function recordRow(
  row: number,
  number: string,
  errors: string,
  cells: readonly string[],
  styles: readonly number[],
): string {
  const isLong = cells.some((cell) => cell.length > MAX_CELL_CHARS);
  const told = isLong
    ? `A text is longer than a cell of Excel takes; it is in rejects.csv [cell-error]; ${errors}`
    : errors;
  return rowXml(row, [
    /^\d+$/.test(number) ? numberCell(row, 1, number) : textCell(row, 1, number),
    textCell(row, 2, told.length > MAX_CELL_CHARS ? `${told.slice(0, MAX_CELL_CHARS - 1)}…` : told),
    ...cells.map((cell, at) =>
      textCell(row, at + 3, cell.length > MAX_CELL_CHARS ? '#LONG' : cell, styles[at] ?? STYLES.text),
    ),
  ]);
}
