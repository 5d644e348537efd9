// Bells of tasks that were just recorded. A worker that wakes claims from Postgres as long as there is a backlog, so a few bells do: a bell
// for each of a million tasks would be a million jobs in Redis. One rung after a task was recorded is enough for all recorded before it.
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../logger.ts';
import type { Bell, Queues } from './queues.ts';

/** Rung in one call. */
const HANDFUL = 8;
/** When more tasks come than are rung for, between one handful and the next. */
const PAUSE_MS = 5;
/** Redis keeps what has ended so long, and so many. */
const KEPT = { age: 3600, count: 1000 };

/** A due task that was recorded. */
export interface DueTask {
  readonly id: string;
  readonly name: string;
  readonly queue: string;
}

export interface Ring {
  /** Rings for some of them, soon. When Redis is away, a worker finds them in Postgres within a second. */
  ring(tasks: readonly DueTask[]): void;
  /** Rings no more. @returns when the calls under way have ended */
  close(): Promise<void>;
}

interface QueueBells {
  readonly due: DueTask[];
  /** More came than fit into a handful. */
  isBusy: boolean;
  ringing: Promise<void> | undefined;
}

/** @param mostBells no more are rung in a queue while so many wait there */
export function createRing(
  queues: Pick<Queues, 'of' | 'isReady'>,
  { mostBells, logger }: { readonly mostBells: number; readonly logger: Pick<Logger, 'debug'> },
): Ring {
  const bells = new Map<string, QueueBells>();
  const closed = new AbortController();

  function take({ queue }: DueTask): QueueBells {
    const known = bells.get(queue) ?? { due: [], isBusy: false, ringing: undefined };
    bells.set(queue, known);
    return known;
  }

  async function ringAll(name: string, known: QueueBells): Promise<void> {
    while (known.due.length > 0 && !closed.signal.aborted) {
      const due = known.due.splice(0);
      try {
        await ringSome(name, due);
      } catch (error) {
        logger.debug(
          { err: error, queue: name },
          'tasks are not rung for; a worker will find them in Postgres',
        );
      }
      if (known.isBusy) await delay(PAUSE_MS);
      known.isBusy = false;
    }
  }

  async function ringSome(name: string, due: readonly DueTask[]): Promise<void> {
    if (!queues.isReady()) throw new Error('Redis cannot be reached');
    const queue = queues.of(name);
    const room = mostBells - (await queue.getJobCountByTypes('waiting', 'prioritized'));
    if (room <= 0) return;
    await queue.addBulk(
      due.slice(0, room).map((task) => ({
        name: task.name,
        data: { taskId: task.id } satisfies Bell,
        opts: { jobId: task.id, attempts: 1, removeOnComplete: KEPT, removeOnFail: KEPT },
      })),
    );
  }

  return {
    ring(tasks) {
      if (closed.signal.aborted) return;
      for (const task of tasks) {
        const known = take(task);
        if (known.due.length < HANDFUL) known.due.push(task);
        else known.isBusy = true;
        known.ringing ??= Promise.resolve()
          .then(() => ringAll(task.queue, known))
          .finally(() => {
            known.ringing = undefined;
          });
      }
    },
    close: async () => {
      closed.abort();
      for (const { ringing } of bells.values()) await ringing;
    },
  };
}
