// When a schedule runs next. A run that is previewed is the run that is made: each answer depends on the rule and the instant alone.
import { nextNamedTime, type Cron } from './cron.ts';
import type { Gap, LocalClock } from './local-clock.ts';

/** When a schedule runs. All instants are milliseconds since 1970. */
export type Rule = (
  | { readonly kind: 'cron'; readonly cron: Cron; readonly clock: LocalClock }
  /** At `anchorMs`, and each time `everyMs` have passed since. */
  | { readonly kind: 'every'; readonly everyMs: number; readonly anchorMs: number }
  | { readonly kind: 'at'; readonly atMs: number }
) & {
  /** The first and the last instant at which it may run, both included. */
  readonly startMs?: number;
  readonly endMs?: number;
};

const HOUR = 3600;
const DAY = 86_400;

/** The first run after an instant, and always after it; undefined when there is none any more. */
export function nextRun(rule: Rule, afterMs: number): number | undefined {
  const next = nextUnbounded(rule, Math.max(afterMs, (rule.startMs ?? -Infinity) - 1));
  return next === undefined || next > (rule.endMs ?? Infinity) ? undefined : next;
}

/** The next runs after an instant, `count` at most. */
export function nextRuns(rule: Rule, afterMs: number, count: number): number[] {
  const runs: number[] = [];
  for (let at = nextRun(rule, afterMs); at !== undefined && runs.length < count; at = nextRun(rule, at))
    runs.push(at);
  return runs;
}

function nextUnbounded(rule: Rule, afterMs: number): number | undefined {
  switch (rule.kind) {
    case 'at':
      return rule.atMs > afterMs ? rule.atMs : undefined;
    case 'every':
      return (
        rule.anchorMs + Math.max(0, Math.floor((afterMs - rule.anchorMs) / rule.everyMs) + 1) * rule.everyMs
      );
    case 'cron': {
      const after = Math.floor(afterMs / 1000);
      const next = rule.cron.isHourly ? nextByHour(rule, after) : nextByDay(rule, after);
      return next === undefined ? undefined : next * 1000;
    }
  }
}

interface CronRule {
  readonly cron: Cron;
  readonly clock: LocalClock;
}

/**
 * Each time that the expression names runs once a day: the first time that clocks show it; a skipped one at the end of the gap.
 * Times are looked at in their own order, from the latest that clocks have shown, so the result is always later than `after`.
 */
function nextByDay({ cron, clock }: CronRule, after: number): number | undefined {
  let reading = clock.latestReading(after);
  for (;;) {
    const named = nextNamedTime(cron, reading);
    if (named === undefined) return undefined;
    const shown = clock.shown(named);
    if ('instants' in shown) return shown.instants[0];
    const day = periodOf(named, DAY);
    if (!isSkipped(day, shown.gap)) return shown.gap.at;
    reading = day.end - 1;
  }
}

/**
 * An expression for every hour follows the clock: it runs whenever clocks show a time that it names, twice where they show it twice. A
 * skipped time runs at the end of the gap if a part of its hour is there, so that no hour is without its run.
 */
function nextByHour({ cron, clock }: CronRule, after: number): number | undefined {
  const again = nextShownAgain({ cron, clock }, after);
  let reading = clock.readingAt(after);
  for (;;) {
    const named = nextNamedTime(cron, reading);
    if (named === undefined) return again;
    const shown = clock.shown(named);
    const hour = periodOf(named, HOUR);
    const next =
      'instants' in shown
        ? shown.instants.find((instant) => instant > after)
        : isSkipped(hour, shown.gap)
          ? undefined
          : shown.gap.at;
    if (next !== undefined) return again === undefined ? next : Math.min(next, again);
    reading = 'gap' in shown ? hour.end - 1 : named;
  }
}

/** The first named time that clocks show a second time after they are put back soon. */
function nextShownAgain({ cron, clock }: CronRule, after: number): number | undefined {
  const putBack = clock.nextPutBack(after);
  if (putBack === undefined) return undefined;
  const named = nextNamedTime(cron, putBack.at + putBack.after - 1);
  return named === undefined || named >= putBack.at + putBack.before ? undefined : named - putBack.after;
}

interface Period {
  readonly start: number;
  readonly end: number;
}

/** The day or hour of a reading. */
function periodOf(reading: number, length: number): Period {
  const start = Math.floor(reading / length) * length;
  return { start, end: start + length };
}

/** Whether no clock shows any time of it, as of the day that Samoa left out. */
function isSkipped(period: Period, gap: Gap): boolean {
  return gap.start <= period.start && period.end <= gap.end;
}
