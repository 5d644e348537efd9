import { deleteExpiredResumable } from '../../db/uploads/resumable.ts';
import { deleteExpiredUploads } from '../../db/uploads/uploads.ts';
import { keptFolder, resumableFolder } from '../../storage/keys.ts';
import type { StorageKey } from '../../storage/storage.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 100;

/** Removes uploads past their time, kept ones and unfinished ones: the row first, so that nobody finds an upload whose bytes are gone. */
export function removeUploads({ db, storage, logger }: Pick<UpkeepDeps, 'db' | 'storage' | 'logger'>): Duty {
  async function remove(
    expire: (db: UpkeepDeps['db'], limit: number) => Promise<string[]>,
    folderOf: (id: string) => StorageKey,
  ): Promise<void> {
    for (;;) {
      const expired = await expire(db, AT_ONCE);
      // What cannot be removed now is a folder without an upload, which the sweep of leftovers removes.
      await doEach(
        expired,
        logger,
        (id) => `the file of upload ${id} was not removed`,
        (id) => storage.removeFolder(folderOf(id)),
      );
      if (expired.length < AT_ONCE) return;
    }
  }
  return {
    name: 'the sweep of kept uploads',
    everyMs: EVERY_MS,
    run: async () => {
      await remove(deleteExpiredUploads, keptFolder);
      await remove(deleteExpiredResumable, resumableFolder);
    },
  };
}
