import type { Config } from '../../config/config.ts';
import { forgetSomeFiles } from '../../db/imports/inbox-files.ts';
import { forgetSomeReads } from '../../db/records/read-counts.ts';
import type { Duty, UpkeepDeps } from './duty.ts';
import { untilNone } from './walk.ts';

/** Seldom, for it reads both tables. */
const EVERY_MS = 6 * 3_600_000;

/** Forgets files of the inbox that are long gone, and how often records were read that nobody reads any more. */
export function forgetOld(
  { db }: Pick<UpkeepDeps, 'db'>,
  { readCountDays }: Pick<Config, 'readCountDays'>,
): Duty {
  return {
    name: 'forgetting old files of the inbox and old counts of reads',
    everyMs: EVERY_MS,
    run: async () => {
      await untilNone(() => forgetSomeFiles(db));
      if (readCountDays > 0) await untilNone(() => forgetSomeReads(db.$client, readCountDays));
    },
  };
}
