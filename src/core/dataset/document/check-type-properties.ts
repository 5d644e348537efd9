// Checks the properties of a field that only some types have, constraints among them: that they suit the type and have
// the right shape. What they mean is checked by the type's own reader (check-field.ts).
import { constraintsOf } from '../fields/constraints.ts';
import { CONSTRAINT_NAMES } from '../../imports/row-error.ts';
import { CONSTRAINTS } from './constraint-shapes.ts';
import { describe, type DocumentProblems, type JsonObject } from './document-problems.ts';
import { TYPE_PROPERTIES } from './type-properties.ts';
import { groupClass } from '../fields/readers/groups.ts';
import { FALSE_VALUES, foldValue, TRUE_VALUES } from '../fields/readers/boolean.ts';
import type { FieldType } from '../types.ts';

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
  const object = problems.object(value, pointer, CONSTRAINT_NAMES);
  if (object === undefined) return;
  const suitable = constraintsOf(type);
  for (const name of CONSTRAINT_NAMES) {
    const constraint = object[name];
    if (constraint === undefined) continue;
    const at = `${pointer}/${name}`;
    const { takes, must } = CONSTRAINTS[name];
    if (!suitable.includes(name))
      problems.add(at, `"${name}" is not a constraint of type ${type}; it has ${suitable.join(', ')}.`);
    else if (!takes(constraint)) problems.add(at, `must be ${must}, not ${describe(constraint)}.`);
  }
}
