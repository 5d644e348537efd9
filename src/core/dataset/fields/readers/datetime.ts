// datetime. A time without an offset is one of the declared time zone, or of UTC when none is declared.
import type { DateOrder, WrittenField } from '../../types.ts';
import { dateText, digits, isDay } from './calendar.ts';
import { compileDateAt } from './any-date.ts';
import { compileDateAdvice } from './date-advice.ts';
import {
  CALENDAR_EXAMPLES,
  compileMisread,
  exampleOf,
  whyMisread,
  whyNoDay,
  type DateOptions,
} from './date.ts';
import { readEpoch, whyNoEpoch, type EpochFormat } from './epoch.ts';
import { compareInstants, instantKey, isInYears } from './instant.ts';
import { compileStrptime } from './strptime.ts';
import { createMoment, offsetStep, type Moment } from './strptime-steps.ts';
import { compileTimeAt, isoTimeEnd, timeText, whyNoTime } from './time.ts';
import { createZone, type Zone } from './time-zone.ts';
import { fromJsonText, type TypeReader } from './type-reader.ts';

const ANY_EXAMPLES: Readonly<Record<DateOrder, string>> = {
  ymd: '2024-12-31 15:30',
  dmy: '31/12/2024 15:30 (day first)',
  mdy: '12/31/2024 15:30 (month first)',
};
const COLON = 58;
const HYPHEN = 45;
const LETTER_T = 84;
const LETTER_Z = 90;

export type DatetimeOptions = DateOptions & Pick<WrittenField, 'timeZone' | 'timeZoneOverlap'>;

/** Fills in the moment and says whether the text has the form; offset empty: none is written. The day exists. */
export type Parse = (text: string, moment: Moment) => boolean;

/** `2024-12-31T15:30:59`, a fraction, and `Z` or an offset if any: the standard's default. */
function isoDatetimeReader(zone: Zone | undefined): TypeReader['read'] {
  const moment = createMoment();
  return (text) => {
    if (text.charCodeAt(10) !== LETTER_T || text.charCodeAt(4) !== HYPHEN || text.charCodeAt(7) !== HYPHEN)
      return undefined;
    if (!isDay(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))) return undefined;
    const end = isoTimeEnd(text, 11);
    if (end === -1) return undefined;
    if (end === text.length) {
      if (zone === undefined) return `${text}Z`;
      parseIso(text, moment);
      return withOffset(text, moment.year, zone.offsetOf(moment));
    }
    if (text.charCodeAt(end) === LETTER_Z && text.length === end + 1) return text;
    // XML Schema writes offsets with a colon only.
    return text.length === end + 6 &&
      text.charCodeAt(end + 3) === COLON &&
      offsetStep(text, end, moment) === text.length &&
      isInYears(text)
      ? text
      : undefined;
  };
}

/** @param year of the local time; only the first and the last can become others in UTC */
function withOffset(time: string, year: number, offset: string | undefined): string | undefined {
  if (offset === undefined) return undefined;
  const value = time + offset;
  return (year === 1 || year === 9999) && !isInYears(value) ? undefined : value;
}

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

/** The same form for `why`; it also takes an offset that leads out of the years. */
function parseIso(text: string, moment: Moment): boolean {
  const [form, offset = ''] = ISO.exec(text) ?? [];
  if (form === undefined) return false;
  moment.year = digits(text, 0, 4);
  moment.month = digits(text, 5, 7);
  moment.day = digits(text, 8, 10);
  moment.hour = digits(text, 11, 13);
  moment.minute = digits(text, 14, 16);
  moment.second = digits(text, 17, 19);
  moment.fraction = '';
  moment.offset = offset;
  return isDay(moment.year, moment.month, moment.day) && moment.hour < 24 && moment.minute < 60;
}

const BLANK = 32;
const LETTER_T_SMALL = 116;

/** Where the time behind a date begins, or -1. JavaScript writes a comma and a blank between them. */
function timeStart(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === BLANK || code === LETTER_T || code === LETTER_T_SMALL) return at + 1;
  return /^(?:[\u00a0\u202f]|, )/.test(text.slice(at, at + 2)) ? at + (text[at] === ',' ? 2 : 1) : -1;
}

function anyForm(options: DatetimeOptions): Parse {
  const dateAt = compileDateAt(options);
  const timeAt = compileTimeAt(options);
  return (text, moment) => {
    const span = dateAt(text);
    if (span === undefined) return false;
    const start = timeStart(text, span.end);
    const end = start === -1 ? -1 : timeAt(text, start, moment);
    if (end === -1) return false;
    setDate(moment, span.date);
    return offsetEnds(text, end, moment);
  };
}

/** What `momentReader` gives for `anyForm`, sooner: the date is a text already, and nothing is carried into it. */
function anyDatetimeReader(options: DatetimeOptions): TypeReader['read'] {
  const dateAt = compileDateAt(options);
  const timeAt = compileTimeAt(options);
  const moment = createMoment();
  return (text) => {
    const span = dateAt(text);
    if (span === undefined) return undefined;
    const start = timeStart(text, span.end);
    const end = start === -1 ? -1 : timeAt(text, start, moment);
    if (end === -1) return undefined;
    const local = `${span.date}T${timeText(moment)}`;
    if (end === text.length) return `${local}Z`;
    return offsetEnds(text, end, moment)
      ? withOffset(local, digits(span.date, 0, 4), moment.offset)
      : undefined;
  };
}

function setDate(moment: Moment, date: string): void {
  moment.year = digits(date, 0, 4);
  moment.month = digits(date, 5, 7);
  moment.day = digits(date, 8, 10);
}

/** Reads the offset that may be behind a time, perhaps behind a blank; true when the text ends there. */
function offsetEnds(text: string, end: number, moment: Moment): boolean {
  moment.offset = '';
  const offsetAt = text[end] === ' ' ? end + 1 : end;
  return end === text.length || offsetStep(text, offsetAt, moment) === text.length;
}

/** The standard's form where a time is taken that is not the standard's. */
function looseIsoForm(options: DatetimeOptions): Parse {
  const timeAt = compileTimeAt(options, true);
  return (text, moment) => {
    if (!/^\d{4}-\d\d-\d\dT/.test(text)) return false;
    const end = timeAt(text, 11, moment);
    if (end === -1 || text[end] === ' ') return false;
    setDate(moment, text.slice(0, 10));
    return isDay(moment.year, moment.month, moment.day) && offsetEnds(text, end, moment);
  };
}

function patternForm(pattern: string, options: DatetimeOptions): Parse {
  const { parse, parts } = compileStrptime(pattern, options);
  if (!parts.has('date') || !parts.has('time')) throw new Error('must name a date and a time');
  const isMisread = compileMisread(pattern);
  return (text, moment) =>
    parse(text, moment) && isDay(moment.year, moment.month, moment.day) && !isMisread(text, moment);
}

/** The end of a day is the beginning of the next. */
function carryDay(moment: Moment): void {
  if (moment.hour !== 24) return;
  moment.hour = 0;
  moment.day++;
  if (isDay(moment.year, moment.month, moment.day)) return;
  moment.day = 1;
  moment.month++;
  if (moment.month <= 12) return;
  moment.month = 1;
  moment.year++;
}

/** The text of a moment, its offset that of the zone where none is written. */
export function momentReader(parse: Parse, zone: Zone | undefined): TypeReader['read'] {
  const moment = createMoment();
  return (text) => {
    if (!parse(text, moment)) return undefined;
    carryDay(moment);
    if (moment.year > 9999) return undefined;
    const local = `${dateText(moment.year, moment.month, moment.day)}T${timeText(moment)}`;
    if (moment.offset !== '') return withOffset(local, moment.year, moment.offset);
    return zone === undefined ? `${local}Z` : withOffset(local, moment.year, zone.offsetOf(moment));
  };
}

function why(
  parse: Parse,
  zone: Zone | undefined,
  format: string,
  options: DatetimeOptions,
): (text: string) => string | undefined {
  const moment = createMoment();
  const advise = compileDateAdvice(
    { ...options, type: 'datetime', format },
    (declared) => datetimeReader(declared.format, { ...options, ...declared }).read,
  );
  return (text) => {
    if (!parse(text, moment))
      return whyNoTime(text) ?? whyMisread(text, format) ?? whyNoDay(text, options) ?? advise(text);
    carryDay(moment);
    const isAtAnEnd = moment.year <= 1 || moment.year >= 9999;
    return (
      whyNoTime(text) ??
      (moment.offset === '' && moment.year <= 9999 ? zone?.whyNone(moment) : undefined) ??
      (isAtAnEnd ? 'which in UTC is not in the years 0001 to 9999' : undefined)
    );
  };
}

/** The moments of an epoch have no zone. */
function epochReader(format: EpochFormat, { cutFraction = false }: DatetimeOptions): TypeReader {
  const read = (text: string): string | undefined => readEpoch(text, format, cutFraction);
  return {
    read,
    fromJson: (value) => (typeof value === 'number' ? read(String(value)) : fromJsonText(read)(value)),
    expects:
      format === 'epochSeconds'
        ? 'seconds since 1970 like 1735659059'
        : 'milliseconds since 1970 like 1735659059000',
    why: (text) => whyNoEpoch(text, format),
    compare: compareInstants,
    key: instantKey,
  };
}

/**
 * @param options `dateOrder` is that of dates that do not begin with the year, for format `any`
 * @throws Error whose message ends the sentence "format …"
 */
export function datetimeReader(format = 'default', options: DatetimeOptions = {}): TypeReader {
  const { dateOrder, calendar, timeZone, timeZoneOverlap, hour24 = false, cutFraction = false } = options;
  if (format === 'epochSeconds' || format === 'epochMilliseconds') return epochReader(format, options);
  const zone = timeZone === undefined ? undefined : createZone(timeZone, timeZoneOverlap);
  const of = (read: TypeReader['read'], parse: Parse, expects: string): TypeReader => ({
    read,
    fromJson: fromJsonText(read),
    expects: `a date and time like ${expects}`,
    why: why(parse, zone, format, options),
    compare: compareInstants,
    key: instantKey,
  });
  if (format === 'default') {
    const loose = hour24 || cutFraction ? looseIsoForm(options) : undefined;
    const read = loose === undefined ? isoDatetimeReader(zone) : momentReader(loose, zone);
    return of(read, loose ?? parseIso, '2024-12-31T15:30:59Z');
  }
  const parse = format === 'any' ? anyForm(options) : patternForm(format, options);
  if (format !== 'any')
    return of(momentReader(parse, zone), parse, `${exampleOf(format)} (format ${format})`);
  const date = CALENDAR_EXAMPLES[calendar ?? 'gregorian'];
  const example = date === undefined ? ANY_EXAMPLES[dateOrder ?? 'ymd'] : `${date.split(/,? /)[0]!} 15:30`;
  const read = zone === undefined && !hour24 ? anyDatetimeReader(options) : momentReader(parse, zone);
  return of(read, parse, `${example} or 2024-12-31T15:30:59+09:00`);
}
