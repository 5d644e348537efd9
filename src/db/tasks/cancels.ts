// Cancels, as far as they are rows; src/tasks/cancel-task.ts tells the whole.
import { and, eq, inArray } from 'drizzle-orm';
import type { Database } from '../client.ts';
import { tasks } from '../schema/tasks.ts';
import { inTransaction, type Connection } from '../transaction.ts';
import { claimTask, moveTask, type TaskRow } from './tasks.ts';

export interface Cancel {
  readonly cancelOptions: Record<string, unknown>;
  readonly cancelledBy: string;
}

/**
 * Asks for a cancel: what is queued has ended at once, what runs is `cancelling`.
 * @returns the task as it is then; undefined when it had ended before, or is being cancelled already
 */
export async function requestCancel(db: Database, id: string, cancel: Cancel): Promise<TaskRow | undefined> {
  // A worker may take it at this very moment; then it is cancelled as a running one.
  return (
    (await moveTask(db, id, 'cancelled', cancel, ['queued'])) ??
    (await moveTask(db, id, 'cancelling', cancel))
  );
}

/** Tasks whose cancel is still to be settled. */
export async function listCancelling(db: Database): Promise<{ id: string; name: string }[]> {
  return db.select({ id: tasks.id, name: tasks.name }).from(tasks).where(eq(tasks.status, 'cancelling'));
}

/** Those of these tasks that are cancelled. */
export async function listCancelled(db: Database, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .select({ id: tasks.id })
    .from(tasks)
    .where(and(inArray(tasks.id, [...ids]), eq(tasks.status, 'cancelled')));
  return rows.map((row) => row.id);
}

/** Settles the cancel of a task that leaves nothing behind. @returns whether it has; false when another worker is at it */
export function endCancelled(db: Connection, id: string): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    if ((await claimTask(tx, id, 'cancelling')) === undefined) return false;
    return (await moveTask(tx, id, 'cancelled')) !== undefined;
  });
}
