// Checks one field of a dataset document.
import { REJECT_COLUMNS } from '../../imports/rejects.ts';
import { compileField, withDefaults } from '../fields/compile-field.ts';
import { compileConstraint } from '../fields/constraints.ts';
import { elementField } from '../fields/repeated-field.ts';
import { checkSchemaDefaults } from './schema-defaults.ts';
import { describe, type DocumentProblems, type JsonObject } from './document-problems.ts';
import { checkNormalize } from './check-normalize.ts';
import { createTypeReader } from '../fields/readers/create-type-reader.ts';
import type { TypeReader } from '../fields/readers/type-reader.ts';
import { checkConstraintShapes, checkTypeProperties } from './check-type-properties.ts';
import { TYPE_PROPERTIES } from './type-properties.ts';
import { FIELD_PROPERTIES, IDENTIFIER, POSTGRES_COLUMNS } from './properties.ts';
import { NAMES_IN_USE } from '../tables/provenance-columns.ts';
import { RESERVED_COLUMNS } from '../tables/table-plan.ts';
import {
  FIELD_TYPES,
  LOOKUP_TYPES,
  type Constraints,
  type Field,
  type FieldType,
  type TableSchema,
} from '../types.ts';

const ALL_PROPERTIES = Object.keys({ ...FIELD_PROPERTIES, ...TYPE_PROPERTIES });

/** A name Postgres takes unquoted and unchanged; a problem otherwise. */
export function checkIdentifier(
  value: unknown,
  pointer: string,
  problems: DocumentProblems,
): value is string {
  if (!problems.isText(value, pointer)) return false;
  if (IDENTIFIER.test(value)) return true;
  problems.add(
    pointer,
    `must be a name of a-z, 0-9 and _ that does not begin with a digit, 63 characters at most, not ${describe(value)}.`,
  );
  return false;
}

/** A column of the main or a linked table: an identifier, and none of our own. */
export function checkColumnName(
  value: unknown,
  pointer: string,
  problems: DocumentProblems,
): value is string {
  if (!checkIdentifier(value, pointer, problems)) return false;
  if (POSTGRES_COLUMNS.includes(value)) {
    problems.add(
      pointer,
      `"${value}" is a column that Postgres gives every table; choose another name (a title or alias may still be "${value}").`,
    );
    return false;
  }
  if (!RESERVED_COLUMNS.includes(value) && !REJECT_COLUMNS.includes(value)) return true;
  problems.add(
    pointer,
    `"${value}" is a column of Sluice's own; choose another name (a title or alias may still be "${value}").`,
  );
  return false;
}

const MAX_NAME_BYTES = 63;

/** A name that somebody else has given to a table or a column: Postgres takes any, quoted. */
export function checkAnyName(value: unknown, pointer: string, problems: DocumentProblems): value is string {
  if (!problems.isText(value, pointer)) return false;
  if (value !== '' && !value.includes('\0') && Buffer.byteLength(value) <= MAX_NAME_BYTES) return true;
  problems.add(
    pointer,
    `must be a name as Postgres has it, of ${MAX_NAME_BYTES} bytes at most, not ${describe(value)}.`,
  );
  return false;
}

/** A column of a table that exists. */
function checkExistingColumn(value: unknown, pointer: string, problems: DocumentProblems): void {
  if (!checkAnyName(value, pointer, problems)) return;
  if (NAMES_IN_USE.includes(value) || REJECT_COLUMNS.includes(value))
    problems.add(pointer, `"${value}" is a column of Sluice's own, which no table of others may have.`);
}

/** What `lookup` says; the tables and columns it names are looked at when the dataset is applied. */
function checkLookup(value: unknown, pointer: string, isExisting: boolean, problems: DocumentProblems): void {
  if (value === undefined) return;
  const { properties, required } = FIELD_PROPERTIES.lookup.schema;
  const lookup = problems.object(value, pointer, Object.keys(properties), required);
  if (lookup === undefined) return;
  problems.optionalTexts(lookup, pointer, Object.keys(properties));
  const { type } = lookup;
  if (isExisting) {
    for (const name of ['takes', 'type'])
      if (lookup[name] !== undefined)
        problems.add(
          `${pointer}/${name}`,
          'is said by the foreign key of a table that exists. Leave it out.',
        );
  } else if (typeof type === 'string' && !(LOOKUP_TYPES as readonly string[]).includes(type))
    problems.add(
      `${pointer}/type`,
      `must be one of ${LOOKUP_TYPES.join(', ')}, or left out: Sluice reads it from the table.`,
    );
}

/** The field with its type filled in, or undefined when it cannot be used further. Problems are added as they are found. */
export function checkField(
  value: unknown,
  pointer: string,
  schema: JsonObject,
  problems: DocumentProblems,
  isExisting = false,
): Field | undefined {
  const before = problems.items.length;
  const object = problems.object(value, pointer, ALL_PROPERTIES, ['name']);
  if (object === undefined) return undefined;
  if (object['name'] !== undefined)
    (isExisting ? checkExistingColumn : checkColumnName)(object['name'], `${pointer}/name`, problems);
  checkLookup(object['lookup'], `${pointer}/lookup`, isExisting, problems);
  problems.optionalTexts(object, pointer, ['title', 'description', 'example', 'format', 'rdfType']);
  problems.texts(object['aliases'], `${pointer}/aliases`);
  problems.texts(object['missingValues'], `${pointer}/missingValues`);
  checkNormalize(object['normalize'], `${pointer}/normalize`, problems);

  const type = checkType(object['type'], `${pointer}/type`, problems);
  if (type === undefined) return undefined;
  const lenient = schema['lenientValues'] === true ? { lenientValues: true } : {};
  checkTypeProperties({ ...lenient, ...object }, type, pointer, problems);
  checkConstraintShapes(object['constraints'], type, `${pointer}/constraints`, problems);
  const field = { ...object, type } as unknown as Field;
  if (problems.items.length === before) checkMeaning(field, pointer, schema, problems);
  return problems.items.length === before ? field : undefined;
}

/** Table Schema's default type is `string`. */
function checkType(value: unknown, pointer: string, problems: DocumentProblems): FieldType | undefined {
  if (value === undefined) return 'string';
  if (!problems.isText(value, pointer)) return undefined;
  if ((FIELD_TYPES as readonly string[]).includes(value)) return value as FieldType;
  problems.add(
    pointer,
    `must be one of ${FIELD_TYPES.join(', ')}, not ${describe(value)}.${problems.didYouMean(value, FIELD_TYPES)}`,
  );
  return undefined;
}

/** What only the type's own reader can tell: the format, limits and enum values, and whether the example would land. */
function checkMeaning(field: Field, pointer: string, schema: JsonObject, problems: DocumentProblems): void {
  const tableSchema = schemaOf(field, schema);
  const reader = attempt(
    () => createTypeReader(withDefaults(field, tableSchema)),
    `${pointer}/format`,
    problems,
  );
  if (reader === undefined) return;
  const { constraints = {} } = field;
  const before = problems.items.length;
  for (const name of Object.keys(constraints) as (keyof Constraints)[])
    attempt(
      () => compileConstraint(reader, field, name, constraints),
      `${pointer}/constraints/${name}`,
      problems,
    );
  checkOrder(constraints, reader, `${pointer}/constraints`, problems);
  if (problems.items.length > before || field.example === undefined) return;
  // What an example shows is a cell.
  const shown = field.repeated === true ? elementField(field) : field;
  const [wrong] = compileField(shown, tableSchema).explain(field.example);
  if (wrong !== undefined) problems.add(`${pointer}/example`, `is not valid: the field ${wrong.message}.`);
}

/** What the document says of all fields, as far as it is sound. */
function schemaOf(field: Field, schema: JsonObject): TableSchema {
  const { missingValues } = schema;
  return {
    fields: [field],
    ...(Array.isArray(missingValues) ? { missingValues: missingValues as string[] } : {}),
    ...checkSchemaDefaults(schema),
  };
}

function attempt<T>(work: () => T, pointer: string, problems: DocumentProblems): T | undefined {
  try {
    return work();
  } catch (error) {
    problems.add(pointer, `${(error as Error).message}.`);
    return undefined;
  }
}

function checkOrder(
  constraints: Constraints,
  reader: TypeReader,
  pointer: string,
  problems: DocumentProblems,
): void {
  const { minLength, maxLength, minimum, maximum } = constraints;
  if (minLength !== undefined && maxLength !== undefined && minLength > maxLength)
    problems.add(
      pointer,
      `minLength (${minLength}) is more than maxLength (${maxLength}); nothing could land.`,
    );
  const [least, most] = [reader.fromJson(minimum), reader.fromJson(maximum)];
  if (
    least !== undefined &&
    most !== undefined &&
    reader.compare !== undefined &&
    reader.compare(least, most) > 0
  )
    problems.add(
      pointer,
      `minimum (${minimum}) is greater than maximum (${maximum}), so no value would be valid.`,
    );
}
