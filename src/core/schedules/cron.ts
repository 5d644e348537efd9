// Cron expressions as Vixie cron reads them, with seconds (a first field of six), L, W and #. docs/schedules.md has the rules for people.
import { parseDays, type CronDays, type DaySet } from './cron-days.ts';
import { HOUR, MINUTE, MONTH, parseNumbers, SECOND } from './cron-field.ts';

export interface Cron {
  /** Each in its order. */
  readonly seconds: readonly number[];
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  readonly days: CronDays;
  /** Whether it names every hour of the day, as `15 * * * *` does. It then goes by hours, otherwise by days (next-run.ts). */
  readonly isHourly: boolean;
}

const MACROS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** @throws Error whose message, a clause, says what is wrong and what to write */
export function parseCron(text: string): Cron {
  const fields = splitFields(text.trim());
  const [second = '', minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = ''] = fields;
  const hours = parseNumbers(HOUR, hour);
  const cron: Cron = {
    seconds: parseNumbers(SECOND, second),
    minutes: parseNumbers(MINUTE, minute),
    hours,
    months: parseNumbers(MONTH, month),
    days: parseDays(dayOfMonth, dayOfWeek),
    isHourly: hours.length === 24,
  };
  if (!cron.months.some((month) => hasDays(cron.days, month)))
    throw new Error(
      'no day ever matches: none of the months that it names has a day that it names; change the day of month, the month or the day of week',
    );
  return cron;
}

/** Six fields; where five are given, the second is 0. */
function splitFields(text: string): string[] {
  if (text.startsWith('@')) return expandMacro(text);
  const fields = text.split(/\s+/);
  switch (fields.length) {
    case 5:
      return ['0', ...fields];
    case 6:
      return fields;
    case 7:
      throw new Error(
        'it has 7 fields; a year cannot be given. Write 5 (minute, hour, day of month, month, day of week) or 6 with the second first, and use "startAt", "endAt" or "at" for a year',
      );
    default:
      throw new Error(
        `it has ${text === '' ? 0 : fields.length} fields and needs 5 (minute, hour, day of month, month, day of week), or 6 with the second first; write * for any value`,
      );
  }
}

function expandMacro(text: string): string[] {
  const expanded = MACROS[text.toLowerCase()];
  if (expanded === undefined)
    throw new Error(
      `"${text}" is not known; ${Object.keys(MACROS).join(', ')} are. For a fixed pause use "every", such as 15m`,
    );
  return splitFields(expanded);
}

/** A month of any length and first weekday that it can have; all of these come within 400 years. */
function hasDays(days: CronDays, month: number): boolean {
  const lengths = month === 2 ? [28, 29] : [monthLength(2001, month)];
  return lengths.some((length) => [0, 1, 2, 3, 4, 5, 6].some((first) => days.of(length, first) !== 0));
}

function monthLength(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

const DAY = 86_400;
/** The Gregorian calendar repeats itself after so many months, weekdays included. */
const CYCLE_MONTHS = 400 * 12;

/**
 * The first time after `after` that the expression names. Both are times as clocks show them, as seconds since 1970 on a clock that
 * is never put forward or back.
 */
export function nextNamedTime(cron: Cron, after: number): number | undefined {
  const from = after + 1;
  const day = Math.floor(from / DAY);
  const today = nextNamedDay(cron, day);
  if (today === undefined) return undefined;
  const time = nextTimeOfDay(cron, today === day ? from - day * DAY : 0);
  if (time !== undefined) return today * DAY + time;
  const later = nextNamedDay(cron, today + 1);
  return later === undefined ? undefined : later * DAY + nextTimeOfDay(cron, 0)!;
}

/** @returns seconds since midnight, at or after those given */
function nextTimeOfDay(cron: Cron, from: number): number | undefined {
  const { hours, minutes, seconds } = cron;
  const fromHour = Math.floor(from / 3600);
  const fromMinute = Math.floor(from / 60) % 60;
  for (const hour of hours) {
    if (hour < fromHour) continue;
    for (const minute of minutes) {
      if (hour === fromHour && minute < fromMinute) continue;
      const start = hour * 3600 + minute * 60;
      const second = seconds.find((each) => start + each >= from);
      if (second !== undefined) return start + second;
    }
  }
  return undefined;
}

/** Days are counted from 1970-01-01; `from` itself may be it. */
function nextNamedDay(cron: Cron, from: number): number | undefined {
  const date = new Date(from * DAY * 1000);
  const firstYear = date.getUTCFullYear();
  const firstMonth = date.getUTCMonth();
  let past: DaySet = (1 << (date.getUTCDate() - 1)) - 1;
  for (let count = 0; count <= CYCLE_MONTHS; count++) {
    const year = firstYear + Math.floor((firstMonth + count) / 12);
    const month = ((firstMonth + count) % 12) + 1;
    if (cron.months.includes(month)) {
      const firstDay = Date.UTC(year, month - 1, 1) / 1000 / DAY;
      const days = cron.days.of(monthLength(year, month), weekdayOf(firstDay)) & ~past;
      if (days !== 0) return firstDay + 31 - Math.clz32(days & -days);
    }
    past = 0;
  }
  return undefined;
}

/** 1970-01-01 was a Thursday. */
function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}
