// Checks the properties of a field that only some types have, constraints among them: that they suit the type and have
// the right shape. What they mean is checked by the type's own reader (check-field.ts).
import { constraintsOf } from '../fields/constraints.ts';
import { describe, type DocumentProblems, type JsonObject } from './document-problems.ts';
import { TYPE_PROPERTIES } from './type-properties.ts';
import { groupClass } from '../fields/readers/groups.ts';
import { FALSE_VALUES, foldValue, TRUE_VALUES } from '../fields/readers/boolean.ts';
import type { FieldType } from '../types.ts';

const CONSTRAINTS = [
  'required',
  'unique',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'pattern',
  'enum',
] as const;

/** The longest varchar Postgres has. */
const MAX_LENGTH = 10_485_760;

export function checkTypeProperties(
  object: JsonObject,
  type: FieldType,
  pointer: string,
  problems: DocumentProblems,
): void {
  for (const [name, { types, wrong }] of Object.entries(TYPE_PROPERTIES)) {
    const value = object[name];
    if (value === undefined) continue;
    if (!types.includes(type))
      problems.add(`${pointer}/${name}`, `"${name}" does not apply to type ${type}. Remove it.`);
    const shape = wrong(value, object);
    if (shape !== undefined) problems.add(`${pointer}/${name}`, `${shape}.`);
  }
  checkSeparators(object, type, pointer, problems);
  if (type === 'boolean') checkBooleanValues(object, pointer, problems);
}

/** Characters that look the same stand for each other, so none of them may be the decimal one. */
function checkSeparators(
  { decimalChar, groupChar, zeroFraction }: JsonObject,
  type: FieldType,
  pointer: string,
  problems: DocumentProblems,
): void {
  const point = decimalChar ?? (type === 'number' ? '.' : undefined);
  const groups = [groupChar ?? []].flat().filter((char) => typeof char === 'string');
  if (typeof point === 'string' && groups.some((char) => groupClass(char).includes(point)))
    problems.add(`${pointer}/groupChar`, `must not be the decimal character, ${describe(point)}.`);
  if (type === 'integer' && decimalChar !== undefined && zeroFraction !== true)
    problems.add(
      `${pointer}/decimalChar`,
      'is for whole numbers with zeros behind it ("zeroFraction": true) only. Remove it.',
    );
}

function checkBooleanValues(object: JsonObject, pointer: string, problems: DocumentProblems): void {
  const trueValues = problems.texts(object['trueValues'], `${pointer}/trueValues`) ?? TRUE_VALUES;
  const falseValues = problems.texts(object['falseValues'], `${pointer}/falseValues`) ?? FALSE_VALUES;
  const fold = object['lenientValues'] === true ? foldValue : (text: string): string => text;
  const folded = falseValues.map(fold);
  for (const text of trueValues)
    if (folded.includes(fold(text)))
      problems.add(pointer, `"${text}" means both true and false; give trueValues and falseValues.`);
}

export function checkConstraintShapes(
  value: unknown,
  type: FieldType,
  pointer: string,
  problems: DocumentProblems,
): void {
  if (value === undefined) return;
  const object = problems.object(value, pointer, CONSTRAINTS);
  if (object === undefined) return;
  const suitable = constraintsOf(type);
  for (const name of CONSTRAINTS) {
    const constraint = object[name];
    if (constraint === undefined) continue;
    const at = `${pointer}/${name}`;
    const wrong = wrongShape(name, constraint);
    if (!suitable.includes(name))
      problems.add(at, `"${name}" is not a constraint of type ${type}; it has ${suitable.join(', ')}.`);
    else if (wrong !== undefined) problems.add(at, `must be ${wrong}, not ${describe(constraint)}.`);
  }
}

/** What the constraint must be, when it is not. */
function wrongShape(name: (typeof CONSTRAINTS)[number], value: unknown): string | undefined {
  switch (name) {
    case 'required':
    case 'unique':
      return typeof value === 'boolean' ? undefined : 'true or false';
    case 'minLength':
      return isCount(value, 0, MAX_LENGTH) ? undefined : `a whole number from 0 to ${MAX_LENGTH}`;
    case 'maxLength':
      return isCount(value, 1, MAX_LENGTH) ? undefined : `a whole number from 1 to ${MAX_LENGTH}`;
    case 'minimum':
    case 'maximum':
      return typeof value === 'string' || typeof value === 'number' ? undefined : 'a number or a text';
    case 'pattern':
      return typeof value === 'string' ? undefined : 'a regular expression';
    case 'enum':
      return Array.isArray(value) && value.length > 0 ? undefined : 'a list of one value or more';
  }
}

/** A whole number within bounds. */
export function isCount(value: unknown, min: number, max: number): boolean {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
}
