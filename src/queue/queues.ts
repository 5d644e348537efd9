// The BullMQ queues. A job carries ids, never rows: Postgres knows, Redis rings the bell.
import { Queue, type JobsOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import type { Logger } from '../logger.ts';

/** Plans an import, and ends it when its chunks are done. jobId = the import's id. */
export interface ImportJob {
  readonly importId: string;
}

/** Takes an import's rows back. jobId = the undo's task. */
export interface UndoJob {
  readonly undoId: string;
}

/** Loads one chunk. jobId = `${importId}-${chunkNo}`; child of the import's job. */
export interface ChunkJob {
  readonly importId: string;
  readonly chunkNo: number;
}

export interface Queues {
  /** Jobs by name: `import`, `undo`. */
  readonly imports: Queue<ImportJob | UndoJob>;
  readonly chunks: Queue<ChunkJob>;
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
export function openQueues(redis: Redis, config: QueueSettings, logger: Logger): Queues {
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
  const imports = open<ImportJob | UndoJob>('imports');
  const chunks = open<ChunkJob>('chunks');
  return {
    imports,
    chunks,
    isReady: () => redis.status === 'ready',
    close: async () => {
      await Promise.all([imports.close(), chunks.close()]);
    },
  };
}
