// Workers, and what they are told.
import { sql } from 'drizzle-orm';
import { doublePrecision, index, integer, jsonb, text, uuid } from 'drizzle-orm/pg-core';
import type { PoolState, PoolWish } from '../../core/workers/worker-pool.ts';
import type { WorkerCommandName, WorkerPhase } from '../../core/workers/worker-state.ts';
import { count, instant, sluice } from './columns.ts';

/** Workers that are there, or were there a short while ago: each says so again and again. */
export const workers = sluice.table('workers', {
  id: uuid().primaryKey(),
  /** As the operator calls it; what it was told to do holds also for the next worker of this name. Empty: it has none. */
  name: text().notNull().default(''),
  host: text().notNull(),
  pid: integer().notNull(),
  version: text().notNull(),
  phase: text().$type<WorkerPhase>().notNull().default('running'),
  /** Empty: all. */
  queues: jsonb().$type<readonly string[]>().notNull(),
  slots: integer().notNull(),
  /** How many I/O tasks it runs at the same time. */
  concurrency: integer().notNull().default(0),
  /** The names of the tasks it knows. */
  tasks: jsonb().$type<readonly string[]>().notNull().default([]),
  /** The tasks that have work in it. */
  running: jsonb().$type<readonly string[]>().notNull(),
  slotsBusy: integer('slots_busy').notNull().default(0),
  ioBusy: integer('io_busy').notNull().default(0),
  /** Attempts that have ended in it, and tasks that have failed, since its start. */
  processed: count('processed').notNull().default(0),
  failed: count('failed').notNull().default(0),
  /** Of its process. */
  memoryBytes: count('memory_bytes').notNull().default(0),
  /** 99 of 100 turns of its event loops came no later than this, since the beat before. */
  loopDelayMs: doublePrecision('loop_delay_ms').notNull().default(0),
  startedAt: instant('started_at')
    .notNull()
    .default(sql`now()`),
  beatAt: instant('beat_at').notNull(),
  /** Milliseconds that it may say nothing until it is taken for lost, as its own settings have it. */
  lostMs: integer('lost_ms').notNull().default(20_000),
});

/** Duties that one worker does for all: whose turn it is, and until when nobody else takes it. */
export const dutyTurns = sluice.table('duty_turns', {
  name: text().primaryKey(),
  workerId: uuid('worker_id').notNull(),
  nextAt: instant('next_at').notNull(),
});

/** What workers were told to do. A row, so that it holds whatever is away at the moment. */
export const workerCommands = sluice.table(
  'worker_commands',
  {
    id: uuid().primaryKey(),
    workerId: uuid('worker_id').notNull(),
    /** Of the worker; the next one of this name does the same. */
    workerName: text('worker_name').notNull().default(''),
    command: text().$type<WorkerCommandName>().notNull(),
    options: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    createdBy: uuid('created_by'),
    /** When the worker has done it, or has begun to. */
    acknowledgedAt: instant('acknowledged_at'),
  },
  (t) => [
    index('worker_commands_open_idx')
      .on(t.workerId, t.id)
      .where(sql`${t.acknowledgedAt} is null`),
    index('worker_commands_name_idx')
      .on(t.workerName, t.id)
      .where(sql`${t.workerName} <> ''`),
  ],
);

/** One row: workers on demand. It is there also while nobody starts any, so that what was wanted of them last still holds. */
export const workerPool = sluice.table('worker_pool', {
  wish: text().$type<PoolWish>().notNull().default('on-demand'),
  state: text().$type<PoolState>().notNull().default('stopped'),
  /** Since when the state is this one. */
  changedAt: instant('changed_at')
    .notNull()
    .default(sql`now()`),
  /** The `sluice up` that starts and stops the worker: its machine and its home. Null: there is none. */
  holder: text(),
  /** Its machine, for people. */
  host: text().notNull().default(''),
  beatAt: instant('beat_at')
    .notNull()
    .default(sql`now()`),
});
