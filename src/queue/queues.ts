// The BullMQ queues. A job carries ids, never rows: Postgres knows, Redis rings the bell.
import { Queue, type JobsOptions } from 'bullmq';
import type { Config } from '../config/config.ts';
import { IMPORTS_QUEUE } from '../core/tasks/queue-names.ts';
import type { Logger } from '../logger.ts';
import type { RedisClient } from './connection.ts';

/** Wakes a worker for a task. The job's name is the task's, its id the task's id. */
export interface Bell {
  readonly taskId: string;
}

/** Loads one chunk of an import. jobId = `${importId}-${chunkNo}`; child of the import's job. */
export interface ChunkJob {
  readonly importId: string;
  readonly chunkNo: number;
}

export interface Queues {
  /** Bells of imports and undos. */
  readonly imports: Queue<Bell>;
  readonly chunks: Queue<ChunkJob>;
  /** Bells of all other tasks, by the name of their queue. */
  of(name: string): Queue<Bell>;
  /** Whether Redis can be told of work now; when it has never been there, a call would wait for it. */
  isReady(): boolean;
  close(): Promise<void>;
}

type QueueSettings = Pick<Config, 'queuePrefix' | 'attempts' | 'retryDelayMs' | 'resultTtlSeconds'>;

function jobOptions(config: QueueSettings): JobsOptions {
  return {
    attempts: config.attempts,
    backoff: { type: 'exponential', delay: config.retryDelayMs, jitter: 0.3 },
    removeOnComplete: { age: config.resultTtlSeconds, count: 10_000 },
    removeOnFail: { age: config.resultTtlSeconds, count: 10_000 },
  };
}

/** Opens the queues on a connection that the caller owns. `close` leaves the connection open. */
export function openQueues(redis: RedisClient, config: QueueSettings, logger: Logger): Queues {
  const open = <Job>(name: string): Queue<Job> => {
    const queue = new Queue<Job>(name, {
      connection: redis,
      prefix: config.queuePrefix,
      defaultJobOptions: jobOptions(config),
    });
    // The connection says when Redis is away; a queue repeats it for every call.
    queue.on('error', (error) => logger.debug({ err: error, queue: name }, 'queue error'));
    return queue;
  };
  const imports = open<Bell>(IMPORTS_QUEUE);
  const chunks = open<ChunkJob>('chunks');
  const others = new Map<string, Queue<Bell>>();
  return {
    imports,
    chunks,
    of(name) {
      if (name === IMPORTS_QUEUE) return imports;
      const queue = others.get(name) ?? open<Bell>(name);
      others.set(name, queue);
      return queue;
    },
    isReady: () => redis.status === 'ready',
    close: async () => {
      await Promise.all([imports, chunks, ...others.values()].map((queue) => queue.close()));
    },
  };
}
