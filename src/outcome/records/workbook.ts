// Records as a workbook of one sheet, written as they are read.
import type pg from 'pg';
import type { Readable } from 'node:stream';
import { MAX_ROWS } from '../../core/excel/cell-name.ts';
import { styleOfField } from '../../core/excel/column-style.ts';
import { MAX_CELL_CHARS, rowXml, textCell } from '../../core/excel/write-cell.ts';
import { sheetHead, sheetPart, sheetTail, STYLES, workbookParts } from '../../core/excel/write-workbook.ts';
import { compileCell, mayBeLong } from '../../core/records/record-cells.ts';
import type { ExportQuery } from '../../core/records/query.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import type { Value } from '../../core/records/write-record.ts';
import { type FlatColumn, flatColumns, measureAll, readAll } from '../../db/records/export-records.ts';
import { AppError } from '../../errors.ts';
import { zipParts } from '../zip-parts.ts';

const WIDTH = 18;
const PIECE_LENGTH = 64 * 1024;

/**
 * Whether a sheet can hold them is asked before the first byte.
 * @param written is told how many more records are in it
 * @throws AppError CONFLICT when it cannot
 */
export async function recordsWorkbook(
  pool: pg.Pool,
  shape: RecordShape,
  query: ExportQuery,
  written: (records: number) => void,
): Promise<Readable> {
  const columns = flatColumns(query.select);
  const client = await pool.connect();
  try {
    await requireRoom(client, shape, query, columns);
    const pieces = sheetOf(client, shape, query, columns, written);
    const first = await pieces.next();
    async function* all(): AsyncGenerator<string> {
      if (first.done !== true) yield first.value;
      yield* pieces;
    }
    const workbook = zipParts([...workbookParts([{ name: shape.dataset.name }]), [sheetPart(0), all()]]);
    // Whoever stops early may do so before the sheet is begun.
    workbook.once('close', () => void pieces.return(undefined).finally(() => client.release()));
    return workbook;
  } catch (error) {
    client.release();
    throw error;
  }
}

async function requireRoom(
  client: pg.ClientBase,
  shape: RecordShape,
  query: ExportQuery,
  columns: readonly FlatColumn[],
): Promise<void> {
  const long = columns.filter(({ column }) => mayBeLong(column));
  const asked = long.map(({ column }) => column);
  const { records, longest } = await measureAll(client, shape, query, asked, MAX_ROWS);
  if (records >= MAX_ROWS)
    throw new AppError(
      'CONFLICT',
      `There are more than ${MAX_ROWS - 1} records; a sheet of Excel holds no more. Ask for fewer by a filter, or for records.csv.`,
    );
  const tooLong = long.find((_, at) => longest[at]! > MAX_CELL_CHARS);
  if (tooLong !== undefined) throw cellTooLong(tooLong);
}

function cellTooLong({ name }: FlatColumn): AppError {
  return new AppError(
    'CONFLICT',
    `"${name}" has a text of more than ${MAX_CELL_CHARS} characters; a cell of Excel holds no more. Leave the field out (select=…), or ask for records.csv.`,
  );
}

async function* sheetOf(
  client: pg.ClientBase,
  shape: RecordShape,
  query: ExportQuery,
  columns: readonly FlatColumn[],
  written: (records: number) => void,
): AsyncGenerator<string> {
  const write = columns.map(({ column }) => compileCell(column, shape.dataset.schema));
  const cellsOf = (record: readonly Value[], row: number): string[] =>
    columns.map((flat, index) => {
      const value = record[flat.at]!;
      // Excel counts what a character beyond the BMP is written with as two.
      if (value !== null && value.length > MAX_CELL_CHARS) throw cellTooLong(flat);
      return write[index]!(value, row, index + 1);
    });
  const header = columns.map(({ name }, at) => textCell(1, at + 1, name, STYLES.header));
  let text =
    sheetHead(columns.map(({ column }) => ({ width: WIDTH, style: styleOfField(column.field) }))) +
    rowXml(1, header);
  let row = 1;
  for await (const values of readAll(client, shape, query)) {
    for (const record of values) {
      row++;
      text += rowXml(row, cellsOf(record, row));
      if (text.length < PIECE_LENGTH) continue;
      yield text;
      text = '';
    }
    written(values.length);
    // Others have put in records since they were counted.
    if (row > MAX_ROWS) throw new Error(`The export has grown beyond the ${MAX_ROWS} rows of a sheet`);
  }
  yield text + sheetTail();
}
