import { asc, eq, sql } from 'drizzle-orm';
import type { Dataset } from '../../core/dataset/types.ts';
import type { Database } from '../client.ts';
import { datasets } from '../schema.ts';

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

/** Keeps a checked document under its name; imports already on their way keep the one they began with. @returns whether it is new or another one */
export async function saveDataset(db: Database, dataset: Dataset): Promise<boolean> {
  const { rowCount } = await db
    .insert(datasets)
    .values({ name: dataset.name, document: dataset })
    .onConflictDoUpdate({
      target: datasets.name,
      set: { document: dataset, updatedAt: sql`now()` },
      setWhere: sql`${datasets.document} IS DISTINCT FROM excluded.document`,
    });
  return (rowCount ?? 0) > 0;
}
