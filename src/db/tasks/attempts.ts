// What became of each start of a task, and what it has said. Of ended attempts Postgres has rows, but for the last: the task has that.
import type { AttemptOutcome, LogLevel } from '../../core/tasks/attempt.ts';
import type { TaskError } from '../../core/tasks/task.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';

export interface AttemptView {
  /** Which start of the task, from 1 on. */
  readonly start: number;
  /** Its number among those that count. */
  readonly attempt: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Null while it runs. */
  readonly outcome: AttemptOutcome | 'succeeded' | 'cancelled' | null;
  readonly error: TaskError | null;
  readonly worker: { readonly id: string; readonly host: string | null } | null;
}

interface AttemptRow {
  start: number;
  attempt: number;
  started_at: Date;
  ended_at: Date | null;
  outcome: AttemptView['outcome'];
  error: TaskError | null;
  worker_id: string | null;
  host: string | null;
}

const ATTEMPTS = prepared(`
  SELECT a.*, w.host FROM (
    SELECT start, attempt, worker_id, started_at, ended_at, outcome, error FROM sluice.task_attempts WHERE task_id = $1 AND start > $2
    UNION ALL
    SELECT t.starts, t.attempts, t.worker_id, t.claimed_at, t.finished_at,
           CASE t.status WHEN 'succeeded' THEN 'succeeded' WHEN 'cancelled' THEN 'cancelled' WHEN 'failed' THEN 'failed' END, t.error
      FROM sluice.tasks t
     WHERE t.id = $1 AND t.starts > $2 AND t.claimed_at IS NOT NULL
       AND NOT EXISTS (SELECT FROM sluice.task_attempts a WHERE a.task_id = t.id AND a.start = t.starts)) a
  LEFT JOIN sluice.workers w ON w.id = a.worker_id
  ORDER BY start LIMIT $3`);

/** A page behind the start `after`, oldest first. */
export async function listAttempts(
  client: Queryable,
  taskId: string,
  page: { readonly limit: number; readonly after: number },
): Promise<AttemptView[]> {
  const { rows } = await client.query<AttemptRow>({
    ...ATTEMPTS,
    values: [taskId, page.after, page.limit],
  });
  return rows.map((row) => ({
    start: row.start,
    attempt: row.attempt,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    error: row.error,
    worker: row.worker_id === null ? null : { id: row.worker_id, host: row.host },
  }));
}

export interface LogLineView {
  readonly start: number;
  /** Of the lines of this start, from 0 or 1 on. */
  readonly no: number;
  readonly at: Date;
  readonly level: LogLevel;
  readonly message: string;
}

/** Where a page of the log ends. */
export type LogCursor = Pick<LogLineView, 'start' | 'no'>;

const LOGS = prepared(`
  SELECT start, no, at, level, message FROM sluice.task_logs
   WHERE task_id = $1 AND (start, no) > ($2, $3) ORDER BY start, no LIMIT $4`);

/** A page behind the line `after`, oldest first. */
export async function listLogLines(
  client: Queryable,
  taskId: string,
  page: { readonly limit: number; readonly after: LogCursor },
): Promise<LogLineView[]> {
  const { start, no } = page.after;
  const { rows } = await client.query<LogLineView>({ ...LOGS, values: [taskId, start, no, page.limit] });
  return rows;
}

const ENDED = prepared(
  `SELECT id FROM sluice.tasks WHERE id = ANY($1::uuid[]) AND status IN ('succeeded', 'failed', 'cancelled')`,
);

/** Those of these tasks that have ended. */
export async function listEnded(client: Queryable, ids: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>({ ...ENDED, values: [ids] });
  return rows.map(({ id }) => id);
}
