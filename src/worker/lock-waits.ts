// Tasks that wait for a lock which others hold. Each piece of work that tries it costs a slot a while, so for some time after one
// has tried in vain nothing of the task is begun: as long again as it has lasted so far, within limits.
import type { Logger } from '../logger.ts';

/** What a worker knows of them. */
export interface LockWaits {
  /** Work of a task was locked out; `reason` says by whom. */
  found(taskId: string, reason: string): void;
  /** How long nothing of the task should be begun; 0: it may. */
  waitMs(taskId: string): number;
}

const LEAST_WAIT_MS = 1000;
const MOST_WAIT_MS = 10_000;
/** After this long without a lock wait, the next one is a new wait and is logged again. */
const OVER_AFTER_MS = 6 * MOST_WAIT_MS;
const TELL_EVERY_MS = 60_000;

interface Wait {
  readonly since: number;
  readonly last: number;
  readonly until: number;
  readonly reason: string;
  readonly toldAt: number;
}

export function createLockWaits(logger: Logger, now: () => number): LockWaits {
  const waits = new Map<string, Wait>();
  return {
    found(taskId, reason) {
      const at = now();
      for (const [id, { last }] of waits) if (at - last > OVER_AFTER_MS) waits.delete(id);
      const before = waits.get(taskId);
      const since = before?.since ?? at;
      const isTold = before?.reason === reason && at - before.toldAt < TELL_EVERY_MS;
      if (!isTold) logger.warn({ task: taskId }, `The task is ${reason}`);
      const until = at + Math.min(Math.max(at - since, LEAST_WAIT_MS), MOST_WAIT_MS);
      waits.set(taskId, { since, last: at, until, reason, toldAt: isTold ? before.toldAt : at });
    },
    waitMs: (taskId) => Math.max(0, (waits.get(taskId)?.until ?? 0) - now()),
  };
}
