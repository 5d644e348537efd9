// The cells of a record as their sender wrote them: without what our own reject file put before them and, of a sheet, as a CSV
// file would have them.
import { type FileDialect, isFromPostgres } from '../csv/types.ts';
import { compileSheetField } from '../dataset/fields/sheet-field.ts';
import { asWrittenByPostgres } from '../dataset/fields/postgres-field.ts';
import { elementField } from '../dataset/fields/repeated-field.ts';
import { asWritten } from '../dataset/fields/notation.ts';
import type { Dataset, FileColumn } from '../dataset/types.ts';
import { shownText } from '../excel/sheet-cell.ts';
import { isRejectFile } from './rejects.ts';
import { unguard } from './spreadsheet-guard.ts';

export type SentCells = (cells: string[]) => string[];

export interface FileOfCells {
  readonly dialect: FileDialect;
  readonly columns: readonly FileColumn[];
  readonly document: Dataset;
}

export function sentCells({ dialect, columns, document }: FileOfCells): SentCells {
  const guarded = isRejectFile(columns);
  if (dialect.sheet === undefined) return guarded ? (cells) => cells.map(unguard) : (cells) => cells;
  const { schema } = document;
  const shown = (cell: string): string => (guarded ? unguard(shownText(cell)) : shownText(cell));
  const toText = columns.map((column) => {
    if (column.fieldIndex === null) return shown;
    const field = schema.fields[column.fieldIndex]!;
    const ofCell = field.repeated === true ? elementField(field) : field;
    const asInFile = asWritten(ofCell, column);
    const written = isFromPostgres(dialect.databaseText) ? asWrittenByPostgres(asInFile, schema) : asInFile;
    return compileSheetField(written, schema, guarded).toText;
  });
  return (cells) => cells.map((cell, at) => (toText[at] ?? shown)(cell));
}
