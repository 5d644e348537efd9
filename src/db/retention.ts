// How long things are kept: as the settings say, or as the newest document of their dataset does.
import { sql, type SQL } from 'drizzle-orm';
import { FOREVER, type Retained } from '../core/dataset/retention.ts';
import type { Database } from './client.ts';
import { datasets, datasetVersions } from './schema/datasets.ts';

/** ISO 8601 durations, as Postgres takes them; null: for good. */
export type Period = string | null;

/** For how long something is kept. */
export interface Periods {
  /** Where the dataset says nothing. */
  readonly usual: Period;
  /** Of datasets that say something, by name; also of deleted ones. */
  readonly own: Readonly<Record<string, Period>>;
}

/** What a setting in days means. 0: for good. */
export function inDays(days: number): Period {
  return days === 0 ? null : `P${days}D`;
}

export async function readPeriods(db: Database, what: Retained, usual: Period): Promise<Periods> {
  const { rows } = await db.execute<{ dataset: string; period: string }>(sql`
    SELECT d.dataset, d.document #>> ${sql.param(`{retention,${what}}`)}::text[] AS period FROM (
      SELECT name AS dataset, document FROM ${datasets}
      UNION ALL
      SELECT * FROM (
        SELECT DISTINCT ON (dataset) dataset, document FROM ${datasetVersions} v
         WHERE NOT EXISTS (SELECT FROM ${datasets} d WHERE d.name = v.dataset)
         ORDER BY dataset, version DESC) gone) d
     WHERE d.document #> ${sql.param(`{retention,${what}}`)}::text[] IS NOT NULL`);
  const own = rows.map(({ dataset, period }) => [dataset, period === FOREVER ? null : period] as const);
  return { usual, own: Object.fromEntries(own) };
}

export function periodOf({ usual, own }: Periods, dataset: string): Period {
  return Object.hasOwn(own, dataset) ? own[dataset]! : usual;
}

/** Whether nothing is ever removed. */
export function keepsAll({ usual, own }: Periods): boolean {
  return usual === null && Object.values(own).every((period) => period === null);
}

/** As an interval of Postgres; NULL: for good. @param dataset SQL of the dataset's name */
export function periodSql({ usual, own }: Periods, dataset: SQL): SQL {
  const byDataset = sql`${JSON.stringify(own)}::jsonb`;
  return sql`(CASE WHEN ${byDataset} ? ${dataset} THEN ${byDataset} ->> ${dataset} ELSE ${usual}::text END)::interval`;
}

/** The shortest of them, as an interval; NULL: all are kept for good. */
export function shortestSql({ usual, own }: Periods): SQL {
  return sql`(SELECT min(p::interval) FROM unnest(${sql.param([usual, ...Object.values(own)])}::text[]) AS p)`;
}
