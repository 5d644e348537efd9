import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { removeSomeRuns } from '../../db/schedules/runs.ts';
import type { Duty, UpkeepDeps } from './duty.ts';

const EVERY_MS = 10 * 60_000;
const RUNS_AT_ONCE = 1000;
/** Between batches, so that others get their turn. */
const PAUSE_MS = 50;

/** Forgets runs of schedules whose tasks are gone, and are older than tasks are kept. */
export function removeScheduleRuns(
  { db }: Pick<UpkeepDeps, 'db'>,
  { taskRetentionDays }: Pick<Config, 'taskRetentionDays'>,
): Duty {
  return {
    name: 'the sweep of runs of schedules',
    everyMs: EVERY_MS,
    run: async () => {
      // 0: tasks are kept, and so are these.
      if (taskRetentionDays === 0) return;
      while (await removeSomeRuns(db, taskRetentionDays, RUNS_AT_ONCE)) await sleep(PAUSE_MS);
    },
  };
}
