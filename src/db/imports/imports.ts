import { and, eq, ne, notInArray, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { datasets } from '../schema/datasets.ts';
import { importMatches } from '../schema/imported-rows.ts';
import { imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';
import { datasetGone, recordImports, type NewImport, type RecordedImport } from './record-imports.ts';

export type ImportRow = typeof imports.$inferSelect;

/**
 * Records a stored file as an import. Of a small one (core/imports/small-import.ts) workers are told at the commit; of another the queue
 * is told right after: see queue/dispatch.ts.
 * @param together what else becomes true with it, or prevents it by throwing; `duplicateOf`: see `RecordedImport`
 */
export async function insertImport(
  db: Connection,
  row: NewImport,
  together: (tx: Tx, duplicateOf: string | null) => Promise<void> = () => Promise.resolve(),
): Promise<RecordedImport> {
  return inTransaction(db, async (tx) => {
    const [recorded] = await recordImports(tx, [row]);
    if (recorded === undefined) throw datasetGone(row.dataset);
    await together(tx, recorded.duplicateOf);
    return recorded;
  });
}

export async function findImport(db: Database, id: string): Promise<ImportRow | undefined> {
  const [row] = await db.select().from(imports).where(eq(imports.id, id));
  return row;
}

/** Whether the dataset still is what it was when the import was taken. */
export async function isDocumentCurrent(db: Database, id: string): Promise<boolean> {
  const rows = await db
    .select({ id: imports.id })
    .from(imports)
    .innerJoin(datasets, and(eq(datasets.name, imports.dataset), eq(datasets.document, imports.document)))
    .where(eq(imports.id, id));
  return rows.length > 0;
}

/** The import that has committed a dry run or is about to; null when there is none but `except`. */
export async function findCommitOf(db: Database, dryRunId: string, except?: string): Promise<string | null> {
  const [row] = await db
    .select({ id: imports.id })
    .from(imports)
    .innerJoin(tasks, eq(tasks.id, imports.id))
    .where(
      and(
        eq(imports.commitOf, dryRunId),
        notInArray(tasks.status, ['failed', 'cancelled']),
        except === undefined ? undefined : ne(imports.id, except),
      ),
    );
  return row?.id ?? null;
}

/** Holds an import until the end of the transaction, so that of two who publish it, or take its rows back, the second sees what the first did. */
export async function lockImport(db: Database, id: string): Promise<ImportRow | undefined> {
  const [row] = await db.select().from(imports).where(eq(imports.id, id)).for('no key update');
  return row;
}

export async function setPublished(
  db: Database,
  id: string,
  outcome: Pick<ImportRow, 'published' | 'digest'>,
): Promise<void> {
  await db.update(imports).set(outcome).where(eq(imports.id, id));
}

/** Notes that the rows were taken back. @param kept rows that still stand */
export async function markTakenBack(db: Database, id: string, kept: number): Promise<void> {
  await db.update(imports).set({ kept }).where(eq(imports.id, id));
}

/** Which of these ids have an import; the others' folders are leftovers. */
export async function existingImports(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.execute<{ id: string }>(
    sql`SELECT id FROM ${imports} WHERE id = ANY(${sql.param(ids)}::uuid[])`,
  );
  return new Set(rows.map((row) => row.id));
}

/** What was kept to give the rows of the file back goes with the file. */
export async function markFilesRemoved(db: Database, id: string): Promise<void> {
  await db.execute(sql`
    WITH removed AS (DELETE FROM ${importMatches} WHERE import_id = ${id})
    UPDATE ${imports} SET files_removed_at = now(), content = NULL WHERE id = ${id}`);
}

/** How many records the file has, for an import that was scanned and not planned. */
export async function setRecords(db: Database, id: string, records: number): Promise<void> {
  await db.update(imports).set({ records }).where(eq(imports.id, id));
}
