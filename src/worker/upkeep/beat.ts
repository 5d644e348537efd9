// A worker says that it is there, so that people see when one has died, and what it worked on.
import { hostname } from 'node:os';
import type { Config } from '../../config/config.ts';
import { beat, BEAT_MS, forgetWorkers, removeWorker, type Beat } from '../../db/workers/workers.ts';
import { forgetCommands } from '../../db/workers/commands.ts';
import type { WorkerControl } from '../control.ts';
import { createLoopDelay } from '../loop-delay.ts';
import type { TasksState } from '../run-tasks.ts';
import type { Slots } from '../slots/slots.ts';
import type { JobsOfWorker } from '../take-jobs.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

/** Which process this is: an id for as long as it lives, the version of Sluice, and the tasks that it knows. */
export type WorkerIdentity = Required<Pick<Beat, 'id' | 'version' | 'tasks'>>;

export interface HelloDeps extends Pick<UpkeepDeps, 'db' | 'running'> {
  readonly config: Pick<Config, 'queues' | 'slots' | 'workerName' | 'workerLostMs'>;
  readonly slots: Pick<Slots, 'busy'>;
  /** Of tasks that are neither imports nor undos. */
  readonly taskState: () => TasksState;
  readonly jobs: Pick<JobsOfWorker, 'ended'>;
  readonly control: Pick<WorkerControl, 'phase'>;
}

/** @returns says how the worker is now */
export function createHello(deps: HelloDeps, worker: WorkerIdentity): () => Promise<void> {
  const { db, running, config, slots, taskState, jobs, control } = deps;
  const loopDelay = createLoopDelay();
  const say = (): Promise<void> => {
    const tasks = taskState();
    const imports = jobs.ended();
    return beat(db, {
      ...worker,
      name: config.workerName,
      host: hostname(),
      pid: process.pid,
      phase: control.phase(),
      queues: config.queues ?? [],
      slots: config.slots,
      slotsBusy: slots.busy(),
      concurrency: tasks.concurrency,
      ioBusy: tasks.io,
      running: [...running.ids(), ...tasks.ids],
      processed: imports.processed + tasks.processed,
      failed: imports.failed + tasks.failed,
      memoryBytes: process.memoryUsage.rss(),
      lostMs: config.workerLostMs,
      loopDelayMs: Math.max(loopDelay(), tasks.loopDelayMs),
    });
  };
  // One after the other, so that what is older never comes last.
  let said: Promise<void> = Promise.resolve();
  return () => (said = said.catch(() => undefined).then(say));
}

/** Four times before it would be taken for lost, and so often that people see it. */
export function beatMs(lostMs: number): number {
  return Math.min(BEAT_MS, lostMs / 4);
}

export function signOfLife(
  db: UpkeepDeps['db'],
  hello: () => Promise<void>,
  workerId: string,
  { workerLostMs }: Pick<Config, 'workerLostMs'>,
): Duty {
  return {
    name: 'the sign of life',
    everyMs: beatMs(workerLostMs),
    run: async () => {
      await hello();
      await forgetWorkers(db);
      await forgetCommands(db);
    },
    end: () => removeWorker(db, workerId),
  };
}
