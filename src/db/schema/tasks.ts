// Tasks, their queues and their attempts.
import { sql } from 'drizzle-orm';
import {
  boolean,
  index,
  integer,
  jsonb,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { TaskError } from '../../core/tasks/task.ts';
import type { Lane } from '../../core/tasks/lane.ts';
import type { AttemptOptions, AttemptOutcome, LogLevel } from '../../core/tasks/attempt.ts';
import type { KeyLimits } from '../../core/tasks/key-limits.ts';
import type { TaskDocument } from '../../core/tasks/task-document.ts';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import { instant, sluice } from './columns.ts';

export const tasks = sluice.table(
  'tasks',
  {
    /** UUID v7; an import has its task's id. */
    id: uuid().primaryKey(),
    /** Of the definition that a worker has of it. */
    name: text().notNull(),
    args: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    status: text().$type<TaskStatus>().notNull().default('queued'),
    /** Which workers take it. `imports` is for imports and undos, which ring in BullMQ one by one. */
    queue: text().notNull().default('imports'),
    /** Who claims it: of those that know its name, the thread of I/O tasks or a slot. */
    lane: text().$type<Lane>().notNull().default('io'),
    /** The lower, the sooner, among those that are due. */
    priority: smallint().notNull().default(0),
    /** When it may begin: put off when it was asked for, by a failed attempt, or by itself. */
    runAt: instant('run_at')
      .notNull()
      .default(sql`now()`),
    /** Whether `runAt` is past, as far as a worker has noticed: those to come are kept out of the index that claims read. */
    due: boolean().notNull().default(true),
    /** Cancelled instead of begun from then on. */
    expiresAt: instant('expires_at'),
    /** How often it was claimed; an attempt is known by this number, so that one whose time is over cannot end the next one. */
    starts: integer().notNull().default(0),
    /** Times its worker was lost while it ran. */
    lost: smallint().notNull().default(0),
    /** After so many failed attempts it has failed; null: as its definition says. */
    maxAttempts: smallint('max_attempts'),
    /** What was asked for besides the columns here; over the definition's own. */
    options: jsonb().$type<AttemptOptions>(),
    /** No other unfinished task of this name has the same one. */
    uniqueKey: text('unique_key'),
    tags: text().array(),
    /** The task that has asked for it. */
    parentId: uuid('parent_id'),
    /** The ended task that it does again. */
    retryOf: uuid('retry_of'),
    /** How many signals were sent to it: whoever gives it back to wait for one says how many it knew of. */
    signals: integer().notNull().default(0),
    /** It shares limits and its turn with the tasks of its name that have the same one; null: it has none, and is claimed as soon as it is due. */
    limitKey: text('limit_key'),
    /** The limits of its key, where they were asked for; over the definition's own. */
    limits: jsonb().$type<KeyLimits>(),
    /** The chain or group of which it is a member. */
    groupId: uuid('group_id'),
    /** Who runs it, or ran it last. */
    workerId: uuid('worker_id'),
    /** When the last attempt began. */
    claimedAt: instant('claimed_at'),
    /** What the task itself says of how far it is. */
    progress: jsonb(),
    /** Of an import: so small that workers take it from here, several at a time, without a job in the queue (tasks/import/land-small.ts). */
    small: boolean().notNull().default(false),
    attempts: integer().notNull().default(0),
    /** What the request to cancel it said, as the task's kind describes; null: there was none, or it left all as usual. */
    cancelOptions: jsonb('cancel_options').$type<Record<string, unknown>>(),
    cancelledBy: uuid('cancelled_by'),
    /** What it waits for that is no part of Sluice, such as a lock that another program holds; null while work goes on. */
    waitingFor: text('waiting_for'),
    result: jsonb().$type<Record<string, unknown>>(),
    error: jsonb().$type<TaskError>(),
    /** Goes up with every change a client can see; the ETag. */
    version: integer().notNull().default(1),
    /** When the queue was last told of it, by the clock of Postgres; the sweep looks at those told long ago. */
    dispatchedAt: instant('dispatched_at'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    startedAt: instant('started_at'),
    finishedAt: instant('finished_at'),
    createdBy: uuid('created_by'),
  },
  (t) => [
    index('tasks_unfinished_idx')
      .on(t.dispatchedAt)
      .where(sql`${t.queue} = 'imports' and ${t.status} in ('queued', 'running', 'cancelling')`),
    // Claims read it from where the last one ended, so that what is dead but not yet vacuumed costs them nothing.
    index('tasks_due_idx')
      .on(t.queue, t.lane, t.priority, t.runAt, t.id)
      .where(sql`${t.status} = 'queued' and ${t.due}`),
    index('tasks_to_come_idx')
      .on(t.runAt)
      .where(sql`${t.status} = 'queued' and not ${t.due} and ${t.limitKey} is null`),
    // Those with a key are due when their turn has come (sluice.release_held): from here, key by key.
    index('tasks_held_idx')
      .on(t.queue, t.priority, t.name, t.limitKey, t.runAt, t.id)
      .where(sql`${t.status} = 'queued' and not ${t.due} and ${t.limitKey} is not null`),
    // Those that have a place of their key: they run, or their turn has come.
    index('tasks_placed_idx')
      .on(t.name, t.limitKey)
      .where(
        sql`${t.limitKey} is not null and (${t.status} in ('running', 'cancelling') or ${t.status} = 'queued' and ${t.due})`,
      ),
    // When they began: what a rate counts.
    index('tasks_key_starts_idx')
      .on(t.name, t.limitKey, t.claimedAt)
      .where(sql`${t.limitKey} is not null`),
    index('tasks_expiring_idx')
      .on(t.expiresAt)
      .where(sql`${t.status} = 'queued' and ${t.expiresAt} is not null and ${t.starts} = 0`),
    index('tasks_running_idx')
      .on(t.workerId)
      .where(sql`${t.status} = 'running'`),
    index('tasks_cancelling_idx')
      .on(t.id)
      .where(sql`${t.status} = 'cancelling'`),
    index('tasks_finished_at_idx')
      .on(t.finishedAt)
      .where(sql`${t.finishedAt} is not null`),
    uniqueIndex('tasks_unique_key')
      .on(t.name, t.uniqueKey)
      .where(sql`${t.uniqueKey} is not null and ${t.status} in ('queued', 'running', 'cancelling')`),
    index('tasks_parent_id_idx')
      .on(t.parentId, t.id)
      .where(sql`${t.parentId} is not null`),
    index('tasks_retry_of_idx')
      .on(t.retryOf)
      .where(sql`${t.retryOf} is not null`),
    // Lists (db/tasks/list-tasks.ts). A claim writes into neither.
    index('tasks_queued_idx')
      .on(t.name, t.id)
      .where(sql`${t.status} = 'queued'`),
    index('tasks_ended_idx')
      .on(t.name, t.status, t.id)
      .where(sql`${t.status} in ('succeeded', 'failed', 'cancelled')`),
    index('tasks_small_idx')
      .on(t.id)
      .where(sql`${t.status} = 'queued' and ${t.small}`),
  ],
);

/** What workers have said of the tasks they know: what requests are checked against, and where a task goes that says nothing of it. */
export const taskDefinitions = sluice.table('task_definitions', {
  name: text().primaryKey(),
  document: jsonb().$type<TaskDocument>().notNull(),
  updatedAt: instant('updated_at')
    .notNull()
    .default(sql`now()`),
});

/** Queues that tasks were put into; `imports` and `chunks` are BullMQ's alone. */
export const queues = sluice.table('queues', {
  name: text().primaryKey(),
  /** No task of it is claimed while this is set. */
  pausedAt: instant('paused_at'),
  pausedBy: uuid('paused_by'),
  createdAt: instant('created_at')
    .notNull()
    .default(sql`now()`),
});

/** Keys that a task has taken for a time, whether or not it has ended by then. */
export const uniqueKeys = sluice.table(
  'unique_keys',
  {
    name: text().notNull(),
    key: text().notNull(),
    taskId: uuid('task_id').notNull(),
    expiresAt: instant('expires_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.name, t.key] }),
    index('unique_keys_expires_at_idx').on(t.expiresAt),
    index('unique_keys_task_id_idx').on(t.taskId),
  ],
);

/** Attempts that did not end well. Of the one that did, the task itself says all. */
export const taskAttempts = sluice.table(
  'task_attempts',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    /** The task's `starts` while it ran. */
    start: integer().notNull(),
    /** The number of the attempt, as it counts against the most there may be. */
    attempt: integer().notNull(),
    workerId: uuid('worker_id'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at').notNull(),
    outcome: text().$type<AttemptOutcome>().notNull(),
    error: jsonb().$type<TaskError>(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.start] })],
);

/** What tasks have said by `ctx.log`. */
export const taskLogs = sluice.table(
  'task_logs',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    start: integer().notNull(),
    no: integer().notNull(),
    at: instant('at').notNull(),
    level: text().$type<LogLevel>().notNull(),
    message: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.start, t.no] })],
);

/** Whose turn was last among the keys of a queue and priority. */
export const keyTurns = sluice.table(
  'key_turns',
  {
    queue: text().notNull(),
    priority: smallint().notNull(),
    name: text().notNull(),
    limitKey: text('limit_key').notNull(),
  },
  (t) => [primaryKey({ columns: [t.queue, t.priority] })],
);
