import { deleteExpiredExports } from '../../db/records/exports.ts';
import { exportFolder } from '../../storage/keys.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 100;

/** Removes exports of records past their time: the row first, so that nobody finds an export whose bytes are gone. */
export function removeExports({ db, storage, logger }: Pick<UpkeepDeps, 'db' | 'storage' | 'logger'>): Duty {
  return {
    name: 'the sweep of old exports',
    everyMs: EVERY_MS,
    run: async () => {
      for (;;) {
        const expired = await deleteExpiredExports(db, AT_ONCE);
        // What cannot be removed now is a folder without an export, which the sweep of leftovers removes.
        await doEach(
          expired,
          logger,
          (id) => `the file of export ${id} was not removed`,
          (id) => storage.removeFolder(exportFolder(id)),
        );
        if (expired.length < AT_ONCE) return;
      }
    },
  };
}
