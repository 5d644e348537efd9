// Recording tasks: in whatever transaction the caller has open, so that they are there if and only if it commits.
import { stringifyExact } from '../../core/tasks/exact-json.ts';
import type { TaskOptions } from '../../core/tasks/task-options.ts';
import type { Queryable } from '../connection.ts';

/** A task to be recorded. Its arguments are those its definition describes, checked by whoever asks for it. */
export interface NewTask {
  /** UUID v7. */
  readonly id: string;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly options?: TaskOptions | undefined;
}

export interface EnqueuedTask {
  /** Of the task, or of the one that has its unique key. */
  readonly id: string;
  /** False when it was not recorded, because another task has its unique key, or its id is taken. */
  readonly isNew: boolean;
}

/** What workers listen to for tasks of other programs; the payload is the queue. */
export const TASKS_CHANNEL = 'sluice_tasks';

const ENQUEUE = 'SELECT id, is_new FROM sluice.enqueue_all($1::jsonb, $2::uuid, $3::boolean)';

/**
 * Records tasks, in one statement: by itself it is a transaction.
 * @param by.notifies whether workers hear of it at the commit by Postgres; a caller that rings in BullMQ itself says false
 * @returns in the order given
 * @throws what Postgres says of options it cannot read, and nothing is recorded
 */
export async function enqueueTasks(
  client: Queryable,
  tasks: readonly NewTask[],
  by: { readonly createdBy?: string | null; readonly notifies?: boolean } = {},
): Promise<EnqueuedTask[]> {
  if (tasks.length === 0) return [];
  const { rows } = await client.query<{ id: string; is_new: boolean }>(ENQUEUE, [
    stringifyExact(tasks),
    by.createdBy ?? null,
    by.notifies ?? true,
  ]);
  return rows.map((row) => ({ id: row.id, isNew: row.is_new }));
}
