// Dates of format `any`: every form that can mean only one day, given the order and the calendar that are declared.
import type { DateOrder, WrittenField } from '../../types.ts';
import { countDigits, dateText, digits, isDay } from './calendar.ts';
import { eraAt, eraYear, isDoubtful, toGregorian, type ToGregorian } from './calendars.ts';

export type DateForm = Pick<WrittenField, 'dateOrder' | 'calendar' | 'pivotYear'>;

export interface DateSpan {
  /** Index after the last character of the date. */
  readonly end: number;
  readonly date: string;
}

type DateAt = (text: string) => DateSpan | undefined;

/** Separators: between year and month, month and day, and after the day. */
const SEPARATORS = ['--', '//', '..', '年月日'];

/** Month and day behind a year that ends at `yearEnd`, with one or two digits each. */
function monthAndDayAt(
  text: string,
  yearEnd: number,
): { readonly month: number; readonly day: number; readonly end: number } | undefined {
  const separators = SEPARATORS.find((candidate) => candidate[0] === text[yearEnd]);
  if (separators === undefined) return undefined;
  const monthEnd = yearEnd + 1 + countDigits(text, yearEnd + 1, 2);
  if (text[monthEnd] !== separators[1]) return undefined;
  const dayEnd = monthEnd + 1 + countDigits(text, monthEnd + 1, 2);
  const isEndedByDot = separators === '..' && text[dayEnd] === '.';
  const end = dayEnd + separators.length - 2 + (isEndedByDot ? 1 : 0);
  if (!text.startsWith(separators.slice(2), dayEnd) || countDigits(text, end, 1) > 0) return undefined;
  return { month: digits(text, yearEnd + 1, monthEnd), day: digits(text, monthEnd + 1, dayEnd), end };
}

function spanOf(year: number, month: number, day: number, end: number): DateSpan | undefined {
  return isDay(year, month, day) ? { end, date: dateText(year, month, day) } : undefined;
}

/** `2024-1-5`, `2024/1/5`, `2024.1.5`, `2024年1月5日`. The form with hyphens is ISO's, and Gregorian where no calendar is declared. */
const plainYearFirst: DateAt = (text) => {
  if (countDigits(text, 0, 4) < 4) return undefined;
  const rest = monthAndDayAt(text, 4);
  if (rest === undefined) return undefined;
  const year = digits(text, 0, 4);
  return text[4] !== '-' && isDoubtful(year) ? undefined : spanOf(year, rest.month, rest.day, rest.end);
};

/** The same with so many digits of the year, in another calendar. */
function yearFirst(
  least: number,
  most: number,
  gregorian: ToGregorian,
): (text: string, at?: number) => DateSpan | undefined {
  return (text, at = 0) => {
    const yearDigits = countDigits(text, at, most);
    if (yearDigits < least) return undefined;
    const rest = monthAndDayAt(text, at + yearDigits);
    if (rest === undefined) return undefined;
    const year = digits(text, at, at + yearDigits);
    return spanOf(gregorian(year, rest.month, rest.day), rest.month, rest.day, rest.end);
  };
}

const DAY_MONTH_SEPARATORS = '/-.';

/** `31/12/2024`, `31-12-2024`, `31.12.2024`; a year of two digits only where they have a meaning. */
function yearLast(
  order: 'dmy' | 'mdy',
  shortYear: ((year: number) => number) | undefined,
  gregorian: ToGregorian,
): DateAt {
  return (text) => {
    const firstEnd = countDigits(text, 0, 2);
    const separator = text[firstEnd];
    if (firstEnd === 0 || separator === undefined || !DAY_MONTH_SEPARATORS.includes(separator))
      return undefined;
    const secondEnd = firstEnd + 1 + countDigits(text, firstEnd + 1, 2);
    if (secondEnd === firstEnd + 1 || text[secondEnd] !== separator) return undefined;
    const yearDigits = countDigits(text, secondEnd + 1, 5);
    if (yearDigits !== 4 && (yearDigits !== 2 || shortYear === undefined)) return undefined;
    const yearEnd = secondEnd + 1 + yearDigits;
    const end = separator === '.' && text[yearEnd] === '.' ? yearEnd + 1 : yearEnd;
    const first = digits(text, 0, firstEnd);
    const second = digits(text, firstEnd + 1, secondEnd);
    const written = digits(text, secondEnd + 1, yearEnd);
    const [month, day] = order === 'dmy' ? [second, first] : [first, second];
    const year = yearDigits === 2 ? shortYear!(written) : written;
    return spanOf(gregorian(year, month, day), month, day, end);
  };
}

/** `令和6年1月31日`, `R6.1.31`; the first year may be written 元. */
const inEra: DateAt = (text) => {
  const found = eraAt(text, 0);
  if (found === undefined) return undefined;
  const yearDigits = text[found.end] === '元' ? 0 : countDigits(text, found.end, 2);
  const yearEnd = found.end + (text[found.end] === '元' ? 1 : yearDigits);
  if (yearEnd === found.end) return undefined;
  const year = yearDigits === 0 ? 1 : digits(text, found.end, yearEnd);
  const rest = monthAndDayAt(text, yearEnd);
  if (rest === undefined) return undefined;
  return spanOf(eraYear(found.era, year, rest.month, rest.day), rest.month, rest.day, rest.end);
};

const ROC_NAME = /^(?:中華)?民國/;

function inRoc(gregorian: ToGregorian): DateAt {
  const at = yearFirst(2, 3, gregorian);
  const named = yearFirst(1, 3, gregorian);
  return (text) => {
    const [name] = ROC_NAME.exec(text) ?? [];
    return name === undefined ? at(text) : named(text, name.length);
  };
}

export const PIVOT_YEARS =
  'must be a whole year from 1000 to 9900, such as 1950: the first of the hundred that two digits can mean';

/** Whoever declares 50 means 1950, and would get the year 124 for 24. Only years of 民國 are that small. */
export function isPivotYear(year: unknown, calendar?: unknown): year is number {
  return (
    Number.isInteger(year) && (year as number) >= (calendar === 'roc' ? 1 : 1000) && (year as number) <= 9900
  );
}

/** The year that two digits mean, in the calendar that is declared: the one within the hundred years that begin with `pivotYear`. */
export function shortYears(pivotYear: number): (year: number) => number {
  return (year) => pivotYear + ((((year - pivotYear) % 100) + 100) % 100);
}

/** `2024. 1. 5.`, `2024년 1월 5일`, `2024 年 1 月 5 日`, `令和 6年 1月 5日`, `5. 1. 2024`: a date with blanks in it. */
const SPACED =
  /^([^\d\s]{0,4})[ \u00a0\u3000]?(元|\d{1,4})[ \u00a0\u3000]?([.年년])[ \u00a0\u3000]?(\d{1,2})[ \u00a0\u3000]?([.月월])[ \u00a0\u3000]?(\d{1,4})(?:[ \u00a0\u3000]?([日일])|\.?)(?![\d.])/u;
/** Whether there is anything to look for. */
const MAY_BE_SPACED = /[ \u00a0\u3000년]/u;
const KOREAN: Readonly<Record<string, string>> = { 년: '年', 월: '月', 일: '日' };

/** Looks for such a date where the other forms find none. */
function withBlanks(dateAt: DateAt): DateAt {
  return (text) => {
    const found = dateAt(text);
    if (found !== undefined) return found;
    if (!MAY_BE_SPACED.test(text)) return undefined;
    const [written, ...parts] = SPACED.exec(text) ?? [];
    if (written === undefined) return undefined;
    const tight = parts
      .map((part: string | undefined) => (part === undefined ? '' : (KOREAN[part] ?? part)))
      .join('');
    const span = dateAt(tight);
    return span?.end === tight.length ? { end: written.length, date: span.date } : undefined;
  };
}

/** What finds the date that a text begins with. */
export function compileDateAt(form: DateForm): DateAt {
  return withBlanks(compileTight(form));
}

function compileTight({ dateOrder, calendar, pivotYear }: DateForm): DateAt {
  const gregorian = toGregorian(calendar);
  const short = pivotYear === undefined ? undefined : shortYears(pivotYear);
  if (calendar === 'roc') return inRoc(gregorian);
  const forms: DateAt[] = [calendar === undefined ? plainYearFirst : yearFirst(4, 4, gregorian)];
  if (calendar === 'japanese') forms.push(inEra);
  if (dateOrder === 'ymd' && short !== undefined)
    forms.push(yearFirst(2, 2, (year, month, day) => gregorian(short(year), month, day)));
  if (dateOrder === 'dmy' || dateOrder === 'mdy') forms.push(yearLast(dateOrder, short, gregorian));
  const [first, second, third] = forms;
  if (second === undefined) return first!;
  if (third === undefined) return (text) => first!(text) ?? second(text);
  return (text) => first!(text) ?? second(text) ?? third(text);
}

export const ANY_DATE_EXAMPLES: Readonly<Record<DateOrder, string>> = {
  ymd: '2024-12-31, 2024/12/31 or 2024年12月31日',
  dmy: '31/12/2024 (day first) or 2024-12-31',
  mdy: '12/31/2024 (month first) or 2024-12-31',
};
