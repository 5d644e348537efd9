// Imports, their chunks and their row errors.
import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { BrokenRecord, FileDialect, FilePlan, Rescan } from '../../core/csv/types.ts';
import type { UndecodablePlace } from '../../core/csv/text/undecodable.ts';
import type { ColumnMapping } from '../../core/dataset/header/mapping.ts';
import type { Dataset, FileColumn } from '../../core/dataset/types.ts';
import type { TableDigest } from '../datasets/table-digest.ts';
import type { PublishedCounts } from '../../core/imports/import-counts.ts';
import type { IfDuplicate, ImportMode, OnError } from '../../core/imports/import-mode.ts';
import type { RowErrorCode, ConstraintName } from '../../core/imports/row-error.ts';
import { bytea, count, instant, sluice } from './columns.ts';
import { tasks } from './tasks.ts';

export const imports = sluice.table(
  'imports',
  {
    id: uuid()
      .primaryKey()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    /** The dataset as it was at upload: a later change of it does not change this import. */
    dataset: text().notNull(),
    document: jsonb().$type<Dataset>().notNull(),
    /** Which of the dataset's versions that is; null: it is none of them. */
    datasetVersion: integer('dataset_version'),
    fileName: text('file_name'),
    storageKey: text('storage_key').notNull(),
    /** The file itself, as it would be stored, where it is so small that a row holds it; null: it is in the storage. */
    content: bytea(),
    /** As sent, before decoding. */
    bytes: count('bytes').notNull(),
    /** Hex SHA-256 of the bytes as sent. */
    sha256: text().notNull(),
    mode: text().$type<ImportMode>().notNull().default('insert'),
    onError: text('on_error').$type<OnError>().notNull().default('reject'),
    /** As in core/imports/max-errors.ts; null: no limit. */
    maxErrors: text('max_errors'),
    dryRun: boolean('dry_run').notNull().default(false),
    /** The dry run that this import commits. */
    commitOf: uuid('commit_of'),
    /** What becomes of a file whose bytes are in the dataset already. */
    ifDuplicate: text('if_duplicate').$type<IfDuplicate>().notNull().default('allow'),
    /** The newest import of the same bytes into the same dataset, if one had landed or was under way when this one was taken. */
    duplicateOf: uuid('duplicate_of'),
    encoding: text().notNull(),
    hadBom: boolean('had_bom').notNull(),
    dialect: jsonb().$type<FileDialect>().notNull(),
    columns: jsonb().$type<FileColumn[]>().notNull(),
    /** As the sender gave it, or as it was saved; null: columns were matched by their headers. */
    mapping: jsonb().$type<ColumnMapping>(),
    /** What a mapping is saved by (core/dataset/header/mapping.ts); null for a file without a header. */
    headerFingerprint: text('header_fingerprint'),
    /** The CSV's name in the ZIP archive it came in. */
    entryName: text('entry_name'),
    /** Lines with bytes that are no text in `encoding`; their records are rejected. */
    undecodable: jsonb().$type<UndecodablePlace[]>().notNull().default([]),
    /** Stored (UTF-8) bytes: the header ends and the records begin at `dataStart`, on physical line `dataLine`. */
    dataStart: count('data_start').notNull(),
    dataLine: count('data_line').notNull(),
    dataEnd: count('data_end').notNull(),
    /** The plan, where it was made while the file came in, until a worker records it as chunks. */
    plan: jsonb().$type<FilePlan>(),
    /** Set when all chunks are known. */
    plannedAt: instant('planned_at'),
    records: count('records'),
    /** What publishing did; of a dry run, what it would do. Null before, and for imports whose chunks land directly. */
    published: jsonb().$type<PublishedCounts>(),
    /** Of a dry run: what it found in the tables, for the check at commit. */
    digest: jsonb().$type<TableDigest>(),
    /** Of a retry: the import whose rejects it mends, and the first in that chain. */
    parentId: uuid('parent_id'),
    rootId: uuid('root_id'),
    /** The failed or cancelled import that this one runs again. */
    rerunOf: uuid('rerun_of'),
    /** The newest task that was asked to take its rows back. */
    undoId: uuid('undo_id'),
    /** Set when its rows were taken back (undo, or cancel with rollback): rows that still stand, see `kept_rows`. */
    kept: count('kept'),
    /** Set when retention has removed upload and rejects. */
    filesRemovedAt: instant('files_removed_at'),
    /** Set when retention begins to remove its row errors. */
    errorsRemovedAt: instant('errors_removed_at'),
    /** Set when its erasure was asked for: names and values are gone then, and the files as soon as the storage has removed them. */
    erasedAt: instant('erased_at'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    createdBy: uuid('created_by'),
  },
  // History is read by id: UUID v7 is in the order of creation.
  (t) => [
    index('imports_dataset_idx').on(t.dataset, t.id),
    index('imports_sha256_idx').on(t.sha256),
    // The sweep of old files goes dataset by dataset, for each may have a retention of its own.
    index('imports_files_idx')
      .on(t.dataset, t.id)
      .where(sql`${t.filesRemovedAt} is null`),
    index('imports_erased_idx')
      .on(t.id)
      .where(sql`${t.erasedAt} is not null and ${t.filesRemovedAt} is null`),
    index('imports_commit_of_idx')
      .on(t.commitOf)
      .where(sql`${t.commitOf} is not null`),
    index('imports_parent_id_idx')
      .on(t.parentId)
      .where(sql`${t.parentId} is not null`),
    // An import is run again once; what fails again is run again itself.
    uniqueIndex('imports_rerun_of_key')
      .on(t.rerunOf)
      .where(sql`${t.rerunOf} is not null`),
  ],
);

/** Mappings that imports succeeded with. */
export const mappings = sluice.table(
  'mappings',
  {
    dataset: text().notNull(),
    fingerprint: text().notNull(),
    /** The header it was used with last, for people. */
    header: jsonb().$type<string[]>().notNull(),
    mapping: jsonb().$type<ColumnMapping>().notNull(),
    createdBy: uuid('created_by'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    usedAt: instant('used_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.dataset, t.fingerprint] })],
);

export const importChunks = sluice.table(
  'import_chunks',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    chunkNo: integer('chunk_no').notNull(),
    startByte: count('start_byte').notNull(),
    endByte: count('end_byte').notNull(),
    firstRow: count('first_row').notNull(),
    firstLine: count('first_line').notNull(),
    records: integer().notNull(),
    broken: jsonb().$type<BrokenRecord[] | Rescan>().notNull(),
    /** `done` is written in the transaction that lands its rows; `undone` when a cancel has taken them back. */
    status: text().$type<'waiting' | 'done' | 'undone'>().notNull().default('waiting'),
    /** Times it was begun, also by workers that died: what a poison chunk is known by. */
    starts: integer().notNull().default(0),
    /** Rows that landed: in the tables or, when the import is staged, in its staging tables. */
    loaded: integer().notNull().default(0),
    rejected: integer().notNull().default(0),
    /** Row errors found, stored or not. */
    errors: integer().notNull().default(0),
    /** Where its rejects are (JSON lines); a fresh key for every attempt, so that a late worker cannot touch it. */
    rejectsKey: text('rejects_key'),
    doneAt: instant('done_at'),
  },
  (t) => [primaryKey({ columns: [t.importId, t.chunkNo] })],
);

export const importRowErrors = sluice.table(
  'import_row_errors',
  {
    importId: uuid('import_id').notNull(),
    row: count('row').notNull(),
    /** Numbers the errors of one record, from 0. */
    no: integer().notNull(),
    chunkNo: integer('chunk_no').notNull(),
    line: count('line').notNull(),
    lineEnd: count('line_end'),
    columnIndex: integer('column_index'),
    columnName: text('column_name'),
    code: text().$type<RowErrorCode>().notNull(),
    /** `constraint` is a word of SQL. */
    constraintName: text('constraint_name').$type<ConstraintName>(),
    value: text(),
    message: text().notNull(),
  },
  // Two records of a retry may claim the same row.
  (t) => [primaryKey({ columns: [t.importId, t.row, t.line, t.no] })],
);
