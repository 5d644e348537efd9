// Imports of files so small that a row holds them: claimed and ended many at a time. Each statement is guarded like those for one
// import (db/tasks/tasks.ts), so that whoever else works on the same import, or cancels it, finds it as it is.
import { asc, inArray, sql } from 'drizzle-orm';
import type { ChunkPlan, TableEnd } from '../../core/csv/types.ts';
import type { ImportCounts } from '../../core/imports/import-counts.ts';
import type { Database } from '../client.ts';
import { importChunks, imports, tasks } from '../schema.ts';
import type { Tx } from '../transaction.ts';
import type { ChunkOutcome } from './chunks.ts';
import type { ImportRow } from './imports.ts';

/** Where workers listen for small imports that wait. */
export const SMALL_IMPORTS_CHANNEL = 'sluice_small_imports';

/** Whether any wait to be claimed. */
export async function hasSmallImports(db: Database): Promise<boolean> {
  const { rows } = await db.execute<{ found: boolean }>(
    sql`SELECT EXISTS (SELECT FROM ${tasks} WHERE status = 'queued' AND small) AS found`,
  );
  return rows[0]!.found;
}

/** A file that was scanned, and is one chunk. */
export interface SmallPlan {
  readonly importId: string;
  readonly records: number;
  readonly learnt: { readonly tableEnd?: TableEnd };
}

/** An import that has landed. */
export interface SmallOutcome {
  readonly importId: string;
  readonly chunk: ChunkPlan;
  readonly outcome: ChunkOutcome;
  readonly counts: ImportCounts;
}

/**
 * Takes up to `limit` small imports that wait, oldest first; no two callers take the same one. Whoever takes one and does not end
 * it leaves it `running`, and the sweep gives it to the queue.
 */
export async function claimSmallImports(db: Database, limit: number): Promise<ImportRow[]> {
  // A claim that a crash of Postgres undoes does no harm: the import waits again. So nobody waits for the disk here.
  const { rows } = await db.execute<{ id: string }>(sql`
    UPDATE ${tasks} t SET status = 'running', version = t.version + 1, started_at = coalesce(t.started_at, now()),
           attempts = t.attempts + 1, dispatched_at = now()
     WHERE set_config('synchronous_commit', 'off', true) = 'off'
       AND t.id IN (
         SELECT id FROM ${tasks} WHERE status = 'queued' AND small ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    RETURNING t.id`);
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  return db.select().from(imports).where(inArray(imports.id, ids)).orderBy(asc(imports.id));
}

/**
 * Records plans, and holds their imports and tasks until the end of the transaction.
 * @returns the imports that are still running and were not planned by another worker; only these may be landed
 */
export async function planSmallImports(tx: Tx, plans: readonly SmallPlan[]): Promise<Set<string>> {
  const { rows } = await tx.execute<{ id: string }>(sql`
    WITH plan AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(plans)}::jsonb) AS p ("importId" uuid, records bigint, learnt jsonb)),
    held AS (
      SELECT t.id FROM ${tasks} t WHERE t.id IN (SELECT "importId" FROM plan) AND t.status = 'running' ORDER BY t.id FOR UPDATE)
    UPDATE ${imports} i SET planned_at = now(), records = plan.records, dialect = i.dialect || plan.learnt
      FROM plan JOIN held ON held.id = plan."importId"
     WHERE i.id = plan."importId" AND i.planned_at IS NULL
    RETURNING i.id`);
  return new Set(rows.map(({ id }) => id));
}

/** Records the chunks of imports that have landed, and ends their tasks: run it in the transaction that lands them. */
export async function endSmallImports(tx: Tx, landed: readonly SmallOutcome[]): Promise<void> {
  const chunks = landed.map(({ importId, chunk, outcome }) => ({ importId, ...chunk, ...outcome }));
  const results = landed.map(({ importId, counts }) => ({ importId, counts }));
  const { rowCount } = await tx.execute(sql`
    WITH chunk AS (
      INSERT INTO ${importChunks} (import_id, chunk_no, start_byte, end_byte, first_row, first_line, records, broken,
                                   status, starts, loaded, rejected, errors, rejects_key, done_at)
      SELECT "importId", "chunkNo", "startByte", "endByte", "firstRow", "firstLine", c.records, broken,
             'done', 1, loaded, rejected, errors, "rejectsKey", clock_timestamp()
        FROM jsonb_to_recordset(${JSON.stringify(chunks)}::jsonb) AS c (
          "importId" uuid, "chunkNo" integer, "startByte" bigint, "endByte" bigint, "firstRow" bigint, "firstLine" bigint,
          records integer, broken jsonb, loaded integer, rejected integer, errors integer, "rejectsKey" text))
    UPDATE ${tasks} t SET status = 'succeeded', version = t.version + 1, result = r.counts, finished_at = clock_timestamp()
      FROM jsonb_to_recordset(${JSON.stringify(results)}::jsonb) AS r ("importId" uuid, counts jsonb)
     WHERE t.id = r."importId" AND t.status = 'running'`);
  // They are held since `planSmallImports`.
  if (rowCount !== landed.length) throw new Error('Small imports ended while they were held');
}
