// Tasks as clients see them: read in one statement, so that status and progress agree.
import type pg from 'pg';
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import type { ImportProgress, TaskError } from '../../core/tasks/task.ts';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import { prepared } from '../client.ts';
import { tableName } from '../identifiers.ts';
import { IMPORT_PROGRESS, toImportProgress, type ImportFacts } from '../imports/import-progress.ts';
import { tasks, users } from '../schema.ts';

export interface TaskView {
  readonly id: string;
  readonly name: string;
  readonly status: TaskStatus;
  readonly attempts: number;
  /** What it waits for that is no part of Sluice; null while work goes on. */
  readonly waitingFor: string | null;
  /** Null for tasks that cannot tell. */
  readonly progress: ImportProgress | null;
  readonly result: Record<string, unknown> | null;
  readonly error: TaskError | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Who asked for it; the name is null when the user was removed. */
  readonly createdBy: { readonly id: string; readonly name: string | null } | null;
}

/** What a statement gives of a task. */
export interface TaskViewRow {
  id: string;
  name: string;
  status: TaskStatus;
  attempts: number;
  waiting_for: string | null;
  version: number;
  result: Record<string, unknown> | null;
  error: TaskError | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  creator_id: string | null;
  creator_name: string | null;
  progress: ImportFacts | null;
}

/** Of the task `t` and its creator `u`. */
export const TASK_COLUMNS = `
  t.id, t.name, t.status, t.attempts, t.waiting_for, t.version, t.result, t.error, t.created_at, t.started_at, t.finished_at,
  t.created_by AS creator_id, u.name AS creator_name`;

export const TASK_FROM = `FROM ${tableName(tasks)} t LEFT JOIN ${tableName(users)} u ON u.id = t.created_by`;

/** Looks at more than the task only for tasks of which there is more. */
const TASK_PROGRESS = `CASE t.name WHEN '${IMPORT.name}' THEN (${IMPORT_PROGRESS}) END AS progress`;

const TASK_VIEWS = prepared(
  `SELECT ${TASK_COLUMNS}, ${TASK_PROGRESS} ${TASK_FROM} WHERE t.id = ANY($1::uuid[])`,
);

/** The poll: one statement by primary key, prepared once a connection, for any number of tasks. Those not there are left out. */
export async function findTaskViews(pool: pg.Pool, ids: readonly string[]): Promise<TaskView[]> {
  const { rows } = await pool.query<TaskViewRow>({
    ...TASK_VIEWS,
    values: [ids],
  });
  return rows.map(toTaskView);
}

export function toTaskView(row: TaskViewRow): TaskView {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    attempts: row.attempts,
    waitingFor: row.waiting_for,
    progress: row.progress && toImportProgress(row.progress, row.started_at, row.finished_at),
    result: row.result,
    error: row.error,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    createdBy: row.creator_id === null ? null : { id: row.creator_id, name: row.creator_name },
  };
}
