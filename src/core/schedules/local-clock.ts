// What clocks of a time zone show when. Instants and readings are whole seconds since 1970, a reading as if it were UTC.
import { rulesOf, type ZoneChange, type ZoneRules } from '../dataset/fields/readers/zone-rules.ts';

/** Readings from `start` up to but not including `end` are never shown: clocks were put forward over them at the instant `at`. */
export interface Gap {
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** When clocks show a reading: once or twice, the earlier first; or never. */
export type Shown = { readonly instants: readonly number[] } | { readonly gap: Gap };

export class LocalClock {
  readonly #rules: Pick<ZoneRules, 'offsetAt' | 'changesNear'>;

  /** @param timeZone a name that `checkTimeZone` accepts */
  constructor(timeZone: string) {
    const fixed = fixedOffset(timeZone);
    this.#rules = fixed === undefined ? rulesOf(timeZone) : { offsetAt: () => fixed, changesNear: () => [] };
  }

  readingAt(instant: number): number {
    return instant + this.#rules.offsetAt(instant);
  }

  /** The latest reading that clocks have shown up to an instant: more than that at the instant when they were put back just before. */
  latestReading(instant: number): number {
    const readings = this.#rules
      .changesNear(instant)
      .filter(({ at }) => at <= instant)
      .map(({ at, before }) => at + before - 1);
    return Math.max(this.readingAt(instant), ...readings);
  }

  /** The next time after an instant, within a day, that clocks are put back. */
  nextPutBack(instant: number): ZoneChange | undefined {
    return this.#rules.changesNear(instant).find(({ at, before, after }) => at > instant && after < before);
  }

  shown(reading: number): Shown {
    const changes = this.#rules.changesNear(reading);
    const gap = changes.find(({ at, before, after }) => at + before <= reading && reading < at + after);
    if (gap !== undefined)
      return { gap: { at: gap.at, start: gap.at + gap.before, end: gap.at + gap.after } };
    const twice = changes.find(({ at, before, after }) => at + after <= reading && reading < at + before);
    if (twice !== undefined) return { instants: [reading - twice.before, reading - twice.after] };
    return { instants: [this.#instantOf(reading, changes)] };
  }

  /** Of a reading that is shown once. */
  #instantOf(reading: number, changes: readonly ZoneChange[]): number {
    const last = changes.findLast(({ at, after }) => at + after <= reading);
    if (last !== undefined) return reading - last.after;
    const [first] = changes;
    return reading - (first === undefined ? this.#rules.offsetAt(reading) : first.before);
  }
}

/** Seconds; undefined for a zone whose clocks may be put forward or back. */
function fixedOffset(timeZone: string): number | undefined {
  if (timeZone === 'UTC' || timeZone === 'Z') return 0;
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(timeZone) ?? [];
  if (sign === undefined) return undefined;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
