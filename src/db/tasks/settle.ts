// How attempts end. Each statement takes many of them, and each of them only if it still runs: `start` is the number it was claimed with.
import type { AttemptOutcome, LogLevel } from '../../core/tasks/attempt.ts';
import type { TaskError } from '../../core/tasks/task.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import { tellEndedAttempts, tellSucceeded } from '../webhooks/tell-webhooks.ts';

/**
 * SQL: of the tasks `t` with these ids, those that run. However few tasks there were when Postgres planned the statement, it finds these by
 * their ids: it could take the index of running tasks for the shorter way, which grows, and holds all that ran until vacuum has passed.
 * @param ids SQL, an array
 */
const running = (ids: string): string => `t.id = ANY(${ids}) AND t.status || '' = 'running'`;

/**
 * SQL: the arrays of the first two parameters, and what is the same attempt's in others, as rows `e`; `at` is their place. Postgres expects ten rows of
 * unnest() however many there are, and then compares each with each (90 ms for 500); of this it expects a thousand, and takes a hash.
 */
const attempts = (more = ''): string =>
  `(SELECT ($1::uuid[])[at] AS id, ($2::int[])[at] AS start, at${more} FROM generate_subscripts($1::uuid[], 1) AS at) AS e`;

/** An attempt. */
export interface AttemptKey {
  readonly id: string;
  readonly start: number;
}

export interface DoneAttempt extends AttemptKey {
  /** JSON. */
  readonly result: string;
}

export interface EndedAttempt extends AttemptKey {
  readonly outcome: AttemptOutcome;
  readonly error: TaskError | null;
  /** Milliseconds until the next one; null: the task has failed. */
  readonly againMs: number | null;
  /** False for what should not use up one of the task's attempts. */
  readonly counts: boolean;
  /** Of one that waits for a signal: which, and of how many the task knew. If it was sent more meanwhile, it is due at once. */
  readonly waits?: { readonly signal: string; readonly signals: number };
}

const COMPLETE = prepared(`
  UPDATE sluice.tasks t SET status = 'succeeded', result = e.result::jsonb, finished_at = clock_timestamp(), version = version + 1
    FROM ${attempts(', ($3::text[])[at] AS result')}
   WHERE ${running('$1::uuid[]')} AND t.id = e.id AND t.starts = e.start
  RETURNING t.id, ${tellSucceeded('t')}`);

/** @returns those that it has ended; of others the time was over */
export async function completeAttempts(
  client: Queryable,
  done: readonly DoneAttempt[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ id: string }>({
    ...COMPLETE,
    values: [done.map(({ id }) => id), done.map(({ start }) => start), done.map(({ result }) => result)],
  });
  return new Set(rows.map((row) => row.id));
}

const END = prepared(`
  WITH ended AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS e (id uuid, start int, outcome text, error jsonb, "againMs" float8, counts boolean, waits jsonb)),
  moved AS (
    UPDATE sluice.tasks t
       SET status = CASE WHEN "againMs" IS NULL THEN 'failed' ELSE 'queued' END,
           error = CASE WHEN "againMs" IS NULL THEN e.error END,
           finished_at = CASE WHEN "againMs" IS NULL THEN clock_timestamp() END,
           run_at = CASE WHEN (e.waits -> 'signals')::int < t.signals THEN clock_timestamp()
                         WHEN "againMs" > 0 THEN clock_timestamp() + "againMs" * interval '1 millisecond' ELSE t.run_at END,
           due = coalesce("againMs", 0) = 0 OR coalesce((e.waits -> 'signals')::int < t.signals AND t.limit_key IS NULL, false),
           waiting_for = 'the signal "' || (e.waits ->> 'signal') || '"',
           attempts = t.attempts - CASE WHEN e.counts THEN 0 ELSE 1 END,
           version = version + 1
      FROM ended e
     WHERE ${running('ARRAY(SELECT id FROM ended)')} AND t.id = e.id AND t.starts = e.start
    RETURNING t.id, t.attempts + CASE WHEN e.counts THEN 0 ELSE 1 END AS attempt, t.worker_id, t.claimed_at, t.status, e.start, e.outcome, e.error,
      e.error AS problem, t.name, t.queue, t.finished_at),
  ${tellEndedAttempts('moved')},
  noted AS (
    INSERT INTO sluice.task_attempts (task_id, start, attempt, worker_id, started_at, ended_at, outcome, error)
    SELECT id, start, attempt, worker_id, coalesce(claimed_at, now()), clock_timestamp(), outcome, error FROM moved
    ON CONFLICT DO NOTHING)
  SELECT id, status FROM moved`);

/** Ends attempts that have not succeeded: the task is tried again, or has failed. @returns how each of those that still ran stands now */
export async function endAttempts(
  client: Queryable,
  ended: readonly EndedAttempt[],
): Promise<Map<string, 'queued' | 'failed'>> {
  const { rows } = await client.query<{ id: string; status: 'queued' | 'failed' }>({
    ...END,
    values: [JSON.stringify(ended)],
  });
  return new Map(rows.map((row) => [row.id, row.status]));
}

const PROGRESS = prepared(`
  UPDATE sluice.tasks t SET progress = e.progress::jsonb, version = version + 1
    FROM ${attempts(', ($3::text[])[at] AS progress')}
   WHERE ${running('$1::uuid[]')} AND t.id = e.id AND t.starts = e.start`);

export async function writeProgress(
  client: Queryable,
  said: readonly (AttemptKey & { readonly progress: string })[],
): Promise<void> {
  await client.query({
    ...PROGRESS,
    values: [said.map(({ id }) => id), said.map(({ start }) => start), said.map(({ progress }) => progress)],
  });
}

export interface LogLine extends AttemptKey {
  readonly no: number;
  readonly at: Date;
  readonly level: LogLevel;
  readonly message: string;
}

const LOG = prepared(`
  INSERT INTO sluice.task_logs (task_id, start, no, at, level, message)
  SELECT id, start, ($3::int[])[at], ($4::timestamptz[])[at], ($5::text[])[at], ($6::text[])[at] FROM ${attempts()}
   WHERE EXISTS (SELECT FROM sluice.tasks t WHERE t.id = ANY($1) AND t.id = e.id)
  ON CONFLICT DO NOTHING`);

/** Lines of tasks that are gone are dropped. */
export async function writeLogs(client: Queryable, lines: readonly LogLine[]): Promise<void> {
  await client.query({
    ...LOG,
    values: [
      lines.map(({ id }) => id),
      lines.map(({ start }) => start),
      lines.map(({ no }) => no),
      lines.map(({ at }) => at.toISOString()),
      lines.map(({ level }) => level),
      lines.map(({ message }) => message),
    ],
  });
}

const OVER = prepared(`
  SELECT e.id, e.start, t.status FROM ${attempts()}
    LEFT JOIN sluice.tasks t ON t.id = ANY($1) AND t.id = e.id
   WHERE t.id IS NULL OR t.starts <> e.start OR t.status <> 'running'`);

/** Of attempts that run here, those whose time is over: cancelled, or taken for lost and given to another worker. */
export async function attemptsOver(client: Queryable, running: readonly AttemptKey[]): Promise<AttemptKey[]> {
  const { rows } = await client.query<AttemptKey>({
    ...OVER,
    values: [running.map(({ id }) => id), running.map(({ start }) => start)],
  });
  return rows;
}
