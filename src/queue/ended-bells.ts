// Hears in Redis that a bell has ended, which is when its task has: sooner than Postgres can be asked. Losing a word of it loses nothing.
import { QueueEvents } from 'bullmq';
import type { Config } from '../config/config.ts';
import type { Logger } from '../logger.ts';
import { patientCopy, type RedisClient } from './connection.ts';

/** A queue in which nobody waits any more is listened to so long: each has a connection of its own. */
const IDLE_MS = 30_000;
/** Others are asked for in Postgres alone. */
const MOST_QUEUES = 20;

export interface EndedBells {
  /** Listens to a queue, for a while from now on. */
  listen(queue: string): void;
  close(): Promise<void>;
}

/** @param heard is called with the id of each task whose bell has ended, of anybody */
export function hearEndedBells(
  redis: RedisClient,
  { queuePrefix }: Pick<Config, 'queuePrefix'>,
  logger: Pick<Logger, 'debug'>,
  heard: (taskId: string) => void,
): EndedBells {
  // Never connected itself: each queue has a copy of it, which may wait for Redis as long as it is away, and for what happens there.
  const patient = patientCopy(redis);
  const open = new Map<string, { readonly events: QueueEvents; timer: NodeJS.Timeout }>();

  function openEvents(queue: string): QueueEvents {
    const events = new QueueEvents(queue, {
      connection: patient,
      prefix: queuePrefix,
    });
    events.on('error', (error) => logger.debug({ err: error, queue }, 'ended bells are not heard'));
    events.on('completed', ({ jobId }) => heard(jobId));
    return events;
  }

  function close(queue: string): void {
    void open
      .get(queue)
      ?.events.close()
      .catch(() => undefined);
    open.delete(queue);
  }

  return {
    listen(queue) {
      const known = open.get(queue);
      if (known === undefined && open.size >= MOST_QUEUES) return;
      clearTimeout(known?.timer);
      const timer = setTimeout(() => close(queue), IDLE_MS).unref();
      open.set(queue, { events: known?.events ?? openEvents(queue), timer });
    },
    close: async () => {
      const all = [...open.values()];
      open.clear();
      for (const { events, timer } of all) {
        clearTimeout(timer);
        await events.close();
      }
    },
  };
}
