// Datetimes as seconds or milliseconds since 1970, as programs write them. A number says nothing of its unit, so one that is hardly such a
// moment and plainly something else (a date without separators, a day number of a spreadsheet, the other unit) is none (whyNoEpoch).
import { digits, isDay } from './calendar.ts';
import { MAX_FRACTION_DIGITS } from './strptime-steps.ts';

export const EPOCH_FORMATS = ['epochSeconds', 'epochMilliseconds'] as const;
export type EpochFormat = (typeof EPOCH_FORMATS)[number];

/** Digits of which the years up to 9999 need no more. */
const FORM = /^(-?)([0-9]{1,15})(?:\.([0-9]+))?$/;
const FIRST = BigInt(Date.parse('0001-01-01T00:00:00Z')) * 1000n;
const END = BigInt(Date.UTC(10_000, 0, 1)) * 1000n;

/** @param cut digits beyond microseconds are cut off; else they must be zeros */
export function readEpoch(text: string, format: EpochFormat, cut: boolean): string | undefined {
  const [, sign, whole, fraction = ''] = FORM.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const kept = format === 'epochSeconds' ? MAX_FRACTION_DIGITS : MAX_FRACTION_DIGITS - 3;
  if (!cut && /[1-9]/.test(fraction.slice(kept))) return undefined;
  const size = BigInt(whole + fraction.slice(0, kept).padEnd(kept, '0'));
  const micros = sign === '-' ? -size : size;
  if (micros < FIRST || micros >= END || isSomethingElse(sign === '-', whole, format)) return undefined;
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const second = new Date(Number((micros - rest) / 1000n)).toISOString().slice(0, 19);
  const fractionDigits = String(rest).padStart(MAX_FRACTION_DIGITS, '0').replace(/0+$/, '');
  return `${second}${fractionDigits === '' ? '' : `.${fractionDigits}`}Z`;
}

function isSomethingElse(isNegative: boolean, whole: string, format: EpochFormat): boolean {
  return (!isNegative && calendarDigits(whole) !== undefined) || isOtherUnit(isNegative, whole, format);
}

/** Why a number is not read as a moment that could be one. */
export function whyNoEpoch(text: string, format: EpochFormat): string | undefined {
  const [, sign, whole] = FORM.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const said = sign === '-' ? undefined : calendarDigits(whole);
  if (said !== undefined) return said;
  if (!isOtherUnit(sign === '-', whole, format)) return undefined;
  const other = format === 'epochSeconds' ? 'epochMilliseconds' : 'epochSeconds';
  const value = readEpoch(text, other, true);
  return value === undefined
    ? 'which is too far from our time'
    : `which may be ${other === 'epochSeconds' ? 'seconds' : 'milliseconds'}; declare the format "${other}" to read it as ${value}`;
}

/** Beyond this many seconds, in 2286 (or, before 1970, in 1653), hardly anything is dated; milliseconds of the years since 1970 have such numbers. */
const FAR_SECONDS = 10_000_000_000;
const DAY_SECONDS = 86_400;
const MILLISECONDS = 1000;
/** A smaller number of milliseconds is not what seconds since 1970 look like. */
const FEW_MILLISECONDS = 100_000;

/** Whether the number is hardly of this unit, and may be of the other. */
function isOtherUnit(isNegative: boolean, whole: string, format: EpochFormat): boolean {
  const size = Number(whole);
  const isSeconds = format === 'epochSeconds';
  if (!isSeconds && size >= FEW_MILLISECONDS && size < FAR_SECONDS)
    return size % (DAY_SECONDS * MILLISECONDS) !== 0;
  const seconds = isSeconds ? size : Math.floor(size / MILLISECONDS);
  return seconds >= FAR_SECONDS && !isTurnOfYear(isNegative ? -seconds : seconds);
}

/** Programs write "never" and "always" as the first or the last day of a year, in their own time zone. */
function isTurnOfYear(seconds: number): boolean {
  const date = new Date(seconds * MILLISECONDS);
  const month = date.getUTCMonth() + 1;
  return (month === 12 && date.getUTCDate() >= 30) || (month === 1 && date.getUTCDate() === 1);
}

const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;

function isYear(year: number): boolean {
  return year >= FIRST_YEAR && year <= LAST_YEAR;
}

/** What a number of so many digits is in a calendar, as a clause; as an epoch it would be a moment of 1970, or a far one. */
function calendarDigits(whole: string): string | undefined {
  const at = (from: number, to: number): number => digits(whole, from, to);
  switch (whole.length) {
    case 4:
      return isYear(at(0, 4)) ? 'which looks like a year' : undefined;
    case 5:
      return whole.startsWith('0')
        ? undefined
        : 'which looks like a day number of a spreadsheet; save the column as a date';
    case 6:
      return isYear(at(0, 4)) && isMonth(at(4, 6))
        ? 'which looks like a month without separators (YYYYMM)'
        : isShortDay(whole)
          ? 'which looks like a day without separators, with a year of two digits'
          : undefined;
    case 7:
      return isYear(at(0, 4)) && at(4, 7) >= 1 && at(4, 7) <= 366
        ? 'which looks like a year and the day in it (YYYYDDD)'
        : undefined;
    case 8:
      return compactDay(whole);
    case 12:
      return isPlainDay(whole) && isClock(whole.slice(8))
        ? 'which looks like a date and time without separators; declare the format "%Y%m%d%H%M"'
        : undefined;
    case 14:
      return isPlainDay(whole) && isClock(whole.slice(8))
        ? 'which looks like a date and time without separators; declare the format "%Y%m%d%H%M%S"'
        : undefined;
    default:
      return undefined;
  }
}

/** Of a field that is no datetime, for a day has no time. */
function compactDay(whole: string): string | undefined {
  const format = isPlainDay(whole)
    ? '%Y%m%d'
    : isDayOf(whole, 4, 2, 0)
      ? '%d%m%Y'
      : isDayOf(whole, 4, 0, 2)
        ? '%m%d%Y'
        : undefined;
  return (
    format && `which looks like a day without separators; declare the type date and the format "${format}"`
  );
}

/** Whether the first eight digits are a day of our time, the year first. */
export function isPlainDay(text: string): boolean {
  return isDayOf(text, 0, 4, 6);
}

/** Whether there is a day of our time whose year, month and day stand at these places. */
function isDayOf(text: string, year: number, month: number, day: number): boolean {
  const written = digits(text, year, year + 4);
  return isYear(written) && isDay(written, digits(text, month, month + 2), digits(text, day, day + 2));
}

/** Whether six digits are a day in one of the orders; any two digits may be the year. */
function isShortDay(whole: string): boolean {
  const [a, b, c] = [0, 2, 4].map((from) => digits(whole, from, from + 2)) as [number, number, number];
  const isIn = (year: number, month: number, day: number): boolean => isDay(2000 + year, month, day);
  return isIn(a, b, c) || isIn(c, b, a) || isIn(c, a, b);
}

function isMonth(month: number): boolean {
  return month >= 1 && month <= 12;
}

/** `HHMM` or `HHMMSS`. */
function isClock(text: string): boolean {
  return digits(text, 0, 2) < 24 && digits(text, 2, 4) < 60 && (text.length < 6 || digits(text, 4, 6) < 60);
}
