// Waits for tasks to end, for any number of requests with one statement at a time.
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../logger.ts';

/** Between two looks: at first, and at most when nothing ends. */
const FIRST_MS = 50;
const LONGEST_MS = 250;
const GROWTH = 1.3;

export interface EndWatch {
  /** @returns when the task has ended, or the signal was given */
  ended(id: string, signal: AbortSignal): Promise<void>;
  /** This one may have ended: looks at once, if anybody waits for it. */
  heard(id: string): void;
  /** Nobody waits any more. */
  close(): void;
}

/** @param listEnded gives those of the ids that have ended, or are gone */
export function createEndWatch(
  listEnded: (ids: readonly string[]) => Promise<readonly string[]>,
  logger: Pick<Logger, 'debug'>,
): EndWatch {
  const waiting = new Map<string, Set<() => void>>();
  let watching: Promise<void> | undefined;
  let pauseMs = FIRST_MS;
  let pause = new AbortController();

  function release(id: string): void {
    const all = waiting.get(id);
    waiting.delete(id);
    for (const resolve of all ?? []) resolve();
  }

  async function watch(): Promise<void> {
    while (waiting.size > 0) {
      pause = new AbortController();
      await delay(pauseMs, undefined, { signal: pause.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * GROWTH, LONGEST_MS);
      if (waiting.size > 0) await look();
    }
  }

  async function look(): Promise<void> {
    try {
      for (const id of await listEnded([...waiting.keys()])) release(id);
    } catch (error) {
      logger.debug({ err: error }, 'Postgres cannot say now which tasks have ended');
    }
  }

  return {
    ended: (id, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const all = waiting.get(id) ?? new Set();
        waiting.set(id, all.add(done));
        signal.addEventListener('abort', done, { once: true });
        pauseMs = FIRST_MS;
        watching ??= watch().finally(() => {
          watching = undefined;
        });

        function done(): void {
          signal.removeEventListener('abort', done);
          all.delete(done);
          if (all.size === 0 && waiting.get(id) === all) waiting.delete(id);
          resolve();
        }
      }),
    heard: (id) => {
      if (waiting.has(id)) pause.abort();
    },
    close: () => {
      for (const id of waiting.keys()) release(id);
      pause.abort();
    },
  };
}
