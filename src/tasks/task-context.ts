// What a task has at hand while it runs.
import type pg from 'pg';
import type { LogLevel } from '../core/tasks/attempt.ts';
import type { Canvas } from '../core/tasks/canvas.ts';
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

/** How far a long loop has come: kept in Postgres, for the attempt that goes on. */
export interface TaskCursor {
  /** What an earlier attempt, or this one, has said last; undefined: nothing yet. */
  get<T = unknown>(): Promise<T | undefined>;
  /**
   * Says how far it is, as any JSON. It is written about once a second, and when the attempt ends; a worker that is killed loses what was
   * said within the last second. Await it, so that it gets its turn.
   * @throws when `db` or `enqueue` was used and not committed: the cursor would get ahead of them
   */
  set(value: unknown): Promise<void>;
  /** Commits what was done by `db` and `enqueue` so far, together with the cursor: all of it is there, or nothing. */
  commit(value: unknown): Promise<void>;
}

export interface TaskContext {
  /** The task. */
  readonly id: string;
  readonly name: string;
  /** The number of this attempt, from 1 on; tries that gave the task back unfinished do not count. */
  readonly attempt: number;
  /** The trace that the attempt belongs to (W3C Trace Context), to be sent along with requests to others; undefined: there is none. */
  readonly traceparent: string | undefined;
  /**
   * An AbortSignal: aborted by a cancel, a soft time limit, or when the worker stops; its reason is an Error whose name says which. It
   * has nothing to do with the signals that `waitForSignal` waits for.
   */
  readonly signal: AbortSignal;
  /** What is done here is done if and only if the task succeeds. */
  readonly db: TaskTransaction;
  /**
   * Does something once: what it gives is kept in Postgres when it has ended, by itself and at once (not in the transaction of `db`), and
   * a later attempt gets it from there. It is done again if the worker dies before that. Its result comes back as JSON has it, in the
   * first attempt too: a Date as a text, undefined as null.
   * @param name of its own within the task, up to 200 characters
   * @throws what `run` throws, and then nothing is kept
   */
  step<T>(name: string, run: () => T | Promise<T>): Promise<T>;
  readonly cursor: TaskCursor;
  /**
   * Waits for a signal (`POST /v1/tasks/{id}/signals/{name}`, or `sluice.send_signal`). One that was sent before is there at once; the
   * first wait for a name gets the first signal of it. Otherwise the task gives its place back: this throws, the attempt ends, and when
   * the signal comes the task runs again from its beginning, with its steps and cursor kept. Do not catch what it throws.
   * @param options.timeout counts from the first attempt that waits. Default: none
   * @returns its payload; undefined when the time is over
   */
  waitForSignal<T = unknown>(name: string, options?: { readonly timeout?: Duration }): Promise<T | undefined>;
  /** Says how far the task is: any JSON. The last word is written some times a second. */
  progress(value: unknown): void;
  /** Keeps a line with the task. */
  log(message: string, level?: LogLevel): void;
  /** Records another task in the transaction of this one, with this one as its parent. @returns its id */
  enqueue(name: string, args: Readonly<Record<string, unknown>>, options?: TaskOptions): Promise<string>;
  /** Records a chain, group or chord in the transaction of this task: `ctx.begin(chain([…]))`. @returns its id */
  begin(canvas: Canvas): Promise<string>;
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

/** Thrown by an attempt that has failed, and the next of which must not begin before so many milliseconds; it counts. */
export class RetryAfter extends Error {
  override readonly name = 'RetryAfter';
  readonly afterMs: number;

  constructor(message: string, afterMs: number) {
    super(message);
    this.afterMs = afterMs;
  }
}

/** To be thrown: `throw snooze('1h')`. */
export function snooze(duration: Duration): Snooze {
  return new Snooze(duration);
}
