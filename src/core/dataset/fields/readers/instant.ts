// Points in time as the datetime reader puts them out: `2024-12-31T15:30:59.25+09:00`.
import { dayNumber } from './calendar.ts';
import { compareTexts } from './type-reader.ts';

const FORM =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+?)0*)?(?:Z|([+-])(\d\d):(\d\d)(?::(\d\d))?)$/;
const DAY_SECONDS = 86_400;
const FIRST_SECOND = dayNumber(1, 1, 1) * DAY_SECONDS;
const END_SECOND = (dayNumber(9999, 12, 31) + 1) * DAY_SECONDS;

/** Seconds since year 0 in UTC and the fraction's digits: instants written with different offsets can be compared. */
function instant(value: string): [seconds: number, fraction: string] {
  const [, year, month, day, hour, minute, second, fraction = '', sign, ...offset] = FORM.exec(value)!;
  const [hours = 0, minutes = 0, seconds = 0] = offset.map((part) => Number(part ?? 0));
  const east = (hours * 3600 + minutes * 60 + seconds) * (sign === '-' ? -1 : 1);
  const days = dayNumber(Number(year), Number(month), Number(day));
  const clock = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return [days * DAY_SECONDS + clock - east, fraction];
}

export function compareInstants(a: string, b: string): number {
  const [x, y] = [instant(a), instant(b)];
  return x[0] - y[0] || compareTexts(x[1].replace(/^0+$/, ''), y[1].replace(/^0+$/, ''));
}

/** The same text for equal instants. */
export function instantKey(value: string): string {
  return instant(value).join('.').replace(/0+$/, '');
}

/** The year in UTC is one of 0001 to 9999: an offset can lead out of the years that its date is in. */
export function isInYears(value: string): boolean {
  const year = value.slice(0, 4);
  if ((year !== '0001' && year !== '9999') || value.endsWith('Z')) return true;
  const [seconds] = instant(value);
  return seconds >= FIRST_SECOND && seconds < END_SECOND;
}
