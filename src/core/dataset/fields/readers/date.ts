// date, year and yearmonth. Only days that exist, years 0001 to 9999; nothing is left to Postgres' own reading.
import type { ByteTest } from '../byte-test.ts';
import type { Calendar } from '../../types.ts';
import { ANY_DATE_EXAMPLES, compileDateAt, type DateForm } from './any-date.ts';
import { dateText, digits, isDay } from './calendar.ts';
import { eraAt, isDoubtful, whyNoDayOfEra } from './calendars.ts';
import { compileDateAdvice } from './date-advice.ts';
import { isPlainDay } from './epoch.ts';
import { compileStrptime, type StrptimeOptions } from './strptime.ts';
import { createMoment, type Moment } from './strptime-steps.ts';
import { compareTexts, fromJsonText, type TypeReader } from './type-reader.ts';

const HYPHEN = 45;

/** `2024-12-31`, the standard's default. */
function readIsoDate(text: string): string | undefined {
  if (text.length !== 10 || text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN) return undefined;
  return isDay(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)) ? text : undefined;
}

export const takesIsoDate: ByteTest = (bytes, start, end) =>
  end - start === 10 &&
  bytes[start + 4] === HYPHEN &&
  bytes[start + 7] === HYPHEN &&
  isDay(
    pairAt(bytes, start) * 100 + pairAt(bytes, start + 2),
    pairAt(bytes, start + 5),
    pairAt(bytes, start + 8),
  );

/** No year, month or day that it is part of exists. */
const NO_PAIR = -10_000;

/** Two digits as a number. */
function pairAt(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 48;
  const ones = bytes[at + 1]! - 48;
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? NO_PAIR : tens * 10 + ones;
}

function anyDateReader(form: DateForm): TypeReader['read'] {
  const dateAt = compileDateAt(form);
  const isIsoGregorian = form.calendar !== 'buddhist' && form.calendar !== 'roc';
  return (text) => {
    const iso = isIsoGregorian ? readIsoDate(text) : undefined;
    if (iso !== undefined) return iso;
    const span = dateAt(text);
    return span !== undefined && span.end === text.length ? span.date : undefined;
  };
}

function patternReader(pattern: string, options: StrptimeOptions): TypeReader['read'] {
  const { parse, parts } = compileStrptime(pattern, options);
  if (!parts.has('date') || parts.size > 1) throw new Error('must name year, month and day, and no time');
  const moment = createMoment();
  const isMisread = compileMisread(pattern);
  return (text) =>
    parse(text, moment) && isDay(moment.year, moment.month, moment.day) && !isMisread(text, moment)
      ? dateText(moment.year, moment.month, moment.day)
      : undefined;
}

/** Nothing stands between day, month and year. */
const COMPACT_YEAR_LAST = /^%(?:d%m|m%d)%Y/;
/** Hardly a date of a file is older. */
const LONG_AGO = 1800;

/** In a pattern such as %d%m%Y: `20120105` is not the 20th of December in the year 105. */
export function compileMisread(pattern: string): (text: string, moment: Pick<Moment, 'year'>) => boolean {
  if (!COMPACT_YEAR_LAST.test(pattern)) return () => false;
  return (text, { year }) => year < LONG_AGO && isPlainDay(text);
}

/** Why `compileMisread` refuses it. */
export function whyMisread(text: string, pattern: string): string | undefined {
  if (!COMPACT_YEAR_LAST.test(pattern) || !isPlainDay(text)) return undefined;
  const format = pattern.replace(COMPACT_YEAR_LAST, '%Y%m%d');
  return `which looks like a date that begins with the year; declare the format "${format}"`;
}

/** Tells a day that does not exist from a text of another form. */
export function whyNoDay(text: string, { calendar, pivotYear, dateOrder }: DateForm): string | undefined {
  if (/^[0-9]{5}$/.test(text))
    return 'which looks like a day number of a spreadsheet; save the column as a date';
  if (
    calendar !== 'japanese' &&
    /^\S{1,2}(?:元|[0-9]{1,2})[年/.-]/.test(text) &&
    eraAt(text, 0) !== undefined
  )
    return 'whose year is one of a Japanese era; declare the calendar "japanese" to take it';
  const noDay = calendar === 'japanese' ? whyNoDayOfEra(text) : undefined;
  if (noDay !== undefined) return noDay;
  const [, first, month, day] =
    /^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})(?:日|$|[T ])/.exec(text) ?? [];
  const [, last] = /^[0-9]{1,2}([/.-])[0-9]{1,2}\1([0-9]{4})(?:$|[T, ])/.exec(text)?.slice(1) ?? [];
  const [year] = [first ?? last].filter((part) => part !== undefined).map(Number);
  if (calendar === undefined && year !== undefined && isDoubtful(year))
    return 'whose year may be one of the Buddhist, Persian, Islamic or Hebrew calendar; declare the calendar of the field ("gregorian" if it is none of these)';
  if (/^[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2}(?:$|[T, ])/.test(text)) {
    if (pivotYear === undefined)
      return `whose year has two digits; declare pivotYear, the first of the hundred years they can mean${dateOrder === undefined ? ', and say the place of the year with dateOrder' : ''}`;
    if (dateOrder === undefined) return 'whose year has two digits; say its place with dateOrder';
  }
  if (first === undefined || calendar === 'buddhist' || isDay(Number(first), Number(month), Number(day)))
    return undefined;
  return 'which is not a day of the calendar';
}

export type DateOptions = DateForm & StrptimeOptions;

/**
 * @param options `dateOrder` is that of dates that do not begin with the year, for format `any`
 * @throws Error whose message ends the sentence "format …"
 */
export function dateReader(format = 'default', options: DateOptions = {}): TypeReader {
  const { dateOrder = 'ymd', calendar } = options;
  const advise = compileDateAdvice(
    { ...options, type: 'date', format },
    (declared) => dateReader(declared.format, { ...options, ...declared }).read,
  );
  const of = (read: TypeReader['read'], expects: string, takes?: ByteTest): TypeReader => ({
    read,
    ...(takes ? { takes } : {}),
    fromJson: fromJsonText(read),
    expects,
    why: (text) => whyMisread(text, format) ?? whyNoDay(text, options) ?? advise(text),
    compare: compareTexts,
  });
  switch (format) {
    case 'default':
      return of(readIsoDate, 'a date like 2024-12-31', takesIsoDate);
    case 'any': {
      const isIsoGregorian = calendar !== 'buddhist' && calendar !== 'roc';
      const example = CALENDAR_EXAMPLES[calendar ?? 'gregorian'] ?? ANY_DATE_EXAMPLES[dateOrder];
      return of(anyDateReader(options), `a date like ${example}`, isIsoGregorian ? takesIsoDate : undefined);
    }
    default:
      return of(patternReader(format, options), `a date like ${exampleOf(format)} (format ${format})`);
  }
}

/** The last day of 2024, or one like it. */
export const CALENDAR_EXAMPLES: Readonly<Partial<Record<Calendar, string>>> = {
  japanese: '令和6年12月31日, R6.12.31 or 2024-12-31',
  buddhist: '2567-12-31 (Buddhist calendar)',
  roc: '113/12/31 or 民國113年12月31日',
};

const EXAMPLES: Readonly<Record<string, string>> = {
  Y: '2024',
  y: '24',
  m: '12',
  b: 'Dec',
  B: 'December',
  a: 'Tue',
  A: 'Tuesday',
  EC: '令和',
  Ey: '6',
  d: '31',
  e: '31',
  o: '31',
  H: '15',
  I: '03',
  p: 'PM',
  M: '30',
  S: '59',
  f: '25',
  z: '+09:00',
  F: '2024-12-31',
  T: '15:30:59',
  R: '15:30',
  D: '12/31/24',
  '%': '%',
};

/** The last day of 2024, half past three in the afternoon, written in a pattern. */
export function exampleOf(pattern: string): string {
  return pattern.replace(/%(E?.)/g, (_, letter: string) => EXAMPLES[letter] ?? '');
}

function readYear(text: string): string | undefined {
  return text.length === 4 && digits(text, 0, 4) >= 1 ? text : undefined;
}

export function yearReader(): TypeReader {
  return {
    read: readYear,
    fromJson: (value) => readYear(typeof value === 'number' ? String(value).padStart(4, '0') : String(value)),
    expects: 'a year like 2024',
    compare: compareTexts,
  };
}

function readYearMonth(text: string): string | undefined {
  if (text.length !== 7 || text.charCodeAt(4) !== HYPHEN) return undefined;
  return isDay(digits(text, 0, 4), digits(text, 5, 7), 1) ? text : undefined;
}

export function yearMonthReader(): TypeReader {
  const expects = 'a month like 2024-12';
  return {
    read: readYearMonth,
    fromJson: fromJsonText(readYearMonth),
    expects,
    compare: compareTexts,
  };
}
