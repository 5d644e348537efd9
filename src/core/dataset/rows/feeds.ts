// Which columns of a file feed which fields, and how their cells are read.
import { NULL_CELL } from '../../csv/records/cell-places.ts';
import { compileField, type FieldReader } from '../fields/compile-field.ts';
import { asSaidInJson } from '../fields/json-field.ts';
import { asWritten } from '../fields/notation.ts';
import { asWrittenByPostgres } from '../fields/postgres-field.ts';
import { elementField, listField } from '../fields/repeated-field.ts';
import { compileSheetField, type SheetFieldReader } from '../fields/sheet-field.ts';
import type { CopyTable } from '../tables/landing-parts.ts';
import type { Dataset, Field, FileColumn, TableSchema, WrittenField } from '../types.ts';
import { refuseNullSign } from './null-sign.ts';
import type { RepeatedColumns } from './repeated-columns.ts';
import type { RowContext } from './row-context.ts';

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
export interface Part {
  readonly table: CopyTable;
  readonly feeds: readonly Feed[];
}

export function feedsOf({ schema }: Dataset, columns: readonly FileColumn[], context: RowContext): Feed[] {
  const { holdsNull = false, takesNullSign = false, guarded = false, sheetCells, isJson = false } = context;
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
    const written = asInFile(asWritten(field, column), schema, context);
    if (sheetCells !== undefined) {
      const sheet = compileSheetField(written, schema, guarded, holdsNull ? NULL_CELL : undefined);
      return { cell, field: field.name, reader: sheet, sheet };
    }
    const reader = compileField(written, schema, holdsNull ? NULL_CELL : undefined);
    const asksForNull = !takesNullSign && !guarded;
    return { cell, field: field.name, reader: asksForNull ? refuseNullSign(reader) : reader };
  });
}

/** What the file says of its values beside the dataset. */
function asInFile(
  field: WrittenField,
  schema: TableSchema,
  { writtenBy, tellsEmpty = false }: RowContext,
): WrittenField {
  if (writtenBy !== undefined) return asWrittenByPostgres(field, schema);
  return tellsEmpty ? asSaidInJson(field, schema) : field;
}

function repeatedFeed(
  field: Field,
  cells: readonly number[],
  schema: TableSchema,
  context: RowContext,
): Feed {
  const { holdsNull = false, takesNullSign = false, guarded = false, sheetCells } = context;
  const written = asInFile(elementField(field), schema, context);
  const repeated = { cells, list: compileField(listField(field), schema) };
  const place = { cell: cells[0]!, field: field.name, repeated };
  if (sheetCells !== undefined) {
    const sheet = compileSheetField(written, schema, guarded, holdsNull ? NULL_CELL : undefined);
    return { ...place, reader: sheet, sheet };
  }
  const reader = compileField(written, schema, holdsNull ? NULL_CELL : undefined);
  return { ...place, reader: takesNullSign || guarded ? reader : refuseNullSign(reader) };
}
