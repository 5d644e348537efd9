// What a worker can be told while it runs: pause, resume, scale, drain, shut down. docs/workers.md tells users.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import type { ShutdownMode, WorkerPhase } from '../core/workers/worker-state.ts';
import type { Logger } from '../logger.ts';
import type { RunningTasksOfWorker } from './run-tasks.ts';
import type { RunningTasks } from './running-tasks.ts';
import type { SmallImportsOfWorker } from './small-imports.ts';
import type { JobsOfWorker } from './take-jobs.ts';

export interface WorkerControl {
  phase(): WorkerPhase;
  /** Whether the queue of imports is paused, for all workers. */
  pauseImports(paused: boolean): void;
  pause(): void;
  resume(): void;
  /** How many I/O tasks run at the same time from now on. */
  scale(concurrency: number): void;
  /** Begins nothing more, and exits when all has ended that runs, however long that takes. */
  drain(): void;
  shutdown(mode: ShutdownMode): void;
  /** The process stops: by a command, or by a signal. @returns how long what runs may take to end */
  stopping(): number;
}

export interface ControlDeps {
  readonly config: Pick<Config, 'shutdownGraceMs'>;
  readonly jobs: JobsOfWorker;
  readonly smallImports: SmallImportsOfWorker;
  readonly tasks: RunningTasksOfWorker;
  /** Imports with work here. */
  readonly running: RunningTasks;
  /** Has the process stop as a signal would. */
  readonly exit: () => void;
  readonly logger: Logger;
}

/** What ran last may have been claimed the moment before: it counts as idle when it was so twice, this long apart. */
const IDLE_LOOK_MS = 700;

export function createControl(deps: ControlDeps): WorkerControl {
  const { jobs, smallImports, tasks, running, logger } = deps;
  let phase: WorkerPhase = 'running';
  let graceMs = deps.config.shutdownGraceMs;

  function enter(next: WorkerPhase): void {
    logger.info({ phase: next }, 'the worker was told what to do');
    phase = next;
  }

  let isPaused = false;
  let importsPaused = false;
  const setImportsPaused = (): void => {
    for (const part of [jobs, smallImports]) part.setPaused(isPaused || importsPaused);
  };
  function setPaused(paused: boolean): void {
    isPaused = paused;
    tasks.setPaused(paused);
    setImportsPaused();
  }

  const isIdle = (): boolean => running.ids().length === 0 && tasks.state().ids.length === 0;

  async function exitWhenIdle(looks: number): Promise<void> {
    await sleep(IDLE_LOOK_MS);
    if (phase !== 'draining') return;
    if (!isIdle()) return exitWhenIdle(0);
    if (looks === 1) return deps.exit();
    return exitWhenIdle(looks + 1);
  }

  return {
    phase: () => phase,
    pauseImports(paused) {
      if (paused === importsPaused) return;
      importsPaused = paused;
      setImportsPaused();
    },
    pause() {
      if (phase !== 'running') return;
      enter('paused');
      setPaused(true);
    },
    resume() {
      if (phase !== 'paused') return;
      enter('running');
      setPaused(false);
    },
    scale: (concurrency) => tasks.scale(concurrency),
    drain() {
      if (phase === 'draining' || phase === 'stopping') return;
      enter('draining');
      setPaused(true);
      void exitWhenIdle(0);
    },
    shutdown(mode) {
      if (phase === 'stopping') return;
      if (mode === 'cold') graceMs = 0;
      enter('stopping');
      deps.exit();
    },
    stopping() {
      phase = 'stopping';
      return graceMs;
    },
  };
}
