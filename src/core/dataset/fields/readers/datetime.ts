// datetime. A time without an offset is one of the declared time zone, or of UTC when none is declared.
import type { DateOrder, WrittenField } from '../../types.ts';
import { dateText, digits, isDay } from './calendar.ts';
import { dateAt, exampleOf } from './date.ts';
import { compareInstants, instantKey, isInYears } from './instant.ts';
import { compileStrptime, createMoment, offsetStep, type Moment } from './strptime.ts';
import { isoTimeEnd, readAnyTimeAt, timeText } from './time.ts';
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

export type DatetimeOptions = Pick<WrittenField, 'dateOrder' | 'timeZone' | 'timeZoneOverlap'>;

/** Fills in the moment and says whether the text has the form; offset empty: none is written. The day exists. */
type Parse = (text: string, moment: Moment) => boolean;

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
      return withOffset(text, zone.offsetOf(moment));
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

function withOffset(time: string, offset: string | undefined): string | undefined {
  if (offset === undefined) return undefined;
  const value = time + offset;
  return isInYears(value) ? value : undefined;
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

function anyForm(order: DateOrder | undefined): Parse {
  return (text, moment) => {
    const span = dateAt(text, order);
    if (span === undefined || !/[Tt ]/.test(text[span.end] ?? '')) return false;
    const end = readAnyTimeAt(text, span.end + 1, moment);
    if (end === -1) return false;
    moment.year = digits(span.date, 0, 4);
    moment.month = digits(span.date, 5, 7);
    moment.day = digits(span.date, 8, 10);
    moment.offset = '';
    const offsetAt = text[end] === ' ' ? end + 1 : end;
    return end === text.length || offsetStep(text, offsetAt, moment) === text.length;
  };
}

function patternForm(pattern: string): Parse {
  const { parse, parts } = compileStrptime(pattern);
  if (!parts.has('date') || !parts.has('time')) throw new Error('must name a date and a time');
  return (text, moment) => parse(text, moment) && isDay(moment.year, moment.month, moment.day);
}

/** The text of a moment, its offset that of the zone where none is written. */
function reader(parse: Parse, zone: Zone | undefined): TypeReader['read'] {
  const moment = createMoment();
  return (text) => {
    if (!parse(text, moment)) return undefined;
    const local = `${dateText(moment.year, moment.month, moment.day)}T${timeText(moment)}`;
    if (moment.offset !== '') return withOffset(local, moment.offset);
    return zone === undefined ? `${local}Z` : withOffset(local, zone.offsetOf(moment));
  };
}

function why(parse: Parse, zone: Zone | undefined): (text: string) => string | undefined {
  const moment = createMoment();
  return (text) => {
    if (!parse(text, moment)) return undefined;
    const none = moment.offset === '' ? zone?.whyNone(moment) : undefined;
    return none ?? `which in UTC is not in the years 0001 to 9999`;
  };
}

/**
 * @param options `dateOrder` is that of dates that do not begin with the year, for format `any`
 * @throws Error whose message ends the sentence "format …"
 */
export function datetimeReader(format = 'default', options: DatetimeOptions = {}): TypeReader {
  const { dateOrder, timeZone, timeZoneOverlap } = options;
  const zone = timeZone === undefined ? undefined : createZone(timeZone, timeZoneOverlap);
  const of = (read: TypeReader['read'], parse: Parse, expects: string): TypeReader => ({
    read,
    fromJson: fromJsonText(read),
    expects,
    why: why(parse, zone),
    compare: compareInstants,
    key: instantKey,
  });
  if (format === 'default')
    return of(isoDatetimeReader(zone), parseIso, 'a date and time like 2024-12-31T15:30:59Z');
  const parse = format === 'any' ? anyForm(dateOrder) : patternForm(format);
  const example =
    format === 'any'
      ? `${ANY_EXAMPLES[dateOrder ?? 'ymd']} or 2024-12-31T15:30:59+09:00`
      : `${exampleOf(format)} (format ${format})`;
  return of(reader(parse, zone), parse, `a date and time like ${example}`);
}
