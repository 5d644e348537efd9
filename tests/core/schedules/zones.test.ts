// Every zone that Intl knows and all its changes of ten years, against what clocks show when one looks at them step by step.
import { describe, expect, it } from 'vitest';
import { LocalClock } from '../../../src/core/schedules/local-clock.ts';
import { nextRun, type Rule } from '../../../src/core/schedules/next-run.ts';
import { parseCron } from '../../../src/core/schedules/cron.ts';
import { reading } from '../../support/clocks.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const FROM = Date.UTC(2020, 0, 1);
const TO = Date.UTC(2030, 0, 1);
/** Around a change: more than the local day it is on, whichever that is. */
const AROUND = 27 * HOUR;

/** What an expression means, written by hand: the product's parser is not asked. */
interface Pattern {
  readonly cron: string;
  /** Minutes since midnight. */
  readonly matches: (minuteOfDay: number) => boolean;
  readonly period: 'day' | 'hour';
}

const at = (...times: string[]) => {
  const minutes = new Set(times.map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))));
  return (minute: number) => minutes.has(minute);
};

/** All on quarters of an hour. */
const PATTERNS: readonly Pattern[] = [
  { cron: '0 0 * * *', matches: at('00:00'), period: 'day' },
  { cron: '30 0 * * *', matches: at('00:30'), period: 'day' },
  { cron: '30 1 * * *', matches: at('01:30'), period: 'day' },
  { cron: '0 2 * * *', matches: at('02:00'), period: 'day' },
  { cron: '15,45 2 * * *', matches: at('02:15', '02:45'), period: 'day' },
  { cron: '0,15,30,45 3 * * *', matches: at('03:00', '03:15', '03:30', '03:45'), period: 'day' },
  { cron: '45 23 * * *', matches: at('23:45'), period: 'day' },
  { cron: '30 */2 * * *', matches: (minute) => minute % 120 === 30, period: 'day' },
  { cron: '0 * * * *', matches: (minute) => minute % 60 === 0, period: 'hour' },
  { cron: '45 * * * *', matches: (minute) => minute % 60 === 45, period: 'hour' },
  { cron: '*/30 * * * *', matches: (minute) => minute % 30 === 0, period: 'hour' },
];

/** Instants at which clocks are put forward or back; looked for each week, and found by halving. */
function changesOf(timeZone: string): number[] {
  const offset = (instant: number) => reading(timeZone, instant) - instant;
  const changes: number[] = [];
  let before = offset(FROM);
  for (let week = FROM; week < TO; week += 7 * DAY) {
    const after = offset(week + 7 * DAY);
    if (after !== before) {
      let [low, high] = [week, week + 7 * DAY];
      while (high - low > 1000) {
        const middle = Math.floor((low + high) / 2000) * 1000;
        if (offset(middle) === before) low = middle;
        else high = middle;
      }
      changes.push(high);
    }
    before = after;
  }
  return changes;
}

/** Each step of the clock around an instant: when, and what it shows. */
function walk(timeZone: string, around: number, step: number): { instant: number; shows: number }[] {
  const steps = [];
  for (let instant = around - AROUND; instant <= around + AROUND; instant += step)
    steps.push({ instant, shows: reading(timeZone, instant) });
  return steps;
}

/** The rule as docs/schedules.md says it, over what was seen on the walk. */
function expectedRuns({ matches, period }: Pattern, steps: ReturnType<typeof walk>, step: number): number[] {
  const isNamed = (shows: number) => matches(Math.floor(shows / MINUTE) % (24 * 60));
  const instantsOf = new Map<number, number[]>();
  for (const { instant, shows } of steps) instantsOf.set(shows, [...(instantsOf.get(shows) ?? []), instant]);
  const length = period === 'day' ? DAY : HOUR;
  const periodOf = (shows: number) => Math.floor(shows / length);
  const shown = new Set(steps.map(({ shows }) => periodOf(shows)));

  const runs = new Set<number>();
  for (let shows = steps[0]!.shows; shows <= steps.at(-1)!.shows; shows += step) {
    if (!isNamed(shows)) continue;
    const instants = instantsOf.get(shows);
    if (instants !== undefined)
      (period === 'day' ? instants.slice(0, 1) : instants).forEach((each) => runs.add(each));
    else if (shown.has(periodOf(shows))) runs.add(steps.find((each) => each.shows > shows)!.instant);
  }
  return [...runs].sort((a, b) => a - b);
}

/** As a worker does it: each run is asked for by the one before. */
function actualRuns(rule: Rule, from: number, to: number): number[] {
  const runs: number[] = [];
  for (let next = nextRun(rule, from - 1); next !== undefined && next <= to; next = nextRun(rule, next)) {
    if (next <= (runs.at(-1) ?? -Infinity)) throw new Error('the next run is not after the last');
    runs.push(next);
  }
  return runs;
}

const inZone = (cron: string, timeZone: string): Rule => ({
  kind: 'cron',
  cron: parseCron(cron),
  clock: new LocalClock(timeZone),
});

function compare(timeZone: string, change: number, step: number, patterns: readonly Pattern[]): void {
  const steps = walk(timeZone, change, step);
  // What was named before the walk began may run within it, so both ends are left out.
  const [from, to] = [change - AROUND + 3 * HOUR, change + AROUND - 3 * HOUR];
  for (const pattern of patterns) {
    const expected = expectedRuns(pattern, steps, step).filter((run) => run >= from && run <= to);
    const actual = actualRuns(inZone(pattern.cron, timeZone), from, to);
    if (actual.join() === expected.join()) continue;
    throw new Error(
      `${timeZone} ${pattern.cron}: ${actual.map(iso).join()} and not ${expected.map(iso).join()}`,
    );
  }
}

const iso = (instant: number) => new Date(instant).toISOString();
const zones = Intl.supportedValuesOf('timeZone');
/** Zones that change together in the same way need to be looked at once. */
const changes = new Map<string, { timeZone: string; change: number }>();
/** By all that their clocks do in these years. */
const different = new Map<string, string>();
for (const timeZone of zones) {
  const own = changesOf(timeZone).map((change) => ({
    change,
    key: `${change} ${reading(timeZone, change - 1)} ${reading(timeZone, change)}`,
  }));
  for (const { change, key } of own) changes.set(key, { timeZone, change });
  different.set([reading(timeZone, FROM), ...own.map(({ key }) => key)].join(), timeZone);
}

describe('against clocks that are looked at', () => {
  it('all zones have been looked through', () => {
    expect(zones.length).toBeGreaterThan(400);
    expect(changes.size).toBeGreaterThan(500);
    for (const name of [
      'Europe/Berlin',
      'Pacific/Chatham',
      'Australia/Lord_Howe',
      'Africa/Cairo',
      'Antarctica/Troll',
    ])
      expect(zones).toContain(name);
  });

  it('each change of ten years, by quarters of an hour', () => {
    // Casey has changed at one minute past the hour.
    for (const { timeZone, change } of changes.values())
      compare(timeZone, change, change % (15 * MINUTE) === 0 ? 15 * MINUTE : MINUTE, PATTERNS);
  });

  it.each([
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
    'Africa/Cairo',
    'Antarctica/Troll',
  ])('%s by minutes', (timeZone) => {
    const everyMinute: Pattern[] = [
      { cron: '* * * * *', matches: () => true, period: 'hour' },
      { cron: '7 * * * *', matches: (minute) => minute % 60 === 7, period: 'hour' },
      {
        cron: '*/7 1-3 * * *',
        matches: (minute) => minute >= 60 && minute < 240 && (minute % 60) % 7 === 0,
        period: 'day',
      },
      { cron: '59 2 * * *', matches: at('02:59'), period: 'day' },
      ...PATTERNS,
    ];
    const own = changesOf(timeZone).filter(
      (change) => change > Date.UTC(2025, 0) && change < Date.UTC(2027, 0),
    );
    expect(own).toHaveLength(4);
    for (const change of own) compare(timeZone, change, MINUTE, everyMinute);
  });
});

it('each local day of ten years has one run, in every zone that is different', () => {
  expect(different.size).toBeGreaterThan(80);
  for (const timeZone of different.values()) {
    const rule = inZone('15 2 * * *', timeZone);
    let last = nextRun(rule, FROM)!;
    for (let day = 1; day < 3650; day++) {
      const next = nextRun(rule, last)!;
      // A day has 21 to 27 hours from one run to the next, so none was left out and none came twice.
      if (next - last < 21 * HOUR || next - last > 27 * HOUR)
        throw new Error(`${timeZone}: ${iso(last)}, then ${iso(next)}`);
      last = next;
    }
  }
});

it('a preview is what is run: from any instant between, the next is the same', () => {
  for (const { timeZone, change } of changes.values())
    for (const cron of ['*/15 * * * *', '*/15 1-3 * * *', '0 0 * * *']) {
      const rule = inZone(cron, timeZone);
      const runs = actualRuns(rule, change - 6 * HOUR, change + 6 * HOUR);
      const asked = [-HOUR, -7 * MINUTE - 1, -1000, -1, 0, 1, 1000, 7 * MINUTE + 1, HOUR].map(
        (ms) => change + ms,
      );
      for (const instant of asked.filter((each) => each < (runs.at(-1) ?? 0)))
        expect(nextRun(rule, instant)).toBe(runs.find((run) => run > instant));
    }
});
