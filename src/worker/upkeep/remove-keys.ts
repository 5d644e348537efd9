import { removeSomeExpiredKeys } from '../../db/imports/idempotency-keys.ts';
import { removeSomeExpiredUniqueKeys } from '../../db/tasks/unique-keys.ts';
import type { Duty, UpkeepDeps } from './duty.ts';
import { untilNone } from './walk.ts';

const EVERY_MS = 10 * 60_000;

/** Removes Idempotency-Keys past their time, reservations of uploads that died, and keys that tasks had for a time. */
export function removeKeys({ db, logger }: Pick<UpkeepDeps, 'db' | 'logger'>): Duty {
  async function said(what: string, removing: Promise<number>): Promise<boolean> {
    const removed = await removing;
    if (removed > 0) logger.debug({ removed }, what);
    return removed > 0;
  }
  return {
    name: 'the sweep of keys',
    everyMs: EVERY_MS,
    run: async () => {
      await untilNone(() => said('old Idempotency-Keys removed', removeSomeExpiredKeys(db)));
      await untilNone(() =>
        said('unique keys of tasks whose time was over removed', removeSomeExpiredUniqueKeys(db.$client)),
      );
    },
  };
}
