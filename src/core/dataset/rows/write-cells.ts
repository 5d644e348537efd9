// Cells into rows, one record at a time: the fast path, which decides by bytes wherever it can.
import { type CellPlaces, decodeCell, DOUBLED, SPECIAL } from '../../csv/records/cell-places.ts';
import { isNullSign } from '../../csv/records/database-text.ts';
import { unguard } from '../../imports/spreadsheet-guard.ts';
import type { FieldReader } from '../fields/compile-field.ts';
import { isTypedNumber, type SheetFieldReader } from '../fields/sheet-field.ts';
import type { BinaryRows } from './binary/binary-rows.ts';
import { appendValue, BINARY_WRITERS, shortWriterOf, type ValueWriter } from './binary/value-writers.ts';
import type { CopyRows } from './copy-rows.ts';
import type { Feed, Part } from './feeds.ts';
import { compileList } from './repeated-columns.ts';
import type { RowContext } from './row-context.ts';
import { isTooLong } from './too-long.ts';

/** Appends the values of a record. False when a cell is not acceptable; the row is then left begun. */
export type WriteCells = (bytes: Buffer, places: CellPlaces, out: CopyRows) => boolean;
type WriteCell = (bytes: Buffer, start: number, end: number, mark: number, out: CopyRows) => boolean;

/** How values of the feed are written into rows of the part. */
function writerOf({ table: { columns, types } }: Part, { field }: Feed): ValueWriter {
  const type = types?.[columns.indexOf(field)];
  return type === undefined ? null : BINARY_WRITERS.get(type)!;
}

export function compileCells(part: Part, context: RowContext): WriteCells {
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

/** Longer cells are not written by short writers. */
const SHORT_BYTES = 16;

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
  const write: WriteCell = (bytes, start, end, mark, out) => {
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
  const writeShort = guarded ? undefined : shortWriterOf(takes, writer);
  if (writeShort === undefined || maxCellBytes < SHORT_BYTES) return write;
  return (bytes, start, end, mark, out) =>
    ((mark & DOUBLED) === 0 && writeShort(bytes, start, end, out as BinaryRows)) ||
    write(bytes, start, end, mark, out);
}
