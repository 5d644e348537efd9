// Imports as clients see them: read in one statement, so that status, counts and progress agree.
import type pg from 'pg';
import type { FileDialect } from '../../core/csv/types.ts';
import type { Dataset, FileColumn } from '../../core/dataset/types.ts';
import { countRecords, type ImportCounts, type PublishedCounts } from '../../core/imports/import-counts.ts';
import type { ImportMode, ImportOptions, OnError } from '../../core/imports/import-mode.ts';
import type { RowError } from '../../core/imports/row-error.ts';
import type { TaskError, UndoResult } from '../../core/tasks/task.ts';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import { prepared } from '../prepared.ts';
import { tableName } from '../identifiers.ts';
import { importRowErrors, imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';
import {
  TASK_COLUMNS,
  TASK_FROM,
  toTaskStanding,
  type TaskStanding,
  type TaskStandingRow,
} from '../tasks/task-views.ts';
import { CHUNK_SUMS, IMPORT_FACTS, type ImportFacts } from './import-progress.ts';

export interface ImportView extends Omit<TaskStanding, 'name'>, ImportOptions {
  /** Changes whenever something a client can see has changed. */
  readonly version: string;
  readonly dataset: string;
  /** The version of the dataset that it goes by to its end; null: it is not known. */
  readonly datasetVersion: number | null;
  readonly fileName: string | null;
  /** The CSV's name in the ZIP archive it came in. */
  readonly entryName: string | null;
  readonly bytes: number;
  readonly sha256: string;
  /** An import of the same bytes that had landed or was under way when this one was taken. */
  readonly duplicateOf: string | null;
  readonly encoding: string;
  readonly hadBom: boolean;
  readonly dialect: FileDialect;
  /** The file's columns and the fields they feed; null for an ignored column. */
  readonly columns: readonly (Omit<FileColumn, 'fieldIndex'> & { readonly field: string | null })[];
  readonly counts: ImportCounts;
  readonly firstError: Pick<RowError, 'row' | 'line' | 'column' | 'code' | 'message'> | null;
  /** Of a retry: the import whose rejects it mends. */
  readonly parentId: string | null;
  /** Oldest first. */
  readonly retries: readonly string[];
  /** The newest undo that was asked for. */
  readonly undo: UndoView | null;
  readonly filesRemovedAt: Date | null;
  readonly errorsRemovedAt: Date | null;
  /** The failed or cancelled import that this one runs again. */
  readonly rerunOf: string | null;
  readonly erasedAt: Date | null;
}

export interface UndoView {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly result: UndoResult | null;
  readonly error: TaskError | null;
}

/** One row of the statements for imports; bigint sums come as text. */
interface ImportViewRow extends TaskStandingRow {
  progress: ImportFacts;
  dataset: string;
  dataset_version: number | null;
  document: Dataset;
  file_name: string | null;
  entry_name: string | null;
  bytes: string;
  sha256: string;
  mode: ImportMode;
  on_error: OnError;
  max_errors: string | null;
  dry_run: boolean;
  commit_of: string | null;
  published: PublishedCounts | null;
  kept: string | null;
  undo: UndoView | null;
  parent_id: string | null;
  retries: string[];
  duplicate_of: string | null;
  encoding: string;
  had_bom: boolean;
  dialect: FileDialect;
  columns: FileColumn[];
  records: string | null;
  files_removed_at: Date | null;
  errors_removed_at: Date | null;
  rerun_of: string | null;
  erased_at: Date | null;
  loaded: string;
  rejected: string;
  errors: string;
  first_error: ImportView['firstError'];
}

const IMPORT_FROM = `${TASK_FROM}
  JOIN ${tableName(imports)} i ON i.id = t.id
  JOIN LATERAL (${CHUNK_SUMS}) c ON true`;

const IMPORT_COLUMNS = `
  ${TASK_COLUMNS}, ${IMPORT_FACTS} AS progress, c.loaded, c.rejected, c.errors,
  i.dataset, i.dataset_version, i.records, i.document, i.file_name, i.entry_name, i.bytes, i.sha256, i.mode, i.on_error, i.max_errors, i.dry_run, i.commit_of, i.published, i.kept, i.parent_id, i.duplicate_of, i.encoding, i.had_bom, i.dialect, i.columns, i.files_removed_at, i.errors_removed_at, i.rerun_of, i.erased_at,
  (SELECT jsonb_build_object('row', e.row, 'line', e.line, 'code', e.code, 'message', e.message,
          'column', CASE WHEN e.column_index IS NOT NULL THEN jsonb_build_object('index', e.column_index, 'name', coalesce(e.column_name, '')) END)
     FROM ${tableName(importRowErrors)} e WHERE e.import_id = i.id ORDER BY e.row, e.line, e.no LIMIT 1) AS first_error,
  (SELECT jsonb_build_object('taskId', n.id, 'status', n.status, 'result', n.result, 'error', n.error)
     FROM ${tableName(tasks)} n WHERE n.id = i.undo_id) AS undo,
  ARRAY(SELECT r.id FROM ${tableName(imports)} r WHERE r.parent_id = i.id ORDER BY r.id) AS retries`;

const IMPORT_VIEW = prepared(`SELECT ${IMPORT_COLUMNS} ${IMPORT_FROM} WHERE t.id = $1`);
const IMPORT_LIST = prepared(`SELECT ${IMPORT_COLUMNS} ${IMPORT_FROM}
   WHERE ($1::text[] IS NULL OR t.status = ANY($1))
     AND ($2::text IS NULL OR i.dataset = $2)
     AND ($3::uuid IS NULL OR t.created_by = $3)
     AND ($4::timestamptz IS NULL OR t.created_at >= $4)
     AND ($5::timestamptz IS NULL OR t.created_at < $5)
     AND ($6::uuid IS NULL OR i.id < $6)
     AND ($8::text[] IS NULL OR i.dataset = ANY ($8))
   ORDER BY i.id DESC LIMIT $7`);

export async function findImportView(pool: pg.Pool, id: string): Promise<ImportView | undefined> {
  const { rows } = await pool.query<ImportViewRow>({
    ...IMPORT_VIEW,
    values: [id],
  });
  return rows[0] && toImportView(rows[0]);
}

export interface ImportFilter {
  readonly status?: readonly TaskStatus[];
  readonly dataset?: string;
  /** Only of these. */
  readonly datasets?: readonly string[] | undefined;
  readonly createdBy?: string;
  readonly createdAfter?: string;
  readonly createdBefore?: string;
}

/** A page of the history, newest first; `before` is the last id of the page before. */
export async function listImportViews(
  pool: pg.Pool,
  filter: ImportFilter,
  page: { limit: number; before?: string },
): Promise<{ imports: ImportView[]; next: string | null }> {
  const { rows } = await pool.query<ImportViewRow>({
    ...IMPORT_LIST,
    values: [
      filter.status ?? null,
      filter.dataset ?? null,
      filter.createdBy ?? null,
      filter.createdAfter ?? null,
      filter.createdBefore ?? null,
      page.before ?? null,
      page.limit + 1,
      filter.datasets ?? null,
    ],
  });
  const shown = rows.slice(0, page.limit).map(toImportView);
  return { imports: shown, next: rows.length > page.limit ? (shown.at(-1)?.id ?? null) : null };
}

function toImportView(row: ImportViewRow): ImportView {
  const { name: _name, ...task } = toTaskStanding(row);
  const options: ImportOptions = {
    mode: row.mode,
    onError: row.on_error,
    maxErrors: row.max_errors,
    dryRun: row.dry_run,
    commitOf: row.commit_of,
  };
  return {
    ...task,
    version: `${row.version}.${row.progress.chunksDone}.${row.progress.chunksTotal}`,
    dataset: row.dataset,
    datasetVersion: row.dataset_version,
    fileName: row.file_name,
    entryName: row.entry_name,
    bytes: Number(row.bytes),
    sha256: row.sha256,
    ...options,
    duplicateOf: row.duplicate_of,
    encoding: row.encoding,
    hadBom: row.had_bom,
    dialect: row.dialect,
    columns: withFields(row.columns, row.document),
    counts: countRecords({
      ...options,
      records: row.records === null ? null : Number(row.records),
      landed: Number(row.loaded),
      rejected: Number(row.rejected),
      errors: Number(row.errors),
      published: row.published,
      kept: row.kept === null ? null : Number(row.kept),
    }),
    firstError: row.first_error,
    undo: row.undo,
    parentId: row.parent_id,
    retries: row.retries,
    filesRemovedAt: row.files_removed_at,
    errorsRemovedAt: row.errors_removed_at,
    rerunOf: row.rerun_of,
    erasedAt: row.erased_at,
  };
}

/** Columns with the names of the fields they feed. */
export function withFields(columns: readonly FileColumn[], document: Dataset): ImportView['columns'] {
  return columns.map(({ fieldIndex, ...column }) => ({
    ...column,
    field: fieldIndex === null ? null : (document.schema.fields[fieldIndex]?.name ?? null),
  }));
}
