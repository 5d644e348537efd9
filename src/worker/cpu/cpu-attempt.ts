// An attempt at a CPU task, in its slot.
import type { ClaimedTask } from '../../db/tasks/claims.ts';
import { directAddress } from '../../db/connection.ts';
import type { Logger } from '../../logger.ts';
import { openRegistry, type TaskRegistry } from '../../tasks/registry.ts';
import type { SlotThreadSettings } from '../slots/slots.ts';
import { AttemptAbort } from '../tasks/attempt-abort.ts';
import type { Outcome } from '../tasks/attempt-endings.ts';
import { openTransactions } from '../tasks/open-pools.ts';
import { runAttempt } from '../tasks/run-attempt.ts';
import { connectTask } from '../tasks/task-transaction.ts';
import { createSayings } from '../tasks/sayings.ts';

export interface CpuDeps {
  readonly settings: SlotThreadSettings;
  readonly logger: Logger;
  readonly newId: () => string;
  readonly chance: () => number;
}

let registry: Promise<TaskRegistry> | undefined;

/** Of this thread, loaded once. */
function registryOf(settings: SlotThreadSettings): Promise<TaskRegistry> {
  return (registry ??= openRegistry(settings.taskFolders, settings));
}

/** Of the task's transaction, and of what it says meanwhile. */
const CONNECTIONS = 2;

/**
 * Its hard time limit and its cancel are the main thread's business: they end this thread, whatever it computes. The signal of the task
 * is aborted only by its soft time limit.
 */
export async function attemptCpuTask(deps: CpuDeps, claimed: ClaimedTask): Promise<Outcome> {
  const { settings, logger } = deps;
  const pool = openTransactions(directAddress(settings), CONNECTIONS, logger);
  const sayings = createSayings(pool, settings.maxTaskLogLines, logger);
  try {
    return await runAttempt(
      {
        connect: () => connectTask(pool),
        memory: pool,
        endsByTimeLimit: false,
        maxResultBytes: settings.maxResultBytes,
        newId: deps.newId,
        chance: deps.chance,
        progress: sayings.progress,
        log: sayings.log,
      },
      (await registryOf(settings)).find(claimed.name)!,
      claimed,
      new AttemptAbort(),
    );
  } finally {
    await sayings.stop();
    await pool.end();
  }
}
