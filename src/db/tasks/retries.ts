// Tasks that are done again: an ended one stays as it is, and a new one says which it does again.
import type { AttemptOptions } from '../../core/tasks/attempt.ts';
import type { KeyLimits } from '../../core/tasks/key-limits.ts';
import { IMPORTS_QUEUE } from '../../core/tasks/queue-names.ts';
import type { TaskOptions } from '../../core/tasks/task-options.ts';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';

/** A task as it was asked for. */
export interface AskedBefore {
  readonly id: string;
  readonly name: string;
  readonly status: TaskStatus;
  /** JSON. */
  readonly args: string;
  /** Without what was said of its time: it begins at once, and does not expire. */
  readonly options: TaskOptions;
}

interface AskedRow {
  id: string;
  name: string;
  status: TaskStatus;
  args: string;
  queue: string;
  priority: number;
  max_attempts: number | null;
  options: AttemptOptions | null;
  unique_key: string | null;
  tags: string[] | null;
  parent_id: string | null;
  limit_key: string | null;
  limits: KeyLimits | null;
}

const ASKED = prepared(`
  SELECT id, name, status, args::text, queue, priority, max_attempts, options, unique_key, tags, parent_id, limit_key, limits
    FROM sluice.tasks WHERE id = ANY($1::uuid[]) ORDER BY id`);

/** In the order of their ids. */
export async function findAsked(client: Queryable, ids: readonly string[]): Promise<AskedBefore[]> {
  const { rows } = await client.query<AskedRow>({ ...ASKED, values: [ids] });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    status: row.status,
    args: row.args,
    options: optionsOf(row),
  }));
}

function optionsOf(row: AskedRow): TaskOptions {
  const { backoff, timeLimitMs, softTimeLimitMs } = row.options ?? {};
  const { delayMs, maxMs, ...rest } = backoff ?? {};
  return {
    queue: row.queue,
    priority: row.priority,
    ...(row.max_attempts === null ? {} : { retries: row.max_attempts - 1 }),
    ...(backoff === undefined
      ? {}
      : {
          backoff: {
            ...rest,
            ...(delayMs === undefined ? {} : { delay: delayMs }),
            ...(maxMs === undefined ? {} : { max: maxMs }),
          },
        }),
    ...(timeLimitMs === undefined ? {} : { timeLimit: timeLimitMs }),
    ...(softTimeLimitMs === undefined ? {} : { softTimeLimit: softTimeLimitMs }),
    ...(row.unique_key === null ? {} : { unique: { key: row.unique_key } }),
    ...(row.tags === null ? {} : { tags: row.tags }),
    ...(row.parent_id === null ? {} : { parentId: row.parent_id }),
    ...(row.limit_key === null ? {} : { key: row.limit_key, ...limitsOf(row.limits) }),
  };
}

function limitsOf(limits: KeyLimits | null): Pick<TaskOptions, 'concurrency' | 'rate'> {
  const { concurrency, rate } = limits ?? {};
  return {
    ...(concurrency === undefined ? {} : { concurrency: { limit: concurrency } }),
    ...(rate === undefined ? {} : { rate: { limit: rate.limit, per: rate.perMs } }),
  };
}

const MARK = prepared(`
  UPDATE sluice.tasks t SET retry_of = r.retry_of FROM unnest($1::uuid[], $2::uuid[]) AS r (id, retry_of) WHERE t.id = r.id`);

/** A key that one has "for" a time goes over to the one that does it again: it keeps others away for what is left of that time. */
const HAND_KEYS_ON = prepared(`
  UPDATE sluice.unique_keys u SET task_id = r.id FROM unnest($1::uuid[], $2::uuid[]) AS r (id, retry_of) WHERE u.task_id = r.retry_of`);

/** Says of tasks that were just recorded which ones they do again; in the transaction that has recorded them. */
export async function markRetries(
  client: Queryable,
  retries: readonly { readonly id: string; readonly retryOf: string }[],
): Promise<void> {
  if (retries.length === 0) return;
  const values = [retries.map(({ id }) => id), retries.map(({ retryOf }) => retryOf)];
  await client.query({ ...MARK, values });
  await client.query({ ...HAND_KEYS_ON, values });
}

const RETRYABLE = prepared(`
  SELECT t.id FROM sluice.tasks t
   WHERE t.id = ANY($1::uuid[]) AND t.queue <> '${IMPORTS_QUEUE}' AND t.status IN ('succeeded', 'failed', 'cancelled')
     AND NOT EXISTS (SELECT FROM sluice.tasks r WHERE r.retry_of = t.id)`);

/** Those of these tasks that have ended and were not done again yet. Imports and undos are done again otherwise. */
export async function listRetryable(client: Queryable, ids: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>({ ...RETRYABLE, values: [ids] });
  return rows.map(({ id }) => id);
}
