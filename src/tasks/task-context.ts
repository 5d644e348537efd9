// What a task has at hand while it runs.
import type pg from 'pg';
import type { LogLevel } from '../core/tasks/attempt.ts';
import type { Duration } from '../core/tasks/duration.ts';
import type { TaskOptions } from '../core/tasks/task-options.ts';

/** A transaction of Postgres that ends with the attempt: it commits together with the task's end, or not at all. */
export interface TaskTransaction {
  /** Begins the transaction if it has not begun. @throws what Postgres says */
  query(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: pg.QueryResultRow[]; readonly rowCount: number | null }>;
}

export interface TaskContext {
  /** The task. */
  readonly id: string;
  readonly name: string;
  /** The number of this attempt, from 1 on; tries that gave the task back unfinished do not count. */
  readonly attempt: number;
  /** Aborted by a cancel, a soft time limit, or when the worker stops; its reason is an Error whose name says which. */
  readonly signal: AbortSignal;
  /** What is done here is done if and only if the task succeeds. */
  readonly db: TaskTransaction;
  /** Says how far the task is: any JSON. The last word is written some times a second. */
  progress(value: unknown): void;
  /** Keeps a line with the task. */
  log(message: string, level?: LogLevel): void;
  /** Records another task in the transaction of this one, with this one as its parent. @returns its id */
  enqueue(name: string, args: Readonly<Record<string, unknown>>, options?: TaskOptions): Promise<string>;
}

/** Thrown by a task whose next attempt could not do better: it fails at once. */
export class NonRetryable extends Error {
  override readonly name = 'NonRetryable';
}

/** Thrown by a task that wants to be run later: it gives its place back, and this attempt does not count. */
export class Snooze extends Error {
  override readonly name = 'Snooze';
  readonly duration: Duration;

  constructor(duration: Duration) {
    super('the task asked to be run later');
    this.duration = duration;
  }
}

/** To be thrown: `throw snooze('1h')`. */
export function snooze(duration: Duration): Snooze {
  return new Snooze(duration);
}
