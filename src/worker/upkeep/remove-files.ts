import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { listErasedWithFiles } from '../../db/imports/erase.ts';
import { markFilesRemoved } from '../../db/imports/imports.ts';
import { inDays, periodOf, readPeriods } from '../../db/retention.ts';
import { datasetsWithFiles, listWithFiles, removeSomeMatches } from '../../db/tasks/prune.ts';
import { importFolder } from '../../storage/keys.ts';
import { doEach, type Duty, type UpkeepDeps } from './duty.ts';
import { duePages, PAUSE_MS, untilNone } from './walk.ts';

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 100;
/** Each waits for the storage most of the time: S3 takes three requests for it. */
const SIDE_BY_SIDE = 4;

/** Removes the files of imports that ended longer ago than files are kept, the oldest first, and of those that were erased. */
export function removeFiles(
  { db, storage, logger }: Pick<UpkeepDeps, 'db' | 'storage' | 'logger'>,
  { fileRetentionDays }: Pick<Config, 'fileRetentionDays'>,
): Duty {
  async function remove(importId: string): Promise<void> {
    await storage.removeFolder(importFolder(importId));
    await untilNone(() => removeSomeMatches(db, importId));
    await markFilesRemoved(db, importId);
  }
  const removeSurely = (id: string): Promise<void> =>
    doEach([id], logger, () => `the files of import ${id} were not removed`, remove);
  async function removeEach(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += SIDE_BY_SIDE)
      await Promise.all(ids.slice(at, at + SIDE_BY_SIDE).map(removeSurely));
  }

  /** The storage was away when the erasure was asked for, or the API has died. */
  async function removeErased(): Promise<void> {
    let after: string | undefined;
    for (;;) {
      // By id, so that one whose files cannot be removed is passed by, until the next sweep.
      const erased = await listErasedWithFiles(db, AT_ONCE, after);
      await removeEach(erased);
      if (erased.length < AT_ONCE) return;
      after = erased.at(-1);
    }
  }

  async function removeOld(): Promise<void> {
    const periods = await readPeriods(db, 'files', inDays(fileRetentionDays));
    for (const dataset of await datasetsWithFiles(db)) {
      const period = periodOf(periods, dataset);
      if (period === null) continue;
      for await (const due of duePages((after) => listWithFiles(db, dataset, period, AT_ONCE, after))) {
        await removeEach(due);
        if (due.length > 0) await sleep(PAUSE_MS);
      }
    }
  }

  return {
    name: 'the sweep of old files',
    everyMs: EVERY_MS,
    run: async () => {
      await removeErased();
      await removeOld();
    },
  };
}
