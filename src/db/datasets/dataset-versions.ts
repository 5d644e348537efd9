// The documents that a dataset has had.
import { and, desc, eq, lt } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { datasetVersions } from '../schema/datasets.ts';

export type DatasetVersionRow = typeof datasetVersions.$inferSelect;

/** Newest first; those before `before`. */
export async function listDatasetVersions(
  db: Database,
  dataset: string,
  page: { readonly limit: number; readonly before?: number | undefined },
): Promise<Omit<DatasetVersionRow, 'document'>[]> {
  const { version, managedBy, createdAt, createdBy } = datasetVersions;
  return db
    .select({ dataset: datasetVersions.dataset, version, managedBy, createdAt, createdBy })
    .from(datasetVersions)
    .where(
      and(
        eq(datasetVersions.dataset, dataset),
        page.before === undefined ? undefined : lt(version, page.before),
      ),
    )
    .orderBy(desc(version))
    .limit(page.limit);
}

export async function findDatasetVersion(
  db: Database,
  dataset: string,
  version: number,
): Promise<DatasetVersionRow | undefined> {
  const [row] = await db
    .select()
    .from(datasetVersions)
    .where(and(eq(datasetVersions.dataset, dataset), eq(datasetVersions.version, version)));
  return row;
}
