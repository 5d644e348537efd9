// One attempt at a task, from its arguments to what is to be written of it.
import type { AttemptOptions, LogLevel } from '../../core/tasks/attempt.ts';
import { withTraceparent } from '../../core/tasks/canvas.ts';
import { durationMs } from '../../core/tasks/duration.ts';
import { parseExact, stringifyExact } from '../../core/tasks/exact-json.ts';
import type { ClaimedTask } from '../../db/tasks/claims.ts';
import type { Queryable } from '../../db/connection.ts';
import { enqueueTasks } from '../../db/tasks/enqueue.ts';
import { createGroup } from '../../db/tasks/groups.ts';
import { completeAttempts } from '../../db/tasks/settle.ts';
import type { Task } from '../../tasks/define-task.ts';
import { NonRetryable, RetryAfter, Snooze, type TaskContext } from '../../tasks/task-context.ts';
import { currentTraceparent, ofTrace } from '../../tracing/tracing.ts';
import { Cancelled, SoftTimeLimit, TimeLimit, WorkerStops, type AttemptAbort } from './attempt-abort.ts';
import { describeError, endingsOf, type Outcome } from './attempt-endings.ts';
import { openMemory, type AttemptMemory } from './attempt-memory.ts';
import { openTransaction, type AttemptTransaction, type TaskConnection } from './task-transaction.ts';

export interface AttemptDeps {
  readonly connect: () => Promise<TaskConnection>;
  /** Where steps and the like are kept, beside the task's transaction. */
  readonly memory: Queryable;
  /** False in a slot, whose thread is ended in its place. */
  readonly endsByTimeLimit: boolean;
  readonly maxResultBytes: number;
  readonly newId: () => string;
  /** From 0 up to 1. */
  readonly chance: () => number;
  readonly progress: (task: ClaimedTask, value: unknown) => void;
  readonly log: (task: ClaimedTask, level: LogLevel, message: string) => void;
}

/** How long a task may go on after it was told to stop for good, before its place is given to others. */
const GRACE_MS = 5000;
/** While Postgres is away, a task that uses it is tried again after this. */
const LOST_AGAIN_MS = 1000;
/** Tries that count as no attempt. One that loses its connection after more of them may be the cause of it. */
const MOST_FREE = 20;

/** It never rejects. @param abort stops it: with `Cancelled` or `WorkerStops` */
export async function runAttempt(
  deps: AttemptDeps,
  task: Task,
  claimed: ClaimedTask,
  abort: AttemptAbort,
): Promise<Outcome> {
  const { document } = task;
  const { fail, postpone, wait, giveBack } = endingsOf(document, claimed, deps.chance);
  const transaction = openTransaction(deps.connect, async (processId) => {
    await deps.memory.query('SELECT pg_cancel_backend($1)', [processId]);
  });
  const memory = openMemory(
    { client: deps.memory, abort, transaction, maxBytes: deps.maxResultBytes },
    claimed,
    claimed.start === 1,
  );
  try {
    const { args, errors } = readArgs(task, claimed.args);
    if (errors.length > 0)
      return fail(
        'failed',
        { code: 'invalid-args', message: `The arguments are wrong: ${errors.join('; ')}.` },
        true,
      );
    const context = createContext(deps, claimed, abort, transaction, memory);
    const { timeLimitMs, ...limits }: AttemptOptions = { ...document, ...claimed.options };
    const result = await withinLimits(
      { ...limits, ...(deps.endsByTimeLimit && timeLimitMs !== undefined ? { timeLimitMs } : {}) },
      abort,
      async () => task.run(args as never, context),
    );
    const waits = memory.waits();
    if (waits !== undefined) return wait(waits);
    const text = stringifyExact(result);
    const wrong = wrongResult(task, text, deps.maxResultBytes);
    if (wrong !== undefined) return fail('failed', { code: 'invalid-result', message: wrong }, true);
    if (!transaction.hasBegun()) return { kind: 'done', result: text };
    const written = await completeAttempts(await transaction.client(), [
      { id: claimed.id, start: claimed.start, result: text },
    ]);
    if (!written.has(claimed.id)) return { kind: 'over' };
    await transaction.commit();
    return { kind: 'written' };
  } catch (error) {
    const { reason } = abort;
    if (reason instanceof Cancelled || error instanceof Cancelled) return { kind: 'over' };
    const waits = memory.waits();
    if (waits !== undefined) return wait(waits);
    if (error instanceof Snooze) return postpone('snoozed', Math.max(1, durationMs(error.duration)));
    if (error instanceof TimeLimit) return fail('timed-out', { code: 'timed-out', message: error.message });
    if (reason instanceof WorkerStops) return giveBack(0);
    if ((transaction.wasLost() || memory.wasLost()) && claimed.start - claimed.attempt < MOST_FREE)
      return giveBack(LOST_AGAIN_MS);
    const atLeastMs = error instanceof RetryAfter ? error.afterMs : 0;
    return fail('failed', describeError(error), error instanceof NonRetryable, atLeastMs);
  } finally {
    await transaction.rollBack();
    await memory.flush();
  }
}

function readArgs(task: Task, text: string): { readonly args: unknown; readonly errors: readonly string[] } {
  // JSON Schema knows no bigint.
  const errors = task.argsErrors(JSON.parse(text));
  return { args: errors.length > 0 ? undefined : task.decode(parseExact(text)), errors };
}

function wrongResult(task: Task, text: string, mostBytes: number): string | undefined {
  if (text.length > mostBytes || Buffer.byteLength(text) > mostBytes)
    return `The result has ${Buffer.byteLength(text)} bytes of JSON; ${mostBytes} are allowed (SLUICE_MAX_RESULT_BYTES). Keep large results in a table or a file, and give back where they are.`;
  if (text.includes(String.raw`\u0000`)) return 'The result has a NUL character, which Postgres cannot keep.';
  if (task.document.result === undefined) return undefined;
  const errors = task.resultErrors(JSON.parse(text));
  return errors.length === 0
    ? undefined
    : `The result is not as the task describes it: ${errors.join('; ')}.`;
}

/** Runs it until it ends, its time limit is over, or it was told to stop for good and did not. */
async function withinLimits<T>(
  { softTimeLimitMs, timeLimitMs }: AttemptOptions,
  abort: AttemptAbort,
  run: () => Promise<T>,
): Promise<T> {
  const timers: NodeJS.Timeout[] = [];
  const after = (ms: number, what: () => void): void => void timers.push(setTimeout(what, ms));
  const work = run();
  const cut = new Promise<never>((_resolve, reject) => {
    if (softTimeLimitMs !== undefined)
      after(softTimeLimitMs, () => abort.abort(new SoftTimeLimit(softTimeLimitMs)));
    if (timeLimitMs !== undefined)
      after(timeLimitMs, () => {
        const error = new TimeLimit(timeLimitMs);
        abort.abort(error);
        reject(error);
      });
    abort.tell(() => {
      const { reason } = abort;
      if (reason instanceof Cancelled || reason instanceof WorkerStops) after(GRACE_MS, () => reject(reason));
    });
  });
  try {
    return await Promise.race([work, cut]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
    // What it does after the end of its attempt is nobody's business any more.
    work.catch(() => undefined);
  }
}

function createContext(
  deps: AttemptDeps,
  claimed: ClaimedTask,
  abort: AttemptAbort,
  transaction: AttemptTransaction,
  memory: AttemptMemory,
): TaskContext {
  return {
    id: claimed.id,
    name: claimed.name,
    attempt: claimed.attempt,
    traceparent: currentTraceparent() ?? claimed.options?.traceparent,
    get signal() {
      return abort.signal;
    },
    db: transaction,
    step: memory.step,
    get cursor() {
      return memory.cursor;
    },
    waitForSignal: memory.waitForSignal,
    progress: (value) => deps.progress(claimed, value),
    log: (message, level = 'info') => deps.log(claimed, level, message),
    enqueue: async (name, args, options) => {
      const task = {
        id: deps.newId(),
        name,
        args,
        options: { parentId: claimed.id, ...ofTrace(), ...options },
      };
      const [recorded] = await enqueueTasks(await transaction.client(), [task]);
      return recorded!.id;
    },
    begin: async (canvas) => {
      const id = deps.newId();
      const trace = currentTraceparent();
      const traced = trace === undefined ? canvas : withTraceparent(canvas, trace);
      await createGroup(await transaction.client(), id, traced);
      return id;
    },
  };
}
