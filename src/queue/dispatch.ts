// Ringing the bell: telling the queue of a task that Postgres already knows. Ringing twice does no harm.
import type { Queue } from 'bullmq';
import { IMPORTS_QUEUE } from '../core/tasks/queue-names.ts';
import type { Logger } from '../logger.ts';
import type { Queues } from './queues.ts';

/** An import or undo, as far as the queue has to know it. */
export interface RecordedTask {
  readonly id: string;
  readonly name: string;
}

/** Rings for a task that was just recorded. @throws Error at once when Redis is away */
export async function dispatch(queues: Queues, { id, name }: RecordedTask): Promise<void> {
  requireReady(queues);
  await queues.imports.add(name, { taskId: id }, { jobId: id });
}

/** Redis answers within some milliseconds, or it is away. */
const PATIENCE_MS = 200;

/**
 * The same for who has recorded it and has nothing to lose: when Redis is away, the sweep of a worker rings later. It never waits for
 * long: a Redis that takes connections and answers nothing must not hold up an answer.
 */
export async function dispatchOrLeave(
  queues: Queues,
  task: RecordedTask,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  const told = dispatch(queues, task).catch((error: unknown) =>
    logger.warn(
      { err: error, task: task.id, name: task.name },
      'Redis cannot take a job for the task now; a worker will find the task in Postgres',
    ),
  );
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)));
  await Promise.race([told, patience]);
  clearTimeout(timer);
}

/**
 * Rings again for a task that Postgres knows to be unfinished, if Redis has lost it or thinks it is over.
 * @returns whether it had to be rung
 */
export async function dispatchLost(queues: Queues, task: RecordedTask): Promise<boolean> {
  const queue = queues.imports;
  await dropEnded(queue, task.id);
  if ((await queue.getJobState(task.id)) !== 'unknown') return false;
  await dispatch(queues, task);
  return true;
}

/** Takes a bell back; one that a worker has heard stays, and the worker finds out by Postgres. */
export async function withdraw(
  queues: Queues,
  { id, queue = IMPORTS_QUEUE }: { readonly id: string; readonly queue?: string },
): Promise<void> {
  requireReady(queues);
  await queues.of(queue).remove(id);
}

/** A job that has ended keeps its id for a while, and an add with that id would be ignored. */
export async function dropEnded(queue: Queue, jobId: string): Promise<void> {
  const job = await queue.getJob(jobId);
  if (job === undefined) return;
  const state = await job.getState();
  if (state === 'completed' || state === 'failed') await job.remove();
}

function requireReady(queues: Queues): void {
  if (!queues.isReady()) throw new Error('Redis cannot be reached');
}
