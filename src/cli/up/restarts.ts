// When a part that has ended is started again: after a pause that doubles. One that ends too often by itself is given up; one that is killed
// from outside is not at fault and is started again however often.
import type { Exit } from '../../embedded/server-process.ts';

/** How a part ended, or did not start. */
export interface End {
  readonly how: string;
  /** By a signal, so not by itself. */
  readonly killed: boolean;
}

export interface Patience {
  /** So many ends of one part by itself … */
  readonly ends: number;
  /** … within this time are too many. */
  readonly withinMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

export const PATIENCE: Patience = { ends: 5, withinMs: 60_000, firstPauseMs: 200, longestPauseMs: 5000 };

/** What follows an end: another start after a pause, or a reason to give up. */
export type AfterEnd = { readonly pauseMs: number } | { readonly giveUp: string };

/** Counts the ends of one part. @returns what is to be done after each */
export function countEnds(name: string, patience = PATIENCE): (end: End) => AfterEnd {
  let ends: { readonly at: number; readonly killed: boolean }[] = [];
  return ({ how, killed }) => {
    const now = Date.now();
    ends = [...ends.filter(({ at }) => at > now - patience.withinMs), { at: now, killed }];
    const byItself = ends.filter((end) => !end.killed).length;
    if (byItself >= patience.ends)
      return {
        giveUp: `${name} ${how}, for the ${byItself}th time within ${patience.withinMs / 1000} s. Giving up.`,
      };
    return { pauseMs: Math.min(patience.firstPauseMs * 2 ** (ends.length - 1), patience.longestPauseMs) };
  };
}

export function endOf(exit: Exit): End {
  return { how: `ended (${describeExit(exit)})`, killed: exit.signal !== null };
}

export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
}
