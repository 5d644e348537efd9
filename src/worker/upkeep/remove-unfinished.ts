import type { Config } from '../../config/config.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;

/** Removes what writes to the storage have left whose process died: of uploads, and of rejects. */
export function removeUnfinished(
  { storage, logger }: Pick<UpkeepDeps, 'storage' | 'logger'>,
  { unfinishedMinutes }: Pick<Config, 'unfinishedMinutes'>,
  now: () => number = Date.now,
): Duty {
  return {
    name: 'the sweep of unfinished files',
    everyMs: EVERY_MS,
    run: async () => {
      const removed = await storage.removeUnfinished(new Date(now() - unfinishedMinutes * 60_000));
      if (removed > 0) logger.info({ removed }, 'unfinished files of processes that died were removed');
    },
  };
}
