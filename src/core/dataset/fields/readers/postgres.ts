// Values as Postgres writes them in COPY … TO (DateStyle ISO, its default): "Date/Time Output", "Boolean Type". They leave nothing open.
import type { WrittenField } from '../../types.ts';
import { booleanReader } from './boolean.ts';
import { isDay } from './calendar.ts';
import { dateReader } from './date.ts';
import { momentReader } from './datetime.ts';
import { isInYears } from './instant.ts';
import { integerReader, numberReader } from './number.ts';
import type { Moment } from './strptime-steps.ts';
import { timeReader } from './time.ts';
import { createZone } from './time-zone.ts';
import { compareTexts, type TypeReader } from './type-reader.ts';

type FormReader = Pick<TypeReader, 'read' | 'takes' | 'expects' | 'why'>;

/** @param declared the field's reader: what the dataset says of its values (minimum, enum) stays in the dataset's notation */
export function asPostgresWrites(declared: TypeReader, field: WrittenField): TypeReader {
  const form = formOf(field);
  if (form === undefined) return declared;
  const { takes: _takes, why: _why, ...reader } = declared;
  return field.type === 'date' || field.type === 'datetime'
    ? withInfinity({ ...reader, ...form })
    : { ...reader, ...form };
}

/** Undefined for texts and JSON, which Postgres writes as they are. */
function formOf(field: WrittenField): FormReader | undefined {
  switch (field.type) {
    case 'boolean':
      return formOnly(booleanReader({ trueValues: ['t', 'true'], falseValues: ['f', 'false'] }));
    case 'integer':
      return formOnly(integerReader({}));
    case 'number':
      return formOnly(numberReader({}));
    case 'date':
      return withEras(formOnly(dateReader()));
    case 'datetime':
      return withEras(timestampForm(field));
    case 'time':
      return timeForm();
    case 'string':
    case 'any':
    case 'object':
    case 'array':
    case 'year':
    case 'yearmonth':
      return undefined;
  }
}

function formOnly({ read, takes, expects, why }: TypeReader): FormReader {
  return { read, expects, ...(takes ? { takes } : {}), ...(why ? { why } : {}) };
}

const TIMESTAMP =
  /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-]\d\d)(:\d\d)?(:\d\d)?)?$/;
/** Postgres takes no offset beyond. */
const MAX_OFFSET = '15:59:59';

/** `2024-01-31 13:45:00.123456+05:30:20`: offsets of solar time have seconds. */
function parseTimestamp(text: string, moment: Moment): boolean {
  const [form, year, month, day, hour, minute, second, fraction = '', hours, minutes = ':00', seconds = ''] =
    TIMESTAMP.exec(text) ?? [];
  if (form === undefined) return false;
  moment.year = Number(year);
  moment.month = Number(month);
  moment.day = Number(day);
  moment.hour = Number(hour);
  moment.minute = Number(minute);
  moment.second = Number(second);
  moment.fraction = fraction;
  moment.offset = hours === undefined ? '' : `${hours}${minutes}${seconds}`;
  return (
    isDay(moment.year, moment.month, moment.day) &&
    moment.hour < 24 &&
    moment.minute < 60 &&
    moment.second < 60 &&
    moment.offset.slice(1) <= MAX_OFFSET &&
    !/:[6-9]/.test(moment.offset)
  );
}

function timestampForm({ timeZone, timeZoneOverlap }: WrittenField): FormReader {
  const zone = timeZone === undefined ? undefined : createZone(timeZone, timeZoneOverlap);
  const read = momentReader(parseTimestamp, zone);
  return {
    read: (text) => {
      const value = read(text);
      return value !== undefined && isInYears(value) ? value : undefined;
    },
    expects: 'a timestamp of Postgres like 2024-12-31 15:30:59.25+09',
  };
}

/** `24:00:00` is a time of its own there. */
function timeForm(): FormReader {
  const { read, expects } = timeReader();
  return { read: (text) => (text === '24:00:00' ? text : read(text)), expects };
}

function withEras(form: FormReader): FormReader {
  const { why } = form;
  return {
    ...form,
    why: (text) => {
      if (text.endsWith(' BC')) return 'which is before the year 0001, the first that Sluice takes';
      return /^\d{5}/.test(text) ? 'which is behind the year 9999, the last that Sluice takes' : why?.(text);
    },
  };
}

const INFINITIES: Readonly<Record<string, number>> = { '-infinity': -1, infinity: 1 };

/** `infinity` is later than all other values, `-infinity` earlier; columns of dates and timestamps hold both. */
function withInfinity(reader: TypeReader): TypeReader {
  const { read, compare = compareTexts, key } = reader;
  const isInfinite = (text: string): boolean => Object.hasOwn(INFINITIES, text);
  return {
    ...reader,
    read: (text) => (isInfinite(text) ? text : read(text)),
    compare: (a, b) =>
      isInfinite(a) || isInfinite(b) ? (INFINITIES[a] ?? 0) - (INFINITIES[b] ?? 0) : compare(a, b),
    ...(key === undefined ? {} : { key: (value: string) => (isInfinite(value) ? value : key(value)) }),
  };
}
