// time, and the times of datetimes. Seconds run to 59, hours to 23; `24:00` and `:60` are refused.
import { countDigits, digits, TWO_DIGITS } from './calendar.ts';
import { exampleOf } from './date.ts';
import { compileStrptime, createMoment, MAX_FRACTION_DIGITS, type Moment } from './strptime.ts';
import { compareTexts, fromJsonText, type TypeReader } from './type-reader.ts';

const COLON = 58;
const DOT = 46;

/** Where `hh:mm:ss[.ffffff]` that begins at `at` ends, or -1. Digits beyond microseconds must be zeros. */
export function isoTimeEnd(text: string, at: number): number {
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
export function readAnyTimeAt(text: string, at: number, moment: Moment): number {
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

export function timeText(moment: Moment): string {
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
