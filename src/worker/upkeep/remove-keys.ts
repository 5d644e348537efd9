import { removeExpiredKeys } from '../../db/imports/idempotency-keys.ts';
import { removeExpiredUniqueKeys } from '../../db/tasks/unique-keys.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;

/** Removes Idempotency-Keys past their time, reservations of uploads that died, and keys that tasks had for a time. */
export function removeKeys({ db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>): Duty {
  return {
    name: 'the sweep of keys',
    everyMs: EVERY_MS,
    run: async () => {
      const removed = await removeExpiredKeys(db);
      if (removed > 0) logger.debug({ removed }, 'old Idempotency-Keys removed');
      const ended = await removeExpiredUniqueKeys(db.$client);
      if (ended > 0) logger.debug({ removed: ended }, 'unique keys of tasks whose time was over removed');
    },
  };
}
