// time, and the times of datetimes. Seconds run to 59, hours to 23; `24:00` is taken where it is declared, `:60` never.
import { isDigit } from '../byte-test.ts';
import { countDigits, digits, TWO_DIGITS } from './calendar.ts';
import { exampleOf } from './date.ts';
import { dayPeriods, hourIn, type DayPeriod } from './day-periods.ts';
import { findName } from './names.ts';
import { compileStrptime, type StrptimeOptions } from './strptime.ts';
import { createMoment, isTimeOfDay, MAX_FRACTION_DIGITS, type Moment } from './strptime-steps.ts';
import { compareTexts, fromJsonText, type TypeReader } from './type-reader.ts';

const COLON = 58;
const DOT = 46;

export type TimeOptions = Pick<StrptimeOptions, 'hour24' | 'cutFraction'>;

/** Where `hh:mm:ss[.ffffff]` that begins at `at` ends, or -1. Digits beyond microseconds must be zeros. */
export function isoTimeEnd(text: string, at: number): number {
  if (text.charCodeAt(at + 2) !== COLON || text.charCodeAt(at + 5) !== COLON) return -1;
  const hour = digits(text, at, at + 2);
  const minute = digits(text, at + 3, at + 5);
  const second = digits(text, at + 6, at + 8);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
  return text.charCodeAt(at + 8) === DOT ? fractionEnd(text, at + 9, false) : at + 8;
}

/** Where the digits after the decimal point end; -1 when there is none, or more than Postgres keeps and not to be cut off. */
function fractionEnd(text: string, at: number, cut: boolean): number {
  const end = at + countDigits(text, at, text.length);
  if (end === at) return -1;
  if (!cut) for (let i = at + MAX_FRACTION_DIGITS; i < end; i++) if (text[i] !== '0') return -1;
  return end;
}

function readIsoTime(text: string): string | undefined {
  return isoTimeEnd(text, 0) === text.length ? text : undefined;
}

/** Reads a time at a place of a text into the moment and returns where it ended, or -1. */
export type TimeAt = (text: string, at: number, moment: Moment) => number;

const PERIODS = dayPeriods();

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0xa0 || code === 0x202f;
}

/**
 * `9:30`, `09:30`, `09:30:15`, `09:30:15.25`, and on a clock of twelve hours `9:30 PM`, `9:30 p.m.`, `午後9:30`.
 * @param isFull hours, minutes and seconds of two digits each, on a clock of 24 hours
 */
export function compileTimeAt({ hour24 = false, cutFraction = false }: TimeOptions, isFull = false): TimeAt {
  const lastHour = hour24 ? 24 : 23;
  const clock: TimeAt = (text, at, moment) => {
    const hourEnd = at + countDigits(text, at, 2);
    moment.hour = digits(text, at, hourEnd);
    moment.minute = digits(text, hourEnd + 1, hourEnd + 3);
    moment.second = 0;
    moment.fraction = '';
    if (
      hourEnd === at ||
      text.charCodeAt(hourEnd) !== COLON ||
      moment.minute < 0 ||
      moment.hour > lastHour ||
      moment.minute > 59 ||
      (isFull && hourEnd !== at + 2)
    )
      return -1;
    let end = hourEnd + 3;
    if (text.charCodeAt(end) !== COLON) return isFull ? -1 : end;
    moment.second = digits(text, end + 1, end + 3);
    if (moment.second < 0 || moment.second > 59) return -1;
    end += 3;
    if (text.charCodeAt(end) !== DOT) return end;
    const fractionAt = end + 1;
    end = fractionEnd(text, fractionAt, cutFraction);
    if (end !== -1)
      moment.fraction = text
        .slice(fractionAt, Math.min(end, fractionAt + MAX_FRACTION_DIGITS))
        .replace(/0+$/, '');
    return end;
  };
  const ofDay: TimeAt = (text, at, moment) => {
    const end = clock(text, at, moment);
    return end !== -1 && isTimeOfDay(moment) ? end : -1;
  };
  return isFull ? ofDay : withPeriods(hour24 ? ofDay : clock);
}

/** Times with the part of the day before or behind them. */
function withPeriods(clock: TimeAt): TimeAt {
  return (text, at, moment) => {
    if (!isDigit(text.charCodeAt(at))) return periodFirst(clock, text, at, moment);
    const end = clock(text, at, moment);
    if (end === -1 || end === text.length) return end;
    const nameAt = isBlank(text.charCodeAt(end)) ? end + 1 : end;
    if (isOffset(text.charCodeAt(nameAt))) return end;
    const after = findName(text, nameAt, PERIODS);
    if (after === undefined) return end;
    // A clock of AM and PM begins with 12.
    return moment.hour > 0 && inPeriod(after.meaning, moment) ? after.end : -1;
  };
}

function periodFirst(clock: TimeAt, text: string, at: number, moment: Moment): number {
  const before = findName(text, at, PERIODS);
  if (before === undefined) return -1;
  const end = clock(text, before.end + (isBlank(text.charCodeAt(before.end)) ? 1 : 0), moment);
  return end !== -1 && inPeriod(before.meaning, moment) ? end : -1;
}

function inPeriod(period: DayPeriod, moment: Moment): boolean {
  if (moment.hour > 12) return false;
  moment.hour = hourIn(period, moment.hour);
  return moment.hour !== -1;
}

/** A sign, or the letter Z. */
function isOffset(code: number): boolean {
  return code === 43 || code === 45 || code === 90;
}

export function timeText(moment: Moment): string {
  const seconds = `${TWO_DIGITS[moment.hour]!}:${TWO_DIGITS[moment.minute]!}:${TWO_DIGITS[moment.second]!}`;
  return moment.fraction === '' ? seconds : `${seconds}.${moment.fraction}`;
}

function timeReaderAt(timeAt: TimeAt): TypeReader['read'] {
  const moment = createMoment();
  return (text) => (timeAt(text, 0, moment) === text.length ? timeText(moment) : undefined);
}

function timePatternReader(pattern: string, options: StrptimeOptions): TypeReader['read'] {
  const { parse, parts } = compileStrptime(pattern, options);
  if (!parts.has('time') || parts.size > 1)
    throw new Error('must name hours and minutes, and neither date nor offset');
  const moment = createMoment();
  return (text) => (parse(text, moment) ? timeText(moment) : undefined);
}

/** The same text for equal times: without zeros at the end of the fraction. */
function timeKey(value: string): string {
  return value.replace(/\.0+$|(\.[0-9]*[1-9])0+$/, '$1');
}

const LEAP_SECOND = /:[0-5][0-9]:60(?:\.[0-9]+)?(?:$|[ Z+-])/;
/** Of a time, with or without a colon. */
const OFFSET = /:[0-9]{2}(?:\.[0-9]+)? ?([+-][0-9]{2}):?([0-9]{2})?$/;

/** Why a time is refused that looks like one. */
export function whyNoTime(text: string): string | undefined {
  if (LEAP_SECOND.test(text))
    return 'whose second 60 is a leap second, which Postgres does not keep; write the second before it, or the one after it';
  const [, hours, minutes = '00'] = OFFSET.exec(text) ?? [];
  if (
    hours !== undefined &&
    (Math.abs(Number(hours)) * 60 + Number(minutes) > 14 * 60 || Number(minutes) > 59)
  )
    return `whose offset ${hours}:${minutes} no clock has: they are from -14:00 to +14:00`;
  if (/(?:^|[T ])24:00(?::00)?(?:\.0+)?(?:$|[Z+-])/.test(text))
    return 'whose 24:00 is the end of the day; declare hour24 to take it';
  if (/:[0-9]{2}\.[0-9]{7,}/.test(text))
    return 'whose fraction has more digits than the six that Postgres keeps; declare cutFraction to cut them off';
  return undefined;
}

/** @throws Error whose message ends the sentence "format …" */
export function timeReader(format = 'default', options: StrptimeOptions = {}): TypeReader {
  const { hour24 = false, cutFraction = false } = options;
  const of = (read: TypeReader['read'], expects: string): TypeReader => ({
    read,
    fromJson: fromJsonText(read),
    expects,
    why: whyNoTime,
    compare: (a, b) => compareTexts(timeKey(a), timeKey(b)),
    key: timeKey,
  });
  if (format === 'default')
    return of(
      hour24 || cutFraction ? timeReaderAt(compileTimeAt(options, true)) : readIsoTime,
      'a time like 15:30:59',
    );
  if (format === 'any') return of(timeReaderAt(compileTimeAt(options)), 'a time like 15:30 or 15:30:59');
  return of(timePatternReader(format, options), `a time like ${exampleOf(format)} (format ${format})`);
}
