// Records in, rows as COPY takes them out, as text or binary: the loop every row of every file goes through.
import {
  type CellPlaces,
  decodeAll,
  decodeCell,
  DOUBLED,
  NULL_CELL,
  shownCell,
  SPECIAL,
} from '../../csv/records/cell-places.ts';
import { isNullSign } from '../../csv/records/database-text.ts';
import type { RowError } from '../../imports/row-error.ts';
import { unguard } from '../../imports/spreadsheet-guard.ts';
import { BlockPool } from './block-pool.ts';
import { compileField, type FieldReader } from '../fields/compile-field.ts';
import { asWrittenByPostgres } from '../fields/postgres-field.ts';
import { elementField, listField } from '../fields/repeated-field.ts';
import { compileSheetField, isTypedNumber, type SheetFieldReader } from '../fields/sheet-field.ts';
import type { SentCells } from '../../imports/sent-cells.ts';
import { BinaryRows } from './binary-rows.ts';
import { appendValue, BINARY_WRITERS, type ValueWriter } from './binary-values.ts';
import type { CopyRows } from './copy-rows.ts';
import { TextRows } from './text-rows.ts';
import { explainRecord } from './explain-record.ts';
import { isTooLong } from './too-long.ts';
import { refuseNullSign } from './null-sign.ts';
import { compileList, type RepeatedColumns } from './repeated-columns.ts';
import { copyTables, landingParts, type CopyTable } from '../tables/landing-parts.ts';
import { asWritten } from '../fields/notation.ts';
import type { Dataset, Field, FileColumn, TableSchema } from '../types.ts';

export interface RowContext {
  readonly importId: string;
  /** The user's id. */
  readonly createdBy: string | null;
  /** RFC 3339, or as Postgres writes it; becomes created_at and updated_at. Null when the tables fill these by themselves. */
  readonly at: string | null;
  /** Rows come in COPY's binary form; the tables must have the types that are planned for the dataset (tables/table-plan.ts). */
  readonly binary?: boolean;
  /** A new UUID v7 at each call, as ASCII text, or as its 16 bytes for binary rows; the bytes may be used again by the next. */
  readonly nextId: () => Uint8Array;
  /** Where the memory of the rows comes from. */
  readonly blocks?: BlockPool;
  /** A longer cell rejects its record. Bytes of UTF-8; no limit when left out. */
  readonly maxCellBytes?: number;
  /** A cell may be NULL of its own: `\N` in the text of a database, null in JSON, what a short record lacks. */
  readonly holdsNull?: boolean;
  /** The file is NDJSON. */
  readonly isJson?: boolean;
  /** Values are as Postgres writes them. */
  readonly writtenBy?: 'postgres' | undefined;
  /** A cell `\N` is a text as any other; otherwise it is refused, for nobody has said whether it is NULL. */
  readonly takesNullSign?: boolean;
  /** A record with fewer cells than the header is taken, what it lacks being null. */
  readonly shortRecords?: 'null' | undefined;
  /** True for a reject file that comes back: what guards its cells against spreadsheets is taken off. */
  readonly guarded?: boolean;
  /** Of a sheet of a workbook, whose cells say what they are (core/excel/sheet-cell.ts): gives them back as they were sent. */
  readonly sheetCells?: SentCells | undefined;
}

/** A record that does not land: its cells as they were sent, and all that is wrong with it. */
export interface RefusedRecord {
  readonly cells: readonly string[];
  readonly errors: readonly RowError[];
}

export interface RowCompiler {
  /** In the order they must be copied: linked tables first, the dataset's own table last. */
  readonly tables: readonly CopyTable[];
  /**
   * Checks one record. When all is well, appends one row per table (none for a link whose cells are all
   * null) and returns null. Otherwise appends nothing.
   * @param bytes what the cells' places are in
   * @param row data record number from 1
   * @param line physical line where the record starts, `lineEnd` where it ends
   * @throws NotBinary for a value that must go as text, and with it all rows
   */
  add(bytes: Buffer, cells: CellPlaces, row: number, line: number, lineEnd: number): RefusedRecord | null;
  /** Rows so far, of each table. */
  rowCounts(): number[];
  /** Hands over the rows, a list of blocks for each table. To be called once, at the end. */
  take(): Buffer[][];
}

/** A column of the file that feeds a field; `cell` is its index in the record. */
export interface Feed {
  readonly cell: number;
  readonly field: string;
  readonly reader: FieldReader;
  /** Of a sheet: the same reader. */
  readonly sheet?: SheetFieldReader;
  /** Of a field that several columns feed; `reader` is that of each of their cells. */
  readonly repeated?: RepeatedColumns;
}

/** The cells that land in one table. */
interface Part {
  readonly table: CopyTable;
  readonly feeds: readonly Feed[];
}

/** Compiles the rows of one file, or of a chunk of it: each call's context gives the rows' ids and time. */
export function compileRows(
  dataset: Dataset,
  columns: readonly FileColumn[],
  context: RowContext,
): RowCompiler {
  const feeds = feedsOf(dataset, columns, context);
  const parts = planParts(dataset, feeds, context);
  const { blocks = new BlockPool(), maxCellBytes = Infinity, guarded = false, sheetCells } = context;
  const outs = parts.map(({ table: { columns, types } }) =>
    types === undefined ? new TextRows(blocks) : new BinaryRows(blocks, columns.length),
  );
  const fillsShort = context.shortRecords === 'null';
  const write = compileWrite(parts, context, outs);
  return {
    tables: parts.map(({ table }) => table),
    add(bytes, places, row, line, lineEnd) {
      if (fillsShort) while (places.count < columns.length) places.addNull();
      if (places.count === columns.length && write(bytes, places, row)) return null;
      for (const out of outs) out.dropRow();
      const asRead = decodeAll(bytes, places);
      if (sheetCells !== undefined) {
        const record = { cells: asRead, row, line, lineEnd };
        return { cells: sheetCells(asRead), errors: explainRecord(record, columns, feeds, maxCellBytes) };
      }
      const cells = guarded ? asRead.map(unguard) : asRead;
      const errors = explainRecord({ cells, row, line, lineEnd }, columns, feeds, maxCellBytes);
      return { cells: places.tellsNull ? cells : cells.map(shownCell), errors };
    },
    rowCounts: () => outs.map((out) => out.rows),
    take: () => outs.map((out) => out.take()),
  };
}

function feedsOf({ schema }: Dataset, columns: readonly FileColumn[], context: RowContext): Feed[] {
  const { holdsNull = false, takesNullSign = false, guarded = false, sheetCells, writtenBy } = context;
  const { isJson = false } = context;
  const cellsOf = (index: number): number[] =>
    columns.flatMap(({ fieldIndex }, at) => (fieldIndex === index ? at : []));
  return columns.flatMap((column, cell): Feed | Feed[] => {
    if (column.fieldIndex === null) return [];
    const field = schema.fields[column.fieldIndex]!;
    if (field.repeated === true) {
      const cells = cellsOf(column.fieldIndex);
      if (cells[0] !== cell) return [];
      // The only key of an NDJSON file holds the list itself.
      if (!isJson || cells.length > 1) return repeatedFeed(field, cells, schema, context);
    }
    const asInFile = asWritten(field, column);
    const written = writtenBy === undefined ? asInFile : asWrittenByPostgres(asInFile, schema);
    if (sheetCells !== undefined) {
      const sheet = compileSheetField(written, schema, guarded);
      return { cell, field: field.name, reader: sheet, sheet };
    }
    const reader = compileField(written, schema, holdsNull ? NULL_CELL : undefined);
    const asksForNull = !takesNullSign && !guarded;
    return { cell, field: field.name, reader: asksForNull ? refuseNullSign(reader) : reader };
  });
}

function repeatedFeed(
  field: Field,
  cells: readonly number[],
  schema: TableSchema,
  { holdsNull = false, takesNullSign = false, guarded = false, sheetCells, writtenBy }: RowContext,
): Feed {
  const element = elementField(field);
  const written = writtenBy === undefined ? element : asWrittenByPostgres(element, schema);
  const repeated = { cells, list: compileField(listField(field), schema) };
  const place = { cell: cells[0]!, field: field.name, repeated };
  if (sheetCells !== undefined) {
    const sheet = compileSheetField(written, schema, guarded);
    return { ...place, reader: sheet, sheet };
  }
  const reader = compileField(written, schema, holdsNull ? NULL_CELL : undefined);
  return { ...place, reader: takesNullSign || guarded ? reader : refuseNullSign(reader) };
}

/** In the order of `copyTables`. */
function planParts(dataset: Dataset, feeds: readonly Feed[], { at: time, binary }: RowContext): Part[] {
  const parts = landingParts(
    dataset,
    feeds.map(({ field }) => field),
  );
  const tables = copyTables(parts, time === null, binary === true ? dataset : undefined);
  return [...parts.links, parts.main].map(({ fields }, at) => ({
    table: tables[at]!,
    feeds: feeds.filter(({ field }) => fields.includes(field)),
  }));
}

/** False when a cell is not acceptable; rows are then left begun. */
type Write = (bytes: Buffer, places: CellPlaces, row: number) => boolean;
type WriteCells = (bytes: Buffer, places: CellPlaces, out: CopyRows) => boolean;
type WriteCell = (bytes: Buffer, start: number, end: number, mark: number, out: CopyRows) => boolean;

/** The fast path: all or nothing, and no word about why. */
function compileWrite(parts: readonly Part[], context: RowContext, outs: readonly CopyRows[]): Write {
  const { nextId } = context;
  const writers = parts.map((part) => compileCells(part, context));
  const main = parts.length - 1;
  const system = systemValues(context);
  const end = (out: CopyRows, id: Uint8Array, row: number): void => {
    out.appendBytes(system);
    out.appendInteger(row);
    out.endRow(id);
  };
  return (bytes, places, row) => {
    for (let part = 0; part <= main; part++) {
      outs[part]!.beginRow(bytes);
      if (!writers[part]!(bytes, places, outs[part]!)) return false;
    }
    for (let part = 0; part < main; part++) {
      const out = outs[part]!;
      if (out.isAllNull(parts[part]!.feeds.length)) {
        out.dropRow();
        outs[main]!.appendNull();
      } else {
        const id = nextId();
        outs[main]!.appendId(id);
        end(out, id, row);
      }
    }
    end(outs[main]!, nextId(), row);
    return true;
  };
}

/** The values behind those of the file, but for the last, in the form of the rows: they are the same in each. */
function systemValues({ at, createdBy, importId, binary }: RowContext): Uint8Array {
  const blocks = new BlockPool();
  const values = [...(at === null ? [] : [at, at]), createdBy, createdBy, importId];
  const types = [...(at === null ? [] : ['timestamptz', 'timestamptz']), 'uuid', 'uuid', 'uuid'];
  const rows = binary === true ? new BinaryRows(blocks, 0) : new TextRows(blocks);
  return rows.bytesOf(() => {
    for (const [index, value] of values.entries())
      if (value === null) rows.appendNull();
      else appendValue(rows, value, binary === true ? BINARY_WRITERS.get(types[index]!)! : null);
  });
}

/** How values of the feed are written into rows of the part. */
function writerOf({ table: { columns, types } }: Part, { field }: Feed): ValueWriter {
  const type = types?.[columns.indexOf(field)];
  return type === undefined ? null : BINARY_WRITERS.get(type)!;
}

function compileCells(part: Part, context: RowContext): WriteCells {
  const { feeds } = part;
  if (feeds.some(({ repeated }) => repeated !== undefined)) return compileWithLists(part, context);
  const cellAt = feeds.map(({ cell }) => cell);
  const writers = feeds.map((feed) => {
    const { reader, sheet } = feed;
    const writer = writerOf(part, feed);
    return sheet === undefined
      ? compileCell(reader, writer, context)
      : compileSheetCell(sheet, writer, context);
  });
  return (bytes, { starts, ends, marks }, out) => {
    for (let i = 0; i < writers.length; i++) {
      const cell = cellAt[i]!;
      if (!writers[i]!(bytes, starts[cell]!, ends[cell]!, marks[cell]!, out)) return false;
    }
    return true;
  };
}

/** By itself, so that files without such fields are written as fast. */
function compileWithLists(part: Part, context: RowContext): WriteCells {
  const { maxCellBytes = Infinity, guarded = false } = context;
  // A cell of a sheet takes off its own guard.
  const ownGuard = { maxCellBytes, guarded: guarded && context.sheetCells === undefined };
  const writers = part.feeds.map((feed) =>
    feed.repeated === undefined
      ? compileCells({ ...part, feeds: [feed] }, context)
      : compileList(feed.repeated, feed.reader, writerOf(part, feed), ownGuard),
  );
  return (bytes, places, out) => writers.every((write) => write(bytes, places, out));
}

const APOSTROPHE = 39;

/** Whether the cell may have a guard, at its beginning or within. */
function holdsApostrophe(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] === APOSTROPHE) return true;
  return false;
}

/** Copies the bytes of a number behind the first; any other cell is read as `compileCell` does, and takes off its own guard. */
function compileSheetCell(reader: SheetFieldReader, writer: ValueWriter, context: RowContext): WriteCell {
  const write = compileCell(reader, writer, { ...context, guarded: false });
  const { takesNumber } = reader;
  return (bytes, start, end, mark, out) => {
    if (!isTypedNumber(bytes, start, end) || !takesNumber(bytes, start + 1, end, mark))
      return write(bytes, start, end, mark, out);
    if (writer === null) out.appendCell(start + 1, end, 0);
    else writer(bytes, start + 1, end, out as BinaryRows);
    return true;
  };
}

/** Copies a cell whose bytes the field takes as they are; any other is decoded, and read as text. */
function compileCell(
  { takes = () => false, emptyIsNull, read }: FieldReader,
  writer: ValueWriter,
  { maxCellBytes = Infinity, guarded = false, takesNullSign = false }: RowContext,
): WriteCell {
  const asksForNull = !takesNullSign && !guarded;
  const writeText: WriteCell = (bytes, start, end, mark, out) => {
    const cell = decodeCell(bytes, start, end, mark);
    const text = guarded ? unguard(cell) : cell;
    const value = isTooLong(text, maxCellBytes) ? undefined : read(text);
    if (value === undefined) return false;
    // A value that is the cell as it stands: its bytes are at hand.
    if (value === null) out.appendNull();
    else if (value !== cell || (mark & DOUBLED) !== 0) appendValue(out, value, writer);
    else if (writer === null) out.appendCell(start, end, mark);
    else writer(bytes, start, end, out as BinaryRows);
    return true;
  };
  return (bytes, start, end, mark, out) => {
    if (start === end && emptyIsNull) out.appendNull();
    else if (
      start < end &&
      (mark & DOUBLED) === 0 &&
      end - start <= maxCellBytes &&
      !(guarded && holdsApostrophe(bytes, start, end)) &&
      takes(bytes, start, end, mark)
    ) {
      if (asksForNull && (mark & SPECIAL) !== 0 && isNullSign(bytes, start, end))
        return writeText(bytes, start, end, mark, out);
      if (writer === null) out.appendCell(start, end, mark);
      else writer(bytes, start, end, out as BinaryRows);
    } else return writeText(bytes, start, end, mark, out);
    return true;
  };
}
