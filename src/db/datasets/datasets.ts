import { asc, eq, sql } from 'drizzle-orm';
import type { Dataset, DatasetManager } from '../../core/dataset/types.ts';
import type { Database } from '../client.ts';
import { datasets, datasetVersions } from '../schema/datasets.ts';

export type DatasetRow = typeof datasets.$inferSelect;

export async function findDatasetRow(db: Database, name: string): Promise<DatasetRow | undefined> {
  const [row] = await db.select().from(datasets).where(eq(datasets.name, name));
  return row;
}

export async function findDataset(db: Database, name: string): Promise<Dataset | undefined> {
  return (await findDatasetRow(db, name))?.document;
}

/** All, by name. Datasets are written by people, so there are few. */
export async function listDatasets(db: Database): Promise<DatasetRow[]> {
  return db.select().from(datasets).orderBy(asc(datasets.name));
}

export interface SavedBy {
  readonly managedBy?: DatasetManager;
  /** The user; null: the command line. */
  readonly userId?: string | null;
}

/**
 * Keeps a checked document under its name, as a new version; imports already on their way keep the one they began with. Two who save one
 * dataset at once must take turns (`changeDataset` sees to it).
 * @returns its version; undefined: that document, managed so, is there already
 */
export async function saveDataset(
  db: Database,
  dataset: Dataset,
  { managedBy = 'file', userId = null }: SavedBy = {},
): Promise<number | undefined> {
  const { rows } = await db.execute<{ version: number }>(sql`
    WITH saved AS (
      INSERT INTO ${datasets} AS d (name, document, managed_by, version)
      SELECT ${dataset.name}, ${JSON.stringify(dataset)}::jsonb, ${managedBy}, 1 + coalesce(max(version), 0)
        FROM ${datasetVersions} WHERE dataset = ${dataset.name}
      ON CONFLICT (name) DO UPDATE
         SET document = excluded.document, managed_by = excluded.managed_by, version = excluded.version, updated_at = now()
       WHERE (d.document, d.managed_by) IS DISTINCT FROM (excluded.document, excluded.managed_by)
      RETURNING version, document)
    INSERT INTO ${datasetVersions} (dataset, version, document, managed_by, created_by)
    SELECT ${dataset.name}, version, document, ${managedBy}, ${userId}::uuid FROM saved
    RETURNING version`);
  return rows[0]?.version;
}
