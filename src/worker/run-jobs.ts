// What a worker does with a job, on the main thread: give the task's steps to slots, and decide about failures.
import { DelayedError, UnrecoverableError, WaitingChildrenError, WaitingError, type Job } from 'bullmq';
import { counted } from '../core/counted.ts';
import { IMPORT } from '../core/tasks/task-kinds.ts';
import { failTask, findTraceparent } from '../db/tasks/tasks.ts';
import { dispatchChunks, dispatchLostChunks } from '../queue/dispatch-chunks.ts';
import type { Bell, ChunkJob, Queues } from '../queue/queues.ts';
import type { FailedStep, StepArgs, Steps, StepsTask, Turn } from '../tasks/steps-task.ts';
import type { ChunkArgs } from '../tasks/import/task.ts';
import { requireStepsTask } from '../tasks/steps-tasks.ts';
import { processingSpan } from '../tracing/messaging.ts';
import { currentTracer, traced } from '../tracing/tracing.ts';
import type { WorkerDeps } from './open-deps.ts';
import { SlotError } from './slots/slots.ts';

export type JobDeps = Pick<
  WorkerDeps,
  | 'database'
  | 'queues'
  | 'slots'
  | 'running'
  | 'reportProgress'
  | 'outage'
  | 'fullDisk'
  | 'lockWaits'
  | 'logger'
>;

/** While Postgres is away, a disk is full, another worker holds the chunk, or others the table, a job is looked at again after this, or later; no attempt is counted. */
const LATER_MS = 1000;

/** The reason a stopping worker aborts its work with: the job goes back to the queue at once. */
export const SHUTDOWN = 'shutdown';

/** Runs a task whose bell has rung. The job's result is what the task's `run` gives. */
export async function runTask(deps: JobDeps, job: Job<Bell>, token: string): Promise<unknown> {
  const definition = requireStepsTask(job.name);
  const { taskId } = job.data;
  return attempt(deps, job, token, definition, { taskId }, (signal) =>
    definition.run(takeTurn(deps, job, token, definition, signal)),
  );
}

/** Loads one chunk of an import. */
export async function runChunk(deps: JobDeps, job: Job<ChunkJob>, token: string): Promise<void> {
  const { importId, chunkNo } = job.data;
  const args: ChunkArgs = { taskId: importId, chunkNo, isFirst: job.attemptsStarted === 1 };
  await attempt(deps, job, token, requireStepsTask(IMPORT.name), args, (signal) =>
    deps.slots.run({ task: IMPORT.name, step: 'load', args }, signal),
  );
  // For show only: the job is gone when Redis was flushed meanwhile.
  await deps
    .reportProgress(importId)
    .catch((error: unknown) => deps.logger.debug({ err: error, importId }, 'no progress shown'));
}

function takeTurn(
  deps: JobDeps,
  job: Job<Bell>,
  token: string,
  { kind }: StepsTask,
  signal: AbortSignal,
): Turn<Steps> {
  const { taskId } = job.data;
  let rings = dispatchChunks as (queues: Queues, taskId: string, nos: readonly number[]) => Promise<unknown>;
  return {
    taskId,
    step: (step, args: StepArgs) => deps.slots.run({ task: kind.name, step, args }, signal),
    waitForChunks: async (chunkNos) => {
      await rings(deps.queues, taskId, chunkNos);
      if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
      // All of them ended between the ring and the wait, or Redis takes them for done.
      rings = dispatchLostChunks;
    },
  };
}

/** Runs work that a cancel or a shutdown can cut off, and turns its failure into what BullMQ should do next. */
async function attempt<T>(
  deps: JobDeps,
  job: Job,
  token: string,
  definition: StepsTask,
  step: FailedStep,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const later = async (ms: number): Promise<never> => {
    // BullMQ compares this worker's clock with that of the worker that takes the job up; `endLongWaits` mends where they differ.
    await job.moveToDelayed(Date.now() + ms, token);
    throw new DelayedError();
  };
  const waitMs = Math.max(deps.fullDisk.waitMs(), deps.lockWaits.waitMs(step.taskId));
  if (waitMs > 0) return later(waitMs);
  const abort = deps.running.begin(step.taskId);
  const begunAt = deps.outage.now();
  try {
    const done = await inTrace(deps, job, definition, step, () => work(abort.signal));
    deps.outage.back(begunAt);
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
      else if (error.failure === 'full' || error.failure === 'storage')
        deps.fullDisk.found(error.message, job.id, error.failure);
      else if (error.failure === 'locked') deps.lockWaits.found(step.taskId, error.message);
      else deps.logger.debug({ task: step.taskId, job: job.id }, error.message);
      return later(Math.max(LATER_MS, deps.fullDisk.waitMs(), deps.lockWaits.waitMs(step.taskId)));
    }
    await failOnLastAttempt(deps, job, definition, step, error as Error);
    throw error;
  } finally {
    deps.running.end(step.taskId, abort);
  }
}

/** Of a turn of a task, or of a chunk: a span in the trace that the task was recorded with. */
async function inTrace<T>(
  { database }: JobDeps,
  job: Job,
  { kind }: StepsTask,
  { taskId, chunkNo }: FailedStep,
  work: () => Promise<T>,
): Promise<T> {
  if (currentTracer() === undefined) return work();
  const name = chunkNo === undefined ? kind.name : 'chunk';
  const start = processingSpan(
    { id: taskId, name, queue: job.queueName },
    (await findTraceparent(database.db, taskId)) ?? null,
    {
      'sluice.task.name': kind.name,
      'sluice.task.attempt': job.attemptsMade + 1,
      ...(chunkNo === undefined ? {} : { 'sluice.chunk.number': chunkNo }),
    },
  );
  return traced({ ...start, isFailure }, work);
}

/** What waits, is put off or was stopped has not failed. */
function isFailure(error: unknown): boolean {
  if (error instanceof WaitingChildrenError) return false;
  return error instanceof SlotError
    ? error.failure === 'error'
    : !(error instanceof Error && error.name === 'AbortError');
}

/** After the last attempt the task has failed, with this reason; chunks of it find out and stop. */
async function failOnLastAttempt(
  deps: JobDeps,
  job: Job,
  definition: StepsTask,
  { taskId, chunkNo }: FailedStep,
  error: Error,
): Promise<void> {
  const attempts = job.opts.attempts ?? 1;
  const last = job.attemptsMade + 1 >= attempts || error instanceof UnrecoverableError;
  deps.logger[last ? 'error' : 'warn'](
    {
      err: error,
      task: taskId,
      name: definition.kind.name,
      chunkNo,
      attempt: job.attemptsMade + 1,
      attempts,
    },
    'an attempt failed',
  );
  if (!last) return;
  const { what, ...step } = await definition.describeFailure(deps.database.db, { taskId, chunkNo });
  await failTask(deps.database.db, taskId, {
    ...step,
    message: `${what} after ${counted(attempts, 'attempt')}: ${error.message}`,
  });
}
