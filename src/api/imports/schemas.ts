// Imports and row errors as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { fullDialect } from '../../core/csv/dialect/dialect-options.ts';
import { NEGATIVES, TIME_ZONE_OVERLAPS, type Negative } from '../../core/dataset/types.ts';
import { IMPORT_MODES, ON_ERRORS } from '../../core/imports/import-mode.ts';
import type { FileDialect, SheetOfFile } from '../../core/csv/types.ts';
import { cellName, columnLetters } from '../../core/excel/cell-name.ts';
import { withPlace, type PlacesOfFile } from '../../core/imports/error-place.ts';
import { CONSTRAINT_NAMES, ROW_ERROR_CODES, type RowError } from '../../core/imports/row-error.ts';
import { TASK_STATUSES } from '../../core/tasks/task-status.ts';
import type { ImportView } from '../../db/imports/import-views.ts';
import type { TaskView } from '../../db/tasks/task-views.ts';
import { TASK_ERROR_CODES, type TaskErrorCode } from '../../core/tasks/task-errors.ts';
import { commaList, component } from '../http/components.ts';
import { Column } from '../http/problem-schemas.ts';
import { CreatedBy, Id, Instant, nullable, PageQuery } from '../http/schemas.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });

const choice = <const T extends string>(values: readonly T[], description: string) =>
  Type.Enum([...values], { type: 'string', description });

export const StatusName = component(
  'TaskStatus',
  choice(
    TASK_STATUSES,
    'queued → running → succeeded | failed | cancelled (via cancelling). The last three are final.',
  ),
);

export const WaitingFor = Type.String({
  description:
    'What it waits for outside of Sluice, such as a lock that another program holds on the table. Null while it works.',
  examples: ['a lock on people, held by pid 4711 (psql) since 2026-11-28T07:00:00.000Z'],
});

export const ProgressSchema = component(
  'ImportProgress',
  Type.Object(
    {
      bytesDone: Count('Bytes of records landed or rejected so far.'),
      bytesTotal: Count('Bytes of records in the file (as UTF-8, without the header).'),
      rowsDone: Count('Records landed or rejected so far.'),
      rowsTotal: nullable(Count('Records in the file; null until it has been scanned.')),
      chunksDone: Count('Chunks done.'),
      chunksTotal: nullable(Count('Chunks in all; null until the file has been scanned.')),
      rowsPerSecond: nullable(Count('Average from the start to the last chunk done.')),
      etaSeconds: nullable(Count('Seconds to go at that rate.')),
    },
    {
      examples: [
        {
          bytesDone: 41943040,
          bytesTotal: 104857600,
          rowsDone: 400000,
          rowsTotal: 1000000,
          chunksDone: 10,
          chunksTotal: 25,
          rowsPerSecond: 210000,
          etaSeconds: 3,
        },
      ],
    },
  ),
);

/** Why a task has failed; the name says of which tasks the codes are. */
const errorOf = (name: string, codes: readonly TaskErrorCode[]) =>
  component(
    name,
    Type.Object(
      {
        code: Type.Unsafe<TaskErrorCode>(choice(codes, 'What a program may branch on.')),
        message: Type.String({ description: 'Why it failed, and where.' }),
        chunkNo: Type.Optional(
          Type.Integer({ description: 'The chunk that could not be loaded, from 0; of `chunk-failed`.' }),
        ),
      },
      { description: 'Why it failed.' },
    ),
  );

export const ImportErrorSchema = errorOf('ImportError', TASK_ERROR_CODES.import);
export const UndoErrorSchema = errorOf('UndoError', TASK_ERROR_CODES.undo);

export const CountsSchema = component(
  'ImportCounts',
  Type.Object(
    {
      records: nullable(Count('Records in the file; null until it has been scanned.')),
      inserted: Count('Records that became rows.'),
      updated: Count('Records whose row was there and has changed.'),
      unchanged: Count('Records whose row was already as in the file; it was not written.'),
      superseded: Count('Records of an upsert whose key comes again later in the file; the last one counts.'),
      rejected: Count('Records that did not land; see /errors and /rejects.csv.'),
      unprocessed: nullable(
        Count(
          'Records that neither landed nor were rejected: not yet, or, at the end, not at all. Null as `records` is.',
        ),
      ),
      loaded: Count('inserted + updated + unchanged: the records that are in the table.'),
      deleted: Count('Rows that a replace took out.'),
      errors: Count('Row errors; a record may have several.'),
    },
    {
      description:
        'Always exact: inserted + updated + unchanged + superseded + rejected + unprocessed = records. For a dry run: what would happen.',
      examples: [
        {
          records: 1000,
          inserted: 998,
          updated: 0,
          unchanged: 0,
          superseded: 0,
          rejected: 2,
          unprocessed: 0,
          loaded: 998,
          deleted: 0,
          errors: 3,
        },
      ],
    },
  ),
);

const RowErrorCodeName = component(
  'RowErrorCode',
  choice(ROW_ERROR_CODES, 'The kind of error, for programs; named after the Frictionless errors.'),
);

const CellOfSheet = Type.String({
  description: 'Of a workbook: the cell in its sheet, such as `B12`.',
});

const EntryOfError = Type.String({
  description: 'Of joined files of a ZIP archive: the name of the file, whose own line `line` is then.',
});

export const RowErrorSchema = component(
  'RowError',
  Type.Object(
    {
      row: Type.Integer({
        description:
          'Data record, from 1; the header and blank lines do not count. Of a retry, its `_row`: the number in the first file; 0 when that is no number.',
      }),
      line: Type.Integer({
        description: 'Physical line where the record starts, from 1, as an editor shows it.',
      }),
      lineEnd: Type.Optional(
        Type.Integer({ description: 'Physical line where it ends, if that is another one.' }),
      ),
      column: nullable(Column),
      cell: Type.Optional(CellOfSheet),
      entry: Type.Optional(EntryOfError),
      code: RowErrorCodeName,
      constraint: Type.Optional(choice(CONSTRAINT_NAMES, 'Which constraint, with `constraint-error`.')),
      value: nullable(
        Type.String({
          description: 'The cell as in the file, cut to 200 characters; null for one of a sensitive field.',
        }),
      ),
      message: Type.String(),
    },
    {
      examples: [
        {
          row: 17,
          line: 18,
          column: { index: 5, name: '電話番号' },
          code: 'constraint-error',
          constraint: 'pattern',
          value: '03-1234-5678',
          message: 'must match [0-9]{11}',
        },
      ],
    },
  ),
);

const FirstError = component(
  'FirstRowError',
  Type.Object(
    {
      row: Type.Integer({ description: 'Data record, from 1.' }),
      line: Type.Integer({ description: 'Physical line where the record starts.' }),
      column: nullable(Column),
      cell: Type.Optional(CellOfSheet),
      entry: Type.Optional(EntryOfError),
      code: RowErrorCodeName,
      message: Type.String(),
    },
    { description: 'The first row error of the file.' },
  ),
);

export const UndoResultSchema = component(
  'UndoResult',
  Type.Object(
    {
      deleted: Count('Rows deleted.'),
      changed: Count('Rows kept, because they or a row they are linked to were changed since.'),
      held: Count('Rows kept, because a later upsert found them unchanged, so they are its rows too.'),
      referenced: Count(
        'Rows kept, because a row of another table, or a kept row of the same table, refers to them.',
      ),
      gone: Count(
        'Rows that were no longer there, or had lost their `import_id`. They are not in unprocessed.csv.',
      ),
      references: Type.Array(
        component(
          'KeptReference',
          Type.Object({
            row: Type.Integer({ description: 'The record in the file.' }),
            id: Id('Of the row.'),
            referencedBy: Type.String({ description: 'The table that refers to it.' }),
          }),
        ),
        { description: 'The first 100 of those referenced.' },
      ),
    },
    { description: 'What an undo has deleted and kept.' },
  ),
);

const UndoSchema = component(
  'ImportUndo',
  Type.Object(
    {
      taskId: Id('The task that takes the rows back.'),
      status: StatusName,
      result: nullable(UndoResultSchema),
      error: nullable(UndoErrorSchema),
    },
    {
      description:
        'The newest undo that was asked for. Once it has succeeded, `counts` are without the rows taken back, which are `unprocessed` then.',
    },
  ),
);

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
      format: choice(['csv', 'ndjson'], 'What the file is: CSV, or a JSON object on each line.'),
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
      shortRecords: choice(['reject', 'null'], 'What becomes of a record with fewer cells than the header.'),
      sheet: Type.Optional(SheetSchema),
      entries: Type.Optional(
        Type.Array(Type.String(), {
          description: 'The files of a ZIP archive that were joined, in their order.',
        }),
      ),
    },
    { description: 'How the file was read.' },
  ),
);

const FileColumnSchema = component(
  'ImportColumn',
  Type.Object({
    header: Type.String(),
    field: nullable(Type.String({ description: 'The field it feeds; null: ignored.' })),
    dateOrder: Type.Optional(choice(['ymd', 'dmy', 'mdy'], 'As the upload said, or as the file proves.')),
    decimalChar: Type.Optional(Type.String({ description: 'As the upload said.' })),
    groupChar: Type.Optional(Type.String({ description: 'As the upload said.' })),
    pivotYear: Type.Optional(Type.Integer({ description: 'As the upload said.' })),
    negative: Type.Optional(
      Type.Unsafe<readonly Negative[]>(
        Type.Array(Type.Enum([...NEGATIVES], { type: 'string' }), { description: 'As the upload said.' }),
      ),
    ),
    timeZone: Type.Optional(
      Type.String({
        description:
          'Of times without an offset, as the upload said; without it as the dataset says, or UTC.',
      }),
    ),
    timeZoneOverlap: Type.Optional(choice(TIME_ZONE_OVERLAPS, 'As the upload said.')),
  }),
);

const LinksSchema = component(
  'ImportLinks',
  Type.Object({
    task: Type.String(),
    errors: Type.String(),
    rejects: Type.String(),
    rejectsWorkbook: Type.String(),
    unprocessed: Type.String(),
    accepted: Type.String(),
    events: Type.String(),
  }),
);

export const ImportSchema = component(
  'Import',
  Type.Object({
    id: Id('The import, and its task.'),
    dataset: Type.String(),
    datasetVersion: nullable(
      Type.Integer({
        description:
          'The version of the dataset that it goes by to its end, whatever becomes of the dataset meanwhile; null where it is not known.',
      }),
    ),
    fileName: nullable(Type.String({ description: 'As sent, cleaned of control characters.' })),
    entryName: nullable(
      Type.String({
        description: 'The name of the CSV in its ZIP archive; null if it was not in one.',
      }),
    ),
    status: StatusName,
    counts: CountsSchema,
    progress: nullable(ProgressSchema),
    firstError: nullable(FirstError),
    error: nullable(ImportErrorSchema),
    attempts: Count('How often it was begun.'),
    waitingFor: nullable(WaitingFor),
    bytes: Count('Size as sent; of a packed file, packed.'),
    sha256: Type.String({ description: 'SHA-256 of the bytes as sent, hex; of a packed file, packed.' }),
    mode: choice(IMPORT_MODES, 'How records became rows.'),
    onError: choice(ON_ERRORS, 'What happened to bad records.'),
    maxErrors: nullable(
      Type.String({
        description: 'How many records may be rejected, as a number or a percentage; null: any number.',
      }),
    ),
    dryRun: Type.Boolean({ description: 'true: nothing lands; the counts say what would be.' }),
    commitOf: nullable(Id('The dry run that this import commits.')),
    duplicateOf: nullable(
      Id(
        'The newest import of the same bytes into the same dataset that had succeeded or was under way when this one was taken.',
      ),
    ),
    encoding: Type.String({
      description: 'As declared, by BOM, or utf-8: the name in the WHATWG Encoding Standard, lower case.',
    }),
    dialect: DialectSchema,
    columns: Type.Array(FileColumnSchema, {
      description: 'The file’s columns, the fields they feed, and how they write dates and numbers.',
    }),
    ignoredColumns: Type.Array(Type.String(), {
      description: 'Headers of columns that were let pass and not loaded.',
    }),
    parentId: nullable(Id('Of a retry: the import whose rejects it mends.')),
    rerunOf: nullable(Id('The failed or cancelled import that this one runs again.')),
    retries: Type.Array(Id('A retry.'), {
      description: 'Imports that mend the rejects of this one, oldest first.',
    }),
    undo: nullable(UndoSchema),
    createdAt: Instant('When the file was taken.'),
    startedAt: nullable(Instant('When a worker began.')),
    finishedAt: nullable(Instant('When it ended.')),
    erasedAt: nullable(
      Instant('When its file, its rejects, its names and the values of its row errors were erased.'),
    ),
    createdBy: nullable(CreatedBy),
    links: LinksSchema,
  }),
);

// Parameters that may be left out have no example: a page that fills in a form would send it.
const WHEN =
  'a time such as 2026-01-31T09:00:00Z (RFC 3339), or a date such as 2026-01-31, which is the start of that day in UTC.';

export const HistoryQuery = Type.Object(
  {
    ...PageQuery,
    status: Type.Optional(commaList(StatusName, 'Only these statuses: one, or several with commas.')),
    dataset: Type.Optional(Type.String({ description: 'Only this dataset.' })),
    createdBy: Type.Optional(Type.String({ format: 'uuid', description: 'Only what this user sent.' })),
    createdAfter: Type.Optional(Type.String({ description: `Only what was sent then or later: ${WHEN}` })),
    createdBefore: Type.Optional(Type.String({ description: `Only what was sent before then: ${WHEN}` })),
  },
  { additionalProperties: false },
);

export const ErrorsQuery = Type.Object(
  {
    ...PageQuery,
    code: Type.Optional(RowErrorCodeName),
    column: Type.Optional(Type.String({ description: 'Only this column, by its header.' })),
  },
  { additionalProperties: false },
);

/** The times of a task as text; null stays null. */
export function toTimes(view: Pick<TaskView, 'createdAt' | 'startedAt' | 'finishedAt'>) {
  return {
    createdAt: view.createdAt.toISOString(),
    startedAt: view.startedAt?.toISOString() ?? null,
    finishedAt: view.finishedAt?.toISOString() ?? null,
  };
}

/** With what holds where nothing was said. */
export function toDialectJson({ sheet, parts, ...dialect }: FileDialect): Static<typeof DialectSchema> {
  return {
    header: true,
    skipLines: 0,
    headerRows: 1,
    skipAfterHeader: 0,
    skipFooter: null,
    repeatedHeader: 'table',
    repeatedHeaders: null,
    shortRecords: 'reject',
    tableEnd: null,
    ...dialect,
    // A file of one line has none.
    lineEnd: dialect.lineEnd ?? null,
    ...fullDialect(dialect),
    format: dialect.json === undefined ? 'csv' : 'ndjson',
    ...(sheet === undefined ? {} : { sheet: toSheetJson(sheet) }),
    ...(parts === undefined ? {} : { entries: parts.map(({ name }) => name) }),
  };
}

export function toImport(view: ImportView): Static<typeof ImportSchema> {
  return {
    id: view.id,
    dataset: view.dataset,
    datasetVersion: view.datasetVersion,
    fileName: view.fileName,
    entryName: view.entryName,
    status: view.status,
    counts: view.counts,
    progress: view.progress,
    firstError: view.firstError && withPlace(view.firstError, view.dialect),
    parentId: view.parentId,
    rerunOf: view.rerunOf,
    retries: [...view.retries],
    undo: view.undo,
    error: view.error,
    attempts: view.attempts,
    waitingFor: view.waitingFor,
    bytes: view.bytes,
    sha256: view.sha256,
    mode: view.mode,
    onError: view.onError,
    maxErrors: view.maxErrors,
    dryRun: view.dryRun,
    commitOf: view.commitOf,
    duplicateOf: view.duplicateOf,
    encoding: view.encoding,
    dialect: toDialectJson(view.dialect),
    columns: [...view.columns],
    ignoredColumns: view.columns.filter((column) => column.field === null).map((column) => column.header),
    ...toTimes(view),
    erasedAt: view.erasedAt?.toISOString() ?? null,
    createdBy: view.createdBy,
    links: {
      task: `/v1/tasks/${view.id}`,
      errors: `/v1/imports/${view.id}/errors`,
      rejects: `/v1/imports/${view.id}/rejects.csv`,
      rejectsWorkbook: `/v1/imports/${view.id}/rejects.xlsx`,
      unprocessed: `/v1/imports/${view.id}/unprocessed.csv`,
      accepted: `/v1/imports/${view.id}/accepted.csv`,
      events: `/v1/imports/${view.id}/events`,
    },
  };
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

/** @param file says what its places are called */
export function toRowErrorJson(error: RowError, file: PlacesOfFile): Static<typeof RowErrorSchema> {
  return { ...withPlace(error, file) };
}
