import { removeExpiredKeys } from '../../db/imports/idempotency-keys.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;

/** Removes Idempotency-Keys past their time, and reservations of uploads that died. */
export function removeKeys({ db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>): Duty {
  return {
    name: 'the sweep of Idempotency-Keys',
    everyMs: EVERY_MS,
    run: async () => {
      const removed = await removeExpiredKeys(db);
      if (removed > 0) logger.debug({ removed }, 'old Idempotency-Keys removed');
    },
  };
}
