// The thread side of a slot: one Postgres connection, kept while it works, and one job at a time.
import '../../lean-start.ts';
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomFillSync } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type pg from 'pg';
import { workerData } from 'piscina';
import { createClient, sharedAddress } from '../../db/connection.ts';
import { createUuidV7 } from '../../core/uuid.ts';
import { databaseError, isLockTimeout, isUnavailable } from '../../db/errors.ts';
import { databaseOn } from '../../db/transaction.ts';
import { createLogger } from '../../logger.ts';
import { openStorage } from '../../storage/open-storage.ts';
import { isStorageAway, lacksRoom } from '../../tasks/lacks-room.ts';
import { LockedOut } from '../../tasks/locked-out.ts';
import { ChunkBusy } from '../../tasks/import/load-chunk.ts';
import { requireStepsTask } from '../../tasks/steps-tasks.ts';
import { createSlotMemory } from '../../tasks/slot-memory.ts';
import type { SlotDeps } from '../../tasks/work-deps.ts';
import type { CpuDeps } from '../cpu/cpu-attempt.ts';
import {
  attemptId,
  type LastAnswer,
  type SlotAnswer,
  type SlotFailure,
  type SlotJob,
  type SlotOrder,
  type SlotThreadSettings,
} from './slots.ts';
import { beat } from './stuck-slots.ts';
import { createSpanRecorder } from '../../tracing/span-recorder.ts';
import { traced, useTracer } from '../../tracing/tracing.ts';

const settings = workerData as SlotThreadSettings;
const storage = openStorage(settings);
const memory = createSlotMemory();

let connection: pg.Client | undefined;

const newId = createUuidV7(randomFillSync);
const cpuDeps: CpuDeps = {
  settings,
  logger: createLogger(settings, 'worker'),
  newId: () => newId(Date.now()),
  chance: Math.random,
};

/** Postgres looks so often whether the thread that asked for a long statement is still there. */
const CONNECTION_CHECK_MS = '1000';

/** The slot's connection, opened anew after it was lost. */
async function connect(): Promise<pg.Client> {
  if (connection !== undefined) return connection;
  const client = createClient(sharedAddress(settings), 'slot', {
    settings: {
      idle_in_transaction_session_timeout: String(settings.stuckMs),
      lock_timeout: String(settings.lockWaitMs),
    },
    // Otherwise a thread that is ended leaves its statement running to its end.
    ifPossible: { client_connection_check_interval: CONNECTION_CHECK_MS },
  });
  const forget = (): void => {
    if (connection === client) connection = undefined;
  };
  // The query in flight fails with the reason; without a listener the event would end the thread.
  client.on('error', forget);
  client.on('end', forget);
  await client.connect();
  return (connection = client);
}

/** What piscina calls. */
export default async function runSlotJob(order: SlotOrder): Promise<SlotAnswer> {
  current = order.job;
  const answer = await at.run(order.job, () =>
    order.trace === undefined ? answerTo(order) : recordSpans(order, order.trace),
  );
  current = undefined;
  if (!('claimed' in order.job) || !(isWorn() || isLittered)) return answer;
  // An answer in the usual way would bring the next job before the main thread has ended this one.
  await connection?.end().catch(() => undefined);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort!.postMessage({ lastOf: attemptId(order.job), answer } satisfies LastAnswer);
  return new Promise(() => undefined);
}

/** Whose code runs: the job that is being done, or one that has left something behind. */
const at = new AsyncLocalStorage<SlotJob>();
let current: SlotJob | undefined;
let isLittered = false;

/**
 * A timer or a promise of a task that has ended may fail while another one runs here: that one is not to blame. Of the job that runs, and
 * of nobody that we know, an exception ends the thread, and the job has failed with it.
 */
function blame(error: unknown): void {
  const by = at.getStore();
  if (by === undefined || by === current) {
    // Not within this call: what throws in a listener of uncaught exceptions ends the whole process.
    throw error;
  }
  isLittered = true;
  const task = 'claimed' in by ? { task: by.claimed.id, name: by.claimed.name } : { task: by };
  cpuDeps.logger.error(
    { err: error, ...task },
    'what a CPU task has left behind has failed after its end; its slot is ended after the next task',
  );
}
process.on('uncaughtException', blame);

let cpuTasks = 0;

/** Whether this slot has done as many CPU tasks, or holds as much memory, as a slot may. */
function isWorn(): boolean {
  const { maxTasksPerSlot, maxMemoryPerSlotMb } = settings;
  cpuTasks += 1;
  if (maxTasksPerSlot > 0 && cpuTasks >= maxTasksPerSlot) return true;
  if (maxMemoryPerSlotMb === 0) return false;
  // Of this thread, unlike the memory of the process.
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external > maxMemoryPerSlotMb * 1024 * 1024;
}

/** The spans of the job go back with its answer. */
async function recordSpans(
  order: SlotOrder,
  { parent }: NonNullable<SlotOrder['trace']>,
): Promise<SlotAnswer> {
  const recorder = createSpanRecorder(parent);
  useTracer(recorder);
  try {
    return { ...(await answerTo(order)), spans: recorder.spans() };
  } finally {
    useTracer(undefined);
  }
}

/** Failures go back as values: an error loses its code on the way between threads. */
async function answerTo({ job, heartbeat, trace }: SlotOrder): Promise<SlotAnswer> {
  const rest = beat(heartbeat);
  try {
    return { ok: true, value: await work(job, trace?.parent !== undefined) };
  } catch (error) {
    return {
      ok: false,
      failure: failureOf(error),
      message: messageOf(error),
      stack: (error as Error).stack ?? '',
    };
  } finally {
    rest();
  }
}

/** What is put off has not failed. */
const isFailedStep = (error: unknown): boolean => failureOf(error) === 'error';

function messageOf(error: unknown): string {
  const told = error instanceof LockedOut ? error : (databaseError(error) ?? (error as Error));
  return told.message;
}

function failureOf(error: unknown): SlotFailure {
  if (error instanceof LockedOut) return 'locked';
  if (error instanceof ChunkBusy || isLockTimeout(error)) return 'busy';
  if (lacksRoom(error)) return 'full';
  if (isStorageAway(error)) return 'storage';
  return isUnavailable(error) ? 'unavailable' : 'error';
}

/** @param belongsToTask whether the job is of one task, within a span of it */
async function work(job: SlotJob, belongsToTask: boolean): Promise<unknown> {
  if ('claimed' in job) {
    // A slot that has only imports to do has no need of it.
    const { attemptCpuTask } = await import('../cpu/cpu-attempt.ts');
    return attemptCpuTask(cpuDeps, job.claimed);
  }
  const { task, step, args } = job;
  const run = requireStepsTask(task).steps[step];
  if (run === undefined) throw new Error(`The task "${task}" has no step "${step}"`);
  const client = await connect();
  const deps: SlotDeps = {
    db: databaseOn(client),
    storage,
    memory,
    settings,
    now: () => new Date(),
    random: (bytes) => randomFillSync(bytes),
  };
  const doStep = () => run(deps, args as never);
  // What is done for several tasks at once has spans of theirs.
  return belongsToTask ? traced({ name: `${task} ${step}`, isFailure: isFailedStep }, doStep) : doStep();
}
