// Tasks: every change of status is one guarded UPDATE, so that no writer can undo what another has ended.
import { and, eq, inArray, sql } from 'drizzle-orm';
import type { TaskError } from '../../core/tasks/task.ts';
import { IMPORTS_QUEUE } from '../../core/tasks/queue-names.ts';
import { isFinal, statusesBefore, type TaskStatus } from '../../core/tasks/task-status.ts';
import type { Database } from '../client.ts';
import { tasks } from '../schema/tasks.ts';
import { insertEnded, insertStarted } from '../webhooks/tell-webhooks.ts';

export type TaskRow = typeof tasks.$inferSelect;

interface StatusChange {
  readonly result?: Record<string, unknown>;
  readonly error?: TaskError;
  readonly cancelOptions?: Record<string, unknown>;
  readonly cancelledBy?: string;
}

/** What each status writes besides itself. */
function stamps(to: TaskStatus): Record<string, unknown> {
  switch (to) {
    case 'queued':
      return {};
    case 'running':
      return { startedAt: sql`coalesce(${tasks.startedAt}, now())`, attempts: sql`${tasks.attempts} + 1` };
    case 'cancelling':
      return {};
    case 'succeeded':
    case 'failed':
    case 'cancelled':
      // Not now(): that is when the transaction began, which may have landed rows since.
      return { finishedAt: sql`clock_timestamp()`, waitingFor: null };
  }
}

/**
 * Moves a task to a status, if the transition table allows it from where it stands.
 * @param from narrows the statuses it may come from
 * @returns the task as it is now, or undefined when it is not there or stands where `to` cannot follow
 */
export async function moveTask(
  db: Database,
  id: string,
  to: TaskStatus,
  change: StatusChange = {},
  from: readonly TaskStatus[] = statusesBefore(to),
): Promise<TaskRow | undefined> {
  const update = db
    .update(tasks)
    .set({ status: to, version: sql`${tasks.version} + 1`, ...stamps(to), ...change })
    .where(and(eq(tasks.id, id), inArray(tasks.status, [...from])))
    .returning();
  if (!isFinal(to) && to !== 'running') return (await update)[0];
  const tell = isFinal(to) ? insertEnded('moved') : insertStarted('moved', 'm.started_at');
  const moved = db.$with('moved').as(update);
  const told = db.$with('told', {}).as(sql.raw(tell));
  const [row] = await db.with(moved, told).select().from(moved);
  return row;
}

/** Ends a task whose work has failed. A cancel that was asked for before comes first: undefined then, as when the task has ended. */
export function failTask(db: Database, id: string, error: TaskError): Promise<TaskRow | undefined> {
  return moveTask(db, id, 'failed', { error }, ['queued', 'running']);
}

/** Notes what an unfinished task waits for that is no part of Sluice; null: for nothing any more. */
export async function setWaitingFor(db: Database, id: string, waitingFor: string | null): Promise<void> {
  await db
    .update(tasks)
    .set({ waitingFor, version: sql`${tasks.version} + 1` })
    .where(
      and(
        eq(tasks.id, id),
        inArray(tasks.status, ['queued', 'running', 'cancelling']),
        sql`${tasks.waitingFor} IS DISTINCT FROM ${waitingFor}`,
      ),
    );
}

export async function findTask(db: Database, id: string): Promise<TaskRow | undefined> {
  const [row] = await db.select().from(tasks).where(eq(tasks.id, id));
  return row;
}

/** The trace that it was recorded with. */
export async function findTraceparent(db: Database, id: string): Promise<string | undefined> {
  const [row] = await db.select({ options: tasks.options }).from(tasks).where(eq(tasks.id, id));
  return row?.options?.traceparent;
}

/**
 * Holds a task as it is until the end of the transaction: a chunk commits only under a `running` task.
 * Shared, so that chunks of one import do not wait for each other; a change of status waits for it.
 */
export async function holdTaskStatus(db: Database, id: string): Promise<TaskStatus | undefined> {
  const [row] = await db.select({ status: tasks.status }).from(tasks).where(eq(tasks.id, id)).for('share');
  return row?.status;
}

/** Takes a task for a change of status within this transaction; undefined when someone else has it, or it stands elsewhere. */
export async function claimTask(db: Database, id: string, status: TaskStatus): Promise<TaskRow | undefined> {
  const [row] = await db
    .select()
    .from(tasks)
    .where(and(eq(tasks.id, id), eq(tasks.status, status)))
    .for('update', { skipLocked: true });
  return row;
}

/**
 * Takes up to `limit` unfinished tasks that the queue was told of more than `olderThanMs` ago, and marks them as told now,
 * so that two sweeps never take the same one.
 */
export async function takeUnfinished(
  db: Database,
  olderThanMs: number,
  limit: number,
): Promise<{ id: string; name: string }[]> {
  const { rows } = await db.execute<{ id: string; name: string }>(sql`
    WITH due AS (
      SELECT id FROM ${tasks}
       WHERE queue = ${IMPORTS_QUEUE} AND status IN ('queued', 'running')
         AND (dispatched_at IS NULL OR dispatched_at < now() - ${olderThanMs} * interval '1 millisecond')
       ORDER BY dispatched_at NULLS FIRST LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    UPDATE ${tasks} t SET dispatched_at = now() FROM due WHERE t.id = due.id
    RETURNING t.id, t.name`);
  return rows;
}
