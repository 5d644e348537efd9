// time and datetime. A datetime without an offset is UTC. Seconds run to 59, hours to 23; `24:00` and `:60` are refused.
import { dateAt, exampleOf } from './date.ts';
import { countDigits, dateText, dayNumber, digits, isDay, TWO_DIGITS } from './calendar.ts';
import { compileStrptime, createMoment, MAX_FRACTION_DIGITS, offsetStep, type Moment } from './strptime.ts';
import type { DateOrder } from '../../types.ts';
import { compareTexts, fromJsonText, type TypeReader } from './type-reader.ts';

const ANY_EXAMPLES: Readonly<Record<DateOrder, string>> = {
  ymd: '2024-12-31 15:30',
  dmy: '31/12/2024 15:30 (day first)',
  mdy: '12/31/2024 15:30 (month first)',
};
const COLON = 58;
const DOT = 46;
const HYPHEN = 45;
const LETTER_T = 84;
const LETTER_Z = 90;

/** Where `hh:mm:ss[.ffffff]` that begins at `at` ends, or -1. Digits beyond microseconds must be zeros. */
function isoTimeEnd(text: string, at: number): number {
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return -1;
  const hour = digits(text, at, at + 2);
  const minute = digits(text, at + 3, at + 5);
  const second = digits(text, at + 6, at + 8);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
  return text.charCodeAt(at + 8) === DOT ? fractionEnd(text, at + 9) : at + 8;
}

/** Where the digits after the decimal point end; -1 when there is none, or more than Postgres keeps. */
function fractionEnd(text: string, at: number): number {
  const end = at + countDigits(text, at, text.length);
  if (end === at) return -1;
  for (let i = at + MAX_FRACTION_DIGITS; i < end; i++) if (text[i] !== '0') return -1;
  return end;
}

function readIsoTime(text: string): string | undefined {
  return isoTimeEnd(text, 0) === text.length ? text : undefined;
}

/** `9:30`, `09:30`, `09:30:15`, `09:30:15.25`. Returns where it ended, or -1. */
function readAnyTimeAt(text: string, at: number, moment: Moment): number {
  const hourEnd = at + countDigits(text, at, 2);
  moment.hour = digits(text, at, hourEnd);
  moment.minute = digits(text, hourEnd + 1, hourEnd + 3);
  moment.second = 0;
  moment.fraction = '';
  if (
    hourEnd === at ||
    text.charCodeAt(hourEnd) !== COLON ||
    moment.minute < 0 ||
    moment.hour > 23 ||
    moment.minute > 59
  )
    return -1;
  let end = hourEnd + 3;
  if (text.charCodeAt(end) !== COLON) return end;
  moment.second = digits(text, end + 1, end + 3);
  if (moment.second < 0 || moment.second > 59) return -1;
  end += 3;
  if (text.charCodeAt(end) !== DOT) return end;
  const fractionAt = end + 1;
  end = fractionEnd(text, fractionAt);
  if (end !== -1) moment.fraction = text.slice(fractionAt, end).replace(/0+$/, '');
  return end;
}

function timeText(moment: Moment): string {
  const seconds = `${TWO_DIGITS[moment.hour]!}:${TWO_DIGITS[moment.minute]!}:${TWO_DIGITS[moment.second]!}`;
  return moment.fraction === '' ? seconds : `${seconds}.${moment.fraction}`;
}

function anyTimeReader(): TypeReader['read'] {
  const moment = createMoment();
  return (text) => (readAnyTimeAt(text, 0, moment) === text.length ? timeText(moment) : undefined);
}

function timePatternReader(pattern: string): TypeReader['read'] {
  const { parse, parts } = compileStrptime(pattern);
  if (!parts.has('time') || parts.size > 1)
    throw new Error('must name hours and minutes, and neither date nor offset');
  const moment = createMoment();
  return (text) => (parse(text, moment) ? timeText(moment) : undefined);
}

/** The same text for equal times: without zeros at the end of the fraction. */
function timeKey(value: string): string {
  return value.replace(/\.0+$|(\.[0-9]*[1-9])0+$/, '$1');
}

/** @throws Error whose message ends the sentence "format …" */
export function timeReader(format = 'default'): TypeReader {
  const of = (read: TypeReader['read'], expects: string): TypeReader => ({
    read,
    fromJson: fromJsonText(read),
    expects,
    compare: (a, b) => compareTexts(timeKey(a), timeKey(b)),
    key: timeKey,
  });
  if (format === 'default') return of(readIsoTime, 'a time like 15:30:59');
  if (format === 'any') return of(anyTimeReader(), 'a time like 15:30 or 15:30:59');
  return of(timePatternReader(format), `a time like ${exampleOf(format)} (format ${format})`);
}

/** `2024-12-31T15:30:59`, a fraction, and `Z` or an offset if any: the standard's default. */
function isoDatetimeReader(): TypeReader['read'] {
  const moment = createMoment();
  return (text) => {
    if (text.charCodeAt(10) !== LETTER_T || text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN)
      return undefined;
    if (!isDay(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))) return undefined;
    const end = isoTimeEnd(text, 11);
    if (end === -1) return undefined;
    if (end === text.length) return `${text}Z`;
    if (text.charCodeAt(end) === LETTER_Z && text.length === end + 1) return text;
    // XML Schema writes offsets with a colon only.
    return text.length === end + 6 &&
      text.charCodeAt(end + 3) === COLON &&
      offsetStep(text, end, moment) === text.length
      ? text
      : undefined;
  };
}

function anyDatetimeReader(order: DateOrder | undefined): TypeReader['read'] {
  const moment = createMoment();
  return (text) => {
    const span = dateAt(text, order);
    if (span === undefined || !/[Tt ]/.test(text[span.end] ?? '')) return undefined;
    const end = readAnyTimeAt(text, span.end + 1, moment);
    if (end === -1) return undefined;
    moment.offset = 'Z';
    const offsetAt = text[end] === ' ' ? end + 1 : end;
    if (end < text.length && offsetStep(text, offsetAt, moment) !== text.length) return undefined;
    return `${span.date}T${timeText(moment)}${moment.offset}`;
  };
}

function datetimePatternReader(pattern: string): TypeReader['read'] {
  const { parse, parts } = compileStrptime(pattern);
  if (!parts.has('date') || !parts.has('time')) throw new Error('must name a date and a time');
  const moment = createMoment();
  return (text) => {
    if (!parse(text, moment) || !isDay(moment.year, moment.month, moment.day)) return undefined;
    const date = dateText(moment.year, moment.month, moment.day);
    return `${date}T${timeText(moment)}${moment.offset === '' ? 'Z' : moment.offset}`;
  };
}

/** Seconds since year 0 in UTC and the fraction's digits: instants written with different offsets can be compared. */
function instant(value: string): [seconds: number, fraction: string] {
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = '',
    sign,
    offsetHour = '0',
    offsetMinute = '0',
  ] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+?)0*)?(?:Z|([+-])(\d\d):(\d\d))$/.exec(value)!;
  const offset = (Number(offsetHour) * 3600 + Number(offsetMinute) * 60) * (sign === '-' ? -1 : 1);
  const days = dayNumber(Number(year), Number(month), Number(day));
  return [days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset, fraction];
}

function compareInstants(a: string, b: string): number {
  const [x, y] = [instant(a), instant(b)];
  return x[0] - y[0] || compareTexts(x[1].replace(/^0+$/, ''), y[1].replace(/^0+$/, ''));
}

/**
 * @param order of dates that do not begin with the year, for format `any`
 * @throws Error whose message ends the sentence "format …"
 */
export function datetimeReader(format = 'default', order?: DateOrder): TypeReader {
  const of = (read: TypeReader['read'], expects: string): TypeReader => ({
    read,
    fromJson: fromJsonText(read),
    expects,
    compare: compareInstants,
    key: (value) => instant(value).join('.').replace(/0+$/, ''),
  });
  if (format === 'default') return of(isoDatetimeReader(), 'a date and time like 2024-12-31T15:30:59Z');
  if (format === 'any')
    return of(
      anyDatetimeReader(order),
      `a date and time like ${ANY_EXAMPLES[order ?? 'ymd']} or 2024-12-31T15:30:59+09:00`,
    );
  return of(datetimePatternReader(format), `a date and time like ${exampleOf(format)} (format ${format})`);
}
