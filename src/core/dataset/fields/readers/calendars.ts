// Years of other calendars than the Gregorian. A date that a calendar does not have, or that means two days, has no year here.
import type { Calendar } from '../../types.ts';
import { dateText, isDay } from './calendar.ts';

/** The Gregorian year of a year, or -1. */
export type ToGregorian = (year: number, month: number, day: number) => number;

interface Era {
  readonly names: readonly string[];
  /** First day and last day, as numbers like 20190501. */
  readonly from: number;
  readonly to: number;
  /** The Gregorian year of the year before its first. */
  readonly before: number;
}

/** Before 1873 months and days were those of the moon. On the day of a change both names were in use. */
const ERAS: readonly Era[] = [
  { names: ['令和', 'R'], from: 2019_05_01, to: 9999_12_31, before: 2018 },
  { names: ['平成', 'H'], from: 1989_01_08, to: 2019_04_30, before: 1988 },
  { names: ['昭和', 'S'], from: 1926_12_25, to: 1989_01_07, before: 1925 },
  { names: ['大正', 'T'], from: 1912_07_30, to: 1926_12_25, before: 1911 },
  { names: ['明治', 'M'], from: 1873_01_01, to: 1912_07_30, before: 1867 },
];

export interface EraSpan {
  readonly era: Era;
  readonly end: number;
}

/** The name of an era that stands at `at`. */
export function eraAt(text: string, at: number): EraSpan | undefined {
  for (const era of ERAS)
    for (const name of era.names) if (text.startsWith(name, at)) return { era, end: at + name.length };
  return undefined;
}

export function eraYear({ from, to, before }: Era, year: number, month: number, day: number): number {
  if (year < 1) return -1;
  const date = (before + year) * 10_000 + month * 100 + day;
  return date >= from && date <= to ? before + year : -1;
}

const ERA_DATE = new RegExp(
  `(?<!\\p{L})(${ERAS.flatMap(({ names }) => names).join('|')})\\s?(元|\\d{1,2})\\s?[年./-]\\s?(\\d{1,2})\\s?[月./-]\\s?(\\d{1,2})`,
  'u',
);

/** Why a text that names an era names no day of it: its era had ended, or had not begun. */
export function whyNoDayOfEra(text: string): string | undefined {
  const [, name, written, month, day] = ERA_DATE.exec(text) ?? [];
  if (name === undefined) return undefined;
  const index = ERAS.findIndex(({ names }) => names.includes(name));
  const { from, to, before } = ERAS[index]!;
  const year = written === '元' ? 1 : Number(written);
  if (year === 0) return `whose year 0 no era has; the first one is written 1 or 元`;
  if (!isDay(before + year, Number(month), Number(day))) return 'which is not a day of the calendar';
  const date = (before + year) * 10_000 + Number(month) * 100 + Number(day);
  if (date >= from && date <= to) return undefined;
  const said = (other: number, by: number): string =>
    `${inEra(other, by)} (${dateText(Math.trunc(other / 10_000), Math.trunc(other / 100) % 100, other % 100)})`;
  const era = ERAS[index]!.names[0]!;
  const right = ERAS.findIndex((each) => date >= each.from && date <= each.to);
  if (right === -1)
    return `which is before ${said(from, index)}: until then months and days were those of the moon`;
  return `which is ${date > to ? `after ${era} ended, on ${said(to, index)}` : `before ${era} began, on ${said(from, index)}`}; that day would be ${inEra(date, right)}`;
}

/** A date as its era writes it. */
function inEra(date: number, index: number): string {
  const { names, before } = ERAS[index]!;
  const year = Math.trunc(date / 10_000) - before;
  return `${names[0]!}${year === 1 ? '元' : year}年${Math.trunc(date / 100) % 100}月${date % 100}日`;
}

const BUDDHIST_AHEAD = 543;
const ROC_BEHIND = 1911;
/** Until then the year began in April, and what January to March are of is not agreed. */
const LAST_APRIL_YEAR = 2483;
const FIRST_BUDDHIST_YEAR = 2243;

/** For years that are written in digits alone. */
export function toGregorian(calendar: Calendar | undefined): ToGregorian {
  switch (calendar) {
    case undefined:
      return (year) => (isDoubtful(year) ? -1 : year);
    case 'gregorian':
    case 'japanese':
      return (year) => year;
    case 'buddhist':
      return (year, month) =>
        year < FIRST_BUDDHIST_YEAR || (year <= LAST_APRIL_YEAR && month < 4) ? -1 : year - BUDDHIST_AHEAD;
    case 'roc':
      return (year) => (year < 1 || year > 999 ? -1 : year + ROC_BEHIND);
  }
}

/** Years of our time in the Persian and Islamic calendars, in the Buddhist and in the Hebrew: hardly a Gregorian year is one of them. */
export function isDoubtful(year: number): boolean {
  return (year >= 1280 && year <= 1500) || (year >= 2443 && year <= 2643) || (year >= 5660 && year <= 5860);
}
