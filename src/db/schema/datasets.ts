// Datasets, the tables beside them, and how often their records are read.
import { sql } from 'drizzle-orm';
import { index, integer, jsonb, primaryKey, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { ExistingTable } from '../../core/dataset/tables/existing-table.ts';
import type { Dataset, DatasetManager } from '../../core/dataset/types.ts';
import type { ExportFormat } from '../../core/records/record-request.ts';
import { count, instant, sluice } from './columns.ts';
import { tasks } from './tasks.ts';

export const datasets = sluice.table('datasets', {
  name: text().primaryKey(),
  document: jsonb().$type<Dataset>().notNull(),
  /** The newest of its versions; goes on counting when a deleted dataset is made again. */
  version: integer().notNull().default(1),
  managedBy: text('managed_by').$type<DatasetManager>().notNull().default('file'),
  createdAt: instant('created_at')
    .notNull()
    .default(sql`now()`),
  updatedAt: instant('updated_at')
    .notNull()
    .default(sql`now()`),
});

/** Every document that a dataset has had. They outlive it: imports name the version that they began with. */
export const datasetVersions = sluice.table(
  'dataset_versions',
  {
    dataset: text().notNull(),
    version: integer().notNull(),
    document: jsonb().$type<Dataset>().notNull(),
    managedBy: text('managed_by').$type<DatasetManager>().notNull(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    /** Null: the command line. */
    createdBy: uuid('created_by'),
  },
  (t) => [primaryKey({ columns: [t.dataset, t.version] })],
);

/** Tables that exist, which datasets land in. `sluice_provenance.rows_<id>` is beside each. */
export const existingTables = sluice.table(
  'existing_tables',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    schemaName: text('schema_name').notNull(),
    tableName: text('table_name').notNull(),
    /** What the catalog had of it when a dataset over it was applied last. */
    asRead: jsonb('as_read').$type<ExistingTable>().notNull(),
  },
  (t) => [uniqueIndex('existing_tables_name_key').on(t.schemaName, t.tableName)],
);

/** How often records were read one by one, as API processes have counted (db/records/read-counts.ts). */
export const recordReads = sluice.table(
  'record_reads',
  {
    dataset: text().notNull(),
    /** The record's key, as it stands in a path. */
    record: text().notNull(),
    reads: count('reads').notNull(),
    lastReadAt: instant('last_read_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.dataset, t.record] })],
);

/** Requests over records that became tasks. Values of records are here, and not in the task's arguments, which everybody who sees tasks reads. */
export const recordRequests = sluice.table('record_requests', {
  /** Of the task that was made of it first; one that does it again names it too. */
  id: uuid()
    .primaryKey()
    .references(() => tasks.id, { onDelete: 'cascade' }),
  dataset: text().notNull(),
  /** JSON, as it was sent; what it means is read again when it is done. */
  request: text().notNull(),
});

/** Files of records that tasks have made, until they are removed. */
export const recordExports = sluice.table(
  'record_exports',
  {
    /** Of the task. */
    id: uuid().primaryKey(),
    dataset: text().notNull(),
    format: text().$type<ExportFormat>().notNull(),
    /** Where the storage has it. */
    key: text().notNull(),
    records: count('records').notNull(),
    bytes: count('bytes').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [index('record_exports_expires_at_idx').on(t.expiresAt)],
);
