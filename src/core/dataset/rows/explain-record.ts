// The slow path: everything that is wrong with a record, for the person who has to fix it.
import { counted } from '../../counted.ts';
import { NULL_CELL } from '../../csv/records/cell-places.ts';
import { cutValue, type RowError } from '../../imports/row-error.ts';
import { placeBeside, readSheetCell } from '../../excel/sheet-cell.ts';
import type { FieldReader } from '../fields/compile-field.ts';
import type { Feed } from './feeds.ts';
import { listOf } from './repeated-columns.ts';
import { isTooLong } from './too-long.ts';
import type { FileColumn } from '../types.ts';

/** One record of a file and where it stands. */
export interface PlacedRecord {
  readonly cells: readonly string[];
  readonly row: number;
  readonly line: number;
  readonly lineEnd: number;
}

/** All errors of a record; of a ragged one only that, since its cells may stand under the wrong headers. */
export function explainRecord(
  record: PlacedRecord,
  columns: readonly FileColumn[],
  feeds: readonly Feed[],
  maxCellBytes: number,
): RowError[] {
  const { cells, row, line, lineEnd } = record;
  const place = lineEnd === line ? { row, line } : { row, line, lineEnd };
  const isSheet = feeds.some(({ sheet }) => sheet !== undefined);
  if (isSheet && cells.length > columns.length)
    return [{ ...place, ...explainBeside(cells, columns.length) }];
  if (cells.length !== columns.length) return [{ ...place, ...explainRagged(cells, columns) }];
  const explain = (cell: number, { reader, sheet }: Pick<Feed, 'reader' | 'sheet'>): RowError[] => {
    const text = cells[cell]!;
    const column = { index: cell + 1, name: columns[cell]!.header };
    const value = text === NULL_CELL ? null : cutValue(sheet === undefined ? text : sheet.shown(text));
    if (isTooLong(text, maxCellBytes)) {
      const message = `Column "${column.name}" holds ${Buffer.byteLength(text)} bytes; a cell may have at most ${maxCellBytes} (SLUICE_MAX_CELL_BYTES).`;
      return [{ ...place, column, code: 'size-error', value, message }];
    }
    return explainValue(reader, text, value, column).map((error) => ({ ...place, ...error }));
  };
  return feeds.flatMap((feed): RowError[] => {
    const { cell, repeated, reader } = feed;
    if (repeated === undefined) return explain(cell, feed);
    const errors = repeated.cells.flatMap((at) => explain(at, feed));
    if (errors.length > 0) return errors;
    const list = listOf(
      repeated.cells.map((at) => cells[at]!),
      reader.read,
    );
    const column = { index: cell + 1, name: columns[cell]!.header };
    return explainValue(repeated.list, list ?? '', cutValue(list ?? ''), column).map((error) => ({
      ...place,
      ...error,
    }));
  });
}

function explainValue(
  reader: FieldReader,
  text: string,
  value: string | null,
  column: NonNullable<RowError['column']>,
): Omit<RowError, 'row' | 'line'>[] {
  return reader.explain(text).map((problem) => ({
    column,
    value,
    ...problem,
    message: `Column "${column.name}" ${problem.message}.`,
  }));
}

type RaggedError = Pick<RowError, 'column' | 'code' | 'value' | 'message'>;

/** A sheet has no cells to count: what is beyond its table is a value that stands beside it. */
function explainBeside(cells: readonly string[], width: number): RaggedError {
  const at = cells.findIndex((cell, index) => index >= width && cell !== '');
  const cell = readSheetCell(cells[at] ?? '');
  const value = cutValue(cell.shown);
  const index = placeBeside(cell) ?? Math.max(at, width) + 1;
  const message = `The value "${value}" stands beside the table, where the header has no name. Give its column a name, or move it.`;
  return { column: { index, name: '' }, code: 'extra-cell', value, message };
}

function explainRagged(cells: readonly string[], columns: readonly FileColumn[]): RaggedError {
  const counts = `The record has ${counted(cells.length, 'cell')}, the header ${counted(columns.length, 'column')}`;
  if (cells.length < columns.length) {
    const name = columns[cells.length]!.header;
    const column = { index: cells.length + 1, name };
    return {
      column,
      code: 'missing-cell',
      value: null,
      message: `${counts}: column ${column.index} ("${name}") has no cell.`,
    };
  }
  const extra = cells[columns.length]!;
  const column = { index: columns.length + 1, name: '' };
  const message = `${counts}: cell ${column.index} ("${cutValue(extra)}") has no column.`;
  return { column, code: 'extra-cell', value: cutValue(extra), message };
}
