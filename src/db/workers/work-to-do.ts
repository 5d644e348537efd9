// Whether there is anything for a worker to do: what `sluice up --workers on-demand` goes by.
import { IMPORTS_QUEUE } from '../../core/tasks/queue-names.ts';
import type { WorkToDo } from '../../core/workers/worker-pool.ts';
import type { Database } from '../client.ts';
import { prepared } from '../prepared.ts';
import { DUE_LANES } from '../tasks/claims.ts';
import { dueInMs } from '../schedules/due-schedules.ts';
import { isThere } from './workers.ts';

/** $1: the queues, or null. A queue is `open` when it is served and not paused. */
const IS_OPEN = `($1::text[] IS NULL OR queue = ANY($1)) AND queue <> ALL ((SELECT array_agg(name) FROM paused)::text[])`;

// Index by index, from one queue and lane to the next and from one key to the next, so that a million tasks cost little more than one.
// Nobody takes those of lane 'unknown': no worker has said that it knows their names. The time is now(), since no index is read by that of
// the clock, which changes meanwhile.
const WORK = prepared(`
  WITH RECURSIVE ${DUE_LANES},
  held AS (
    (SELECT queue, priority, name, limit_key, run_at, lane FROM sluice.tasks WHERE status = 'queued' AND NOT due AND limit_key IS NOT NULL
      ORDER BY queue, priority, name, limit_key, run_at LIMIT 1)
    UNION ALL
    SELECT next.* FROM held, LATERAL (
      SELECT queue, priority, name, limit_key, run_at, lane FROM sluice.tasks
       WHERE status = 'queued' AND NOT due AND limit_key IS NOT NULL
         AND (queue, priority, name, limit_key) > (held.queue, held.priority, held.name, held.limit_key)
       ORDER BY queue, priority, name, limit_key, run_at LIMIT 1) next),
  paused AS (SELECT name FROM sluice.queues WHERE paused_at IS NOT NULL UNION ALL SELECT '')
  SELECT EXISTS (SELECT FROM due WHERE lane <> 'unknown' AND ${IS_OPEN})
      -- Their time has come, and no worker was there to notice.
      OR CASE WHEN (SELECT min(run_at) FROM sluice.tasks WHERE status = 'queued' AND NOT due AND limit_key IS NULL) <= now()
         THEN EXISTS (SELECT FROM sluice.tasks WHERE status = 'queued' AND NOT due AND limit_key IS NULL AND run_at <= now() AND lane <> 'unknown' AND ${IS_OPEN})
         ELSE false END
      -- Tasks with a key, whose turn workers find.
      OR EXISTS (SELECT FROM held WHERE run_at <= now() AND lane <> 'unknown' AND ${IS_OPEN})
      -- What workers do about tasks that nobody runs: to expire, to be cancelled, to have a group go on.
      OR EXISTS (SELECT FROM sluice.tasks WHERE status = 'queued' AND expires_at <= now() AND starts = 0)
      OR EXISTS (SELECT FROM sluice.tasks WHERE status = 'cancelling')
      OR EXISTS (SELECT FROM sluice.group_ends) OR EXISTS (SELECT FROM sluice.groups WHERE cancels_rest)
      -- Workers send what webhooks are told.
      OR EXISTS (SELECT FROM sluice.webhooks w WHERE w.enabled AND EXISTS (
           SELECT FROM sluice.webhook_deliveries d WHERE d.webhook_id = w.id AND d.status = 'waiting' AND d.next_attempt_at <= now()))
      -- Its worker was lost. An import is run by all workers, so any of them will do.
      OR EXISTS (SELECT FROM sluice.tasks t WHERE status = 'running' AND CASE WHEN queue = '${IMPORTS_QUEUE}'
           THEN ${IS_OPEN} AND NOT EXISTS (SELECT FROM sluice.workers w WHERE ${isThere('w')} AND (w.queues = '[]' OR w.queues ? '${IMPORTS_QUEUE}'))
           ELSE NOT EXISTS (SELECT FROM sluice.workers w WHERE w.id = t.worker_id AND ${isThere('w')}) END) AS waits,
         EXISTS (SELECT FROM sluice.tasks WHERE status = 'running') AS runs`);

/** Workers make the tasks of schedules, and one takes seconds to start: a run that is later than 5 s counts as missed. */
const SCHEDULES_AHEAD_MS = 15_000;

/** Also a schedule that is due soon is work. @param queues where the worker takes work from; undefined: from all */
export async function lookForWork(db: Database, queues: readonly string[] | undefined): Promise<WorkToDo> {
  const { rows } = await db.$client.query<WorkToDo>({ ...WORK, values: [queues ?? null] });
  const { waits, runs } = rows[0]!;
  if (waits) return { waits, runs };
  const inMs = await dueInMs(db, []);
  return { waits: inMs !== undefined && inMs <= SCHEDULES_AHEAD_MS, runs };
}
