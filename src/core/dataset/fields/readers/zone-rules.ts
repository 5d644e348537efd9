// Which offset a time zone had when. The rules are those of Intl, history included, or the published ones where they are newer; they are
// asked once for each day, and never for each cell.
import { dayNumber } from './calendar.ts';
import { publishedOffset, publishedZone, type PublishedZone } from './published-zones.ts';

/** A time as clocks show it. */
export interface ClockTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Each chunk of a file compiles its fields, and all ask for the same days. */
const known = new Map<string, ZoneRules>();

export function rulesOf(name: string): ZoneRules {
  const rules = known.get(name) ?? new ZoneRules(name);
  known.set(name, rules);
  return rules;
}

const DAY = 86_400;
const EPOCH_DAY = dayNumber(1970, 1, 1);
/** More days than a file of business has; what is kept never grows beyond. */
const MOST_DAYS = 20_000;

/** Clocks are put forward or back. */
export interface ZoneChange {
  /** Seconds since 1970 of the first instant with the new offset. */
  readonly at: number;
  /** Offsets, in seconds east of UTC. */
  readonly before: number;
  readonly after: number;
}

export class ZoneRules {
  readonly #format: Intl.DateTimeFormat;
  readonly #published: PublishedZone | undefined;
  /** By day: its offset, or NaN when the offset changes on that day or one beside it. */
  readonly #usual = new Map<number, number>();
  /** Seconds east of UTC, at the beginning of a day in UTC. */
  readonly #offsets = new Map<number, number>();
  readonly #changes = new Map<number, ZoneChange>();

  constructor(name: string) {
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
    this.#published = publishedZone(name);
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

  /** Seconds east of UTC at an instant, which is in seconds since 1970. */
  offsetAt(instant: number): number {
    return this.#offsetAt(instant, this.changesNear(instant));
  }

  /** The changes on the day of a time and on the days beside it; the time is one of UTC, or one that clocks show. */
  changesNear(time: number): readonly ZoneChange[] {
    return this.#changesAround(Math.floor(time / DAY));
  }

  #offsetAt(instant: number, changes: readonly ZoneChange[]): number {
    const [first] = changes;
    if (first === undefined) return this.#offsetAtDay(Math.floor(instant / DAY));
    const last = changes.findLast(({ at }) => at <= instant);
    return last === undefined ? first.before : last.after;
  }

  /** Local days begin up to 16 hours before or after those of UTC. */
  #changesAround(day: number): ZoneChange[] {
    const changes: ZoneChange[] = [];
    for (let utcDay = day - 1; utcDay <= day + 1; utcDay++) {
      const change = this.#changeOn(utcDay);
      if (change !== undefined) changes.push(change);
    }
    return changes;
  }

  /** The change within a day of UTC; no zone has had two. */
  #changeOn(utcDay: number): ZoneChange | undefined {
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

  #ask(instant: number): number {
    const zone = this.#published;
    return zone === undefined
      ? this.#askIntl(instant)
      : publishedOffset(zone, instant, (at) => this.#askIntl(at));
  }

  /** Intl writes `GMT`, `GMT+01:00` or `GMT-04:56:02`. */
  #askIntl(instant: number): number {
    const [, sign, hours = '0', minutes = '0', seconds = '0'] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(this.#format.format(instant * 1000)) ?? [];
    const offset = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return sign === '-' ? -offset : offset;
  }
}
