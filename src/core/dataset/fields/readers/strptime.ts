// Patterns of C and Python's strptime (`%d/%m/%Y`, `%Y年%m月%d日`), compiled once.
import type { Field } from '../../types.ts';
import { dayNumber } from './calendar.ts';
import { eraYear, toGregorian } from './calendars.ts';
import { dayPeriods, hourIn } from './day-periods.ts';
import { monthNames, weekdayNames } from './names.ts';
import {
  eraStep,
  eraYearStep,
  fractionStep,
  halfDayStep,
  isTimeOfDay,
  literalStep,
  MONTHS,
  monthNameStep,
  nameStep,
  numberStep,
  NUMBERS,
  offsetStep,
  ordinalStep,
  rocYearStep,
  SHORT_MONTHS,
  shortYearStep,
  type Moment,
  type Step,
  type Token,
} from './strptime-steps.ts';

/** What a field declares of the times in its pattern. */
export type StrptimeOptions = Pick<Field, 'locale' | 'calendar' | 'pivotYear' | 'hour24' | 'cutFraction'>;

export type MomentPart = 'date' | 'time' | 'offset';

export interface Strptime {
  /** What the pattern tells of a moment. */
  readonly parts: ReadonlySet<MomentPart>;
  /** True when the whole text fits the pattern. Whether the day exists is not checked here. */
  readonly parse: (text: string, moment: Moment) => boolean;
}

const COMPOSITES: Readonly<Record<string, string>> = {
  F: '%Y-%m-%d',
  T: '%H:%M:%S',
  R: '%H:%M',
  D: '%m/%d/%y',
};
/** Two digits are of 1969 to 2068 (POSIX), unless the field says otherwise. */
const PIVOT_YEAR = 1969;
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
      else if (letter === 'E' && /[Cy]/.test(expanded[i + 1] ?? ''))
        tokens.push({ letter: `E${expanded[++i]!}`, literal: '' });
      else if (/[YmdeoHIMSyabABfzp]/.test(letter)) tokens.push({ letter, literal: '' });
      else
        throw new Error(
          `has "%${letter}", which is not one of %Y %y %m %b %B %a %A %d %e %o %H %I %p %M %S %f %z %F %T %R %D %EC %Ey %%`,
        );
    }
  }
  return tokens;
}

/** True when the token reads or is a digit, so that a number beside it must have all its digits. */
function isNumeric(token: Token | undefined): boolean {
  if (token === undefined) return false;
  return token.letter === null ? /[0-9]/.test(token.literal) : /^[YymdeoHIMSf]$/.test(token.letter);
}

function stepOf(
  token: Token,
  before: Token | undefined,
  after: Token | undefined,
  { locale, calendar, pivotYear = PIVOT_YEAR, hour24 = false, cutFraction = false }: StrptimeOptions,
): Step {
  const fixedWidth = isNumeric(before) || isNumeric(after);
  switch (token.letter) {
    case null:
      return literalStep(token.literal);
    case 'Y':
      return calendar === 'roc' ? rocYearStep(fixedWidth) : numberStep(NUMBERS['Y']!, fixedWidth);
    case 'y':
      return shortYearStep(pivotYear);
    case 'EC':
      return eraStep;
    case 'Ey':
      return eraYearStep;
    case 'b':
    case 'B':
      if (locale === undefined) return monthNameStep(token.letter === 'b' ? SHORT_MONTHS : MONTHS);
      return nameStep(monthNames(locale), after, (moment, month) => (moment.month = month));
    case 'a':
    case 'A':
      return nameStep(weekdayNames(locale), after, (moment, weekday) => (moment.weekday = weekday));
    case 'o':
      return ordinalStep;
    case 'f':
      return fractionStep(cutFraction);
    case 'p':
      if (locale === undefined) return halfDayStep;
      return nameStep(dayPeriods(locale), after, (moment, period) => (moment.period = period));
    case 'z':
      return offsetStep;
    case 'H':
      return numberStep(hour24 ? { ...NUMBERS['H']!, max: 24 } : NUMBERS['H']!, fixedWidth);
    // Clocks that are written with the half of the day in another language may begin with 0.
    case 'I':
      return numberStep(locale === undefined ? NUMBERS['I']! : { ...NUMBERS['I']!, min: 0 }, fixedWidth);
    default:
      return numberStep(NUMBERS[token.letter]!, fixedWidth);
  }
}

function partsOf(letters: readonly string[]): Set<MomentPart> {
  const has = (choices: string): boolean => letters.some((letter) => choices.includes(letter));
  const hasEra = letters.includes('EC');
  if (hasEra !== letters.includes('Ey')) throw new Error('needs %EC and %Ey together');
  const parts = new Set<MomentPart>();
  const dateParts = [hasEra || has('Yy'), has('mbB'), has('deo')];
  if (dateParts.includes(true)) {
    if (dateParts.includes(false)) throw new Error('has only a part of a date; it needs year, month and day');
    parts.add('date');
  }
  if (has('aA') && !parts.has('date')) throw new Error('has a weekday without a date');
  if (has('HIMSfp')) {
    if (!has('HI')) throw new Error('names minutes or seconds without hours');
    if (has('I') !== has('p')) throw new Error('needs %I and %p together');
    parts.add('time');
  }
  if (has('z')) parts.add('offset');
  return parts;
}

/** Directives of which a pattern has one at most. */
const ALTERNATIVES = ['Yy', 'mbB', 'aA', 'deo', 'HI', 'M', 'S', 'f', 'p', 'z'];

/** @throws Error whose message ends the sentence "format …" when the pattern is not understood */
export function compileStrptime(pattern: string, options: StrptimeOptions = {}): Strptime {
  const tokens = tokenize(pattern);
  const letters = tokens.flatMap(({ letter }) => letter ?? []);
  const twice = ALTERNATIVES.find((group) => letters.filter((letter) => group.includes(letter)).length > 1);
  if (twice !== undefined)
    throw new Error(`has the same part twice (${[...twice].map((letter) => `%${letter}`).join(', ')})`);
  if (letters.length === 0) throw new Error('has no directive like %Y');
  const parts = partsOf(letters);
  const steps = tokens.map((token, index) => stepOf(token, tokens[index - 1], tokens[index + 1], options));
  const settle = compileSettle(letters, options);
  return {
    parts,
    parse: (text, moment) => {
      moment.hour = moment.minute = moment.second = 0;
      moment.period = moment.era = null;
      moment.weekday = -1;
      moment.fraction = moment.offset = '';
      let at = 0;
      for (const step of steps) {
        at = step(text, at, moment);
        if (at === -1) return false;
      }
      return at === text.length && settle(moment);
    },
  };
}

type Settle = (moment: Moment) => boolean;

/** What the directives say together: the hour in its part of the day, the year of a calendar, the weekday of the date. */
function compileSettle(letters: readonly string[], { calendar, hour24 = false }: StrptimeOptions): Settle {
  const settles: Settle[] = [];
  if (letters.includes('p'))
    settles.push((moment) => (moment.hour = hourIn(moment.period!, moment.hour)) !== -1);
  if (hour24) settles.push(isTimeOfDay);
  const gregorian = toGregorian(calendar);
  if (letters.includes('EC'))
    settles.push((moment) => {
      moment.year = eraYear(moment.era!, moment.year, moment.month, moment.day);
      return moment.year !== -1;
    });
  else if (letters.includes('Y') || (letters.includes('y') && calendar !== undefined))
    settles.push((moment) => (moment.year = gregorian(moment.year, moment.month, moment.day)) !== -1);
  if (letters.some((letter) => letter === 'a' || letter === 'A'))
    settles.push(
      ({ year, month, day, weekday }) => (dayNumber(year, month, day) + FIRST_WEEKDAY) % 7 === weekday,
    );
  const [first, second, third] = settles;
  if (second === undefined) return first ?? (() => true);
  if (third === undefined) return (moment) => first!(moment) && second(moment);
  return (moment) => settles.every((settle) => settle(moment));
}

/** 0000-03-01 was a Wednesday. */
const FIRST_WEEKDAY = 3;
