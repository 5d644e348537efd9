// Which runs a schedule makes that is due: usually one, and after an outage what its misfire policy says.
import { nextRun, type Rule } from './next-run.ts';

/** What becomes of runs that were missed. */
export const MISFIRES = ['skip', 'one', 'all'] as const;
export type Misfire = (typeof MISFIRES)[number];

/** A run that is later than this was missed: no worker was there, or Postgres was away. */
export const MISSED_AFTER_MS = 5000;
/** Of runs that were missed, `all` makes so many: the newest. */
export const MOST_MISSED_RUNS = 1000;

export interface DueRuns {
  /** Due times that a task is made for, in their order. */
  readonly due: readonly number[];
  /** Whether runs were missed, so that the policy has decided. */
  readonly missed: boolean;
}

/**
 * @param firstDue when the schedule was to run next; it counts even if the rule, which may have changed since, does not have it
 * @param now at or after `firstDue`
 * @param seenAt when somebody began to look after what is due: that there is much of it makes no run a missed one
 */
export function dueRuns(rule: Rule, firstDue: number, now: number, misfire: Misfire, seenAt = now): DueRuns {
  const missed = seenAt - firstDue > MISSED_AFTER_MS;
  if (!missed) return { due: lastRuns(rule, firstDue, now, MOST_MISSED_RUNS), missed };
  switch (misfire) {
    case 'skip':
      return { due: [], missed };
    case 'one':
      return { due: lastRuns(rule, firstDue, now, 1), missed };
    case 'all':
      return { due: lastRuns(rule, firstDue, now, MOST_MISSED_RUNS), missed };
  }
}

/**
 * The newest of `firstDue` and all runs after it up to `to`, `most` at the most. It looks back from `to`, each time twice as far, so that
 * a schedule by seconds that was away for a year costs no more than one that was away for a day.
 */
function lastRuns(rule: Rule, firstDue: number, to: number, most: number): number[] {
  for (let backMs = most * 1000; ; backMs *= 2) {
    const from = to - backMs;
    if (from <= firstDue) return [firstDue, ...runsBetween(rule, firstDue, to)].slice(-most);
    const runs = runsBetween(rule, from, to);
    if (runs.length >= most) return runs.slice(-most);
  }
}

/** @param after is not included, `to` is */
function runsBetween(rule: Rule, after: number, to: number): number[] {
  const runs: number[] = [];
  for (let at = nextRun(rule, after); at !== undefined && at <= to; at = nextRun(rule, at)) runs.push(at);
  return runs;
}
