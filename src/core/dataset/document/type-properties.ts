// The properties of a field that only some types have, and the shape of each. What they mean is known to the type's own reader.
import { checkTimeZone } from '../fields/readers/time-zone.ts';
import { TIME_ZONE_OVERLAPS, type FieldType } from '../types.ts';
import { describe } from './document-problems.ts';

interface TypeProperty {
  readonly types: readonly FieldType[];
  /** What is wrong with a value, as the end of a sentence that its name begins; undefined: nothing. */
  readonly wrong: (value: unknown) => string | undefined;
}

export const TYPE_PROPERTIES: Readonly<Record<string, TypeProperty>> = {
  decimalChar: { types: ['number'], wrong: wrongSeparator },
  groupChar: { types: ['integer', 'number'], wrong: wrongSeparator },
  bareNumber: { types: ['integer', 'number'], wrong: wrongFlag },
  trueValues: { types: ['boolean'], wrong: () => undefined },
  falseValues: { types: ['boolean'], wrong: () => undefined },
  timeZone: { types: ['datetime'], wrong: wrongTimeZone },
  timeZoneOverlap: { types: ['datetime'], wrong: oneOf(TIME_ZONE_OVERLAPS) },
};

function wrongSeparator(value: unknown): string | undefined {
  if (typeof value === 'string' && /^[^0-9+-]$/u.test(value)) return undefined;
  return `must be one character and neither digit nor sign, not ${describe(value)}`;
}

function wrongFlag(value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : `must be true or false, not ${describe(value)}`;
}

function oneOf(choices: readonly string[]): TypeProperty['wrong'] {
  const listed = choices.map((choice) => `"${choice}"`).join(' or ');
  return (value) =>
    choices.includes(value as string) ? undefined : `must be ${listed}, not ${describe(value)}`;
}

function wrongTimeZone(value: unknown): string | undefined {
  if (typeof value !== 'string') return `must be a text, not ${describe(value)}`;
  try {
    checkTimeZone(value);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
