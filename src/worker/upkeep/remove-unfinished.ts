import type { Config } from '../../config/config.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
const HOUR_MS = 3_600_000;

/** Removes what writes to the storage have left whose process died: of uploads, and of rejects. */
export function removeUnfinished(
  { storage, logger }: Pick<UpkeepDeps, 'storage' | 'logger'>,
  { unfinishedHours }: Pick<Config, 'unfinishedHours'>,
  now: () => number = Date.now,
): Duty {
  return {
    name: 'the sweep of unfinished files',
    everyMs: EVERY_MS,
    run: async () => {
      const removed = await storage.removeUnfinished(new Date(now() - unfinishedHours * HOUR_MS));
      if (removed > 0) logger.info({ removed }, 'unfinished files of processes that died were removed');
    },
  };
}
