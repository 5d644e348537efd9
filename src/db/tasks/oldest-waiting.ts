// How long the work that waits longest has waited, by queue: what tells that nobody takes it.
import { sql } from 'drizzle-orm';
import { ENGINE_QUEUES } from '../../core/tasks/queue-names.ts';
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import type { Database } from '../client.ts';
import { importChunks, imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';

/** In seconds, by the clock of Postgres; 0 for a queue of the engine where nothing waits, and others are not in the map. */
export async function oldestWaiting(db: Database): Promise<Map<string, number>> {
  const waited = new Map<string, number>(ENGINE_QUEUES.map((name) => [name, 0]));
  for (const { queue, seconds } of await oldestDue(db))
    waited.set(queue, Math.max(waited.get(queue) ?? 0, seconds));
  waited.set('chunks', await oldestChunks(db));
  return waited;
}

/** The first due task of each queue, lane and priority, from one to the next by tasks_due_idx: their numbers do not matter. */
async function oldestDue(db: Database): Promise<{ queue: string; seconds: number }[]> {
  const { rows } = await db.execute<{ queue: string; seconds: number }>(sql`
    WITH RECURSIVE first AS (
      (SELECT queue, lane, priority, run_at FROM ${tasks} WHERE status = 'queued' AND due ORDER BY queue, lane, priority, run_at LIMIT 1)
      UNION ALL
      SELECT next.* FROM first, LATERAL (
        SELECT queue, lane, priority, run_at FROM ${tasks}
         WHERE status = 'queued' AND due AND (queue, lane, priority) > (first.queue, first.lane, first.priority)
         ORDER BY queue, lane, priority, run_at LIMIT 1) next)
    SELECT queue, extract(epoch FROM clock_timestamp() - run_at)::float8 AS seconds FROM first`);
  return rows;
}

/** Since an import that has chunks to load was planned, or had its last chunk done: while some are done, the others' turn comes. */
async function oldestChunks(db: Database): Promise<number> {
  const { rows } = await db.execute<{ seconds: number | null }>(sql`
    SELECT extract(epoch FROM clock_timestamp() - min(greatest(i.planned_at, c.last_done)))::float8 AS seconds
      FROM ${tasks} t JOIN ${imports} i ON i.id = t.id,
           LATERAL (SELECT max(done_at) AS last_done, count(*) FILTER (WHERE status = 'waiting') AS waiting
                      FROM ${importChunks} WHERE import_id = i.id) c
     WHERE t.status = 'running' AND t.name = ${IMPORT.name} AND c.waiting > 0`);
  return rows[0]?.seconds ?? 0;
}
