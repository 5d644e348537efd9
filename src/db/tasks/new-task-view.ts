// A task as clients see it at the moment it is recorded: made from its row, so that no answer waits for a second read.
import type { Creator } from '../access/users.ts';
import type { TaskRow } from './tasks.ts';
import type { TaskView } from './task-views.ts';

/** As `findTaskViews` gives it until a worker has begun; of a task that is no import. */
export function viewNewTask(row: TaskRow, createdBy: Creator): TaskView {
  const { id, name, status, attempts, waitingFor, result, error, createdAt, startedAt, finishedAt } = row;
  return {
    id,
    name,
    status,
    attempts,
    waitingFor,
    progress: null,
    result,
    error,
    createdAt,
    startedAt,
    finishedAt,
    createdBy,
  };
}
