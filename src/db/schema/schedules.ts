// Rules by which the clock makes tasks, and what they have made.
import { sql } from 'drizzle-orm';
import { boolean, index, jsonb, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { Misfire } from '../../core/schedules/due-runs.ts';
import type { TaskOptions } from '../../core/tasks/task-options.ts';
import { instant, sluice } from './columns.ts';

/** Rules by which the clock makes tasks. All times are by the clock of Postgres. */
export const schedules = sluice.table(
  'schedules',
  {
    id: uuid().primaryKey(),
    name: text().notNull(),
    /** When it runs: one of these three, as people wrote it. */
    cron: text(),
    every: text(),
    at: instant('at'),
    timeZone: text('time_zone').notNull(),
    startAt: instant('start_at'),
    endAt: instant('end_at'),
    /** When its times were given: what `every` counts from when there is no start. */
    timedAt: instant('timed_at').notNull(),
    misfire: text().$type<Misfire>().notNull(),
    enabled: boolean().notNull(),
    taskName: text('task_name').notNull(),
    taskArgs: jsonb('task_args').$type<Record<string, unknown>>().notNull(),
    taskOptions: jsonb('task_options').$type<TaskOptions>().notNull(),
    /** Null: it is not enabled, or runs no more. */
    nextRunAt: instant('next_run_at'),
    /** When `next_run_at` was found; later than now when the clock has been put back since. */
    plannedAt: instant('planned_at').notNull(),
    /** When it last made a task, also by hand. */
    lastRunAt: instant('last_run_at'),
    createdAt: instant('created_at').notNull(),
    createdBy: uuid('created_by'),
    updatedAt: instant('updated_at').notNull(),
    updatedBy: uuid('updated_by'),
  },
  (t) => [
    uniqueIndex('schedules_name_key').on(t.name),
    index('schedules_next_run_at_idx')
      .on(t.nextRunAt)
      .where(sql`${t.enabled}`),
    index('schedules_planned_at_idx')
      .on(t.plannedAt)
      .where(sql`${t.enabled}`),
  ],
);

/** Tasks that schedules have made. A row outlives its task, so that no due time is run twice. */
export const scheduleRuns = sluice.table(
  'schedule_runs',
  {
    /** UUID v7: in the order in which they were made. Also the id of the task, if it was recorded. */
    id: uuid().primaryKey(),
    scheduleId: uuid('schedule_id')
      .notNull()
      .references(() => schedules.id, { onDelete: 'cascade' }),
    /** The task, or the one that has its unique key. */
    taskId: uuid('task_id').notNull(),
    /** The time of the rule that the task was made for; null: it was run by hand. */
    dueAt: instant('due_at'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [
    index('schedule_runs_schedule_id_idx').on(t.scheduleId, t.id),
    // Two leaders, or a clock that goes back, cannot run the same time twice.
    uniqueIndex('schedule_runs_due_at_key').on(t.scheduleId, t.dueAt),
    index('schedule_runs_created_at_idx').on(t.createdAt),
  ],
);
