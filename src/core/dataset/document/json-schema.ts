// The JSON Schema (2020-12) of dataset documents, made from the tables by which they are checked. What a schema cannot say (names that
// are given twice, whether an example would land) only the check says.
import { constraintsOf } from '../fields/constraints.ts';
import { FIELD_TYPES, type FieldType } from '../types.ts';
import { CONSTRAINTS } from './constraint-shapes.ts';
import type { JsonObject } from './document-problems.ts';
import {
  DOCUMENT_PROPERTIES,
  FIELD_PROPERTIES,
  LINK_PROPERTIES,
  SCHEMA_PROPERTIES,
  TARGET_PROPERTIES,
  type Property,
} from './properties.ts';
import { TYPE_PROPERTIES } from './type-properties.ts';

/** The whole schema. Each part is of the table that the check of that part reads. */
export function datasetJsonSchema(): JsonObject {
  const link = objectOf(LINK_PROPERTIES);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Sluice dataset',
    description: 'A Frictionless Table Schema, and where its records land.',
    ...objectOf({
      ...DOCUMENT_PROPERTIES,
      schema: {
        ...DOCUMENT_PROPERTIES.schema,
        schema: objectOf({
          ...SCHEMA_PROPERTIES,
          fields: {
            ...SCHEMA_PROPERTIES.fields,
            schema: { type: 'array', minItems: 1, items: { $ref: '#/$defs/field' } },
          },
        }),
      },
      target: {
        ...DOCUMENT_PROPERTIES.target,
        schema: objectOf({
          ...TARGET_PROPERTIES,
          links: { ...TARGET_PROPERTIES.links, schema: { type: 'array', items: link } },
        }),
      },
    }),
    $defs: { field: fieldSchema() },
  };
}

function fieldSchema(): JsonObject {
  return {
    ...objectOf({
      ...FIELD_PROPERTIES,
      ...TYPE_PROPERTIES,
      constraints: { ...FIELD_PROPERTIES.constraints, schema: objectOf(CONSTRAINTS) },
    }),
    allOf: FIELD_TYPES.map(onlyOf),
  };
}

/** A field of this type has none of the properties that others have. A field that names no type is a string. */
function onlyOf(type: FieldType): JsonObject {
  const others = Object.keys(TYPE_PROPERTIES).filter((name) => !TYPE_PROPERTIES[name]!.types.includes(type));
  const constraints = Object.keys(CONSTRAINTS).filter(
    (name) => !(constraintsOf(type) as string[]).includes(name),
  );
  const isOfType = {
    properties: { type: { const: type } },
    ...(type === 'string' ? {} : { required: ['type'] }),
  };
  return {
    anyOf: [
      { not: isOfType },
      {
        properties: {
          ...none(others),
          ...(constraints.length === 0 ? {} : { constraints: { properties: none(constraints) } }),
        },
      },
    ],
  };
}

function none(names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, false]));
}

function objectOf(properties: Readonly<Record<string, Property>>): JsonObject {
  const required = Object.keys(properties).filter((name) => properties[name]!.isRequired === true);
  return {
    type: 'object',
    additionalProperties: false,
    ...(required.length === 0 ? {} : { required }),
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, { schema, description }]) => [name, { description, ...schema }]),
    ),
  };
}
