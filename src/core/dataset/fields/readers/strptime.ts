// Patterns of C and Python's strptime (`%d/%m/%Y`, `%Y年%m月%d日`), compiled once, run without allocating.
import { countDigits, digits } from './calendar.ts';

/** A point in time as written, filled in by a parser. `offset` is `Z`, `±hh:mm` or empty when none was written. */
export interface Moment {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Half of the day on a clock of twelve hours; null on one of 24. */
  half: 'am' | 'pm' | null;
  /** Digits after the seconds, without trailing zeros. */
  fraction: string;
  offset: string;
}

export function createMoment(): Moment {
  return { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, half: null, fraction: '', offset: '' };
}

/** Reads `text` from `at` into the moment and returns where it stopped, or -1 when the text does not fit. */
type Step = (text: string, at: number, moment: Moment) => number;

export type MomentPart = 'date' | 'time' | 'offset';

export interface Strptime {
  /** What the pattern tells of a moment. */
  readonly parts: ReadonlySet<MomentPart>;
  /** True when the whole text fits the pattern. Whether the day exists is not checked here. */
  readonly parse: (text: string, moment: Moment) => boolean;
}

const MONTHS = ['january', 'february', 'march', 'april', 'may', 'june'].concat([
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
]);
const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3));
/** Postgres keeps microseconds; further digits would be rounded away. */
export const MAX_FRACTION_DIGITS = 6;
const COMPOSITES: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
};
const HALF_DAY = 12;

type NumberPart = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';
const NUMBERS: Readonly<Record<string, { part: NumberPart; width: number; min: number; max: number }>> = {
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
function numberStep(letter: string, fixedWidth: boolean): Step {
  const { part, width, min, max } = NUMBERS[letter]!;
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

/** Two digits of a year: 69 to 99 are 19xx, 00 to 68 are 20xx (POSIX). */
const shortYearStep: Step = (text, at, moment) => {
  if (countDigits(text, at, 2) < 2) return -1;
  const value = digits(text, at, at + 2);
  moment.year = value >= 69 ? 1900 + value : 2000 + value;
  return at + 2;
};

function monthNameStep(names: readonly string[]): Step {
  return (text, at, moment) => {
    const rest = text.slice(at, at + 'september'.length).toLowerCase();
    const index = names.findIndex((name) => rest.startsWith(name));
    if (index === -1) return -1;
    moment.month = index + 1;
    return at + names[index]!.length;
  };
}

const fractionStep: Step = (text, at, moment) => {
  const count = countDigits(text, at, MAX_FRACTION_DIGITS);
  if (count === 0) return -1;
  moment.fraction = text.slice(at, at + count).replace(/0+$/, '');
  return at + count;
};

const halfDayStep: Step = (text, at, moment) => {
  const half = text.slice(at, at + 2).toLowerCase();
  if (half !== 'am' && half !== 'pm') return -1;
  moment.half = half;
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

function literalStep(literal: string): Step {
  return (text, at) => (text.startsWith(literal, at) ? at + literal.length : -1);
}

interface Token {
  readonly letter: string | null;
  readonly literal: string;
}

/** @throws Error whose message ends the sentence "format …" */
function tokenize(pattern: string): Token[] {
  const expanded = pattern.replace(/%([FTRD])/g, (_, letter: string) => COMPOSITES[letter]!);
  const tokens: Token[] = [];
  for (let i = 0; i < expanded.length; i++) {
    const char = expanded[i]!;
    if (char !== '%') tokens.push({ letter: null, literal: char });
    else {
      const letter = expanded[++i];
      if (letter === undefined) throw new Error('ends in a lone "%"');
      if (letter === '%') tokens.push({ letter: null, literal: '%' });
      else if (/[YmdeHIMSybBfzp]/.test(letter)) tokens.push({ letter, literal: '' });
      else
        throw new Error(
          `has "%${letter}", which is not one of %Y %y %m %b %B %d %e %H %I %p %M %S %f %z %F %T %R %D %%`,
        );
    }
  }
  return tokens;
}

/** True when the token reads or is a digit, so that a number beside it must have all its digits. */
function isNumeric(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.letter === null ? /[0-9]/.test(token.literal) : /[YymdeHIMSf]/.test(token.letter);
}

function stepOf(token: Token, before: Token | undefined, after: Token | undefined): Step {
  switch (token.letter) {
    case null:
      return literalStep(token.literal);
    case 'y':
      return shortYearStep;
    case 'b':
      return monthNameStep(SHORT_MONTHS);
    case 'B':
      return monthNameStep(MONTHS);
    case 'f':
      return fractionStep;
    case 'p':
      return halfDayStep;
    case 'z':
      return offsetStep;
    default:
      return numberStep(token.letter, isNumeric(before) || isNumeric(after));
  }
}

function partsOf(letters: readonly string[]): Set<MomentPart> {
  const has = (choices: string): boolean => letters.some((letter) => choices.includes(letter));
  const parts = new Set<MomentPart>();
  const dateParts = [has('Yy'), has('mbB'), has('de')];
  if (dateParts.includes(true)) {
    if (dateParts.includes(false)) throw new Error('has only a part of a date; it needs year, month and day');
    parts.add('date');
  }
  if (has('HIMSfp')) {
    if (!has('HI')) throw new Error('names minutes or seconds without hours');
    if (has('I') !== has('p')) throw new Error('needs %I and %p together');
    parts.add('time');
  }
  if (has('z')) parts.add('offset');
  return parts;
}

/** Directives of which a pattern has one at most. */
const ALTERNATIVES = ['Yy', 'mbB', 'de', 'HI', 'M', 'S', 'f', 'p', 'z'];

/** @throws Error whose message ends the sentence "format …" when the pattern is not understood */
export function compileStrptime(pattern: string): Strptime {
  const tokens = tokenize(pattern);
  const letters = tokens.flatMap(({ letter }) => letter ?? []);
  const twice = ALTERNATIVES.find((group) => letters.filter((letter) => group.includes(letter)).length > 1);
  if (twice !== undefined)
    throw new Error(`has the same part twice (${[...twice].map((letter) => `%${letter}`).join(', ')})`);
  if (letters.length === 0) throw new Error('has no directive like %Y');
  const parts = partsOf(letters);
  const steps = tokens.map((token, index) => stepOf(token, tokens[index - 1], tokens[index + 1]));
  return {
    parts,
    parse: (text, moment) => {
      moment.hour = moment.minute = moment.second = 0;
      moment.half = null;
      moment.fraction = moment.offset = '';
      let at = 0;
      for (const step of steps) {
        at = step(text, at, moment);
        if (at === -1) return false;
      }
      if (moment.half !== null)
        moment.hour = (moment.hour % HALF_DAY) + (moment.half === 'pm' ? HALF_DAY : 0);
      return at === text.length;
    },
  };
}
