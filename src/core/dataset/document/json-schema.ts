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
    anyOf: [madeTable(), existingTable(), namedWithSchema(), withoutFields()],
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

const { isRequired: _isRequired, ...FIELDS_OF_OTHERS } = DOCUMENT_PROPERTIES.schema;
const NEVER = { not: {} };
const NAMES_OF_OTHERS: Properties = {
  schema: { ...TARGET_PROPERTIES.schema, schema: ANY_NAME },
  table: { ...TARGET_PROPERTIES.table, schema: ANY_NAME },
  links: { ...TARGET_PROPERTIES.links, schema: NEVER },
};
const MAY_SAY_SO: Property = { ...TARGET_PROPERTIES.existing, schema: { const: true } };

/** A dataset over a table that exists: names are those of others, and the fields can be read from it. */
function existingTable(): JsonObject {
  return documentOf(FIELDS_OF_OTHERS, 'columnOfOthers', {
    ...NAMES_OF_OTHERS,
    existing: { ...MAY_SAY_SO, isRequired: true },
  });
}

/** The same, without saying so: `shop.orders` is a table that exists. */
function namedWithSchema(): JsonObject {
  return documentOf(FIELDS_OF_OTHERS, 'columnOfOthers', {
    ...NAMES_OF_OTHERS,
    schema: { ...TARGET_PROPERTIES.schema, schema: NEVER },
    table: { ...TARGET_PROPERTIES.table, schema: { type: 'string', pattern: '^[^.]+\\.[^.]+$' } },
    existing: MAY_SAY_SO,
  });
}

/** The same: of no fields no table can be made. */
function withoutFields(): JsonObject {
  return documentOf({ ...DOCUMENT_PROPERTIES.schema, schema: NEVER }, 'columnOfOthers', {
    ...NAMES_OF_OTHERS,
    table: { ...TARGET_PROPERTIES.table, schema: { type: 'string', pattern: '^[^.]+$' } },
    existing: MAY_SAY_SO,
  });
}

function documentOf(schema: Property, field: string, target: Properties): JsonObject {
  const fields = { type: 'array', minItems: 1, items: { $ref: `#/$defs/${field}` } };
  const described = objectOf({
    ...SCHEMA_PROPERTIES,
    fields: { ...SCHEMA_PROPERTIES.fields, schema: fields },
  });
  const { isRequired, ...of } = schema;
  return objectOf({
    ...DOCUMENT_PROPERTIES,
    schema:
      schema.schema === NEVER
        ? { ...of }
        : { ...of, ...(isRequired === true && { isRequired }), schema: described },
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
