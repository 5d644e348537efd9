// How a file was read, as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { fullDialect } from '../../core/csv/dialect/dialect-options.ts';
import type { FileDialect, SheetOfFile } from '../../core/csv/types.ts';
import { cellName, columnLetters } from '../../core/excel/cell-name.ts';
import { component } from '../http/components.ts';
import { choice, Count, nullable } from '../http/schemas.ts';

const TableEnd = component(
  'TableEnd',
  Type.Object(
    { row: Type.Integer(), line: Type.Integer() },
    {
      description:
        'Where the header comes again: another table begins there, and its records are rejected (`table-error`).',
    },
  ),
);

const SheetSchema = component(
  'ImportSheet',
  Type.Object(
    {
      name: Type.String(),
      isHidden: Type.Boolean({ description: 'true: the sheet is hidden; the upload named it.' }),
      firstColumn: Type.String({ description: 'The column where the table begins, such as `A`.' }),
      hiddenRows: Count('Rows with values that are hidden, or filtered. They are records.'),
      hiddenColumns: Count('Columns that are hidden. They are columns like others.'),
      mergedCells: Type.Array(Type.String(), {
        description:
          'Ranges of merged cells, such as `B2:B4`. A record that lacks a value because of one is rejected (`cell-error`).',
      }),
      otherSheets: Type.Array(Type.String(), { description: 'Sheets that were not read.' }),
    },
    {
      description:
        'The sheet of a workbook whose rows are the records; a text file has none. A line is a row of the sheet then, and the dialect is that of the text that Sluice makes of the sheet.',
    },
  ),
);

export const DialectSchema = component(
  'ImportDialect',
  Type.Object(
    {
      delimiter: Type.String({ description: 'One character, or two.' }),
      quote: nullable(Type.String({ description: 'The quote that may be around a cell; null: none.' })),
      escape: nullable(
        Type.String({ description: 'The quote itself (doubled) or a backslash; null: there are no quotes.' }),
      ),
      comment: nullable(Type.String({ description: 'Lines that begin with it are passed over.' })),
      format: choice(
        ['csv', 'ndjson', 'json'],
        'What the file is: CSV, a JSON object on each line, or a list of JSON objects.',
      ),
      databaseText: nullable(
        choice(
          ['mysql', 'postgres-text', 'postgres-csv'],
          'The database that wrote the file. `mysql`, `postgres-text`: a backslash escapes in any cell, and `\\N` is NULL. `postgres-csv`: an empty cell without quotes is NULL. null: the file is CSV.',
        ),
      ),
      skipInitialSpace: Type.Optional(
        Type.Boolean({ description: 'true: blanks at the beginning of a cell are left out.' }),
      ),
      lineEnd: nullable(
        choice(['lf', 'crlf', 'cr', 'mixed'], 'How lines end, as found in the file’s first bytes.'),
      ),
      tableEnd: nullable(TableEnd),
      header: Type.Boolean({ description: 'false: the columns are the dataset’s fields in order.' }),
      skipLines: Count('Physical lines passed over above the header; Excel’s line `sep=;` is one.'),
      headerRows: Count('Of how many records the header is.'),
      skipAfterHeader: Count('Records passed over right below the header, such as units.'),
      skipFooter: nullable(
        Count(
          'Lines passed over at the end. null: nobody has said, and a record that looks like a total is rejected.',
        ),
      ),
      repeatedHeader: choice(
        ['table', 'skip'],
        'What the header is further down: the start of another table, or left out.',
      ),
      repeatedHeaders: nullable(
        Count('How often the header was left out; null: it is not, or the file has not been scanned yet.'),
      ),
      emptyRecords: choice(['skip', 'keep'], 'What becomes of records that have no value in any cell.'),
      skippedEmptyRecords: Count(
        'Records that had no value in any cell and were left out; those above the end of the file are known when it has been scanned.',
      ),
      notesBelow: Count(
        'Records at the end of the file that look like notes below the table, and are rejected.',
      ),
      shortRecords: choice(['reject', 'null'], 'What becomes of a record with fewer cells than the header.'),
      sheet: Type.Optional(SheetSchema),
      entries: Type.Optional(
        Type.Array(Type.String(), {
          description: 'The files of a ZIP archive that were joined, in their order.',
        }),
      ),
      otherEntries: Type.Optional(
        Type.Array(Type.String(), {
          description:
            'Up to 20 files of the ZIP archive that were not read, such as `Thumbs.db`, `~$list.csv`, or a text beside the CSV.',
        }),
      ),
    },
    { description: 'How the file was read.' },
  ),
);

/** With what holds where nothing was said. */
export function toDialectJson({
  sheet,
  parts,
  otherEntries,
  otherNames: _known,
  skippedEmptyRecords = 0,
  emptyRecordsWithin = 0,
  ...dialect
}: FileDialect): Static<typeof DialectSchema> {
  return {
    header: true,
    skipLines: 0,
    headerRows: 1,
    skipAfterHeader: 0,
    skipFooter: null,
    repeatedHeader: 'table',
    repeatedHeaders: null,
    emptyRecords: 'keep',
    skippedEmptyRecords: skippedEmptyRecords + emptyRecordsWithin,
    notesBelow: 0,
    shortRecords: 'reject',
    tableEnd: null,
    ...dialect,
    // A file of one line has none.
    lineEnd: dialect.lineEnd ?? null,
    ...fullDialect(dialect),
    format: formatOf(dialect),
    ...(sheet === undefined ? {} : { sheet: toSheetJson(sheet) }),
    ...(parts === undefined ? {} : { entries: parts.map(({ name }) => name) }),
    ...(otherEntries === undefined ? {} : { otherEntries: [...otherEntries] }),
  };
}

function formatOf({ json }: Pick<FileDialect, 'json'>): 'csv' | 'ndjson' | 'json' {
  if (json === undefined) return 'csv';
  return json.isArray === true ? 'json' : 'ndjson';
}

function toSheetJson(sheet: SheetOfFile): Static<typeof SheetSchema> {
  return {
    name: sheet.name,
    isHidden: sheet.isHidden,
    firstColumn: columnLetters(sheet.firstColumn),
    hiddenRows: sheet.hiddenRows,
    hiddenColumns: sheet.hiddenColumns,
    mergedCells: sheet.merged.map(
      ([firstRow, firstColumn, lastRow, lastColumn]) =>
        `${cellName(firstRow, firstColumn)}:${cellName(lastRow, lastColumn)}`,
    ),
    otherSheets: [...sheet.otherSheets],
  };
}
