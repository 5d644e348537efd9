// The days of a cron expression: day of month and day of week together, as sets of days of one month.
import { DAY_OF_MONTH, DAY_OF_WEEK, items, parseItem, parseNumbers, parseValue } from './cron-field.ts';

/** Days of one month: bit 0 is its first day. */
export type DaySet = number;

/** @param firstWeekday of its first day, 0 for Sunday */
type DaysOf = (length: number, firstWeekday: number) => DaySet;

const bit = (day: number): DaySet => 1 << (day - 1);
const SUNDAY = 0;
const SATURDAY = 6;

/** By the length of a month and the weekday of its first day. */
export class CronDays {
  readonly #known: DaySet[] = [];
  readonly #daysOf: DaysOf;

  constructor(daysOf: DaysOf) {
    this.#daysOf = daysOf;
  }

  of(length: number, firstWeekday: number): DaySet {
    return (this.#known[length * 7 + firstWeekday] ??= this.#daysOf(length, firstWeekday));
  }
}

/**
 * As Vixie cron: when both fields are restricted, a day that either names is meant. A field that begins with `*` is not restricted:
 * then a day must fit both.
 * @throws Error
 */
export function parseDays(dayOfMonth: string, dayOfWeek: string): CronDays {
  const inMonth = union(items(DAY_OF_MONTH, dayOfMonth).map(parseDayOfMonth));
  const inWeek = union(items(DAY_OF_WEEK, dayOfWeek).map(parseDayOfWeek));
  const isEither = !dayOfMonth.startsWith('*') && !dayOfWeek.startsWith('*');
  return new CronDays((...month) =>
    isEither ? inMonth(...month) | inWeek(...month) : inMonth(...month) & inWeek(...month),
  );
}

function union(parts: readonly DaysOf[]): DaysOf {
  return (...month) => parts.reduce((days, part) => days | part(...month), 0);
}

/** `L`: the last day. `L-3`: three days before it. `LW`: the last weekday. `15W`: the weekday nearest to the 15th. */
function parseDayOfMonth(item: string): DaysOf {
  const last = /^L(?:-(\d{1,2}))?$/i.exec(item);
  if (last !== null) return daysBeforeLast(item, Number(last[1] ?? 0));
  if (/^LW$/i.test(item)) return (length, first) => nearestWeekday(length, length, first);
  const nearest = /^(\d{1,4})W$/i.exec(item);
  if (nearest !== null) {
    const day = parseValue(DAY_OF_MONTH, nearest[1]!);
    return (length, first) => (day > length ? 0 : nearestWeekday(day, length, first));
  }
  if (/[LW#]/i.test(item))
    throw new Error(
      `the day of month "${item}" cannot be read; L, L-3, LW and 15W may stand here, each without a range or step`,
    );
  const days = parseNumbers(DAY_OF_MONTH, item);
  return (length) => days.filter((day) => day <= length).reduce((set, day) => set | bit(day), 0);
}

function daysBeforeLast(item: string, back: number): DaysOf {
  if (back > 30) throw new Error(`the day of month "${item}" is before the first; write L-30 at most`);
  return (length) => (length > back ? bit(length - back) : 0);
}

/** Monday to Friday, and never in another month: the 1st on a Saturday gives Monday the 3rd. */
function nearestWeekday(day: number, length: number, first: number): DaySet {
  const weekday = (first + day - 1) % 7;
  if (weekday === SATURDAY) return bit(day > 1 ? day - 1 : day + 2);
  if (weekday === SUNDAY) return bit(day < length ? day + 1 : day - 2);
  return bit(day);
}

/** `5L`: the last Friday of the month. `5#2`: its second Friday. */
function parseDayOfWeek(item: string): DaysOf {
  if (/^L$/i.test(item))
    throw new Error('the day of week "L" is read as Saturday by some and as Sunday by others; write 6 or 0');
  const last = /^(\w+)L$/i.exec(item);
  if (last !== null) {
    const weekday = parseValue(DAY_OF_WEEK, last[1]!) % 7;
    return (length, first) => nthWeekday(weekday, lastOf(weekday, length, first), first);
  }
  const [name = '', nth, ...more] = item.split('#');
  if (nth !== undefined) {
    if (!/^[1-5]$/.test(nth) || more.length > 0)
      throw new Error(
        `the day of week "${item}" must have 1 to 5 behind the #, as in 5#2 for the second Friday`,
      );
    const weekday = parseValue(DAY_OF_WEEK, name) % 7;
    return (length, first) => nthWeekday(weekday, Number(nth), first) & allOf(length);
  }
  const weekdays = new Set(parseItem(DAY_OF_WEEK, item).map((day) => day % 7));
  return (length, first) => {
    let days = 0;
    for (let day = 1; day <= length; day++) if (weekdays.has((first + day - 1) % 7)) days |= bit(day);
    return days;
  };
}

const allOf = (length: number): DaySet => (length === 31 ? -1 >>> 1 : (1 << length) - 1);

/** The first one is on day 1 to 7. */
const firstOf = (weekday: number, first: number): number => 1 + ((weekday - first + 7) % 7);

function nthWeekday(weekday: number, nth: number, first: number): DaySet {
  const day = firstOf(weekday, first) + (nth - 1) * 7;
  return day > 31 ? 0 : bit(day);
}

/** How many of the weekday the month has: 4 or 5. */
const lastOf = (weekday: number, length: number, first: number): number =>
  firstOf(weekday, first) + 28 <= length ? 5 : 4;
