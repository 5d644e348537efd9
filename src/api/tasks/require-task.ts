import type pg from 'pg';
import { findTaskViews, type TaskView } from '../../db/tasks/task-views.ts';
import { AppError } from '../../errors.ts';

/** @throws AppError NOT_FOUND */
export async function requireTask(pool: pg.Pool, id: string): Promise<TaskView> {
  const [view] = await findTaskViews(pool, [id]);
  if (view === undefined) throw taskNotFound(id);
  return view;
}

export function taskNotFound(id: string): AppError {
  return new AppError('NOT_FOUND', `There is no task ${id}.`);
}
