// Which constraints suit which type, and each of them as a check on a value that has been read.
import { counted } from '../../counted.ts';
import { NOT_DIGIT } from '../../csv/records/cell-places.ts';
import type { ConstraintName } from '../../imports/row-error.ts';
import { charactersAt, digitsAt, type ByteTest } from './byte-test.ts';
import type { TypeReader } from './readers/type-reader.ts';
import { compileBytePattern } from './byte-pattern.ts';
import { compilePattern } from '../document/pattern.ts';
import type { Constraints, Field, FieldType } from '../types.ts';

export interface ConstraintCheck {
  readonly constraint: ConstraintName;
  readonly passes: (value: string) => boolean;
  /** Says yes to bytes that the type's own test has taken and whose text passes. */
  readonly takes?: ByteTest;
  /** What a good value is; ends the sentence "expects …". */
  readonly expects: string;
}

const LENGTHS = ['minLength', 'maxLength', 'pattern'] as const;
const LIMITS = ['minimum', 'maximum'] as const;
const ALWAYS = ['required', 'unique', 'enum'] as const;

/** The constraints Table Schema defines for a type. `pattern` is taken for JSON texts too. */
export function constraintsOf(type: FieldType): readonly ConstraintName[] {
  switch (type) {
    case 'string':
    case 'object':
    case 'array':
      return [...ALWAYS, ...LENGTHS];
    case 'boolean':
    case 'any':
      return ALWAYS;
    default:
      return [...ALWAYS, ...LIMITS];
  }
}

/** Unicode characters (code points), as Postgres counts them for varchar. */
function countCharacters(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++)
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      count--;
      i++;
    }
  return count;
}

/** A text has at most as many characters as UTF-16 units, so most cells need no counting. */
export function hasAtMost(text: string, max: number): boolean {
  return text.length <= max || (text.length <= 2 * max && countCharacters(text) <= max);
}

function hasAtLeast(text: string, min: number): boolean {
  return text.length >= min && (text.length >= 2 * min || countCharacters(text) >= min);
}

/** Reads a limit or an enum value of the document; throws an Error whose message ends the sentence "minimum …". */
function valueOf(reader: TypeReader, value: unknown): string {
  const read = reader.fromJson(value);
  if (read === undefined) throw new Error(`must be ${reader.expects}, not ${JSON.stringify(value)}`);
  return read;
}

function lengthCheck(
  reader: TypeReader,
  constraint: 'minLength' | 'maxLength',
  limit: number,
): ConstraintCheck {
  const words = constraint === 'minLength' ? 'at least' : 'at most';
  const { size } = reader;
  if (size !== undefined)
    return {
      constraint,
      passes: (value) => (constraint === 'minLength' ? size(value) >= limit : size(value) <= limit),
      expects: `${words} ${counted(limit, 'entry', 'entries')}`,
    };
  return {
    constraint,
    passes:
      constraint === 'minLength' ? (value) => hasAtLeast(value, limit) : (value) => hasAtMost(value, limit),
    takes: constraint === 'minLength' ? takesAtLeast(limit) : takesAtMost(limit),
    expects: `${words} ${counted(limit, 'character')}`,
  };
}

function takesAtMost(limit: number): ByteTest {
  return (bytes, start, end) => end - start <= limit || charactersAt(bytes, start, end) <= limit;
}

function takesAtLeast(limit: number): ByteTest {
  return (bytes, start, end) => end - start >= limit && charactersAt(bytes, start, end) >= limit;
}

const EXACT_DIGITS = 15;

/** For whole numbers without a sign, which a double holds exactly, against a bound that is one. */
function takesWithin(constraint: 'minimum' | 'maximum', bound: string): ByteTest | undefined {
  const limit = Number(bound);
  if (!Number.isSafeInteger(limit) || String(limit) !== bound) return undefined;
  return (bytes, start, end, mark) => {
    if (end - start > EXACT_DIGITS || (mark & NOT_DIGIT) !== 0) return false;
    const value = digitsAt(bytes, start, end);
    return constraint === 'minimum' ? value >= limit : value <= limit;
  };
}

function limitCheck(
  reader: TypeReader,
  field: Field,
  constraint: 'minimum' | 'maximum',
  limit: string | number,
): ConstraintCheck {
  const compare = reader.compare!;
  const bound = valueOf(reader, limit);
  const isNumber = field.type === 'integer' || field.type === 'number';
  const takes = isNumber ? takesWithin(constraint, bound) : undefined;
  const words =
    constraint === 'minimum' ? (isNumber ? 'or more' : 'or later') : isNumber ? 'or less' : 'or earlier';
  return {
    constraint,
    passes:
      constraint === 'minimum'
        ? (value) => compare(value, bound) >= 0
        : (value) => compare(value, bound) <= 0,
    ...(takes ? { takes } : {}),
    expects: `${limit} ${words}`,
  };
}

function enumCheck(reader: TypeReader, values: readonly unknown[]): ConstraintCheck {
  const { key = (value: string): string => value } = reader;
  const allowed = new Set(values.map((value) => key(valueOf(reader, value))));
  const listed = values
    .slice(0, 10)
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  const more = values.length > 10 ? ` or ${values.length - 10} more` : '';
  return {
    constraint: 'enum',
    passes: (value) => allowed.has(key(value)),
    expects: `one of ${listed.join(', ')}${more}`,
  };
}

function patternCheck(pattern: string): ConstraintCheck {
  const passes = compilePattern(pattern);
  const takes = compileBytePattern(pattern);
  return {
    constraint: 'pattern',
    passes,
    ...(takes ? { takes } : {}),
    expects: `text that matches ${pattern}`,
  };
}

/**
 * One constraint as a check; undefined for those that are not a matter of one value (`required` is the null's, `unique` the database's).
 * @throws Error whose message ends the sentence "<constraint> …"
 */
export function compileConstraint(
  reader: TypeReader,
  field: Field,
  name: keyof Constraints,
  constraints: Constraints,
): ConstraintCheck | undefined {
  switch (name) {
    case 'required':
    case 'unique':
      return undefined;
    case 'minLength':
    case 'maxLength':
      return lengthCheck(reader, name, constraints[name]!);
    case 'minimum':
    case 'maximum':
      return limitCheck(reader, field, name, constraints[name]!);
    case 'pattern':
      return patternCheck(constraints.pattern!);
    case 'enum':
      return enumCheck(reader, constraints.enum!);
  }
}

/** All checks of a field, in the order of the table of names. */
export function compileConstraints(reader: TypeReader, field: Field): ConstraintCheck[] {
  const constraints = field.constraints ?? {};
  return constraintsOf(field.type)
    .filter((name) => constraints[name] !== undefined)
    .flatMap((name) => compileConstraint(reader, field, name, constraints) ?? []);
}
