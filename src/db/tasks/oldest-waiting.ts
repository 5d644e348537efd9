// How long the work that waits longest has waited, by queue: what tells that nobody takes it.
import { sql } from 'drizzle-orm';
import { QUEUE_NAMES, type QueueName } from '../../core/tasks/queue-names.ts';
import { IMPORT, TASK_KINDS } from '../../core/tasks/task-kinds.ts';
import type { Database } from '../client.ts';
import { importChunks, imports, tasks } from '../schema.ts';

/** In seconds, by the clock of Postgres; 0 where nothing waits. */
export async function oldestWaiting(db: Database): Promise<Record<QueueName, number>> {
  const waited = Object.fromEntries(QUEUE_NAMES.map((name) => [name, 0])) as Record<QueueName, number>;
  for (const { name, seconds } of await oldestQueued(db)) {
    const { queue } = TASK_KINDS.find((kind) => kind.name === name)!;
    waited[queue] = Math.max(waited[queue], seconds);
  }
  waited.chunks = await oldestChunks(db);
  return waited;
}

/** The oldest task of each name, by tasks_queued_idx. */
async function oldestQueued(db: Database): Promise<{ name: string; seconds: number }[]> {
  const { rows } = await db.execute<{ name: string; seconds: number }>(sql`
    SELECT name, extract(epoch FROM clock_timestamp() - oldest.created_at)::float8 AS seconds
      FROM unnest(${sql.param(TASK_KINDS.map(({ name }) => name))}::text[]) AS name,
           LATERAL (SELECT created_at FROM ${tasks} t WHERE t.status = 'queued' AND t.name = name.name ORDER BY created_at LIMIT 1) oldest`);
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
