// What a task keeps for its next attempt: steps, cursors, signals.
import { sql } from 'drizzle-orm';
import { integer, json, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { instant, sluice } from './columns.ts';
import { tasks } from './tasks.ts';

/** What steps of tasks have given (`ctx.step`): a later attempt gets it from here. */
export const taskSteps = sluice.table(
  'task_steps',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    name: text().notNull(),
    /** Not jsonb: it is given back to the byte. */
    result: json().$type<unknown>().notNull(),
    start: integer().notNull(),
    endedAt: instant('ended_at')
      .notNull()
      .default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.name] })],
);

/** How far tasks have come (`ctx.cursor`). */
export const taskCursors = sluice.table('task_cursors', {
  taskId: uuid('task_id')
    .primaryKey()
    .references(() => tasks.id, { onDelete: 'cascade' }),
  cursor: json().$type<unknown>().notNull(),
  updatedAt: instant('updated_at')
    .notNull()
    .default(sql`now()`),
});

/** Signals that were sent to tasks; the first of a name is for the first wait for it. */
export const taskSignals = sluice.table(
  'task_signals',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    /** Counts those of the task, from 1 on. */
    no: integer().notNull(),
    name: text().notNull(),
    payload: json().$type<unknown>().notNull(),
    sentAt: instant('sent_at')
      .notNull()
      .default(sql`now()`),
    sentBy: uuid('sent_by'),
    /** Which wait for its name has it. */
    wait: integer(),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.no] })],
);

/** What tasks wait for, or have waited for (`ctx.waitForSignal`). */
export const taskWaits = sluice.table(
  'task_waits',
  {
    taskId: uuid('task_id')
      .notNull()
      .references(() => tasks.id, { onDelete: 'cascade' }),
    signal: text().notNull(),
    /** Counts the waits for this signal, from 1 on. */
    no: integer().notNull(),
    /** Null: for as long as it takes. */
    until: instant('until'),
    endedAt: instant('ended_at'),
  },
  (t) => [primaryKey({ columns: [t.taskId, t.signal, t.no] })],
);
