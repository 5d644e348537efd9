// Files that are kept, and files of the inbox.
import { sql } from 'drizzle-orm';
import { index, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { count, instant, sluice } from './columns.ts';

/** Files that are kept as they were sent, until they are imported, deleted or expired: for a question, or to be looked at. */
export const uploads = sluice.table(
  'uploads',
  {
    /** UUID v7; also names its folder in the storage. */
    id: uuid().primaryKey(),
    fileName: text('file_name'),
    bytes: count('bytes').notNull(),
    /** Hex. */
    sha256: text().notNull(),
    /** What the request said of its packing; null: its first bytes say it. */
    packing: text().$type<'gzip' | 'zip'>(),
    /** The options it was sent with, and the answers since, as texts; they hold for its import unless that says otherwise. */
    options: jsonb().$type<Readonly<Record<string, string>>>().notNull(),
    /** Sent as a retry of this import. */
    parentId: uuid('parent_id'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    createdBy: uuid('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    index('uploads_created_by_idx').on(t.createdBy, t.id),
    index('uploads_expires_at_idx').on(t.expiresAt),
  ],
);

/** Uploads that come in pieces, over several requests: when all bytes are there, each becomes a kept upload of the same id. */
export const resumableUploads = sluice.table(
  'resumable_uploads',
  {
    /** UUID v7; also names its folder in the storage. */
    id: uuid().primaryKey(),
    /** Of the whole file. */
    length: count('length').notNull(),
    /** So many bytes are in the storage, from the first on. */
    received: count('received').notNull().default(0),
    fileName: text('file_name'),
    packing: text().$type<'gzip' | 'zip'>(),
    options: jsonb().$type<Readonly<Record<string, string>>>().notNull(),
    /** `Upload-Metadata`, as it was sent. */
    metadata: text().notNull(),
    /** Until then somebody makes the kept upload of it. */
    finishingUntil: instant('finishing_until'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    createdBy: uuid('created_by').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    index('resumable_uploads_created_by_idx').on(t.createdBy, t.id),
    index('resumable_uploads_expires_at_idx').on(t.expiresAt),
  ],
);

/** Where the bytes of such an upload are, piece by piece. */
export const uploadPieces = sluice.table(
  'upload_pieces',
  {
    uploadId: uuid('upload_id')
      .notNull()
      .references(() => resumableUploads.id, { onDelete: 'cascade' }),
    startByte: count('start_byte').notNull(),
    /** Exclusive. */
    endByte: count('end_byte').notNull(),
    /** In the storage. */
    storageKey: text('storage_key').notNull(),
  },
  (t) => [primaryKey({ columns: [t.uploadId, t.startByte] })],
);

/** Files of the inbox that have become imports, each version of a file once for a dataset (db/imports/inbox-files.ts). */
export const inboxFiles = sluice.table(
  'inbox_files',
  {
    dataset: text().notNull(),
    /** From the inbox's folder. */
    path: text().notNull(),
    /** Of its content, as the storage tells it. */
    version: text().notNull(),
    importId: uuid('import_id').notNull(),
    taskId: uuid('task_id').notNull(),
    /** When it was last there. */
    seenAt: instant('seen_at')
      .notNull()
      .default(sql`now()`),
  },
  (table) => [primaryKey({ columns: [table.dataset, table.path, table.version] })],
);
