// Files of records that tasks have made.
import { and, eq, gt, sql } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { datasets, recordExports } from '../schema/datasets.ts';

export type RecordExport = typeof recordExports.$inferSelect;

/** @param made `keepHours` unless its dataset says something else @returns until when it is kept */
export async function recordExport(
  db: Database,
  { keepHours, ...made }: Omit<RecordExport, 'expiresAt'> & { readonly keepHours: number },
): Promise<Date> {
  const own = sql`(SELECT document #>> '{retention,exports}' FROM ${datasets} WHERE name = ${made.dataset})::interval`;
  const period = sql`coalesce(${own}, ${keepHours} * interval '1 hour')`;
  const [row] = await db
    .insert(recordExports)
    .values({ ...made, expiresAt: sql`clock_timestamp() + ${period}` })
    .returning({ expiresAt: recordExports.expiresAt });
  return row!.expiresAt;
}

/** Undefined: there is none of this dataset, or it is no longer kept. */
export async function findExport(
  db: Database,
  id: string,
  dataset: string,
): Promise<RecordExport | undefined> {
  const [row] = await db
    .select()
    .from(recordExports)
    .where(
      and(
        eq(recordExports.id, id),
        eq(recordExports.dataset, dataset),
        gt(recordExports.expiresAt, sql`now()`),
      ),
    );
  return row;
}

/** @returns the ids of those that were past their time */
export async function deleteExpiredExports(db: Database, limit: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    DELETE FROM ${recordExports} WHERE id IN (
      SELECT id FROM ${recordExports} WHERE expires_at <= now() ORDER BY expires_at LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING id`);
  return rows.map(({ id }) => id);
}

/** Which of these ids are exports; the others' folders are leftovers. */
export async function existingExports(db: Database, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.execute<{ id: string }>(
    sql`SELECT id FROM ${recordExports} WHERE id = ANY(${sql.param(ids)}::uuid[])`,
  );
  return new Set(rows.map((row) => row.id));
}
