// How many tasks have ended, and how long they took.
import { doublePrecision, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import { count, instant, sluice } from './columns.ts';

/** How many tasks have ended, counted as they do (worker/upkeep/count-ended.ts), so that nobody has to read all of them. */
export const taskTotals = sluice.table(
  'task_totals',
  {
    queue: text().notNull(),
    name: text().notNull(),
    status: text().$type<TaskStatus>().notNull(),
    tasks: count('tasks').notNull(),
    /** Of imports: rows that landed, and bytes of their files as they were sent. */
    rows: count('rows').notNull().default(0),
    bytes: count('bytes').notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.queue, t.name, t.status] })],
);

/** How long they waited and ran, as histograms. */
export const taskTimes = sluice.table(
  'task_times',
  {
    name: text().notNull(),
    what: text().$type<'wait' | 'run'>().notNull(),
    /** Place in TIME_BUCKETS_S (core/tasks/time-buckets.ts): the first bound that is not less; one more for those above all. */
    bucket: smallint().notNull(),
    tasks: count('tasks').notNull(),
    seconds: doublePrecision().notNull(),
  },
  (t) => [primaryKey({ columns: [t.name, t.what, t.bucket] })],
);

/** How many of a queue have ended in 10 seconds, for its rate. */
export const taskRates = sluice.table(
  'task_rates',
  {
    slice: instant('slice').notNull(),
    queue: text().notNull(),
    tasks: count('tasks').notNull(),
  },
  (t) => [primaryKey({ columns: [t.slice, t.queue] })],
);

/** One row: those that ended before this are counted. */
export const taskCounting = sluice.table('task_counting', { countedTo: instant('counted_to').notNull() });
