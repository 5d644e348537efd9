// Imports as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { NEGATIVES, TIME_ZONE_OVERLAPS, type Negative } from '../../core/dataset/types.ts';
import { withPlace } from '../../core/imports/error-place.ts';
import { IMPORT_MODES, ON_ERRORS } from '../../core/imports/import-mode.ts';
import type { ImportView } from '../../db/imports/import-views.ts';
import { commaList, component } from '../http/components.ts';
import { choice, Count, CreatedBy, Id, Instant, nullable, PageQuery } from '../http/schemas.ts';
import { DialectSchema, toDialectJson } from './dialect-schema.ts';
import {
  CountsSchema,
  ImportErrorSchema,
  ProgressSchema,
  StatusName,
  toTimes,
  UndoSchema,
  WaitingFor,
} from './outcome-schema.ts';
import { FirstError } from './row-error-schema.ts';

const FileColumnSchema = component(
  'ImportColumn',
  Type.Object({
    header: Type.String(),
    field: nullable(Type.String({ description: 'The field it feeds; null: ignored.' })),
    dateOrder: Type.Optional(choice(['ymd', 'dmy', 'mdy'], 'As the upload said, or as the file proves.')),
    decimalChar: Type.Optional(Type.String({ description: 'As the upload said.' })),
    groupChar: Type.Optional(Type.String({ description: 'As the upload said.' })),
    pivotYear: Type.Optional(Type.Integer({ description: 'As the upload said.' })),
    trim: Type.Optional(Type.Boolean({ description: 'As the upload said.' })),
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

/** @param basePath what clients have before each path (SLUICE_BASE_PATH) */
export function toImport(view: ImportView, basePath: string): Static<typeof ImportSchema> {
  const own = `${basePath}/v1/imports/${view.id}`;
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
      task: `${basePath}/v1/tasks/${view.id}`,
      errors: `${own}/errors`,
      rejects: `${own}/rejects.csv`,
      rejectsWorkbook: `${own}/rejects.xlsx`,
      unprocessed: `${own}/unprocessed.csv`,
      accepted: `${own}/accepted.csv`,
      events: `${own}/events`,
    },
  };
}
