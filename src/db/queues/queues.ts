// Queues of tasks as rows and counts. Nothing here reads more than some thousands of tasks, however many wait.
import { sql } from 'drizzle-orm';
import { DEFAULT_QUEUE, IMPORTS_QUEUE } from '../../core/tasks/queue-names.ts';
import type { Database } from '../client.ts';
import { queues } from '../schema/tasks.ts';
import { TASKS_CHANNEL } from '../tasks/enqueue.ts';

/** Counted so far; beyond it a count is "at least". */
export const MOST_COUNTED = 10_000;

/** A number of tasks; not exact: at least so many. */
export interface Depth {
  readonly count: number;
  readonly exact: boolean;
}

export interface QueueView {
  readonly name: string;
  readonly pausedAt: Date | null;
  readonly pausedBy: string | null;
  /** May begin now. */
  readonly due: Depth;
  /** Put off until a later time. */
  readonly toCome: Depth;
  readonly running: Depth;
  /** How long the due task that waits longest has waited; 0 when none is due. */
  readonly oldestSeconds: number;
  /** How many ended in the minute that was over 10 seconds ago. */
  readonly endedPerMinute: number;
}

const DUE_QUEUES = sql`
  WITH RECURSIVE found AS (
    (SELECT queue FROM sluice.tasks WHERE status = 'queued' AND due ORDER BY queue LIMIT 1)
    UNION ALL
    SELECT next.* FROM found, LATERAL (
      SELECT queue FROM sluice.tasks WHERE status = 'queued' AND due AND queue > found.queue ORDER BY queue LIMIT 1) next)
  SELECT queue FROM found`;

/** Those that tasks name as theirs, that were paused once, that have ended tasks, and that have due ones; in the order of their names. */
export async function listQueueNames(db: Database): Promise<string[]> {
  const { rows } = await db.execute<{ name: string }>(sql`
    SELECT name COLLATE "C" AS name FROM (
      SELECT ${DEFAULT_QUEUE} AS name UNION SELECT ${IMPORTS_QUEUE}
      UNION SELECT document ->> 'queue' FROM sluice.task_definitions
      UNION SELECT name FROM sluice.queues
      UNION SELECT queue FROM sluice.task_totals
      UNION (${DUE_QUEUES})) AS names
     WHERE name IS NOT NULL ORDER BY 1`);
  return rows.map(({ name }) => name);
}

interface QueueRow {
  readonly [key: string]: unknown;
  readonly name: string;
  readonly pausedAt: Date | string | null;
  readonly pausedBy: string | null;
  readonly due: number;
  readonly toCome: number;
  readonly running: number;
  readonly allToCome: number;
  readonly allRunning: number;
  readonly oldestSeconds: number;
  readonly endedPerMinute: number;
}

/** These queues, in the order in which they are named. One that nobody has heard of is empty. */
export async function readQueues(db: Database, names: readonly string[]): Promise<QueueView[]> {
  const most = MOST_COUNTED + 1;
  const { rows } = await db.execute<QueueRow>(sql`
    WITH to_come AS MATERIALIZED (
           SELECT queue FROM sluice.tasks WHERE status = 'queued' AND NOT due ORDER BY run_at LIMIT ${most}),
         running AS MATERIALIZED (SELECT queue FROM sluice.tasks WHERE status = 'running' LIMIT ${most})
    SELECT n.name, q.paused_at AS "pausedAt", q.paused_by AS "pausedBy",
           (SELECT count(*) FROM (SELECT FROM sluice.tasks WHERE status = 'queued' AND due AND queue = n.name LIMIT ${most}) c)::int AS due,
           (SELECT count(*) FROM to_come WHERE queue = n.name)::int AS "toCome", (SELECT count(*) FROM to_come)::int AS "allToCome",
           (SELECT count(*) FROM running WHERE queue = n.name)::int AS running, (SELECT count(*) FROM running)::int AS "allRunning",
           coalesce((
             WITH RECURSIVE first AS (
               (SELECT priority, run_at FROM sluice.tasks WHERE status = 'queued' AND due AND queue = n.name ORDER BY priority, run_at LIMIT 1)
               UNION ALL
               SELECT next.* FROM first, LATERAL (
                 SELECT priority, run_at FROM sluice.tasks
                  WHERE status = 'queued' AND due AND queue = n.name AND priority > first.priority ORDER BY priority, run_at LIMIT 1) next)
             SELECT greatest(0, extract(epoch FROM clock_timestamp() - min(run_at))) FROM first), 0)::float8 AS "oldestSeconds",
           (SELECT coalesce(sum(tasks), 0) FROM sluice.task_rates r
             WHERE r.queue = n.name AND slice >= to_timestamp(floor(extract(epoch FROM now()) / 10) * 10 - 70)
               AND slice < to_timestamp(floor(extract(epoch FROM now()) / 10) * 10 - 10))::float8 AS "endedPerMinute"
      FROM unnest(${sql.param(names)}::text[]) WITH ORDINALITY AS n (name, place) LEFT JOIN sluice.queues q ON q.name = n.name
     ORDER BY n.place`);
  return rows.map((row) => ({
    name: row.name,
    pausedAt: row.pausedAt === null ? null : new Date(row.pausedAt),
    pausedBy: row.pausedBy,
    due: depth(row.due, row.due),
    toCome: depth(row.toCome, row.allToCome),
    running: depth(row.running, row.allRunning),
    oldestSeconds: row.oldestSeconds,
    endedPerMinute: row.endedPerMinute,
  }));
}

/** @param looked at how many tasks it was looked to count them */
function depth(counted: number, looked: number): Depth {
  return { count: Math.min(counted, MOST_COUNTED), exact: looked <= MOST_COUNTED };
}

/** From its commit on, no worker begins a task of the queue. @returns whether it was not paused before */
export async function pauseQueue(db: Database, name: string, by: string | null): Promise<boolean> {
  const { rowCount } = await db
    .insert(queues)
    .values({ name, pausedAt: sql`now()`, pausedBy: by })
    .onConflictDoUpdate({
      target: queues.name,
      set: { pausedAt: sql`now()`, pausedBy: by },
      setWhere: sql`${queues.pausedAt} IS NULL`,
    });
  return (rowCount ?? 0) > 0;
}

/** Workers are told at the commit. @returns whether it was paused before */
export async function resumeQueue(db: Database, name: string): Promise<boolean> {
  const { rowCount } = await db.execute(
    sql`UPDATE sluice.queues SET paused_at = NULL, paused_by = NULL WHERE name = ${name} AND paused_at IS NOT NULL`,
  );
  if (!rowCount) return false;
  await db.execute(sql`SELECT pg_notify(${TASKS_CHANNEL}, ${name})`);
  return true;
}

export async function isPaused(db: Database, name: string): Promise<boolean> {
  const { rows } = await db.execute(
    sql`SELECT FROM sluice.queues WHERE name = ${name} AND paused_at IS NOT NULL`,
  );
  return rows.length > 0;
}

/** Chunks of running imports that are not loaded yet, counted to `MOST_COUNTED`: how much work an import is for more workers. */
export async function countChunksLeft(db: Database): Promise<number> {
  const { rows } = await db.execute<{ chunks: number }>(sql`
    SELECT count(*)::int AS chunks FROM (
      SELECT FROM sluice.tasks t JOIN sluice.import_chunks c ON c.import_id = t.id AND c.status = 'waiting'
       WHERE t.status = 'running' AND t.queue = ${IMPORTS_QUEUE} LIMIT ${MOST_COUNTED}) AS left_over`);
  return rows[0]!.chunks;
}
