// Writes the rows of a sheet as records: each row on the line of its number, its cells from the first column of the table to its last.
// The first rows are held back until they show where the table begins and how wide it is.
import { cellName, MAX_COLUMNS } from './cell-name.ts';
import { endWithoutQuotes } from './quotes-cell.ts';
import type { RowCells } from './row-cells.ts';
import { CELL_END, LAST_KIND, readSheetCell, writeBeside, writeError } from './sheet-cell.ts';

const FLUSH_BYTES = 64 * 1024;
/** Room for what `outside` says. */
const MESSAGE_BYTES = 1024;
const LF = 0x0a;
const DELIMITER = CELL_END.charCodeAt(0);

export interface TableLayout {
  readonly header: boolean;
  /** Of how many rows the header is. */
  readonly headerRows: number;
  /** Rows above the header, or above the first record. */
  readonly skipLines: number;
  /** How many columns the records have; undefined: as many as the header. */
  readonly columns: number | undefined;
  /** Empty cells are NULL, and two quotes are the empty text (quotes-cell.ts). */
  readonly tellsNull?: boolean;
}

/** Rows that show where the table is: those with values, at most so many, and so long. */
const HEAD_ROWS = 200;
const HEAD_BYTES = 4 * 1024 * 1024;

interface HeldRow {
  readonly row: number;
  readonly cells: RowCells;
}

export class SheetWriter {
  private readonly layout: TableLayout;
  private readonly flush: (bytes: Buffer) => void;
  private readonly held: HeldRow[] = [];
  private heldBytes = 0;
  private isOpen = false;
  private line = 1;
  private bytes = Buffer.allocUnsafe(2 * FLUSH_BYTES);
  private length = 0;
  /** The column of the sheet where the table begins, from 1. */
  firstColumn = 1;
  private lastColumn = MAX_COLUMNS;
  /** The row of the header; 0 without one. */
  private headerRow = 0;
  /** By column of the sheet: 1 where a cell below the header is a text. */
  private readonly texts = new Uint8Array(MAX_COLUMNS + 1);

  /** @param flush takes bytes, which it owns */
  constructor(layout: TableLayout, flush: (bytes: Buffer) => void) {
    this.layout = layout;
    this.flush = flush;
  }

  /** @returns whether the row has values */
  row(row: number, cells: RowCells): boolean {
    if (cells.columns.length === 0) return false;
    if (this.isOpen) this.write(row, cells, false);
    else {
      this.held.push({ row, cells: cells.copy() });
      this.heldBytes += cells.size;
      if (this.held.length === HEAD_ROWS || this.heldBytes > HEAD_BYTES) this.open();
    }
    return true;
  }

  /** Where the rows have shown where the table is. */
  get isPlaced(): boolean {
    return this.isOpen;
  }

  /** The names of the header, or the cells of the first record, as they are shown; undefined when there is none yet. */
  head(): string[] | undefined {
    const first = this.held.find(({ row }) => row > this.layout.skipLines);
    if (first === undefined) return undefined;
    const columns = first.cells.columns.toSorted((a, b) => a - b);
    return columns.map(
      (column) =>
        readSheetCell(
          first.cells.bytes.toString('utf8', first.cells.starts[column], first.cells.ends[column]),
        ).shown,
    );
  }

  /** For each column of the table whether cells below the header are texts. */
  textColumns(): boolean[] {
    return Array.from(this.texts.subarray(this.firstColumn, this.lastColumn + 1), (each) => each === 1);
  }

  end(): void {
    if (!this.isOpen) this.open();
    this.give();
  }

  private open(): void {
    this.isOpen = true;
    const rows = this.held.filter(({ row }) => row > this.layout.skipLines);
    const header = rows.slice(0, this.layout.header ? this.layout.headerRows : 1);
    if (header.length > 0) {
      this.firstColumn = firstColumnOf(Math.min(...header.map(({ cells }) => cells.first)), rows);
      if (this.layout.header) this.headerRow = header.at(-1)!.row;
      const width = this.layout.columns;
      this.lastColumn =
        width === undefined
          ? Math.max(...header.map(({ cells }) => cells.last))
          : this.firstColumn + width - 1;
    }
    for (const { row, cells } of this.held) this.write(row, cells, true);
    this.held.length = 0;
  }

  /** @param isHead a row that may be the header, should the one above be a title: all of it is written */
  private write(row: number, cells: RowCells, isHead: boolean): void {
    const { firstColumn, lastColumn } = this;
    const isBefore = cells.first < firstColumn && row > this.layout.skipLines;
    // A lone value far out must not make each record as wide as the sheet.
    const last = isHead ? Math.max(cells.last, lastColumn) : lastColumn;
    const beside = cells.last > last ? this.beside(cells, last) : undefined;
    this.reserve(cells.size + row - this.line + last + MESSAGE_BYTES + 3 * (beside?.length ?? 0));
    for (; this.line < row; this.line++) this.bytes[this.length++] = LF;
    if (isBefore) this.text(outside(cellName(row, cells.first), cellName(row, firstColumn)));
    for (let column = isBefore ? firstColumn + 1 : firstColumn; column <= last; column++) {
      if (column > firstColumn) this.bytes[this.length++] = DELIMITER;
      this.cell(cells, column);
    }
    if (beside !== undefined) {
      this.bytes[this.length++] = DELIMITER;
      this.text(beside);
    }
    this.bytes[this.length++] = LF;
    this.line++;
    if (this.length >= FLUSH_BYTES) this.give();
  }

  /** The first value to the right of the table. */
  private beside({ bytes, starts, ends, columns }: RowCells, last: number): string {
    const column = Math.min(...columns.filter((each) => each > last));
    const { shown } = readSheetCell(bytes.toString('utf8', starts[column], ends[column]));
    return writeBeside(shown, column - this.firstColumn + 1);
  }

  private cell({ bytes, starts, ends }: RowCells, column: number): void {
    if (column >= starts.length) return;
    const start = starts[column]!;
    const isData = this.line > this.headerRow;
    const end =
      isData && this.layout.tellsNull === true
        ? endWithoutQuotes(bytes, start, ends[column]!)
        : ends[column]!;
    if (end > start && bytes[start]! > LAST_KIND && isData) this.texts[column] = 1;
    for (let at = start; at < end; at++) this.bytes[this.length++] = bytes[at]!;
  }

  private text(text: string): void {
    this.length += this.bytes.write(text, this.length);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.length + bytes));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  private give(): void {
    if (this.length > 0) this.flush(Buffer.from(this.bytes.subarray(0, this.length)));
    this.length = 0;
  }
}

/**
 * The table begins where its header does. Where most rows begin further left, what seems to be the header is a title above it. A few
 * values beside the table are errors of their rows.
 */
function firstColumnOf(header: number, rows: readonly HeldRow[]): number {
  const before = rows.filter(({ cells }) => cells.first < header);
  return 2 * before.length > rows.length ? Math.min(...before.map(({ cells }) => cells.first)) : header;
}

function outside(cell: string, first: string): string {
  return writeError(
    `#${first}`,
    `stands beside a value in ${cell}, to the left of the table; move or delete that value`,
  );
}
