// What became of rows that imports have met, for undo and retries.
import { index, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { count, sluice } from './columns.ts';
import { imports } from './imports.ts';

/** Rows of an upsert that were there before it, updated or unchanged; its inserted rows have its import_id. */
export const importMatches = sluice.table(
  'import_matches',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    /** The record that stands for the key. */
    row: count('row').notNull(),
    /** Of the row in the dataset's table. */
    id: uuid().notNull(),
  },
  // An undo asks of each row whether an upsert holds it.
  (t) => [primaryKey({ columns: [t.importId, t.row] }), index('import_matches_id_idx').on(t.id)],
);

/** Rows that an undo left in their table. */
export const keptRows = sluice.table(
  'kept_rows',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    /** Of the row in the dataset's table. */
    id: uuid().notNull(),
    /** Its record in the file; 0 when somebody has taken its `import_row` away. */
    row: count('row').notNull(),
    /** The table that refers to it; null: it was changed, or an upsert holds it. */
    referencedBy: text('referenced_by'),
  },
  (t) => [primaryKey({ columns: [t.importId, t.row, t.id] })],
);

/** Records whose rows were taken out of the table again, as runs of their numbers. `kept_rows` may have some of them: copies that others have made. */
export const takenBackRows = sluice.table(
  'taken_back_rows',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
    firstRow: count('first_row').notNull(),
    lastRow: count('last_row').notNull(),
  },
  (t) => [primaryKey({ columns: [t.importId, t.firstRow] })],
);

/** Rejected records that a retry has landed: each lands once, however many retries there are of a file. */
export const retriedRows = sluice.table(
  'retried_rows',
  {
    /** The first import, whose numbers the rows have. */
    rootId: uuid('root_id').notNull(),
    row: count('row').notNull(),
    /** The retry. */
    importId: uuid('import_id')
      .notNull()
      .references(() => imports.id, { onDelete: 'cascade' }),
  },
  (t) => [
    primaryKey({ columns: [t.rootId, t.row] }),
    index('retried_rows_import_id_idx').on(t.importId, t.row),
  ],
);
