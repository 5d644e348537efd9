// Hears the bells of tasks (BullMQ jobs): each wakes whoever runs tasks of its queue here, and is done when its task has ended.
import { Worker } from 'bullmq';
import type { Config } from '../config/config.ts';
import type { Logger } from '../logger.ts';
import type { Bell } from '../queue/queues.ts';
import type { RedisClient } from '../queue/connection.ts';

export interface TaskBell {
  readonly queue: string;
  /** The task. */
  readonly id: string;
  readonly name: string;
}

export interface BellsDeps {
  readonly redis: RedisClient;
  readonly config: Pick<Config, 'queuePrefix' | 'lockMs' | 'concurrency' | 'slots'>;
  readonly logger: Logger;
  /** @returns whether the task has run here, once it has ended or is found not to run here */
  readonly ring: (bell: TaskBell) => Promise<boolean>;
}

export interface Bells {
  /** Hears those of a queue from now on. */
  open(queue: string): void;
  /** Leaves them to other workers until it is to hear them again. */
  setPaused(paused: boolean): void;
  /** Hears no more, and waits for those that wait for their tasks. */
  close(): Promise<void>;
}

export function takeBells({ redis, config, logger, ring }: BellsDeps): Bells {
  const workers = new Map<string, Worker>();
  let isClosed = false;
  let isPaused = false;
  return {
    open(queue) {
      if (isClosed || workers.has(queue)) return;
      const worker = new Worker<Bell>(
        queue,
        async ({ name, data: { taskId } }) =>
          (await ring({ queue, id: taskId, name })) ? 'ended' : 'not here',
        {
          connection: redis,
          prefix: config.queuePrefix,
          concurrency: config.concurrency + config.slots,
          lockDuration: config.lockMs,
          stalledInterval: config.lockMs,
          // A bell rings once: of a task whose worker was lost Postgres knows.
          maxStalledCount: 0,
        },
      );
      worker.on('error', (error) => logger.debug({ err: error, queue }, 'queue error'));
      if (isPaused) void worker.pause(true);
      workers.set(queue, worker);
    },
    setPaused(paused) {
      isPaused = paused;
      for (const worker of workers.values())
        if (paused) void worker.pause(true);
        else void worker.resume();
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...workers.values()].map((worker) => worker.close()));
    },
  };
}
