// Claims: which worker runs which task. `queued → running` with the attempt's number and the worker's id, in one statement.
import type { Lane } from '../../core/tasks/lane.ts';
import type { AttemptOptions } from '../../core/tasks/attempt.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import { tellEnded, tellStarted } from '../webhooks/tell-webhooks.ts';

/** A task that this worker has to run now. */
export interface ClaimedTask {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
  /** JSON. */
  readonly args: string;
  /** Known by this number, the attempt can end only itself. */
  readonly start: number;
  /** From 1 on. */
  readonly attempt: number;
  /** Null: as the definition says. */
  readonly maxAttempts: number | null;
  readonly options: AttemptOptions | null;
  /** Whether it has a key, so that its end gives others their turn. */
  readonly hasKey: boolean;
  /** Whether it is a member of a chain or group, which its end lets go on. */
  readonly isMember: boolean;
}

/** Behind which place of a queue's order the next claim looks. */
export interface ClaimCursor {
  readonly priority: number;
  readonly runAt: string;
  readonly id: string;
}

export interface Claim {
  readonly queue: string;
  /** The tasks that it takes. */
  readonly names: readonly string[];
  readonly lane: Exclude<Lane, 'unknown'>;
  readonly limit: number;
  readonly workerId: string;
  readonly after?: ClaimCursor | undefined;
}

interface ClaimRow {
  id: string;
  name: string;
  args: string;
  starts: number;
  attempts: number;
  max_attempts: number | null;
  options: AttemptOptions | null;
  has_key: boolean;
  is_member: boolean;
  priority: number;
  run_at: string;
}

const claimSql = (behind: string) =>
  prepared(`
    WITH next AS MATERIALIZED (
      SELECT id FROM sluice.tasks
       WHERE status = 'queued' AND due AND queue = $1 AND lane = $5 AND name = ANY($2) AND (expires_at IS NULL OR expires_at > now() OR starts > 0) ${behind}
         AND NOT (SELECT EXISTS (SELECT FROM sluice.queues WHERE name = $1 AND paused_at IS NOT NULL))
       ORDER BY priority, run_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
    UPDATE sluice.tasks t
       SET status = 'running', starts = starts + 1, attempts = attempts + 1, worker_id = $4, waiting_for = NULL, version = version + 1,
           claimed_at = now(), started_at = coalesce(started_at, now())
     WHERE t.id = ANY(ARRAY(SELECT id FROM next))
    RETURNING t.id, t.name, t.args::text, t.starts, t.attempts, t.max_attempts, t.options,
      t.limit_key IS NOT NULL AS has_key, t.group_id IS NOT NULL AS is_member, t.priority, t.run_at::text,
      ${tellStarted('t', 'CASE WHEN t.starts = 1 THEN t.claimed_at END')}`);

const CLAIM = claimSql('');
const CLAIM_BEHIND = claimSql('AND (priority, run_at, id) > ($6, $7::timestamptz, $8::uuid)');

/**
 * Claims the next due tasks of a queue, in its order.
 * @returns them, and where the next claim may go on: entries of tasks that were claimed before are dead, but Postgres has to read them
 *   until vacuum has taken them away, which a transaction left open by anyone prevents
 */
export async function claimDue(
  client: Queryable,
  { queue, lane, names, limit, workerId, after }: Claim,
): Promise<{ readonly tasks: ClaimedTask[]; readonly last: ClaimCursor | undefined }> {
  const values = [queue, names, limit, workerId, lane];
  const { rows } = await client.query<ClaimRow>(
    after === undefined
      ? { ...CLAIM, values }
      : { ...CLAIM_BEHIND, values: [...values, after.priority, after.runAt, after.id] },
  );
  rows.sort(inOrder);
  const last = rows.at(-1);
  return {
    tasks: rows.map((row) => ({
      id: row.id,
      name: row.name,
      queue,
      args: row.args,
      start: row.starts,
      attempt: row.attempts,
      maxAttempts: row.max_attempts,
      options: row.options,
      hasKey: row.has_key,
      isMember: row.is_member,
    })),
    last: last && { priority: last.priority, runAt: last.run_at, id: last.id },
  };
}

/** RETURNING has no order. Times are texts of one form, in UTC. */
function inOrder(one: ClaimRow, other: ClaimRow): number {
  if (one.priority !== other.priority) return one.priority - other.priority;
  if (one.run_at !== other.run_at) return one.run_at < other.run_at ? -1 : 1;
  return one.id < other.id ? -1 : 1;
}

const CONFIRM = prepared(
  `UPDATE sluice.tasks SET claimed_at = claimed_at WHERE id = $1 AND starts = $2 AND status = 'running'`,
);

/** Waits until a claim is on the disk, for a task that must not be run twice. @returns whether it still stands */
export async function confirmClaim(
  client: Queryable,
  { id, start }: Pick<ClaimedTask, 'id' | 'start'>,
): Promise<boolean> {
  const { rowCount } = await client.query({ ...CONFIRM, values: [id, start] });
  return rowCount === 1;
}

const CLAIMED = prepared(`
  SELECT id, starts AS start FROM sluice.tasks
   WHERE status = 'running' AND worker_id = $1 AND lane = $2 AND claimed_at < now() - $3 * interval '1 millisecond'`);

/** The tasks that a worker has claimed so long ago and that have not ended. */
export async function listClaimed(
  client: Queryable,
  { workerId, lane, forMs }: Pick<Claim, 'workerId' | 'lane'> & { readonly forMs: number },
): Promise<Pick<ClaimedTask, 'id' | 'start'>[]> {
  const { rows } = await client.query<Pick<ClaimedTask, 'id' | 'start'>>({
    ...CLAIMED,
    values: [workerId, lane, forMs],
  });
  return rows;
}

const WAKE = prepared(`
  WITH woken AS (
    UPDATE sluice.tasks SET due = true
     WHERE id = ANY(ARRAY(SELECT id FROM sluice.tasks WHERE status = 'queued' AND NOT due AND limit_key IS NULL AND run_at <= clock_timestamp()
                           ORDER BY run_at LIMIT 1000 FOR UPDATE SKIP LOCKED))
    RETURNING queue)
  SELECT queue, (SELECT extract(epoch FROM min(run_at) - clock_timestamp()) * 1000 FROM sluice.tasks WHERE status = 'queued' AND NOT due AND limit_key IS NULL AND run_at > clock_timestamp())::float8 AS next,
         (SELECT queue FROM sluice.tasks WHERE status = 'queued' AND NOT due AND limit_key IS NOT NULL ORDER BY queue LIMIT 1) IS NOT NULL AS "hasHeld",
         EXISTS (SELECT FROM sluice.group_ends) OR EXISTS (SELECT FROM sluice.groups WHERE cancels_rest) AS "hasEnds"
    FROM (SELECT DISTINCT queue FROM woken UNION ALL SELECT NULL) AS queues`);

/** What a look at the tasks to come has found. */
export interface Woken {
  /** The queues that have more due tasks now. */
  readonly queues: string[];
  /** In how many milliseconds the next is due. */
  readonly nextMs: number | undefined;
  /** Whether tasks with a key wait for their turn (db/tasks/limits.ts). */
  readonly hasHeld: boolean;
  /** Whether members of groups have ended, and nobody has looked yet what comes next (db/tasks/groups.ts). */
  readonly hasEnds: boolean;
}

/** Makes due what has become so. */
export async function wakeDue(client: Queryable): Promise<Woken> {
  const { rows } = await client.query<{
    queue: string | null;
    next: number | null;
    hasHeld: boolean;
    hasEnds: boolean;
  }>(WAKE);
  return {
    queues: rows.flatMap(({ queue }) => queue ?? []),
    nextMs: rows[0]?.next ?? undefined,
    hasHeld: rows[0]?.hasHeld ?? false,
    hasEnds: rows[0]?.hasEnds ?? false,
  };
}

/** SQL, behind WITH RECURSIVE: `due`, the queues and lanes with due tasks, read from one to the next however many wait. */
export const DUE_LANES = `due AS (
    (SELECT queue, lane FROM sluice.tasks WHERE status = 'queued' AND due ORDER BY queue, lane LIMIT 1)
    UNION ALL
    SELECT next.* FROM due, LATERAL (
      SELECT queue, lane FROM sluice.tasks WHERE status = 'queued' AND due AND (queue, lane) > (due.queue, due.lane)
       ORDER BY queue, lane LIMIT 1) next)`;

const DUE_QUEUES = prepared(`
  WITH RECURSIVE ${DUE_LANES}
  SELECT queue FROM due WHERE lane = $1 AND queue <> 'imports' AND NOT EXISTS (SELECT FROM sluice.queues q WHERE q.name = due.queue AND q.paused_at IS NOT NULL)`);

/** The queues with due tasks in a lane, but for those that are paused. */
export async function dueQueues(client: Queryable, lane: Lane): Promise<string[]> {
  const { rows } = await client.query<{ queue: string }>({ ...DUE_QUEUES, values: [lane] });
  return rows.map((row) => row.queue);
}

const EXPIRE = prepared(`
  WITH moved AS (
    UPDATE sluice.tasks SET status = 'cancelled', finished_at = clock_timestamp(), version = version + 1,
           cancel_options = jsonb_build_object('reason', 'expired'), waiting_for = NULL
     WHERE id = ANY(ARRAY(SELECT id FROM sluice.tasks WHERE status = 'queued' AND starts = 0 AND expires_at <= clock_timestamp() ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED))
    RETURNING id, name, queue, status, finished_at, error, result),
  ${tellEnded('moved')}
  SELECT id FROM moved`);

/** Cancels what has not begun in time. @returns the tasks */
export async function expireTasks(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(EXPIRE);
  return rows.map((row) => row.id);
}
