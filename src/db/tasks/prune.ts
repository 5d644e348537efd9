// What is removed when it is old enough. In batches, each a short transaction, so that nothing is locked for long.
import { sql, type SQL } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import { UNDO } from '../../core/tasks/task-kinds.ts';
import type { Database } from '../client.ts';
import { periodSql, shortestSql, type Periods } from '../retention.ts';
import { recordRequests } from '../schema/datasets.ts';
import { importMatches, keptRows, retriedRows, takenBackRows } from '../schema/imported-rows.ts';
import { importRowErrors, imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';

/** Removed in one statement. */
const ROWS_AT_ONCE = 5000;

/** One of a walk over what has an age, in the order of creation. */
export interface Aged {
  readonly id: string;
  /** It ended longer ago than it is kept. */
  readonly isDue: boolean;
  /** It was made so recently that neither it nor one after it can be due. */
  readonly isRecent: boolean;
}

/** Imports of which row errors are stored: a page behind the id `after`. Ids are in the order of creation. */
export async function listWithErrors(
  db: Database,
  periods: Periods,
  limit: number,
  after: string | undefined,
): Promise<Aged[]> {
  const behind = after === undefined ? sql`` : sql`WHERE import_id > ${after}`;
  const { rows } = await db.execute<Aged & Record<string, unknown>>(sql`
    WITH RECURSIVE ids AS (
      (SELECT import_id, 1 AS n FROM ${importRowErrors} ${behind} ORDER BY import_id LIMIT 1)
      UNION ALL
      SELECT (SELECT e.import_id FROM ${importRowErrors} e WHERE e.import_id > ids.import_id ORDER BY e.import_id LIMIT 1), n + 1
        FROM ids WHERE ids.import_id IS NOT NULL AND n < ${limit})
    SELECT ids.import_id AS id,
           t.id IS NULL OR coalesce(t.finished_at < now() - ${periodSql(periods, sql`i.dataset`)}, false) AS "isDue",
           coalesce(t.created_at >= now() - ${shortestSql(periods)}, false) AS "isRecent"
      FROM ids LEFT JOIN ${tasks} t ON t.id = ids.import_id LEFT JOIN ${imports} i ON i.id = ids.import_id
     WHERE ids.import_id IS NOT NULL ORDER BY ids.import_id`);
  return rows;
}

/** Notes that row errors of an import are being removed, before the first of them goes. */
export async function markErrorsRemoved(db: Database, importId: string): Promise<void> {
  await db.execute(sql`
    WITH marked AS (
      UPDATE ${imports} SET errors_removed_at = now() WHERE id = ${importId} AND errors_removed_at IS NULL RETURNING id)
    UPDATE ${tasks} SET version = version + 1 WHERE id IN (SELECT id FROM marked)`);
}

/** @returns whether there may be more */
export function removeSomeErrors(db: Database, importId: string): Promise<boolean> {
  return removeSome(db, importRowErrors, [importId]);
}

/** Rows that an upsert had found; they go with its files. @returns whether there may be more */
export function removeSomeMatches(db: Database, importId: string): Promise<boolean> {
  return removeSome(db, importMatches, [importId]);
}

/** Where a page of due tasks ends. */
export interface DueTask {
  readonly id: string;
  readonly finishedAt: string;
  readonly isImport: boolean;
}

/**
 * Nothing needs it any more. An import goes after its files and those of the imports whose rejects it mends, since until then a retry of
 * these asks which rows it has landed; and after its own retries. An undo that an import names goes after the import.
 */
const IS_FREE = sql`
  (i.id IS NULL OR i.files_removed_at IS NOT NULL)
  AND NOT EXISTS (SELECT FROM ${imports} r WHERE r.parent_id = i.id)
  AND NOT EXISTS (SELECT FROM ${imports} p WHERE p.id IN (i.parent_id, i.root_id) AND p.files_removed_at IS NULL)
  AND NOT EXISTS (
    SELECT FROM ${imports} u WHERE u.undo_id = t.id
       AND u.id = CASE WHEN t.queue = 'imports' AND t.name = ${UNDO.name} THEN (t.args ->> 'importId')::uuid END)`;

/** Tasks past their time, but for imports into datasets that have a time of their own; oldest first: a page behind `after`. */
export async function listDueTasks(
  db: Database,
  { usual, own }: Periods,
  limit: number,
  after: DueTask | undefined,
): Promise<DueTask[]> {
  const behind =
    after === undefined
      ? sql``
      : sql`AND (t.finished_at, t.id) > (${after.finishedAt}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await db.execute<DueTask & Record<string, unknown>>(sql`
    SELECT t.id, t.finished_at::text AS "finishedAt", i.id IS NOT NULL AS "isImport"
      FROM ${tasks} t LEFT JOIN ${imports} i ON i.id = t.id
     WHERE t.finished_at < now() - ${usual}::interval ${behind}
       AND (i.id IS NULL OR i.dataset <> ALL(${sql.param(Object.keys(own))}::text[]))
       AND ${IS_FREE}
     ORDER BY t.finished_at, t.id LIMIT ${limit}`);
  return rows;
}

/** Imports into a dataset that has a time of its own: a page behind the id `after`. */
export function listImportsOf(
  db: Database,
  dataset: string,
  period: string,
  limit: number,
  after: string | undefined,
): Promise<Aged[]> {
  return listAged(db, dataset, period, IS_FREE, limit, after);
}

/** Imports into a dataset that still have files: a page behind the id `after`. */
export function listWithFiles(
  db: Database,
  dataset: string,
  period: string,
  limit: number,
  after: string | undefined,
): Promise<Aged[]> {
  return listAged(db, dataset, period, undefined, limit, after);
}

/** @param isFree what else must hold of one that is due; undefined: of those that still have files, all */
async function listAged(
  db: Database,
  dataset: string,
  period: string,
  isFree: SQL | undefined,
  limit: number,
  after: string | undefined,
): Promise<Aged[]> {
  const behind = after === undefined ? sql`` : sql`AND i.id > ${after}`;
  const { rows } = await db.execute<Aged & Record<string, unknown>>(sql`
    SELECT i.id, coalesce(t.finished_at < now() - ${period}::interval, false) AND ${isFree ?? sql`true`} AS "isDue",
           t.created_at >= now() - ${period}::interval AS "isRecent"
      FROM ${imports} i JOIN ${tasks} t ON t.id = i.id
     WHERE i.dataset = ${dataset} ${isFree === undefined ? sql`AND i.files_removed_at IS NULL` : sql``} ${behind}
     ORDER BY i.id LIMIT ${limit}`);
  return rows;
}

/** Datasets of which imports still have files. */
export async function datasetsWithFiles(db: Database): Promise<string[]> {
  const { rows } = await db.execute<{ dataset: string }>(sql`
    WITH RECURSIVE d AS (
      (SELECT dataset FROM ${imports} WHERE files_removed_at IS NULL ORDER BY dataset LIMIT 1)
      UNION ALL
      SELECT (SELECT i.dataset FROM ${imports} i WHERE i.files_removed_at IS NULL AND i.dataset > d.dataset ORDER BY i.dataset LIMIT 1)
        FROM d WHERE d.dataset IS NOT NULL)
    SELECT dataset FROM d WHERE dataset IS NOT NULL`);
  return rows.map(({ dataset }) => dataset);
}

/** Rows that may be very many of one import; the tasks themselves take the rest with them. @returns whether there may be more */
export async function removeSomeRows(db: Database, ids: readonly string[]): Promise<boolean> {
  let more = false;
  for (const table of [importRowErrors, importMatches, keptRows, takenBackRows, retriedRows])
    more = (await removeSome(db, table, ids)) || more;
  return more;
}

/** With their imports and all that is known of them. */
export async function removeTasks(db: Database, ids: readonly string[]): Promise<void> {
  await db.execute(sql`DELETE FROM ${tasks} WHERE id = ANY(${sql.param(ids)}::uuid[])`);
}

/** Requests over records hold values, as row errors do, and go with them. A task that does one again begins with it. @returns whether there may be more */
export async function removeSomeRequests(db: Database, periods: Periods): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    DELETE FROM ${recordRequests} WHERE id IN (
      SELECT r.id FROM ${recordRequests} r JOIN ${tasks} t ON t.id = r.id
       WHERE t.finished_at < now() - ${periodSql(periods, sql`r.dataset`)} LIMIT ${ROWS_AT_ONCE})`);
  return rowCount === ROWS_AT_ONCE;
}

async function removeSome(db: Database, table: PgTable, importIds: readonly string[]): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE import_id = ANY(${sql.param(importIds)}::uuid[]) LIMIT ${ROWS_AT_ONCE}))`);
  return rowCount === ROWS_AT_ONCE;
}
