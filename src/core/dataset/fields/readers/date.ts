// date, year and yearmonth. Only days that exist, years 0001 to 9999; nothing is left to Postgres' own reading.
import type { ByteTest } from '../byte-test.ts';
import type { DateOrder } from '../../types.ts';
import { countDigits, dateText, digits, isDay } from './calendar.ts';
import { compileStrptime, createMoment } from './strptime.ts';
import { compareTexts, fromJsonText, type TypeReader } from './type-reader.ts';

const HYPHEN = 45;

/** `2024-12-31`, the standard's default. */
function readIsoDate(text: string): string | undefined {
  if (text.length !== 10 || text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN) return undefined;
  return isDay(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)) ? text : undefined;
}

const takesIsoDate: ByteTest = (bytes, start, end) =>
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

export interface DateSpan {
  /** Index after the last character of the date. */
  readonly end: number;
  readonly date: string;
}

/** Separators of `any`: between year and month, month and day, and after the day. */
const ANY_SEPARATORS = ['--', '//', '..', '年月日'];

/**
 * The date that `text` begins with in any form that can mean only one day: year first, then `-`, `/`, `.` or 年月日
 * between the parts, months and days with one or two digits. `31/12/2024` needs a pattern that says which is which.
 */
function anyDateAt(text: string): DateSpan | undefined {
  if (countDigits(text, 0, 4) < 4) return undefined;
  const separators = ANY_SEPARATORS.find((candidate) => candidate[0] === text[4]);
  if (separators === undefined) return undefined;
  const monthEnd = 5 + countDigits(text, 5, 2);
  if (text[monthEnd] !== separators[1]) return undefined;
  const dayEnd = monthEnd + 1 + countDigits(text, monthEnd + 1, 2);
  const end = dayEnd + separators.length - 2;
  if (!text.startsWith(separators.slice(2), dayEnd) || countDigits(text, end, 1) > 0) return undefined;
  const [year, month, day] = [
    digits(text, 0, 4),
    digits(text, 5, monthEnd),
    digits(text, monthEnd + 1, dayEnd),
  ];
  return isDay(year, month, day) ? { end, date: dateText(year, month, day) } : undefined;
}

const DAY_MONTH_SEPARATORS = '/-.';

/**
 * The date that `text` begins with when its year of four digits comes last: `31/12/2024`, `31-12-2024`, `31.12.2024`. A year
 * of two digits would be a guess at its century.
 */
function yearLastAt(text: string, order: 'dmy' | 'mdy'): DateSpan | undefined {
  const firstEnd = countDigits(text, 0, 2);
  const separator = text[firstEnd];
  if (firstEnd === 0 || separator === undefined || !DAY_MONTH_SEPARATORS.includes(separator))
    return undefined;
  const secondEnd = firstEnd + 1 + countDigits(text, firstEnd + 1, 2);
  if (secondEnd === firstEnd + 1 || text[secondEnd] !== separator) return undefined;
  const end = secondEnd + 5;
  if (countDigits(text, secondEnd + 1, 5) !== 4) return undefined;
  const first = digits(text, 0, firstEnd);
  const second = digits(text, firstEnd + 1, secondEnd);
  const year = digits(text, secondEnd + 1, end);
  const [month, day] = order === 'dmy' ? [second, first] : [first, second];
  return isDay(year, month, day) ? { end, date: dateText(year, month, day) } : undefined;
}

/** The date that `text` begins with, year first or in the order of the file. */
export function dateAt(text: string, order: DateOrder | undefined): DateSpan | undefined {
  return anyDateAt(text) ?? (order === undefined || order === 'ymd' ? undefined : yearLastAt(text, order));
}

function anyDateReader(order: DateOrder | undefined): TypeReader['read'] {
  return (text) => {
    const iso = readIsoDate(text);
    if (iso !== undefined) return iso;
    const span = dateAt(text, order);
    return span !== undefined && span.end === text.length ? span.date : undefined;
  };
}

const ANY_EXAMPLES: Readonly<Record<DateOrder, string>> = {
  ymd: '2024-12-31, 2024/12/31 or 2024年12月31日',
  dmy: '31/12/2024 (day first) or 2024-12-31',
  mdy: '12/31/2024 (month first) or 2024-12-31',
};

function patternReader(pattern: string): TypeReader['read'] {
  const { parse, parts } = compileStrptime(pattern);
  if (!parts.has('date') || parts.size > 1) throw new Error('must name year, month and day, and no time');
  const moment = createMoment();
  return (text) =>
    parse(text, moment) && isDay(moment.year, moment.month, moment.day)
      ? dateText(moment.year, moment.month, moment.day)
      : undefined;
}

function dateReaderOf(read: TypeReader['read'], expects: string, takes?: ByteTest): TypeReader {
  return {
    read,
    ...(takes ? { takes } : {}),
    fromJson: fromJsonText(read),
    expects,
    why: whyNoDay,
    compare: compareTexts,
  };
}

/** Tells a day that does not exist from a text of another form. */
function whyNoDay(text: string): string | undefined {
  if (/^[0-9]{5}$/.test(text))
    return 'which looks like a day number of a spreadsheet; save the column as a date';
  const [, year, month, day] = /^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$/.exec(text) ?? [];
  if (year === undefined || isDay(Number(year), Number(month), Number(day))) return undefined;
  return 'which is not a day of the calendar';
}

/**
 * @param order of dates that do not begin with the year, for format `any`
 * @throws Error whose message ends the sentence "format …"
 */
export function dateReader(format = 'default', order?: DateOrder): TypeReader {
  switch (format) {
    case 'default':
      return dateReaderOf(readIsoDate, 'a date like 2024-12-31', takesIsoDate);
    case 'any':
      return dateReaderOf(anyDateReader(order), `a date like ${ANY_EXAMPLES[order ?? 'ymd']}`, takesIsoDate);
    default:
      return dateReaderOf(patternReader(format), `a date like ${exampleOf(format)} (format ${format})`);
  }
}

const EXAMPLES: Readonly<Record<string, string>> = {
  Y: '2024',
  y: '24',
  m: '12',
  b: 'Dec',
  B: 'December',
  d: '31',
  e: '31',
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
  return pattern.replace(/%(.)/g, (_, letter: string) => EXAMPLES[letter] ?? '');
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
