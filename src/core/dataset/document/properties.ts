// The properties that documents, schemas, fields and targets have, besides those of a field's type (type-properties.ts).
import { FIELD_TYPES, LOOKUP_TYPES } from '../types.ts';
import { NORMALIZE_SCHEMA } from './check-normalize.ts';
import { RETENTION_SCHEMA } from './check-retention.ts';
import type { JsonObject } from './document-problems.ts';
import { SCHEMA_DEFAULTS } from './schema-defaults.ts';
import { TYPE_PROPERTIES } from './type-properties.ts';

export interface Property {
  /** As JSON Schema. */
  readonly schema: JsonObject;
  /** For people who write a document. */
  readonly description: string;
  readonly isRequired?: true;
}

const TEXT = { type: 'string' };
const TEXTS = { type: 'array', items: TEXT, uniqueItems: true };
/** Filled in by json-schema.ts from a table of its own. */
const PART = { type: 'object' };
const PARTS = { type: 'array', items: PART };

export const DATASET_NAME = /^[a-z][a-z0-9_-]{0,62}$/;
/** A name Postgres takes unquoted and unchanged. */
export const IDENTIFIER = /^[a-z_][a-z0-9_]{0,62}$/;
const NAME = { type: 'string', pattern: IDENTIFIER.source };

/** A name that somebody else has given. */
export const ANY_NAME = { type: 'string', minLength: 1 };

/** Columns that Postgres gives every table (its documentation, 5.6). */
export const POSTGRES_COLUMNS: readonly string[] = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];

/** Postgres has room for 1,600 columns in a table; some of them are Sluice's own. */
export const MOST_FIELDS = 1500;
/** The most columns that an index of Postgres has. */
export const MOST_KEY_FIELDS = 32;
export const MOST_LINKS = 100;
/** Of all patterns of a document together. */
export const MOST_PATTERN_CHARS = 100_000;

export const DOCUMENT_PROPERTIES = {
  $schema: { schema: TEXT, description: 'Where the schema of the document is, for editors.' },
  name: {
    schema: { type: 'string', pattern: DATASET_NAME.source },
    description: 'What an upload gives as dataset.',
    isRequired: true,
  },
  title: { schema: TEXT, description: 'For people.' },
  description: { schema: TEXT, description: 'For people.' },
  schema: { schema: PART, description: 'The fields.', isRequired: true },
  target: { schema: PART, description: 'Where the records land.', isRequired: true },
  retention: {
    schema: RETENTION_SCHEMA,
    description: 'How long what is known of its imports is kept; what is left out is as the settings say.',
  },
} as const satisfies Record<string, Property>;

export const SCHEMA_PROPERTIES = {
  $schema: { schema: TEXT, description: 'Where the standard is.' },
  fields: { schema: PARTS, description: 'The columns of the table, in their order.', isRequired: true },
  missingValues: { schema: TEXTS, description: 'Cells that mean null; the empty one if left out.' },
  primaryKey: {
    schema: { anyOf: [TEXT, { ...TEXTS, maxItems: MOST_KEY_FIELDS }] },
    description: 'The fields by which mode=upsert finds a row.',
  },
  ...(Object.fromEntries(
    SCHEMA_DEFAULTS.map((name) => [
      name,
      {
        schema: TYPE_PROPERTIES[name]!.schema,
        description: `Of fields that do not say it: ${TYPE_PROPERTIES[name]!.description}`,
      },
    ]),
  ) as Record<(typeof SCHEMA_DEFAULTS)[number], Property>),
} as const satisfies Record<string, Property>;

export const FIELD_PROPERTIES = {
  name: { schema: NAME, description: 'The column in Postgres.', isRequired: true },
  type: { schema: { enum: FIELD_TYPES, default: 'string' }, description: 'What its values are.' },
  title: { schema: TEXT, description: 'A header that means the field, besides its name.' },
  description: { schema: TEXT, description: 'For people.' },
  example: { schema: TEXT, description: 'A cell that would land; it is in the template.' },
  format: { schema: TEXT, description: 'Which form of the type.' },
  aliases: { schema: TEXTS, description: 'Other headers that mean the field.' },
  normalize: { schema: NORMALIZE_SCHEMA, description: 'Changes to a cell before it is read, in this order.' },
  constraints: { schema: PART, description: 'What a value must fulfil.' },
  missingValues: { schema: TEXTS, description: 'Cells that mean null, in place of the schema’s.' },
  lookup: {
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['in', 'by'],
      properties: { field: TEXT, in: TEXT, by: TEXT, takes: TEXT, type: { enum: LOOKUP_TYPES } },
    },
    description: 'The file has another key of the row that the column refers to.',
  },
  rdfType: { schema: TEXT, description: 'Of the standard; Sluice keeps it.' },
} as const satisfies Record<string, Property>;

export const TARGET_PROPERTIES = {
  schema: { schema: NAME, description: 'A schema of Postgres; public if left out.' },
  table: {
    schema: NAME,
    description: 'The table the records land in; shop.orders is table orders of schema shop, and exists.',
    isRequired: true,
  },
  existing: {
    schema: { type: 'boolean' },
    description:
      'The table is somebody else’s, and stays as it is. Its fields are read from it when there is no schema.',
  },
  links: { schema: PARTS, description: 'Fields that land in tables of their own.' },
} as const satisfies Record<string, Property>;

export const LINK_PROPERTIES = {
  table: { schema: NAME, description: 'The table of its own.', isRequired: true },
  column: { schema: NAME, description: 'The column that refers to it.', isRequired: true },
  fields: { schema: { ...TEXTS, minItems: 1 }, description: 'The fields that land in it.', isRequired: true },
} as const satisfies Record<string, Property>;
