// Work that cannot have a lock: it is put off, and whoever asks for the task is told whom it waits for.
import { landingTables } from '../core/dataset/tables/landing-tables.ts';
import type { Dataset } from '../core/dataset/types.ts';
import type { Database } from '../db/client.ts';
import { isLockTimeout } from '../db/errors.ts';
import { describeLockHolder } from '../db/lock-holders.ts';
import { setWaitingFor } from '../db/tasks/tasks.ts';

/** Others hold a lock that the work needs. Its message says who; its cause is Postgres' own error. No attempt is counted. */
export class LockedOut extends Error {}

/**
 * Runs work that ends when it cannot have a lock on the dataset's tables in time, and then notes on the task who holds it.
 * @throws LockedOut, or Postgres' own error when whoever held the lock has let it go meanwhile
 */
export async function tellingLocks<T>(
  db: Database,
  taskId: string,
  dataset: Dataset,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    const lock = await describeLockHolder(db, landingTables(dataset));
    if (lock === undefined) throw error;
    await setWaitingFor(db, taskId, lock);
    throw new LockedOut(`waiting for ${lock}`, { cause: error });
  }
}
