// All tasks but imports and undos: the thread of I/O tasks, the CPU tasks in slots, and what wakes them.
import { DEFAULT_QUEUE, isTaskQueue } from '../core/tasks/queue-names.ts';
import type { Run, TaskDocument } from '../core/tasks/task-document.ts';
import { KIND_DOCUMENTS } from '../core/tasks/task-kinds.ts';
import { sharedAddress } from '../db/connection.ts';
import { saveDefinitions } from '../db/tasks/definitions.ts';
import { loseTasksOf } from '../db/tasks/lost.ts';
import { runCpuTasks } from './cpu/run-cpu-tasks.ts';
import { openIoHost } from './io/io-host.ts';
import type { WorkerDeps } from './open-deps.ts';
import { serves } from './serves.ts';
import { takeBells, type TaskBell } from './take-bells.ts';
import { openClaims, openWrites } from './tasks/open-pools.ts';
import type { RunnerState } from './tasks/task-runner.ts';

export interface TasksState extends RunnerState {
  /** I/O tasks that run now, and how many may. */
  readonly io: number;
  readonly concurrency: number;
  /** Of the event loop of the thread of I/O tasks: the 99th percentile. */
  readonly loopDelayMs: number;
}

export interface RunningTasksOfWorker {
  /** The names of all tasks that the worker knows. */
  readonly names: readonly string[];
  /** Of both kinds together. */
  readonly state: () => TasksState;
  /** Begins nothing more until it is to go on. */
  setPaused(paused: boolean): void;
  /** How many I/O tasks may run at the same time. */
  scale(concurrency: number): void;
  /** Begins nothing more. What runs may end within so many milliseconds, or goes back to its queue. */
  stop(graceMs: number): Promise<void>;
}

/** Connections on which is written what became of CPU tasks. */
const CPU_WRITES = 2;

/** Begins to run tasks. @throws what the operator's tasks throw when they are loaded, and what Postgres says */
export async function runTasks(deps: WorkerDeps, workerId: string): Promise<RunningTasksOfWorker> {
  const { config, database, slots, redis, logger } = deps;
  const bells = takeBells({ redis, config, logger, ring });
  let wakeCpu = (_queue: string): void => undefined;
  const starting = openIoHost({
    settings: { ...config, workerId, storageTimes: deps.storageTimes },
    stuckMs: config.stuckMs,
    memoryMb: config.ioMemoryMb,
    logger,
    found: (queues) => {
      for (const queue of queues) bells.open(queue);
    },
    told: (queue) => wakeCpu(queue),
    lost: async () => {
      const lost = await loseTasksOf(database.pool, workerId, namesOf('io'), config.mostLost);
      logger.warn({ tasks: lost }, 'tasks of the thread that ended are run again');
    },
  });
  const io = await starting;
  const { documents } = io;
  const namesOf = (run: Run): string[] =>
    documents.filter((each) => each.run === run).map(({ name }) => name);
  const cpuNames = new Set(namesOf('cpu'));
  const cpuBells = new Map<string, (ran: boolean) => void>();
  const claims = openClaims(sharedAddress(config), logger);
  const writes = openWrites(sharedAddress(config), CPU_WRITES, logger);
  const cpu = runCpuTasks({
    documents,
    slots,
    logger,
    chance: Math.random,
    workerId,
    claims,
    writes,
    places: config.slots,
    serves: (queue) => serves(config, queue),
    heard: (id, ran) => {
      cpuBells.get(id)?.(ran);
      cpuBells.delete(id);
    },
  });
  wakeCpu = (queue) => cpu.wake(queue);
  await saveDefinitions(database.pool, [...KIND_DOCUMENTS, ...documents]);

  async function ring({ queue, id, name }: TaskBell): Promise<boolean> {
    const host = await starting;
    if (!cpuNames.has(name)) return host.bell(queue, id);
    return new Promise((resolve) => {
      cpuBells.set(id, resolve);
      cpu.bell(queue, id);
    });
  }
  for (const queue of queuesOf(documents, config.queues)) bells.open(queue);

  let concurrency = config.concurrency;
  let isPaused = false;
  return {
    setPaused: (paused) => {
      isPaused = paused;
      bells.setPaused(paused);
      io.setPlaces(paused ? 0 : concurrency);
      cpu.setPlaces(paused ? 0 : config.slots);
    },
    scale: (wanted) => {
      concurrency = wanted;
      if (!isPaused) io.setPlaces(concurrency);
    },
    names: [...KIND_DOCUMENTS, ...documents].map(({ name }) => name),
    state: () => {
      const [one, other] = [io.state(), cpu.state()];
      return {
        io: one.ids.length,
        concurrency,
        loopDelayMs: one.loopDelayMs,
        ids: [...one.ids, ...other.ids],
        quietMs: Math.max(one.quietMs, other.quietMs),
        processed: one.processed + other.processed,
        failed: one.failed + other.failed,
      };
    },
    stop: async (graceMs) => {
      await Promise.all([io.stop(graceMs), cpu.stop(graceMs)]);
      await bells.close();
      await Promise.all([claims.end(), writes.end()]);
    },
  };
}

/** Those whose bells are heard from the start; others are found when they have due tasks. */
function queuesOf(documents: readonly TaskDocument[], served: readonly string[] | undefined): Set<string> {
  return new Set(
    served === undefined
      ? [DEFAULT_QUEUE, ...documents.map(({ queue }) => queue)]
      : served.filter(isTaskQueue),
  );
}
