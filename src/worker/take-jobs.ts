// Takes jobs from BullMQ, on the main thread.
import { WaitingError, Worker, type Processor } from 'bullmq';
import { ENGINE_QUEUES, IMPORTS_QUEUE, type EngineQueue } from '../core/tasks/queue-names.ts';
import type { WorkerDeps } from './open-deps.ts';
import { serves } from './serves.ts';
import { runChunk, runTask } from './run-jobs.ts';

/** A stall is a killed worker, not the job's fault; a job that kills workers is known by its `starts` in Postgres. */
const MAX_STALLS = 1000;

export interface JobsOfWorker {
  /** Begins no more jobs until it is to go on. Those under way go on. */
  setPaused(paused: boolean): void;
  /** Imports and undos that have ended here, and those of them that have failed. */
  ended(): { readonly processed: number; readonly failed: number };
  /** Takes no more, and waits for those under way. */
  close(): Promise<void>;
}

/** Takes jobs of imports from now on, as far as the worker serves their queues. */
export function takeJobs(deps: WorkerDeps): JobsOfWorker {
  let isPaused = false;
  const workers = ENGINE_QUEUES.filter((name) => serves(deps.config, name)).map((name) =>
    openWorker(deps, name, () => isPaused),
  );
  let processed = 0;
  let failed = 0;
  for (const worker of workers.filter(({ name }) => name === IMPORTS_QUEUE)) {
    worker.on('completed', () => void (processed += 1));
    worker.on('failed', () => {
      processed += 1;
      failed += 1;
    });
  }
  return {
    setPaused: (paused) => {
      isPaused = paused;
      for (const worker of workers)
        if (paused) void worker.pause(true);
        else void worker.resume();
    },
    ended: () => ({ processed, failed }),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

function openWorker(deps: WorkerDeps, name: EngineQueue, isPaused: () => boolean): Worker {
  const { config, logger } = deps;
  const run = name === 'chunks' ? runChunk : runTask;
  const process: Processor = async (job, token = '') => {
    // A worker that waits for a job when it is paused is still given the next one.
    if (isPaused()) {
      await job.moveToWait(token);
      throw new WaitingError();
    }
    return run(deps, job, token);
  };
  const worker = new Worker(name, process, {
    connection: deps.redis,
    prefix: config.queuePrefix,
    concurrency: config.slots,
    lockDuration: config.lockMs,
    stalledInterval: config.lockMs,
    maxStalledCount: MAX_STALLS,
  });
  worker.on('error', (error) => logger.warn({ err: error, queue: name }, 'queue error'));
  worker.on('stalled', (id) =>
    logger.warn({ queue: name, job: id }, 'a job’s worker was lost; the job is taken over'),
  );
  return worker;
}
