// Whether there is anything for a worker to do: what `sluice up --workers on-demand` goes by.
import { IMPORTS_QUEUE } from '../../core/tasks/queue-names.ts';
import type { WorkToDo } from '../../core/workers/worker-pool.ts';
import type { Database } from '../client.ts';
import { prepared } from '../connection.ts';
import { dueInMs } from '../schedules/due-schedules.ts';

export interface Workplace {
  /** Where the worker takes work from; undefined: from all queues. */
  readonly queues: readonly string[] | undefined;
  /** How long another worker may say nothing until its tasks are run again. */
  readonly workerLostMs: number;
}

/** $1: the queues, or null. A task is `open` when its queue is served and not paused. */
const isOpen = (queue: string) =>
  `($1::text[] IS NULL OR ${queue} = ANY($1)) AND NOT EXISTS (SELECT FROM sluice.queues p WHERE p.name = ${queue} AND p.paused_at IS NOT NULL)`;
const ALIVE = `w.beat_at >= now() - $2 * interval '1 millisecond'`;

// Queue by queue and lane by lane, so that a million due tasks cost no more than one. Nobody takes those of lane 'unknown': no worker
// has said that it knows their names.
const WORK = prepared(`
  WITH RECURSIVE due AS (
    (SELECT queue, lane FROM sluice.tasks WHERE status = 'queued' AND due ORDER BY queue, lane LIMIT 1)
    UNION ALL
    SELECT next.* FROM due, LATERAL (
      SELECT queue, lane FROM sluice.tasks WHERE status = 'queued' AND due AND (queue, lane) > (due.queue, due.lane)
       ORDER BY queue, lane LIMIT 1) next)
  SELECT EXISTS (SELECT FROM due WHERE lane <> 'unknown' AND ${isOpen('queue')})
      -- Their time has come, and no worker was there to notice.
      OR EXISTS (SELECT FROM sluice.tasks t WHERE status = 'queued' AND NOT due AND limit_key IS NULL AND run_at <= clock_timestamp() AND lane <> 'unknown' AND ${isOpen('t.queue')})
      -- The same with a key, whose turn workers find.
      OR EXISTS (SELECT FROM sluice.tasks t WHERE status = 'queued' AND NOT due AND limit_key IS NOT NULL AND run_at <= clock_timestamp() AND lane <> 'unknown' AND ${isOpen('t.queue')})
      -- What workers do about tasks that nobody runs: to expire, to be cancelled, to have a group go on.
      OR EXISTS (SELECT FROM sluice.tasks WHERE status = 'queued' AND expires_at <= clock_timestamp() AND starts = 0)
      OR EXISTS (SELECT FROM sluice.tasks WHERE status = 'cancelling')
      OR EXISTS (SELECT FROM sluice.group_ends) OR EXISTS (SELECT FROM sluice.groups WHERE cancels_rest)
      -- Its worker was lost. An import is run by all workers, so any of them will do.
      OR EXISTS (SELECT FROM sluice.tasks t WHERE status = 'running' AND CASE WHEN queue = '${IMPORTS_QUEUE}'
           THEN ${isOpen('t.queue')} AND NOT EXISTS (SELECT FROM sluice.workers w WHERE ${ALIVE} AND (w.queues = '[]' OR w.queues ? '${IMPORTS_QUEUE}'))
           ELSE NOT EXISTS (SELECT FROM sluice.workers w WHERE w.id = t.worker_id AND ${ALIVE}) END) AS waits,
         EXISTS (SELECT FROM sluice.tasks WHERE status = 'running') AS runs`);

/** Also a schedule that is due is work: workers make its task. */
export async function lookForWork(db: Database, { queues, workerLostMs }: Workplace): Promise<WorkToDo> {
  const { rows } = await db.$client.query<WorkToDo>({ ...WORK, values: [queues ?? null, workerLostMs] });
  const { waits, runs } = rows[0]!;
  if (waits) return { waits, runs };
  const inMs = await dueInMs(db, []);
  return { waits: inMs !== undefined && inMs <= 0, runs };
}
