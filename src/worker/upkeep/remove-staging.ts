import type { Config } from '../../config/config.ts';
import { dropStaging, listLeftStaging } from '../../db/landing/staging.ts';
import { inTransaction } from '../../db/transaction.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';

/** A chunk that is being cut off may still hold its table; the next sweep comes soon. */
const LOCK_MS = 1000;

/** Drops staging tables that no import needs any more. */
export function removeStaging(
  { db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>,
  { sweepIntervalMs, dryRunHours }: Pick<Config, 'sweepIntervalMs' | 'dryRunHours'>,
): Duty {
  async function drop(importId: string): Promise<void> {
    await inTransaction(db, async (tx) => {
      await tx.$client.query(`SET LOCAL lock_timeout = ${LOCK_MS}`);
      await dropStaging(tx, importId);
    });
    logger.debug({ importId }, 'staging tables removed');
  }
  return {
    name: 'the sweep of staging tables',
    everyMs: sweepIntervalMs,
    run: async () => {
      const left = await listLeftStaging(db, dryRunHours);
      await doEach(left, logger, (id) => `the staging tables of import ${id} were not dropped`, drop);
    },
  };
}
