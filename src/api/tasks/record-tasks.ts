// Tasks of requests are recorded, and rung for.
import type { Queryable } from '../../db/connection.ts';
import { databaseError, isDataError, isUnavailable } from '../../db/errors.ts';
import { enqueueTasks, type EnqueuedTask, type NewTask } from '../../db/tasks/enqueue.ts';
import { markRetries } from '../../db/tasks/retries.ts';
import { findTaskViews, type TaskView } from '../../db/tasks/task-views.ts';
import { AppError } from '../../errors.ts';
import type { Ring } from '../../queue/ring.ts';

/** A task to be recorded, and the ended one that it does again. */
export interface AskedFor extends NewTask {
  readonly retryOf?: string;
}

/** What was recorded, and what is to be rung for when that is committed. */
export interface RecordedTasks {
  /** In the order given. */
  readonly views: TaskView[];
  readonly isNew: readonly boolean[];
  /** Rings for those that are due. */
  ring(ring: Ring): void;
}

/**
 * Records tasks in one transaction: the client's, or one of its own.
 * @throws AppError TASK_INVALID for what Postgres refuses; then nothing is recorded
 */
export async function recordTasks(
  client: Queryable,
  tasks: readonly AskedFor[],
  createdBy: string,
): Promise<RecordedTasks> {
  const enqueued = await enqueueTasks(client, tasks, { createdBy, notifies: false }).catch(refused);
  await markRetries(client, retriesOf(tasks, enqueued));
  const found = await findTaskViews(client, [...new Set(enqueued.map(({ id }) => id))]);
  const byId = new Map(found.map((view) => [view.id, view]));
  return {
    // One that has the unique key may be gone by now, if retention has taken it.
    views: enqueued.map(({ id }) => byId.get(id) ?? gone(id)),
    isNew: enqueued.map(({ isNew }) => isNew),
    ring: (ring) =>
      ring.ring(
        enqueued.flatMap(({ id, isNew }, at) => {
          const { delay, eta } = tasks[at]!.options ?? {};
          const { name, queue } = byId.get(id) ?? gone(id);
          return isNew && delay === undefined && eta === undefined ? [{ id, name, queue }] : [];
        }),
      ),
  };
}

function retriesOf(tasks: readonly AskedFor[], enqueued: readonly EnqueuedTask[]) {
  return enqueued.flatMap(({ id, isNew }, at) => {
    const { retryOf } = tasks[at]!;
    return isNew && retryOf !== undefined ? [{ id, retryOf }] : [];
  });
}

function refused(error: unknown): never {
  const { message, hint } = databaseError(error) ?? {};
  if (message === undefined || isUnavailable(error) || !isDataError(databaseError(error)!)) throw error;
  throw new AppError(
    'TASK_INVALID',
    `Postgres cannot record the task: ${message}.${hint === undefined ? '' : ` ${hint}`} Nothing was recorded.`,
    {},
    { cause: error },
  );
}

function gone(id: string): never {
  throw new AppError('CONFLICT', `The task ${id} was removed at this moment. Send the request again.`, {
    taskId: id,
  });
}
