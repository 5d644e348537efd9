// The constraints of a field and the shape of each, for the check and for the JSON Schema (json-schema.ts). Which of them a type has, and
// what they mean, is said by fields/constraints.ts.
import type { ConstraintName } from '../../imports/row-error.ts';
import type { JsonObject } from './document-problems.ts';

interface ConstraintShape {
  readonly takes: (value: unknown) => boolean;
  /** What it must be: ends the sentence "must be …". */
  readonly must: string;
  /** As JSON Schema. */
  readonly schema: JsonObject;
  /** For people who write a document. */
  readonly description: string;
}

/** The longest varchar Postgres has. */
const MAX_LENGTH = 10_485_760;

/** To judge what a pattern may cost takes time, and others wait meanwhile. */
const MOST_PATTERN_CHARS = 5000;

const FLAG = {
  takes: (value: unknown) => typeof value === 'boolean',
  must: 'true or false',
  schema: { type: 'boolean' },
};
const LIMIT = {
  takes: (value: unknown) => typeof value === 'string' || typeof value === 'number',
  must: 'a number or a text',
  schema: { type: ['string', 'number'] },
};
const length = (least: number): Pick<ConstraintShape, 'takes' | 'must' | 'schema'> => ({
  takes: (value) => isCount(value, least, MAX_LENGTH),
  must: `a whole number from ${least} to ${MAX_LENGTH}`,
  schema: { type: 'integer', minimum: least, maximum: MAX_LENGTH },
});

export const CONSTRAINTS: Readonly<Record<ConstraintName, ConstraintShape>> = {
  required: { ...FLAG, description: 'A record without a value is rejected.' },
  unique: { ...FLAG, description: 'No two rows have the same value.' },
  minLength: { ...length(0), description: 'Least characters, or entries of a list.' },
  maxLength: { ...length(1), description: 'Most characters, or entries of a list.' },
  minimum: { ...LIMIT, description: 'The least value, as a cell would write it.' },
  maximum: { ...LIMIT, description: 'The greatest value, as a cell would write it.' },
  pattern: {
    takes: (value) => typeof value === 'string' && value.length <= MOST_PATTERN_CHARS,
    must: `a regular expression of ${MOST_PATTERN_CHARS} characters at most`,
    schema: { type: 'string', maxLength: MOST_PATTERN_CHARS },
    description: 'An XML Schema regular expression for the whole value.',
  },
  enum: {
    takes: (value) => Array.isArray(value) && value.length > 0,
    must: 'a list of one value or more',
    schema: { type: 'array', minItems: 1 },
    description: 'The only values.',
  },
};

/** A whole number within bounds. */
export function isCount(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}
