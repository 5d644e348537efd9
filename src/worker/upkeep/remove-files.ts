import type { Config } from '../../config/config.ts';
import { listImportsPastRetention, markFilesRemoved } from '../../db/imports/imports.ts';
import { importFolder } from '../../storage/keys.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 100;

/** Removes the files of imports that ended longer ago than files are kept: all that are due, the oldest first. */
export function removeFiles(
  { db, storage, logger }: Pick<UpkeepDeps, 'db' | 'storage' | 'logger'>,
  { fileRetentionDays }: Pick<Config, 'fileRetentionDays'>,
): Duty {
  async function remove(importId: string): Promise<void> {
    await storage.removeFolder(importFolder(importId));
    await markFilesRemoved(db, importId);
  }
  return {
    name: 'the sweep of old files',
    everyMs: EVERY_MS,
    run: async () => {
      let after: string | undefined;
      for (;;) {
        // By id, so that one whose files cannot be removed is passed by, until the next sweep.
        const due = await listImportsPastRetention(db, fileRetentionDays, AT_ONCE, after);
        await doEach(due, logger, (id) => `the files of import ${id} were not removed`, remove);
        if (due.length < AT_ONCE) return;
        after = due.at(-1);
      }
    },
  };
}
