// What a worker does with a job of each queue, on the main thread: give it to a slot, and decide about failures.
import { DelayedError, UnrecoverableError, WaitingChildrenError, WaitingError, type Job } from 'bullmq';
import type { ImportCounts } from '../core/imports/import-counts.ts';
import type { TaskErrorCode } from '../core/tasks/task-errors.ts';
import { failTask } from '../db/tasks/tasks.ts';
import type { Database } from '../db/client.ts';
import type { Logger } from '../logger.ts';
import type { ChunkJob, ImportJob, Queues, UndoJob } from '../queue/queues.ts';
import { dispatchChunks, dispatchLostChunks } from '../queue/dispatch.ts';
import { describeFailedStep } from '../tasks/import/describe-failure.ts';
import type { FullDisk } from './full-disk.ts';
import type { LockWaits } from './lock-waits.ts';
import type { OutageLog } from './outage-log.ts';
import type { ReportProgress } from './report-progress.ts';
import { SlotError, type Slots } from './slots/slots.ts';
import type { RunningTasks } from './running-tasks.ts';

export interface JobDeps {
  readonly db: Database;
  readonly queues: Queues;
  readonly slots: Slots;
  readonly running: RunningTasks;
  readonly reportProgress: ReportProgress;
  readonly outage: OutageLog;
  readonly fullDisk: FullDisk;
  readonly lockWaits: LockWaits;
  readonly logger: Logger;
}

/** While Postgres is away, a disk is full, another worker holds the chunk, or others the table, a job is looked at again after this, or later; no attempt is counted. */
const LATER_MS = 1000;

/** The reason a stopping worker aborts its work with: the job goes back to the queue at once. */
export const SHUTDOWN = 'shutdown';

/** Plans an import, waits for its chunks, and ends it. The job's result is the import's counts. */
export async function runImportJob(
  deps: JobDeps,
  job: Job<ImportJob>,
  token: string,
): Promise<ImportCounts | null> {
  const { importId } = job.data;
  return attempt(deps, job, token, importId, async (signal) => {
    for (
      let ring: typeof dispatchChunks | typeof dispatchLostChunks = dispatchChunks;
      ;
      ring = dispatchLostChunks
    ) {
      const outcome = await deps.slots.plan(importId, signal);
      if (outcome.kind === 'ended') return outcome.counts;
      await ring(deps.queues, importId, outcome.chunkNos);
      if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
      // All children ended between the ring and the wait, or Redis takes chunks for done that are not: look again.
    }
  });
}

/** Takes the rows of an import back. */
export async function runUndoJob(deps: JobDeps, job: Job<UndoJob>, token: string): Promise<void> {
  const { undoId } = job.data;
  await attempt(deps, job, token, undoId, (signal) => deps.slots.undo(undoId, signal));
}

/** Loads one chunk. */
export async function runChunkJob(deps: JobDeps, job: Job<ChunkJob>, token: string): Promise<void> {
  const { importId, chunkNo } = job.data;
  await attempt(deps, job, token, importId, (signal) => deps.slots.load(importId, chunkNo, signal));
  // For show only: the job is gone when Redis was flushed meanwhile.
  await deps
    .reportProgress(importId)
    .catch((error: unknown) => deps.logger.debug({ err: error, importId }, 'no progress shown'));
}

/** Runs work that a cancel or a shutdown can cut off, and turns its failure into what BullMQ should do next. */
async function attempt<T>(
  deps: JobDeps,
  job: Job,
  token: string,
  importId: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const later = async (ms: number): Promise<never> => {
    await job.moveToDelayed(Date.now() + ms, token);
    throw new DelayedError();
  };
  const waitMs = Math.max(deps.fullDisk.waitMs(), deps.lockWaits.waitMs(importId));
  if (waitMs > 0) return later(waitMs);
  const abort = deps.running.begin(importId);
  try {
    const done = await work(abort.signal);
    deps.outage.back();
    return done;
  } catch (error) {
    if (error instanceof WaitingChildrenError) throw error;
    if (abort.signal.aborted) {
      // Cancelled: Postgres has the end of it, the job has nothing left to do.
      if (abort.signal.reason !== SHUTDOWN) return null;
      await job.moveToWait(token);
      throw new WaitingError();
    }
    if (error instanceof SlotError && error.failure !== 'error') {
      if (error.failure === 'unavailable') deps.outage.away(error.message, job.id);
      else if (error.failure === 'full') deps.fullDisk.found(error.message, job.id);
      else if (error.failure === 'locked') deps.lockWaits.found(importId, error.message);
      else deps.logger.debug({ importId, job: job.id }, error.message);
      return later(Math.max(LATER_MS, deps.fullDisk.waitMs(), deps.lockWaits.waitMs(importId)));
    }
    await failOnLastAttempt(deps, job, importId, error as Error);
    throw error;
  } finally {
    deps.running.end(importId, abort);
  }
}

/** After the last attempt the import has failed, with this reason; its other chunks find out and stop. */
async function failOnLastAttempt(deps: JobDeps, job: Job, importId: string, error: Error): Promise<void> {
  const attempts = job.opts.attempts ?? 1;
  const last = job.attemptsMade + 1 >= attempts || error instanceof UnrecoverableError;
  const chunkNo = (job.data as Partial<ChunkJob>).chunkNo;
  deps.logger[last ? 'error' : 'warn'](
    { err: error, importId, chunkNo, attempt: job.attemptsMade + 1, attempts },
    'an attempt failed',
  );
  if (!last) return;
  const { what, ...step } = await failedStep(deps, job, importId);
  await failTask(deps.db, importId, {
    ...step,
    message: `${what} after ${attempts} attempts: ${error.message}`,
  });
}

async function failedStep(
  deps: JobDeps,
  { name, data }: Job,
  importId: string,
): Promise<{ code: TaskErrorCode; what: string; chunkNo?: number }> {
  if (name === 'undo') return { code: 'undo-failed', what: 'The rows could not be taken back' };
  return describeFailedStep(deps.db, importId, (data as Partial<ChunkJob>).chunkNo);
}
