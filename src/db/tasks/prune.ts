// What is removed when it is old enough. In batches, each a short transaction, so that nothing is locked for long.
import { sql, type SQL } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../client.ts';
import { keptRows, retriedRows, takenBackRows } from '../schema/imported-rows.ts';
import { importRowErrors, imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';

/** Removed in one statement. */
const ROWS_AT_ONCE = 5000;

/** Ended longer ago than this. */
const isPast = (days: number): SQL => sql`t.finished_at < now() - ${days} * interval '1 day'`;

/** An import whose row errors are looked at. */
export interface ErrorsOfImport {
  readonly importId: string;
  /** It ended longer ago than row errors are kept, or is gone. */
  readonly isDue: boolean;
  /** It was made so recently that neither it nor one after it can be due. */
  readonly isRecent: boolean;
}

/** The first import behind the id `after` of which row errors are stored. Ids are in the order of creation. */
export async function nextWithErrors(
  db: Database,
  days: number,
  after: string | undefined,
): Promise<ErrorsOfImport | undefined> {
  const behind = after === undefined ? sql`` : sql`WHERE import_id > ${after}`;
  const { rows } = await db.execute<{ importId: string; isDue: boolean; isRecent: boolean }>(sql`
    SELECT e.import_id AS "importId", t.id IS NULL OR coalesce(${isPast(days)}, false) AS "isDue",
           coalesce(t.created_at >= now() - ${days} * interval '1 day', false) AS "isRecent"
      FROM (SELECT import_id FROM ${importRowErrors} ${behind} ORDER BY import_id LIMIT 1) e
      LEFT JOIN ${tasks} t ON t.id = e.import_id`);
  return rows[0];
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

/** Where a page of due tasks ends. */
export interface DueTask {
  readonly id: string;
  readonly finishedAt: string;
}

/**
 * Tasks that ended more than `days` ago and that nothing needs any more, oldest first: a page behind `after`. An import goes after its
 * files and those of the imports whose rejects it mends, since until then a retry of these asks which rows it has landed; and after its
 * own retries. An undo that an import names goes after the import.
 */
export async function listDueTasks(
  db: Database,
  days: number,
  limit: number,
  after: DueTask | undefined,
): Promise<DueTask[]> {
  const behind =
    after === undefined
      ? sql``
      : sql`AND (t.finished_at, t.id) > (${after.finishedAt}::timestamptz, ${after.id}::uuid)`;
  const { rows } = await db.execute<{ id: string; finishedAt: string }>(sql`
    SELECT t.id, t.finished_at::text AS "finishedAt"
      FROM ${tasks} t LEFT JOIN ${imports} i ON i.id = t.id
     WHERE ${isPast(days)} ${behind}
       AND (i.id IS NULL OR i.files_removed_at IS NOT NULL)
       AND NOT EXISTS (SELECT FROM ${imports} r WHERE r.parent_id = i.id)
       AND NOT EXISTS (SELECT FROM ${imports} p WHERE p.id IN (i.parent_id, i.root_id) AND p.files_removed_at IS NULL)
       AND NOT EXISTS (SELECT FROM ${imports} u WHERE u.id::text = t.args->>'importId' AND u.undo_id = t.id)
     ORDER BY t.finished_at, t.id LIMIT ${limit}`);
  return rows;
}

/** Rows that may be very many of one import; the tasks themselves take the rest with them. @returns whether there may be more */
export async function removeSomeRows(db: Database, ids: readonly string[]): Promise<boolean> {
  let more = false;
  for (const table of [importRowErrors, keptRows, takenBackRows, retriedRows])
    more = (await removeSome(db, table, ids)) || more;
  return more;
}

/** With their imports and all that is known of them. */
export async function removeTasks(db: Database, ids: readonly string[]): Promise<void> {
  await db.execute(sql`DELETE FROM ${tasks} WHERE id = ANY(${sql.param(ids)}::uuid[])`);
}

async function removeSome(db: Database, table: PgTable, importIds: readonly string[]): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE import_id = ANY(${sql.param(importIds)}::uuid[]) LIMIT ${ROWS_AT_ONCE}))`);
  return rowCount === ROWS_AT_ONCE;
}
