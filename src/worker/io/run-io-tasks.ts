// The I/O tasks of this thread.
import type pg from 'pg';
import type { Logger } from '../../logger.ts';
import type { TaskRegistry } from '../../tasks/registry.ts';
import { runAttempt, type AttemptDeps } from '../tasks/run-attempt.ts';
import { connectTask } from '../tasks/task-transaction.ts';
import { createSayings } from '../tasks/sayings.ts';
import { tracedAttempt } from '../tasks/attempt-span.ts';
import { createTaskRunner, type TaskRunner, type TaskRunnerDeps } from '../tasks/task-runner.ts';
import type { IoSettings } from './messages.ts';

export interface IoTasksDeps extends Pick<TaskRunnerDeps, 'claims' | 'writes' | 'found' | 'heard'> {
  readonly settings: IoSettings;
  readonly registry: TaskRegistry;
  readonly logger: Logger;
  /** For `ctx.db`. */
  readonly transactions: pg.Pool;
  readonly newId: () => string;
  readonly chance: () => number;
}

export function runIoTasks(deps: IoTasksDeps): TaskRunner {
  const { settings, registry, logger, transactions } = deps;
  const sayings = createSayings(deps.writes, settings.maxTaskLogLines, logger);
  const attempt: AttemptDeps = {
    connect: () => connectTask(transactions),
    memory: deps.writes,
    endsByTimeLimit: true,
    maxResultBytes: settings.maxResultBytes,
    newId: deps.newId,
    chance: deps.chance,
    progress: sayings.progress,
    log: sayings.log,
  };
  const runner = createTaskRunner({
    claims: deps.claims,
    writes: deps.writes,
    found: deps.found,
    heard: deps.heard,
    workerId: settings.workerId,
    names: registry.namesOf('io'),
    lane: 'io',
    places: settings.concurrency,
    serves: (queue) => settings.queues === undefined || settings.queues.includes(queue),
    runsOnce: (name) => registry.find(name)?.document.delivery === 'at-most-once',
    attempt: async (claimed, abort) => {
      const outcome = await tracedAttempt(claimed, () =>
        runAttempt(attempt, registry.find(claimed.name)!, claimed, abort),
      );
      sayings.forget(claimed);
      return outcome;
    },
    logger,
  });
  return {
    ...runner,
    stop: async (graceMs) => {
      await runner.stop(graceMs);
      await sayings.stop();
      await Promise.all([deps.claims, deps.writes, transactions].map((pool) => pool.end()));
    },
  };
}
