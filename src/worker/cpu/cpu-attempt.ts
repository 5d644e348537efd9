// An attempt at a CPU task, in its slot.
import pg from 'pg';
import type { ClaimedTask } from '../../db/tasks/claims.ts';
import { connectionOptions } from '../../db/client.ts';
import type { Logger } from '../../logger.ts';
import type { TaskRegistry } from '../../tasks/registry.ts';
import type { SlotThreadSettings } from '../slots/slots.ts';
import type { Outcome } from '../tasks/attempt-endings.ts';
import { runAttempt } from '../tasks/run-attempt.ts';
import { createSayings } from '../tasks/sayings.ts';

export interface CpuDeps {
  readonly settings: SlotThreadSettings;
  readonly registry: Promise<TaskRegistry>;
  readonly logger: Logger;
  /** The slot's own connection. */
  readonly connect: () => Promise<pg.Client>;
  readonly newId: () => string;
  readonly chance: () => number;
}

/** What the task says is written beside its transaction. */
const SAYINGS_IDLE_MS = 10_000;

/**
 * Its hard time limit and its cancel are the main thread's business: they end this thread, whatever it computes. The signal of the task
 * is aborted only by its soft time limit.
 */
export async function attemptCpuTask(deps: CpuDeps, claimed: ClaimedTask): Promise<Outcome> {
  const { settings, logger } = deps;
  const pool = new pg.Pool({
    ...connectionOptions(settings.databaseUrl, 'task'),
    max: 1,
    idleTimeoutMillis: SAYINGS_IDLE_MS,
  });
  pool.on('error', () => undefined);
  const sayings = createSayings(pool, settings.maxTaskLogLines, logger);
  try {
    return await runAttempt(
      {
        connect: async () => ({ client: await deps.connect(), release: () => undefined }),
        memory: pool,
        endsByTimeLimit: false,
        maxResultBytes: settings.maxResultBytes,
        newId: deps.newId,
        chance: deps.chance,
        progress: sayings.progress,
        log: sayings.log,
      },
      (await deps.registry).find(claimed.name)!,
      claimed,
      new AbortController(),
    );
  } finally {
    await sayings.stop();
    await pool.end();
  }
}
