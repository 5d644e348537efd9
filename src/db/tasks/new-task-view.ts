// A task as clients see it at the moment it is recorded: made from its row, so that no answer waits for a second read.
import { stringifyExact } from '../../core/tasks/exact-json.ts';
import type { Creator } from '../access/users.ts';
import type { TaskRow } from './tasks.ts';
import type { TaskView } from './task-views.ts';

/** As `findTaskViews` gives it until a worker has begun; of a task that is no import. */
export function viewNewTask(row: TaskRow, createdBy: Creator): TaskView {
  const { id, name, status, attempts, waitingFor, error, createdAt, startedAt, finishedAt } = row;
  const { queue, priority, runAt, expiresAt, parentId, retryOf } = row;
  return {
    id,
    name,
    status,
    attempts,
    waitingFor,
    progress: null,
    error,
    createdAt,
    startedAt,
    finishedAt,
    createdBy,
    args: stringifyExact(row.args),
    ownProgress: null,
    result: null,
    queue,
    priority,
    runAt,
    expiresAt,
    tags: row.tags ?? [],
    parentId,
    retryOf,
    worker: null,
    maxAttempts: row.maxAttempts,
  };
}
