import { deleteExpiredUploads } from '../../db/uploads/uploads.ts';
import { keptFolder } from '../../storage/keys.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 100;

/** Removes kept uploads past their time: the row first, so that nobody finds an upload whose bytes are gone. */
export function removeUploads({ db, storage, logger }: Pick<UpkeepDeps, 'db' | 'storage' | 'logger'>): Duty {
  return {
    name: 'the sweep of kept uploads',
    everyMs: EVERY_MS,
    run: async () => {
      for (;;) {
        const expired = await deleteExpiredUploads(db, AT_ONCE);
        // What cannot be removed now is a folder without an upload, which the sweep of leftovers removes.
        await doEach(
          expired,
          logger,
          (id) => `the file of upload ${id} was not removed`,
          (id) => storage.removeFolder(keptFolder(id)),
        );
        if (expired.length < AT_ONCE) return;
      }
    },
  };
}
