// A disk without room is waited for, and so is a storage that does not answer. What could not be written has cost all the work before it, so a worker that has found a disk full
// begins nothing for a while: as long again as it has lasted so far, within limits.
import type { Logger } from '../logger.ts';

/** What a worker knows of it. */
export interface FullDisk {
  /** Work has failed for want of room, or of the storage. */
  found(reason: string, job: string | undefined, what?: keyof typeof SAID): void;
  /** How long nothing should be begun; 0: it may. */
  waitMs(): number;
}

const SAID = {
  full: 'A disk is full; jobs wait until it has room again',
  storage: 'The storage is away; jobs wait until it is back',
} as const;

const LEAST_WAIT_MS = 1000;
const MOST_WAIT_MS = 30_000;
/** After this long without a full disk, the next one is a new outage. */
const OVER_AFTER_MS = 3 * MOST_WAIT_MS;
const TELL_EVERY_MS = 60_000;

export function createFullDisk(logger: Logger, now: () => number): FullDisk {
  let [since, last, until, toldAt] = [-Infinity, -Infinity, -Infinity, -Infinity];
  return {
    found(reason, job, what = 'full') {
      const at = now();
      if (at - last > OVER_AFTER_MS) since = at;
      last = at;
      until = at + Math.min(Math.max(at - since, LEAST_WAIT_MS), MOST_WAIT_MS);
      const isTold = at - toldAt < TELL_EVERY_MS;
      logger[isTold ? 'debug' : 'warn']({ reason, job }, SAID[what]);
      if (!isTold) toldAt = at;
    },
    waitMs: () => Math.max(0, until - now()),
  };
}
