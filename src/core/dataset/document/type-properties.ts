// The properties of a field that only some types have: the shape of each, for the check and for the JSON Schema (json-schema.ts). What they
// mean is known to the type's own reader.
import { checkTimeZone } from '../fields/readers/time-zone.ts';
import { isPivotYear, PIVOT_YEARS } from '../fields/readers/any-date.ts';
import { checkLocale } from '../fields/readers/names.ts';
import { CALENDARS, FIELD_TYPES, NEGATIVES, TIME_ZONE_OVERLAPS, type FieldType } from '../types.ts';
import { describe, type JsonObject } from './document-problems.ts';

/** What a property may be. */
interface Shape {
  /** What is wrong with a value, as the end of a sentence that its name begins; undefined: nothing. */
  readonly wrong: (value: unknown, field: JsonObject) => string | undefined;
  /** As JSON Schema, as far as that can say it. */
  readonly schema: JsonObject;
}

interface TypeProperty extends Shape {
  readonly types: readonly FieldType[];
  /** For people who write a document. */
  readonly description: string;
}

const NUMBERS = ['integer', 'number'] as const;

const DAYS = ['date', 'datetime'] as const;
const TIMES = ['date', 'datetime', 'time'] as const;

const SEPARATOR = { type: 'string', pattern: '^[^0-9+-]$' };
const FLAG: Shape = { wrong: wrongFlag, schema: { type: 'boolean' } };
const TEXTS = { type: 'array', items: { type: 'string' }, uniqueItems: true };

export const TYPE_PROPERTIES: Readonly<Record<string, TypeProperty>> = {
  decimalChar: {
    types: NUMBERS,
    wrong: wrongSeparator,
    schema: SEPARATOR,
    description: 'The decimal character; a point if left out.',
  },
  groupChar: {
    types: NUMBERS,
    wrong: wrongSeparators,
    schema: { anyOf: [SEPARATOR, { type: 'array', minItems: 1, items: SEPARATOR }] },
    description: 'What stands between groups of digits; of several, each number has one.',
  },
  bareNumber: {
    types: NUMBERS,
    ...FLAG,
    description: 'false: a currency or a unit may stand around the number.',
  },
  negative: {
    types: NUMBERS,
    ...someOf(NEGATIVES),
    description: 'How negative numbers are written besides -5.',
  },
  nonFinite: {
    types: ['number'],
    ...FLAG,
    description: 'NaN, Infinity and -Infinity are numbers, as in a column of type double precision.',
  },
  zeroFraction: {
    types: ['integer'],
    ...FLAG,
    description: 'Whole numbers may have zeros behind a decimal character: 12.0 is 12.',
  },
  repeated: { types: ['array'], ...FLAG, description: 'Each column that means the field is one entry.' },
  lenientValues: {
    types: FIELD_TYPES,
    ...FLAG,
    description: 'Missing values, and true and false, in any case and with blanks around them.',
  },
  sensitive: {
    types: FIELD_TYPES,
    ...FLAG,
    description: 'Its values are kept out of row errors, questions and logs; the reject file alone has them.',
  },
  trueValues: {
    types: ['boolean'],
    wrong: () => undefined,
    schema: TEXTS,
    description: 'Texts that mean true.',
  },
  falseValues: {
    types: ['boolean'],
    wrong: () => undefined,
    schema: TEXTS,
    description: 'Texts that mean false.',
  },
  locale: {
    types: TIMES,
    wrong: wrongLocale,
    schema: { type: 'string' },
    description: 'The language of names of months, weekdays and parts of the day: a BCP 47 tag.',
  },
  calendar: { types: DAYS, ...oneOf(CALENDARS), description: 'Whose years are written.' },
  pivotYear: {
    types: DAYS,
    wrong: wrongPivot,
    schema: { type: 'integer' },
    description: 'The first of the hundred years that two digits can mean.',
  },
  hour24: { types: ['datetime', 'time'], ...FLAG, description: 'Takes 24:00, the end of the day.' },
  cutFraction: {
    types: ['datetime', 'time'],
    ...FLAG,
    description: 'Digits beyond microseconds are cut off.',
  },
  timeZone: {
    types: ['datetime'],
    wrong: wrongTimeZone,
    schema: { type: 'string' },
    description: 'Of times that are written without an offset: an IANA name, UTC or +09:00.',
  },
  timeZoneOverlap: {
    types: ['datetime'],
    ...oneOf(TIME_ZONE_OVERLAPS),
    description: 'Which of two to take for a time that clocks show twice, when they are put back.',
  },
};

function wrongSeparator(value: unknown): string | undefined {
  if (typeof value === 'string' && /^[^0-9+-]$/u.test(value)) return undefined;
  return `must be one character and neither digit nor sign, not ${describe(value)}`;
}

function wrongSeparators(value: unknown): string | undefined {
  if (!Array.isArray(value)) return wrongSeparator(value);
  if (value.length === 0) return 'must name one character or more; leave it out if there are no groups';
  return value.map(wrongSeparator).find((wrong) => wrong !== undefined);
}

function wrongFlag(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : `must be true or false, not ${describe(value)}`;
}

function oneOf(choices: readonly string[]): Shape {
  const listed = choices.map((choice) => `"${choice}"`).join(' or ');
  return {
    wrong: (value) =>
      choices.includes(value as string) ? undefined : `must be ${listed}, not ${describe(value)}`,
    schema: { enum: choices },
  };
}

/** One of several words, or a list of them. */
function someOf(choices: readonly string[]): Shape {
  const one = oneOf(choices);
  return {
    wrong: (value, field) => {
      if (Array.isArray(value) && value.length === 0) return 'must name one form or more';
      return [value]
        .flat()
        .map((each) => one.wrong(each, field))
        .find((each) => each !== undefined);
    },
    schema: { anyOf: [one.schema, { type: 'array', minItems: 1, items: one.schema }] },
  };
}

function wrongPivot(value: unknown, { calendar }: JsonObject): string | undefined {
  return isPivotYear(value, calendar) ? undefined : `${PIVOT_YEARS}, not ${describe(value)}`;
}

function wrongTimeZone(value: unknown): string | undefined {
  return wrongText(value, checkTimeZone);
}

function wrongLocale(value: unknown): string | undefined {
  return wrongText(value, checkLocale);
}

function wrongText(value: unknown, check: (text: string) => void): string | undefined {
  if (typeof value !== 'string') return `must be a text, not ${describe(value)}`;
  try {
    check(value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
