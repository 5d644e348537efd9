// Imports of files so small that a row holds them: claimed and ended many at a time. Each statement is guarded like those for one
// import (db/tasks/tasks.ts), so that whoever else works on the same import, or cancels it, finds it as it is.
import { asc, eq, sql } from 'drizzle-orm';
import type { ChunkPlan, Learnt } from '../../core/csv/types.ts';
import type { ImportCounts } from '../../core/imports/import-counts.ts';
import type { Database } from '../client.ts';
import { statementName } from '../prepared.ts';
import { importChunks, imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';
import type { Tx } from '../transaction.ts';
import { tellEnded, tellStarted } from '../webhooks/tell-webhooks.ts';
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

/** An import, and the trace that it was recorded with. */
export type ClaimedImport = ImportRow & { readonly traceparent: string | null };

export interface ClaimedImports {
  readonly imports: readonly ClaimedImport[];
  /** When, by Postgres' clock. */
  readonly at: string;
}

/** An import whose only chunk has landed. */
export interface SmallOutcome {
  readonly importId: string;
  readonly chunk: ChunkPlan;
  /** What only the scan could tell of how the file is read. */
  readonly learnt: Learnt;
  readonly outcome: ChunkOutcome;
  readonly counts: ImportCounts;
}

/**
 * Takes up to `limit` small imports that wait, oldest first; no two callers take the same one. Whoever takes one and does not end
 * it leaves it `running`, and the sweep gives it to the queue.
 */
export async function claimSmallImports(db: Database, limit: number): Promise<ClaimedImports> {
  const rows = await claimOn(db).execute({ limit });
  return {
    imports: rows.map((row) => ({ ...row.import, traceparent: row.traceparent })),
    at: rows[0]?.at ?? '',
  };
}

const claims = new WeakMap<Database, ReturnType<typeof prepareClaim>>();

function claimOn(db: Database): ReturnType<typeof prepareClaim> {
  const claim = claims.get(db) ?? prepareClaim(db);
  claims.set(db, claim);
  return claim;
}

/** The statement is long, and to put it together takes as long as to run it. */
function prepareClaim(db: Database) {
  // A claim that a crash of Postgres undoes does no harm: the import waits again. So nobody waits for the disk here.
  const unsynced = db
    .$with('unsynced', { setting: sql<string>`setting`.as('setting') })
    .as(sql`SELECT set_config('synchronous_commit', 'off', true) AS setting`);
  // Found once, before the update: in a subquery of it they may be looked for again for each row, past the limit.
  const waiting = db.$with('waiting', { id: tasks.id }).as(sql`
    SELECT t.id FROM ${tasks} t, unsynced
     WHERE t.status = 'queued' AND t.small ORDER BY t.id LIMIT ${sql.placeholder('limit')} FOR UPDATE OF t SKIP LOCKED`);
  const claimed = db.$with('claimed', { id: tasks.id, options: tasks.options }).as(sql`
    UPDATE ${tasks} t SET status = 'running', version = t.version + 1, started_at = coalesce(t.started_at, now()),
           attempts = t.attempts + 1, dispatched_at = now()
      FROM waiting WHERE t.id = waiting.id
    RETURNING t.id, t.options, ${sql.raw(tellStarted('t', 't.started_at'))}`);
  const query = db
    .with(unsynced, waiting, claimed)
    .select({
      import: imports,
      at: sql<string>`now()::text`,
      traceparent: sql<string | null>`claimed.options ->> 'traceparent'`,
    })
    .from(imports)
    .innerJoin(claimed, eq(claimed.id, imports.id))
    .orderBy(asc(imports.id));
  return query.prepare(statementName(query.toSQL().sql));
}

/**
 * Records the plans of imports that have landed and what became of their chunks, and ends their tasks. Run it last in the transaction
 * that lands them.
 * @returns those that are ended. One that was no longer running, or that another worker has planned, is not: then nothing of the
 * transaction may stay
 */
export async function endSmallImports(tx: Tx, landed: readonly SmallOutcome[]): Promise<Set<string>> {
  const rows = landed.map(({ importId, chunk, learnt, outcome, counts }) => ({
    importId,
    ...chunk,
    learnt,
    ...outcome,
    counts,
  }));
  const { rows: ended } = await tx.execute<{ id: string }>(sql`
    WITH landed AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS l (
        "importId" uuid, "chunkNo" integer, "startByte" bigint, "endByte" bigint, "firstRow" bigint, "firstLine" bigint, records integer,
        broken jsonb, learnt jsonb, loaded integer, rejected integer, errors integer, "rejectsKey" text, counts jsonb)),
    held AS (
      SELECT id FROM ${tasks} WHERE id IN (SELECT "importId" FROM landed) AND status = 'running' ORDER BY id FOR UPDATE),
    planned AS (
      UPDATE ${imports} i SET planned_at = now(), records = l.records, dialect = i.dialect || l.learnt
        FROM landed l JOIN held ON held.id = l."importId"
       WHERE i.id = l."importId" AND i.planned_at IS NULL
      RETURNING i.id),
    chunk AS (
      INSERT INTO ${importChunks} (import_id, chunk_no, start_byte, end_byte, first_row, first_line, records, broken,
                                   status, starts, loaded, rejected, errors, rejects_key, done_at)
      SELECT "importId", "chunkNo", "startByte", "endByte", "firstRow", "firstLine", records, broken,
             'done', 1, loaded, rejected, errors, "rejectsKey", clock_timestamp()
        FROM landed JOIN planned ON planned.id = landed."importId"),
    moved AS (
      UPDATE ${tasks} t SET status = 'succeeded', version = t.version + 1, result = l.counts, finished_at = clock_timestamp()
        FROM landed l JOIN planned ON planned.id = l."importId"
       WHERE t.id = l."importId"
      RETURNING t.id, t.name, t.queue, t.status, t.finished_at, t.error, t.result),
    ${sql.raw(tellEnded('moved'))}
    SELECT id FROM moved`);
  return new Set(ended.map(({ id }) => id));
}
