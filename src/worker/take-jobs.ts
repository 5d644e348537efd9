// Takes jobs from BullMQ, on the main thread.
import { Worker, type Processor } from 'bullmq';
import { ENGINE_QUEUES, type EngineQueue } from '../core/tasks/queue-names.ts';
import type { WorkerDeps } from './open-deps.ts';
import { serves } from './serves.ts';
import { runChunk, runTask } from './run-jobs.ts';

/** A stall is a killed worker, not the job's fault; a job that kills workers is known by its `starts` in Postgres. */
const MAX_STALLS = 1000;

/** Takes jobs of imports from now on, as far as the worker serves their queues. @returns takes no more, and waits for those under way */
export function takeJobs(deps: WorkerDeps): () => Promise<void> {
  const workers = ENGINE_QUEUES.filter((name) => serves(deps.config, name)).map((name) =>
    openWorker(deps, name),
  );
  return async () => {
    await Promise.all(workers.map((worker) => worker.close()));
  };
}

function openWorker(deps: WorkerDeps, name: EngineQueue): Worker {
  const { config, logger } = deps;
  const process: Processor =
    name === 'chunks'
      ? (job, token) => runChunk(deps, job, token ?? '')
      : (job, token) => runTask(deps, job, token ?? '');
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
