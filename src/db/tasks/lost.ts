// Tasks whose worker was lost while they ran: killed, frozen, or cut off from Postgres.
import { SUSPECT_FROM } from '../../core/tasks/lane.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import { tellEndedAttempts } from '../webhooks/tell-webhooks.ts';
import { isThere } from '../workers/workers.ts';

/** How one of them stands now. */
export interface LostTask {
  readonly id: string;
  readonly name: string;
  readonly status: 'queued' | 'failed';
}

/** @param whose SQL: which running tasks `t` */
const lose = (whose: string) =>
  prepared(`
    WITH lost AS (
      SELECT t.id, t.lost >= $1 OR coalesce(d.document ->> 'delivery' = 'at-most-once', false) AS is_last,
             CASE WHEN d.document ->> 'delivery' = 'at-most-once' THEN 'Its worker was lost, and it must not be run twice.'
                  ELSE 'Its worker was lost ' || t.lost + 1 || ' times (killed, frozen, or out of memory).' END AS message
        FROM sluice.tasks t LEFT JOIN sluice.task_definitions d ON d.name = t.name
       WHERE t.status = 'running' AND t.queue <> 'imports' AND ${whose}
         FOR UPDATE OF t SKIP LOCKED),
    moved AS (
      UPDATE sluice.tasks t
         SET status = CASE WHEN is_last THEN 'failed' ELSE 'queued' END, lost = t.lost + 1, attempts = t.attempts - 1, due = true,
             lane = CASE WHEN t.lost + 1 >= ${SUSPECT_FROM} THEN 'cpu' ELSE t.lane END,
             error = CASE WHEN is_last THEN jsonb_build_object('code', 'worker-lost', 'message', message) END,
             finished_at = CASE WHEN is_last THEN clock_timestamp() END, version = version + 1
        FROM lost WHERE t.id = lost.id
      RETURNING t.id, t.name, t.status, t.starts AS start, t.attempts + 1 AS attempt, t.worker_id, t.claimed_at, t.error,
        'lost' AS outcome, jsonb_build_object('code', 'worker-lost') AS problem, t.queue, t.finished_at),
    ${tellEndedAttempts('moved')},
    noted AS (
      INSERT INTO sluice.task_attempts (task_id, start, attempt, worker_id, started_at, ended_at, outcome, error)
      SELECT id, start, attempt, worker_id, coalesce(claimed_at, now()), clock_timestamp(), outcome, error FROM moved
      ON CONFLICT DO NOTHING)
    SELECT id, name, status FROM moved`);

const LOSE_OF_LOST_WORKERS = lose(
  `NOT EXISTS (SELECT FROM sluice.workers w WHERE w.id = t.worker_id AND ${isThere('w')})`,
);
const LOSE_OF = lose('t.worker_id = $2 AND t.name = ANY($3)');

/** Gives back the tasks of workers that have said nothing for as long as their own settings allow. @param mostLost how often a task may be begun again for this */
export async function loseTasksOfLostWorkers(client: Queryable, mostLost: number): Promise<LostTask[]> {
  const { rows } = await client.query<LostTask>({ ...LOSE_OF_LOST_WORKERS, values: [mostLost] });
  return rows;
}

/** Gives back those of one worker, whose thread has ended by itself. @param names the tasks that ran in it */
export async function loseTasksOf(
  client: Queryable,
  workerId: string,
  names: readonly string[],
  mostLost: number,
): Promise<LostTask[]> {
  const { rows } = await client.query<LostTask>({ ...LOSE_OF, values: [mostLost, workerId, names] });
  return rows;
}
