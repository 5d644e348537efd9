// What an attempt keeps for the next one: results of steps (`ctx.step`), how far it has come (`ctx.cursor`), and the signals it waits for.
import { setTimeout as sleep } from 'node:timers/promises';
import { durationMs } from '../../core/tasks/duration.ts';
import { parseExact, stringifyExact } from '../../core/tasks/exact-json.ts';
import type { Queryable } from '../../db/connection.ts';
import { isUnavailable } from '../../db/errors.ts';
import type { AttemptKey } from '../../db/tasks/settle.ts';
import { findStep, saveStep } from '../../db/tasks/steps.ts';
import { waitForSignal } from '../../db/tasks/signals.ts';
import { NonRetryable, type TaskContext } from '../../tasks/task-context.ts';
import { Cancelled, WaitsForSignal, WorkerStops, type AttemptAbort } from './attempt-abort.ts';
import { openCursor, type AttemptCursor } from './attempt-cursor.ts';
import type { AttemptTransaction } from './task-transaction.ts';

export interface MemoryDeps {
  /** Where it is kept, beside the task's own transaction. */
  readonly client: Queryable;
  readonly abort: Pick<AttemptAbort, 'reason'>;
  readonly transaction: AttemptTransaction;
  /** Of one result, or of the cursor, as JSON. */
  readonly maxBytes: number;
}

export interface AttemptMemory extends Pick<TaskContext, 'step' | 'cursor' | 'waitForSignal'> {
  /** The signal it has given its place back for, whatever the task's code made of that. */
  waits(): WaitsForSignal | undefined;
  /** Whether it ended because Postgres was away: the attempt could not help that. */
  wasLost(): boolean;
  /** Writes what the cursor has not written yet. It never rejects. */
  flush(): Promise<void>;
}

/** How soon Postgres is asked again while it is away. */
const AGAIN_MS = 500;
const LONGEST_NAME = 200;
const SIGNAL_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;

/** @param isFirst nothing can have been kept before: it is not looked for */
export function openMemory(deps: MemoryDeps, attempt: AttemptKey, isFirst: boolean): AttemptMemory {
  const { client, abort, maxBytes } = deps;
  let steps: Set<string> | undefined;
  let waits: Map<string, number> | undefined;
  let waiting: WaitsForSignal | undefined;
  let isLost = false;

  /** What a step has done outside is worth the wait: it would be done again. */
  async function surely<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        const { reason } = abort;
        if (reason instanceof Cancelled || reason instanceof WorkerStops) {
          isLost = true;
          throw error;
        }
        await sleep(AGAIN_MS);
      }
    }
  }

  function toJson(value: unknown, what: string): string {
    const text = stringifyExact(value);
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes)
      throw new NonRetryable(
        `${what} has ${bytes} bytes of JSON; ${maxBytes} are allowed (SLUICE_MAX_RESULT_BYTES). Keep it in a table or a file, and give back where it is.`,
      );
    return text;
  }

  let opened: AttemptCursor | undefined;
  return {
    get cursor() {
      return (opened ??= openCursor({ ...deps, surely, toJson }, attempt, isFirst));
    },
    async step<T>(name: string, run: () => T | Promise<T>): Promise<T> {
      if (typeof name !== 'string' || name === '' || name.length > LONGEST_NAME || name.includes('\0'))
        throw new NonRetryable(`A step needs a name of up to ${LONGEST_NAME} characters.`);
      steps ??= new Set();
      if (steps.has(name))
        throw new NonRetryable(
          `The step "${name}" is there twice. Its name is how its result is found again: give each one of its own, such as ctx.step(\`send \${id}\`, …).`,
        );
      steps.add(name);
      const kept = isFirst ? undefined : await surely(() => findStep(client, attempt.id, name));
      if (kept !== undefined) return parseExact(kept) as T;
      const text = toJson(await run(), `The result of the step "${name}"`);
      if (!(await surely(() => saveStep(client, attempt, name, text)))) throw new Cancelled();
      // As a later attempt gets it.
      return parseExact(text) as T;
    },
    async waitForSignal<T>(name: string, { timeout }: { readonly timeout?: number | string } = {}) {
      if (!SIGNAL_NAME.test(name))
        throw new NonRetryable(
          `"${name}" is no name for a signal: up to 100 of A-Z, a-z, 0-9, "_", "." and "-".`,
        );
      waits ??= new Map();
      const no = (waits.get(name) ?? 0) + 1;
      waits.set(name, no);
      const timeoutMs = timeout === undefined ? null : durationMs(timeout);
      const wait = await surely(() => waitForSignal(client, attempt, name, no, timeoutMs));
      switch (wait.state) {
        case 'signal':
          return parseExact(wait.payload) as T;
        case 'timeout':
          return undefined;
        case 'waiting':
          throw (waiting ??= new WaitsForSignal(name, wait.signals, wait.waitMs));
        case 'over':
          throw new Cancelled();
      }
    },
    waits: () => waiting,
    wasLost: () => isLost,
    flush: async () => opened?.flush(),
  };
}
