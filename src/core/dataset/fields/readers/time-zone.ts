// Offsets of times that are written without one. The rules of a time zone are those of Intl, history included; Intl is asked once for
// each day, and never for each cell.
import type { TimeZoneOverlap } from '../../types.ts';
import { dayNumber, TWO_DIGITS } from './calendar.ts';

/** A time as clocks show it. */
export interface ClockTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export interface Zone {
  /** The offset as Postgres reads it; undefined for a time that clocks skip or show twice. */
  readonly offsetOf: (time: ClockTime) => string | undefined;
  /** Why `offsetOf` has none; a clause. */
  readonly whyNone: (time: ClockTime) => string | undefined;
}

const UTC: Zone = { offsetOf: () => 'Z', whyNone: () => undefined };
const FIXED = /^([+-])(\d\d):(\d\d)$/;
/** `EST` is five hours behind UTC all year, `IST` is used by three countries: such names are not what people mean by them. */
const ABBREVIATION = /^[a-z]{2,4}(?:[0-9][a-z]*)?$/i;
const MAX_OFFSET_MINUTES = 14 * 60;

/** @throws Error whose message ends the sentence "timeZone …" */
export function checkTimeZone(name: string): void {
  if (isUtc(name)) return;
  const [, , hours, minutes] = FIXED.exec(name) ?? [];
  if (
    hours !== undefined &&
    Number(minutes) < 60 &&
    Number(hours) * 60 + Number(minutes) <= MAX_OFFSET_MINUTES
  )
    return;
  if (hours === undefined && !ABBREVIATION.test(name) && isKnown(name)) return;
  throw new Error(
    `must be an IANA time zone such as Europe/Berlin, or UTC, or an offset such as +09:00, not "${name.slice(0, 60)}"`,
  );
}

const isUtc = (name: string): boolean => name === 'UTC' || name === 'Z';

function isKnown(name: string): boolean {
  if (!/^[a-z]/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** @param overlap which of two to take for a time that clocks show twice; without it neither */
export function createZone(name = 'UTC', overlap?: TimeZoneOverlap): Zone {
  if (isUtc(name)) return UTC;
  if (FIXED.test(name)) return { offsetOf: () => name, whyNone: () => undefined };
  const rules = new ZoneRules(name);
  const find = (time: ClockTime): number[] => {
    const offsets = rules.offsetsOf(time);
    if (overlap === undefined || offsets.length < 2) return offsets;
    return overlap === 'earlier' ? offsets.slice(0, 1) : offsets.slice(-1);
  };
  return {
    offsetOf: (time) => {
      const usual = rules.offsetOfDay(time);
      if (usual !== undefined) return offsetText(usual);
      const [offset, second] = find(time);
      return offset === undefined || second !== undefined ? undefined : offsetText(offset);
    },
    whyNone: (time) => {
      const offsets = find(time);
      if (offsets.length === 1) return undefined;
      if (offsets.length === 0) return `which no clock in ${name} showed: clocks were put forward over it`;
      const both = offsets.map(offsetText).join(' or ');
      return `which clocks in ${name} showed twice, with the offset ${both}; write the offset behind the time, or declare timeZoneOverlap as "earlier" or "later"`;
    },
  };
}

const DAY = 86_400;
const EPOCH_DAY = dayNumber(1970, 1, 1);
/** More days than a file of business has; what is kept never grows beyond. */
const MOST_DAYS = 20_000;

interface Change {
  /** Seconds since 1970 of the first instant with the new offset. */
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

class ZoneRules {
  readonly #format: Intl.DateTimeFormat;
  /** By day: its offset, or NaN when the offset changes on that day or one beside it. */
  readonly #usual = new Map<number, number>();
  /** Seconds east of UTC, at the beginning of a day in UTC. */
  readonly #offsets = new Map<number, number>();
  readonly #changes = new Map<number, Change>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  }

  /** The offset of all times of the day; undefined when it has two. */
  offsetOfDay({ year, month, day }: ClockTime): number | undefined {
    const number = dayNumber(year, month, day) - EPOCH_DAY;
    let usual = this.#usual.get(number);
    if (usual === undefined) {
      usual = this.#changesAround(number).length > 0 ? NaN : this.#offsetAtDay(number);
      if (this.#usual.size >= MOST_DAYS) this.#usual.clear();
      this.#usual.set(number, usual);
    }
    return Number.isNaN(usual) ? undefined : usual;
  }

  /** All offsets with which clocks showed a time, the earlier instant first: none when it was skipped. */
  offsetsOf({ year, month, day, hour, minute, second }: ClockTime): number[] {
    const number = dayNumber(year, month, day) - EPOCH_DAY;
    const local = number * DAY + hour * 3600 + minute * 60 + second;
    const changes = this.#changesAround(number);
    const candidates = new Set(changes.flatMap(({ before, after }) => [before, after]));
    if (changes.length === 0) candidates.add(this.#offsetAtDay(number));
    return [...candidates]
      .filter((offset) => this.#offsetAt(local - offset, changes) === offset)
      .sort((a, b) => b - a);
  }

  #offsetAt(instant: number, changes: readonly Change[]): number {
    const [first] = changes;
    if (first === undefined) return this.#offsetAtDay(Math.floor(instant / DAY));
    const last = changes.findLast(({ at }) => at <= instant);
    return last === undefined ? first.before : last.after;
  }

  /** Local days begin up to 16 hours before or after those of UTC. */
  #changesAround(day: number): Change[] {
    const changes: Change[] = [];
    for (let utcDay = day - 1; utcDay <= day + 1; utcDay++) {
      const change = this.#changeOn(utcDay);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  /** The change within a day of UTC; no zone has had two. */
  #changeOn(utcDay: number): Change | undefined {
    const before = this.#offsetAtDay(utcDay);
    const after = this.#offsetAtDay(utcDay + 1);
    if (before === after) return undefined;
    const known = this.#changes.get(utcDay);
    if (known !== undefined) return known;
    let [low, high] = [utcDay * DAY, (utcDay + 1) * DAY];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ask(middle) === before) low = middle;
      else high = middle;
    }
    const change = { at: high, before, after };
    this.#changes.set(utcDay, change);
    return change;
  }

  #offsetAtDay(utcDay: number): number {
    let offset = this.#offsets.get(utcDay);
    if (offset === undefined) {
      offset = this.#ask(utcDay * DAY);
      if (this.#offsets.size >= MOST_DAYS) this.#offsets.clear();
      this.#offsets.set(utcDay, offset);
    }
    return offset;
  }

  /** Intl writes `GMT`, `GMT+01:00` or `GMT-04:56:02`. */
  #ask(instant: number): number {
    const [, sign, hours = '0', minutes = '0', seconds = '0'] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(this.#format.format(instant * 1000)) ?? [];
    const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return sign === '-' ? -offset : offset;
  }
}

const texts = new Map<number, string>();

function offsetText(offset: number): string {
  let text = texts.get(offset);
  if (text === undefined) {
    const size = Math.abs(offset);
    const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].map(
      (part) => TWO_DIGITS[part]!,
    );
    text = `${offset < 0 ? '-' : '+'}${(parts[2] === '00' ? parts.slice(0, 2) : parts).join(':')}`;
    texts.set(offset, text);
  }
  return text;
}
