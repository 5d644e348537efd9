// Tasks as clients see them: read in one statement, so that status and progress agree.
import type pg from 'pg';
import { IMPORTS_QUEUE } from '../../core/tasks/queue-names.ts';
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import type { ImportProgress, TaskError } from '../../core/tasks/task.ts';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';
import { tableName } from '../identifiers.ts';
import { IMPORT_PROGRESS, toImportProgress, type ImportFacts } from '../imports/import-progress.ts';
import { users } from '../schema/access.ts';
import { queues, taskDefinitions, tasks } from '../schema/tasks.ts';
import { workers } from '../schema/workers.ts';
import { isThere } from '../workers/workers.ts';

/** How a task stands: what is told of imports too. */
export interface TaskStanding {
  readonly id: string;
  readonly name: string;
  readonly status: TaskStatus;
  readonly attempts: number;
  /** What it waits for that is no part of Sluice; null while work goes on. */
  readonly waitingFor: string | null;
  /** Null for tasks that cannot tell. */
  readonly progress: ImportProgress | null;
  readonly error: TaskError | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  /** Who asked for it; the name is null when the user was removed. */
  readonly createdBy: { readonly id: string; readonly name: string | null } | null;
}

/** All that is told of a task. What is JSON is text, as Postgres has it, so that its numbers stay what they are. */
export interface TaskView extends TaskStanding {
  readonly args: string;
  /** What the task has said of itself; null also for imports, which have `progress`. */
  readonly ownProgress: string | null;
  readonly result: string | null;
  readonly queue: string;
  readonly priority: number;
  readonly runAt: Date;
  readonly expiresAt: Date | null;
  readonly tags: readonly string[];
  readonly parentId: string | null;
  readonly retryOf: string | null;
  /** Who runs it, or ran it last; the host is null when nothing is known of the worker any more. */
  readonly worker: { readonly id: string; readonly host: string | null } | null;
  /** Null: of imports, and where no definition says. */
  readonly maxAttempts: number | null;
}

/** What a statement gives of how a task stands. */
export interface TaskStandingRow {
  id: string;
  name: string;
  status: TaskStatus;
  attempts: number;
  waiting_for: string | null;
  version: number;
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
  t.id, t.name, t.status, t.attempts, t.waiting_for, t.version, t.error, t.created_at, t.started_at, t.finished_at,
  t.created_by AS creator_id, u.name AS creator_name`;

export const TASK_FROM = `FROM ${tableName(tasks)} t LEFT JOIN ${tableName(users)} u ON u.id = t.created_by`;

/** Looks at more than the task only for tasks of which there is more. */
const TASK_PROGRESS = `CASE t.name WHEN '${IMPORT.name}' THEN (${IMPORT_PROGRESS}) END AS progress`;

/** What keeps a due task `t` from being taken; null: nothing does. */
const LACK = `
  CASE WHEN t.status = 'queued' AND t.due AND t.queue <> '${IMPORTS_QUEUE}' THEN
    CASE WHEN EXISTS (SELECT FROM ${tableName(queues)} q WHERE q.name = t.queue AND q.paused_at IS NOT NULL) THEN 'queue-paused'
    ELSE (SELECT CASE WHEN NOT coalesce(bool_or(o.tasks ? t.name), false) THEN 'no-worker-of-task'
                      WHEN NOT bool_or(o.tasks ? t.name AND (o.queues = '[]' OR o.queues ? t.queue)) THEN 'no-worker-of-queue' END
            FROM ${tableName(workers)} o WHERE ${isThere('o')}) END
  END AS lack`;

type Lack = 'queue-paused' | 'no-worker-of-task' | 'no-worker-of-queue';

interface TaskViewRow extends TaskStandingRow {
  args: string;
  own_progress: string | null;
  result: string | null;
  queue: string;
  priority: number;
  run_at: Date;
  expires_at: Date | null;
  tags: string[] | null;
  parent_id: string | null;
  retry_of: string | null;
  worker_id: string | null;
  worker_host: string | null;
  max_attempts: number | null;
  lack: Lack | null;
}

/** SQL of all that is told of tasks, up to what says which: `WHERE …` of a task `t`. */
export const SELECT_TASK_VIEWS = `
  SELECT ${TASK_COLUMNS}, ${TASK_PROGRESS}, t.args::text AS args, t.progress::text AS own_progress, t.result::text AS result,
         t.queue, t.priority, t.run_at, t.expires_at, t.tags, t.parent_id, t.retry_of, t.worker_id, w.host AS worker_host,
         CASE WHEN t.queue <> '${IMPORTS_QUEUE}' THEN coalesce(t.max_attempts,
           (SELECT (d.document ->> 'maxAttempts')::int FROM ${tableName(taskDefinitions)} d WHERE d.name = t.name)) END AS max_attempts,
         ${LACK}
    ${TASK_FROM} LEFT JOIN ${tableName(workers)} w ON w.id = t.worker_id`;

const TASK_VIEWS = prepared(`${SELECT_TASK_VIEWS} WHERE t.id = ANY($1::uuid[])`);

/** The poll: one statement by primary key, prepared once a connection, for any number of tasks. Those not there are left out. */
export async function findTaskViews(client: Queryable, ids: readonly string[]): Promise<TaskView[]> {
  return queryTaskViews(client, { ...TASK_VIEWS, values: [ids] });
}

/** @param query made with SELECT_TASK_VIEWS */
export async function queryTaskViews(client: Queryable, query: pg.QueryConfig): Promise<TaskView[]> {
  const { rows } = await client.query<TaskViewRow>(query);
  return rows.map(toTaskView);
}

export function toTaskStanding(row: TaskStandingRow): TaskStanding {
  return {
    id: row.id,
    name: row.name,
    status: row.status,
    attempts: row.attempts,
    waitingFor: row.waiting_for,
    progress: row.progress && toImportProgress(row.progress, row.started_at, row.finished_at),
    error: row.error,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    createdBy: row.creator_id === null ? null : { id: row.creator_id, name: row.creator_name },
  };
}

function toTaskView(row: TaskViewRow): TaskView {
  // Not a literal that begins with a spread: in Node 20 each property behind it takes a microsecond.
  return Object.assign(toTaskStanding(row), {
    waitingFor: row.waiting_for ?? lacking(row),
    args: row.args,
    ownProgress: row.own_progress,
    result: row.result,
    queue: row.queue,
    priority: row.priority,
    runAt: row.run_at,
    expiresAt: row.expires_at,
    tags: row.tags ?? [],
    parentId: row.parent_id,
    retryOf: row.retry_of,
    worker: row.worker_id === null ? null : { id: row.worker_id, host: row.worker_host },
    maxAttempts: row.max_attempts,
  });
}

function lacking({ lack, name, queue }: TaskViewRow): string | null {
  switch (lack) {
    case 'queue-paused':
      return `the queue "${queue}" to be resumed`;
    case 'no-worker-of-task':
      return `a worker that knows the task "${name}"`;
    case 'no-worker-of-queue':
      return `a worker that takes the queue "${queue}"`;
    case null:
      return null;
  }
}
