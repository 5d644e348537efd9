// The directives of patterns, each a step that reads its part of a text into a moment, without allocating where it can.
import { shortYears } from './any-date.ts';
import { countDigits, digits } from './calendar.ts';
import { groupClass } from './groups.ts';
import { eraAt, type EraSpan } from './calendars.ts';
import { AM, PM, type DayPeriod } from './day-periods.ts';
import { findName, type Name } from './names.ts';

/** A point in time as written, filled in by a parser. `offset` is `Z`, `±hh:mm` or empty when none was written. */
export interface Moment {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Part of the day on a clock of twelve hours; null on one of 24. */
  period: DayPeriod | null;
  /** From 0, Sunday; -1 when none is written. */
  weekday: number;
  era: EraSpan['era'] | null;
  /** Digits after the seconds, without trailing zeros. */
  fraction: string;
  offset: string;
}

export function createMoment(): Moment {
  return {
    year: 0,
    month: 0,
    day: 0,
    hour: 0,
    minute: 0,
    second: 0,
    period: null,
    weekday: -1,
    era: null,
    fraction: '',
    offset: '',
  };
}

/** Reads `text` from `at` into the moment and returns where it stopped, or -1 when the text does not fit. */
export type Step = (text: string, at: number, moment: Moment) => number;

export interface Token {
  readonly letter: string | null;
  readonly literal: string;
}

export const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june'].concat([
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]);
export const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3));
/** Postgres keeps microseconds; further digits would be rounded away. */
export const MAX_FRACTION_DIGITS = 6;
const HALF_DAY = 12;

type NumberPart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

interface NumberDirective {
  readonly part: NumberPart;
  readonly width: number;
  readonly min: number;
  readonly max: number;
}

export const NUMBERS: Readonly<Record<string, NumberDirective>> = {
  Y: { part: 'year', width: 4, min: 1, max: 9999 },
  m: { part: 'month', width: 2, min: 1, max: 12 },
  d: { part: 'day', width: 2, min: 1, max: 31 },
  e: { part: 'day', width: 2, min: 1, max: 31 },
  H: { part: 'hour', width: 2, min: 0, max: 23 },
  I: { part: 'hour', width: 2, min: 1, max: HALF_DAY },
  M: { part: 'minute', width: 2, min: 0, max: 59 },
  S: { part: 'second', width: 2, min: 0, max: 59 },
};

/** One or two digits as in Python; all of them when a digit stands beside it in the pattern (`%Y%m%d`). Years always have four. */
export function numberStep({ part, width, min, max }: NumberDirective, fixedWidth: boolean): Step {
  const least = fixedWidth || part === 'year' ? width : 1;
  return (text, at, moment) => {
    const count = countDigits(text, at, width);
    if (count < least) return -1;
    const value = digits(text, at, at + count);
    if (value < min || value > max) return -1;
    moment[part] = value;
    return at + count;
  };
}

/** Behind a day: the letters of its number in English, French and Dutch, and the signs of Spanish, Italian and Portuguese. */
export const ORDINAL = /(?:st|nd|rd|th|er|e|[ºª°])(?![\p{L}\p{N}])/iu;
const ORDINAL_AT = new RegExp(ORDINAL.source, 'iuy');

/** A day with or without such letters; those of English must be of its number (`2nd`, not `2th`). */
export const ordinalStep: Step = (text, at, moment) => {
  const count = countDigits(text, at, 2);
  if (count === 0) return -1;
  const day = digits(text, at, at + count);
  if (day < 1 || day > 31) return -1;
  moment.day = day;
  ORDINAL_AT.lastIndex = at + count;
  const letters = ORDINAL_AT.exec(text)?.[0];
  if (letters === undefined) return at + count;
  if (/^(?:st|nd|rd|th)$/i.test(letters) && letters.toLowerCase() !== englishOrdinal(day)) return -1;
  return at + count + letters.length;
};

function englishOrdinal(day: number): string {
  const isTeen = day > 10 && day < 20;
  return (isTeen ? undefined : ['th', 'st', 'nd', 'rd'][day % 10]) ?? 'th';
}

export function shortYearStep(pivotYear: number): Step {
  const yearOf = shortYears(pivotYear);
  return (text, at, moment) => {
    if (countDigits(text, at, 2) < 2) return -1;
    moment.year = yearOf(digits(text, at, at + 2));
    return at + 2;
  };
}

/** Years of the Republic of China have two or three digits. */
export function rocYearStep(fixedWidth: boolean): Step {
  return (text, at, moment) => {
    const count = countDigits(text, at, 4);
    if (count > 3 && !fixedWidth) return -1;
    if (count < (fixedWidth ? 3 : 2)) return -1;
    const width = Math.min(count, 3);
    moment.year = digits(text, at, at + width);
    return at + width;
  };
}

export const eraStep: Step = (text, at, moment) => {
  const found = eraAt(text, at);
  if (found === undefined) return -1;
  moment.era = found.era;
  return found.end;
};

/** The first year of an era may be written 元. */
export const eraYearStep: Step = (text, at, moment) => {
  const count = text[at] === '元' ? 0 : countDigits(text, at, 2);
  if (count === 0 && text[at] !== '元') return -1;
  moment.year = count === 0 ? 1 : digits(text, at, at + count);
  return at + Math.max(1, count);
};

/** A name that `set` takes over. */
export function nameStep<Meaning>(
  names: readonly Name<Meaning>[],
  after: Token | undefined,
  set: (moment: Moment, meaning: Meaning) => void,
): Step {
  const literal = after?.letter === null ? after.literal : '';
  return (text, at, moment) => {
    const found = findName(text, at, names, literal);
    if (found === undefined) return -1;
    set(moment, found.meaning);
    return found.end;
  };
}

const SEPTEMBER = MONTHS.indexOf('september');

/** English names. Of September there are two short forms. */
export function monthNameStep(names: readonly string[]): Step {
  return (text, at, moment) => {
    const rest = text.slice(at, at + 'september'.length).toLowerCase();
    const index = names.findIndex((name) => rest.startsWith(name));
    if (index === -1) return -1;
    moment.month = index + 1;
    const length = names[index]!.length;
    return at + (length === 3 && index === SEPTEMBER && /^sept(?!\p{L})/u.test(rest) ? 4 : length);
  };
}

/** Digits beyond those that are kept must be zeros, unless they are to be cut off. */
export function fractionStep(cut: boolean): Step {
  return (text, at, moment) => {
    const end = at + countDigits(text, at, text.length);
    if (end === at || (!cut && /[1-9]/.test(text.slice(at + MAX_FRACTION_DIGITS, end)))) return -1;
    moment.fraction = text.slice(at, Math.min(end, at + MAX_FRACTION_DIGITS)).replace(/0+$/, '');
    return end;
  };
}

export const halfDayStep: Step = (text, at, moment) => {
  const half = text.slice(at, at + 2).toLowerCase();
  if (half !== 'am' && half !== 'pm') return -1;
  moment.period = half === 'am' ? AM : PM;
  return at + 2;
};

/** `Z`, `±hh:mm`, `±hhmm` or `±hh`; 14 hours at most. Returns where it stopped, or -1. */
export const offsetStep: Step = (text, at, moment) => {
  const sign = text.charCodeAt(at);
  if (sign === 90 || sign === 122) {
    moment.offset = 'Z';
    return at + 1;
  }
  if ((sign !== 43 && sign !== 45) || countDigits(text, at + 1, 2) < 2) return -1;
  const hours = digits(text, at + 1, at + 3);
  const colon = text.charCodeAt(at + 3) === 58 ? 1 : 0;
  const minutesAt = at + 3 + colon;
  const written = countDigits(text, minutesAt, 2);
  if (written === 1 || (written === 0 && colon === 1)) return -1;
  const minutes = written === 0 ? 0 : digits(text, minutesAt, minutesAt + 2);
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return -1;
  moment.offset = `${text[at]!}${text.slice(at + 1, at + 3)}:${written === 0 ? '00' : text.slice(minutesAt, minutesAt + 2)}`;
  return minutesAt + written;
};

/** A blank stands for those that look the same: Intl writes now one, now the other. */
export function literalStep(literal: string): Step {
  const alike = groupClass(literal);
  if (literal === ' ' || (alike.length > 1 && alike.includes(' ')))
    return (text, at) => (at < text.length && alike.includes(text[at]!) ? at + 1 : -1);
  return (text, at) => (text.startsWith(literal, at) ? at + literal.length : -1);
}

/** The end of the day is `24:00` and nothing behind it. */
export function isTimeOfDay({ hour, minute, second, fraction }: Moment): boolean {
  return hour < 24 || (minute === 0 && second === 0 && fraction === '');
}
