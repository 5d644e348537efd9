// The JSON Schema (2020-12) of dataset documents, made from the tables by which they are checked. What a schema cannot say (names that
// are given twice, whether an example would land) only the check says.
import { constraintsOf } from '../fields/constraints.ts';
import { FIELD_TYPES, type FieldType } from '../types.ts';
import { CONSTRAINTS } from './constraint-shapes.ts';
import type { JsonObject } from './document-problems.ts';
import {
  ANY_NAME,
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
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Sluice dataset',
    description: 'A Frictionless Table Schema, and where its records land.',
    anyOf: [madeTable(), existingTable()],
    $defs: { field: fieldSchema({}), columnOfOthers: fieldSchema(OF_OTHERS) },
  };
}

type Properties = Readonly<Record<string, Property>>;

const { takes: _takes, type: _type, ...lookupOfOthers } = FIELD_PROPERTIES.lookup.schema.properties;
/** Their foreign keys say what a lookup gives. */
const OF_OTHERS: Properties = {
  name: { ...FIELD_PROPERTIES.name, schema: ANY_NAME },
  lookup: {
    ...FIELD_PROPERTIES.lookup,
    schema: { ...FIELD_PROPERTIES.lookup.schema, properties: lookupOfOthers },
  },
};

/** A dataset whose table Sluice makes. */
function madeTable(): JsonObject {
  const link = objectOf(LINK_PROPERTIES);
  return documentOf(DOCUMENT_PROPERTIES.schema, 'field', {
    existing: { ...TARGET_PROPERTIES.existing, schema: { const: false } },
    links: { ...TARGET_PROPERTIES.links, schema: { type: 'array', items: link } },
  });
}

/** A dataset over a table that exists: names are those of others, and the fields can be read from it. */
function existingTable(): JsonObject {
  const { isRequired: _, ...schema } = DOCUMENT_PROPERTIES.schema;
  return documentOf(schema, 'columnOfOthers', {
    schema: { ...TARGET_PROPERTIES.schema, schema: ANY_NAME },
    table: { ...TARGET_PROPERTIES.table, schema: ANY_NAME },
    existing: { ...TARGET_PROPERTIES.existing, schema: { const: true }, isRequired: true },
    links: { ...TARGET_PROPERTIES.links, schema: { not: {} } },
  });
}

function documentOf(schema: Property, field: string, target: Properties): JsonObject {
  const fields = { type: 'array', minItems: 1, items: { $ref: `#/$defs/${field}` } };
  return objectOf({
    ...DOCUMENT_PROPERTIES,
    schema: {
      ...schema,
      schema: objectOf({ ...SCHEMA_PROPERTIES, fields: { ...SCHEMA_PROPERTIES.fields, schema: fields } }),
    },
    target: { ...DOCUMENT_PROPERTIES.target, schema: objectOf({ ...TARGET_PROPERTIES, ...target }) },
  });
}

function fieldSchema(own: Properties): JsonObject {
  return {
    ...objectOf({
      ...FIELD_PROPERTIES,
      ...TYPE_PROPERTIES,
      ...own,
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
