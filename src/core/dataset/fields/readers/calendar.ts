// Days and digits, shared by the readers of dates and times. Years are 0001 to 9999.

const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** `00` to `99`. */
export const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, n) =>
  String(n).padStart(2, '0'),
);

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** True for a day that exists in the Gregorian calendar, which Postgres uses for all years. */
export function isDay(year: number, month: number, day: number): boolean {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
  return day <= (month === 2 && isLeapYear(year) ? 29 : DAYS[month]!);
}

/** The ASCII digits of `text[start, end)` as a number, or -1 when one of them is something else. Nine digits at most. */
export function digits(text: string, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (!(code >= 48 && code <= 57)) return -1;
    value = value * 10 + code - 48;
  }
  return value;
}

/** How many ASCII digits stand at `start`, `most` at the most. */
export function countDigits(text: string, start: number, most: number): number {
  let i = start;
  while (i - start < most) {
    const code = text.charCodeAt(i);
    if (!(code >= 48 && code <= 57)) break;
    i++;
  }
  return i - start;
}

export function dateText(year: number, month: number, day: number): string {
  const yearText = year >= 1000 ? String(year) : String(year).padStart(4, '0');
  return `${yearText}-${TWO_DIGITS[month]!}-${TWO_DIGITS[day]!}`;
}

/** Days since 0000-03-01, so that differences of days and instants can be computed without a Date. */
export function dayNumber(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const m = (month + 9) % 12;
  return (
    365 * y +
    Math.floor(y / 4) -
    Math.floor(y / 100) +
    Math.floor(y / 400) +
    Math.floor((153 * m + 2) / 5) +
    day -
    1
  );
}
