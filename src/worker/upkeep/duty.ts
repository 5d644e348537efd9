// What a worker does again and again beside its jobs. A file beside this one for each duty.
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isUnavailable } from '../../db/errors.ts';
import type { Connection } from '../../db/transaction.ts';
import type { Logger } from '../../logger.ts';
import type { Queues } from '../../queue/queues.ts';
import type { Storage } from '../../storage/storage.ts';
import type { LockWaits } from '../lock-waits.ts';
import type { RunningTasks } from '../running-tasks.ts';
import type { RedisClient } from '../../queue/connection.ts';

/** What duties work with; each takes of it what it uses. */
export interface UpkeepDeps {
  readonly db: Connection;
  readonly redis: RedisClient;
  readonly queues: Queues;
  readonly storage: Storage;
  readonly running: RunningTasks;
  readonly lockWaits: LockWaits;
  readonly logger: Logger;
}

export interface Duty {
  /** For the log: "… failed". */
  readonly name: string;
  /** The pause between the end of one run and the beginning of the next. */
  readonly everyMs: number;
  run(): Promise<void>;
  /** When the worker stops: ends what a run has left. */
  end?(): Promise<void>;
}

/** Does each duty now and then again and again, side by side; a failure is told and does not end it. @returns stops all of them */
export function keepDoing(duties: readonly Duty[], logger: Logger): () => Promise<void> {
  const stopped = new AbortController();
  const { signal } = stopped;
  // Each duty listens while it pauses; Node warns of more than ten as of a leak.
  setMaxListeners(duties.length, signal);

  async function repeat(duty: Duty): Promise<void> {
    while (!signal.aborted) {
      await attempt(duty.name, () => duty.run());
      await sleep(duty.everyMs, undefined, { signal }).catch(() => undefined);
    }
    await attempt(duty.name, async () => duty.end?.());
  }

  async function attempt(name: string, work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) =>
      logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, `${name} failed`),
    );
  }

  const ended = Promise.all(duties.map(repeat));
  return async () => {
    stopped.abort();
    await ended;
  };
}

/**
 * Does `work` for each item, one after the other; one that fails is told, and the others are done all the same.
 * @throws when Postgres is away: the rest would fail too
 */
export async function doEach<T>(
  items: Iterable<T>,
  logger: Logger,
  failure: (item: T) => string,
  work: (item: T) => Promise<void>,
): Promise<void> {
  for (const item of items) {
    try {
      await work(item);
    } catch (error) {
      if (isUnavailable(error)) throw error;
      logger.warn({ err: error }, failure(item));
    }
  }
}
