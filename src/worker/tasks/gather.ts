// Things to write that come one by one are written together: those that come while a write is under way wait for the next one.
import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../../db/errors.ts';
import type { Logger } from '../../logger.ts';

/** How soon a write is tried again while Postgres is away: at first, and doubled each time up to the longest. */
const FIRST_AGAIN_MS = 20;
const LONGEST_AGAIN_MS = 250;

export interface Gather<T> {
  add(item: T): void;
  /** How many are not written yet. */
  waiting(): number;
  /** Resolves when all that was added before is written. */
  flushed(): Promise<void>;
}

/**
 * @param write writes up to `most` at once; what it throws is about one of them, unless Postgres is away: then it is called again
 * @param failed is told of one that cannot be written even alone
 */
export function createGather<T>(
  write: (items: readonly T[]) => Promise<void>,
  most: number,
  failed: (item: T, error: unknown) => void,
  logger: Logger,
): Gather<T> {
  let items: T[] = [];
  let writing = 0;
  let running: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (items.length > 0) {
      const next = items.slice(0, most);
      items = items.slice(most);
      writing = next.length;
      await writeSome(next);
      writing = 0;
    }
    running = undefined;
  }

  async function writeSome(some: readonly T[]): Promise<void> {
    for (let againMs = FIRST_AGAIN_MS; ; againMs = Math.min(2 * againMs, LONGEST_AGAIN_MS)) {
      try {
        return await write(some);
      } catch (error) {
        if (!isUnavailable(error)) {
          if (some.length === 1) return failed(some[0]!, error);
          for (const one of some) await writeSome([one]);
          return;
        }
        logger.debug({ err: error }, 'Postgres is away; what tasks have done is written when it is back');
        await sleep(againMs);
      }
    }
  }

  return {
    add(item) {
      items.push(item);
      // Not at once: what ends in the same turn of the loop is written together.
      running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(writeAll);
    },
    waiting: () => items.length + writing,
    // It takes what is added meanwhile, too.
    flushed: async () => running,
  };
}
