// The properties of a field that only some types have, and the shape of each. What they mean is known to the type's own reader.
import { checkTimeZone } from '../fields/readers/time-zone.ts';
import { isPivotYear, PIVOT_YEARS } from '../fields/readers/any-date.ts';
import { checkLocale } from '../fields/readers/names.ts';
import { CALENDARS, FIELD_TYPES, NEGATIVES, TIME_ZONE_OVERLAPS, type FieldType } from '../types.ts';
import { describe, type JsonObject } from './document-problems.ts';

interface TypeProperty {
  readonly types: readonly FieldType[];
  /** What is wrong with a value, as the end of a sentence that its name begins; undefined: nothing. */
  readonly wrong: (value: unknown, field: JsonObject) => string | undefined;
}

const NUMBERS = ['integer', 'number'] as const;

const DAYS = ['date', 'datetime'] as const;
const TIMES = ['date', 'datetime', 'time'] as const;

export const TYPE_PROPERTIES: Readonly<Record<string, TypeProperty>> = {
  decimalChar: { types: NUMBERS, wrong: wrongSeparator },
  groupChar: { types: NUMBERS, wrong: wrongSeparators },
  bareNumber: { types: NUMBERS, wrong: wrongFlag },
  negative: { types: NUMBERS, wrong: someOf(NEGATIVES) },
  zeroFraction: { types: ['integer'], wrong: wrongFlag },
  repeated: { types: ['array'], wrong: wrongFlag },
  lenientValues: { types: FIELD_TYPES, wrong: wrongFlag },
  trueValues: { types: ['boolean'], wrong: () => undefined },
  falseValues: { types: ['boolean'], wrong: () => undefined },
  locale: { types: TIMES, wrong: wrongLocale },
  calendar: { types: DAYS, wrong: oneOf(CALENDARS) },
  pivotYear: { types: DAYS, wrong: wrongPivot },
  hour24: { types: ['datetime', 'time'], wrong: wrongFlag },
  cutFraction: { types: ['datetime', 'time'], wrong: wrongFlag },
  timeZone: { types: ['datetime'], wrong: wrongTimeZone },
  timeZoneOverlap: { types: ['datetime'], wrong: oneOf(TIME_ZONE_OVERLAPS) },
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

function oneOf(choices: readonly string[]): TypeProperty['wrong'] {
  const listed = choices.map((choice) => `"${choice}"`).join(' or ');
  return (value) =>
    choices.includes(value as string) ? undefined : `must be ${listed}, not ${describe(value)}`;
}

/** One of several words, or a list of them. */
function someOf(choices: readonly string[]): TypeProperty['wrong'] {
  const wrong = oneOf(choices);
  return (value, field) => {
    if (Array.isArray(value) && value.length === 0) return 'must name one form or more';
    return [value]
      .flat()
      .map((one) => wrong(one, field))
      .find((each) => each !== undefined);
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
