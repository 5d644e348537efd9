// All tasks but imports and undos: the thread of I/O tasks, the CPU tasks in slots, and what wakes them.
import pg from 'pg';
import { connectionOptions, PreparingClient } from '../db/client.ts';
import { DEFAULT_QUEUE } from '../core/tasks/queue-names.ts';
import { saveDefinitions } from '../db/tasks/definitions.ts';
import { TASKS_CHANNEL } from '../db/tasks/enqueue.ts';
import { loseTasksOf } from '../db/tasks/lost.ts';
import type { TaskRegistry } from '../tasks/registry.ts';
import { runCpuTasks } from './cpu/run-cpu-tasks.ts';
import { openIoHost } from './io/io-host.ts';
import { listen } from './listen.ts';
import type { WorkerDeps } from './open-deps.ts';
import { serves } from './serves.ts';
import { takeBells } from './take-bells.ts';
import type { RunnerState } from './tasks/task-runner.ts';

export interface TasksState extends RunnerState {
  /** I/O tasks that run now, and how many may. */
  readonly io: number;
  readonly concurrency: number;
  /** Of the event loop of the thread of I/O tasks: the 99th percentile. */
  readonly loopDelayMs: number;
}

export interface RunningTasksOfWorker {
  /** Of both kinds together. */
  readonly state: () => TasksState;
  /** Begins nothing more until it is to go on. */
  setPaused(paused: boolean): void;
  /** How many I/O tasks may run at the same time. */
  scale(concurrency: number): void;
  /** Begins nothing more. What runs may end within so many milliseconds, or goes back to its queue. */
  stop(graceMs: number): Promise<void>;
}

/** Begins to run tasks. @throws what the operator's tasks throw when they are loaded, and what Postgres says */
export async function runTasks(
  deps: WorkerDeps,
  workerId: string,
  registry: TaskRegistry,
): Promise<RunningTasksOfWorker> {
  const { config, database, slots, redis, logger } = deps;
  await saveDefinitions(database.pool, registry.documents);

  const cpuBells = new Map<string, (ran: boolean) => void>();
  const claims = openClaims(config.databaseUrl);
  const cpu = runCpuTasks({
    registry,
    slots,
    logger,
    chance: Math.random,
    workerId,
    claims,
    writes: database.pool,
    places: config.slots,
    serves: (queue) => serves(config, queue),
    heard: (id, ran) => {
      cpuBells.get(id)?.(ran);
      cpuBells.delete(id);
    },
  });

  const io = await openIoHost({
    settings: { ...config, workerId },
    stuckMs: config.stuckMs,
    logger,
    found: (queues) => {
      for (const queue of queues) bells.open(queue);
    },
    lost: async () => {
      const lost = await loseTasksOf(database.pool, workerId, registry.namesOf('io'), config.mostLost);
      logger.warn({ tasks: lost }, 'tasks of the thread that ended are run again');
    },
  });

  const bells = takeBells({
    redis,
    config,
    logger,
    ring: ({ queue, id, name }) => {
      if (registry.find(name)?.document.run !== 'cpu') return io.bell(queue, id);
      return new Promise((resolve) => {
        cpuBells.set(id, resolve);
        cpu.bell(queue, id);
      });
    },
  });
  for (const queue of queuesOf(registry, config.queues)) bells.open(queue);

  const stopped = new AbortController();
  const wake = (queue: string): void => {
    io.wake(queue);
    cpu.wake(queue);
  };
  const listening = listen(
    { databaseUrl: config.databaseUrl, channel: TASKS_CHANNEL, heard: wake, logger },
    stopped.signal,
  );

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
    state: () => {
      const [one, other] = [io.state(), cpu.state()];
      return {
        io: one.ids.length,
        concurrency,
        loopDelayMs: one.loopDelayMs,
        ids: [...one.ids, ...other.ids],
        processed: one.processed + other.processed,
        failed: one.failed + other.failed,
      };
    },
    stop: async (graceMs) => {
      stopped.abort();
      await Promise.all([io.stop(graceMs), cpu.stop(graceMs)]);
      await bells.close();
      await listening;
      await claims.end();
    },
  };
}

/** Those whose bells are heard from the start; others are found when they have due tasks. */
function queuesOf(registry: TaskRegistry, served: readonly string[] | undefined): Set<string> {
  const known = [
    DEFAULT_QUEUE,
    ...registry.documents.flatMap(({ run, queue }) => (run === 'import' ? [] : [queue])),
  ];
  return new Set(
    served === undefined ? known : served.filter((queue) => queue !== 'imports' && queue !== 'chunks'),
  );
}

/** A claim that Postgres forgets in a crash is made again: it need not wait for the disk. */
function openClaims(databaseUrl: string): pg.Pool {
  const options = connectionOptions(databaseUrl, 'claims');
  const pool = new pg.Pool({
    ...options,
    options: `${options.options ?? ''} -c synchronous_commit=off`,
    max: 1,
    Client: PreparingClient,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}
