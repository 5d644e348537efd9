// The document of a dataset, as OpenAPI describes it.
import { Type, type TSchema } from '@fastify/type-provider-typebox';
import { FIELD_TYPES, type TableSchema, type Target } from '../../core/dataset/types.ts';
import { component } from '../http/components.ts';

const Words = (description: string) => Type.Optional(Type.Array(Type.String(), { description }));

const DatasetField = component(
  'DatasetField',
  Type.Object(
    {
      name: Type.String(),
      type: Type.Enum(FIELD_TYPES, { type: 'string' }),
      format: Type.Optional(
        Type.String({ description: 'What the type leaves open, such as `email` or `any`.' }),
      ),
      title: Type.Optional(Type.String({ description: 'Its header.' })),
      description: Type.Optional(Type.String()),
      example: Type.Optional(Type.String()),
      aliases: Words('Other headers that mean this field.'),
      missingValues: Words('Cell texts that mean null.'),
      timeZone: Type.Optional(
        Type.String({
          description: 'Of a datetime that is written without an offset; without it the dataset’s, else UTC.',
        }),
      ),
      lookup: Type.Optional(
        Type.Object(
          { field: Type.Optional(Type.String()), in: Type.String(), by: Type.String() },
          {
            additionalProperties: true,
            description: 'The file has another key of the row of `in` that the column refers to.',
          },
        ),
      ),
      constraints: Type.Optional(
        Type.Object({
          required: Type.Optional(Type.Boolean()),
          unique: Type.Optional(Type.Boolean()),
          minLength: Type.Optional(Type.Integer()),
          maxLength: Type.Optional(Type.Integer()),
          minimum: Type.Optional(Type.Union([Type.String(), Type.Number()])),
          maximum: Type.Optional(Type.Union([Type.String(), Type.Number()])),
          pattern: Type.Optional(Type.String()),
          enum: Type.Optional(Type.Array(Type.Unknown())),
        }),
      ),
    },
    { additionalProperties: true, description: 'A field, as Table Schema has it, with what Sluice adds.' },
  ),
);

/** Answered as the document has it; what the serializer lets pass, OpenAPI spells out. */
const asWritten = <T>(name: string, documented: TSchema) =>
  component(name, Type.Unsafe<T>({ type: 'object', additionalProperties: true }), documented);

export const TableSchemaAnswer = asWritten<TableSchema>(
  'TableSchema',
  Type.Object(
    {
      fields: Type.Array(DatasetField),
      missingValues: Words('Cell texts that mean null.'),
      timeZone: Type.Optional(
        Type.String({ description: 'Of datetimes without an offset, in fields that declare none.' }),
      ),
      primaryKey: Words('The fields by which `mode=upsert` finds a row.'),
    },
    { additionalProperties: true, description: 'A Frictionless Table Schema.' },
  ),
);

export const TargetAnswer = asWritten<Target>(
  'DatasetTarget',
  Type.Object(
    {
      schema: Type.Optional(Type.String({ default: 'public', description: 'Schema of Postgres.' })),
      table: Type.String({
        description: 'In a PUT `shop.orders` is table `orders` of schema `shop`, which exists.',
      }),
      existing: Type.Optional(
        Type.Boolean({ description: 'true: the table is somebody else’s, and stays as it is.' }),
      ),
      links: Type.Optional(
        Type.Array(
          component(
            'DatasetLink',
            Type.Object(
              { table: Type.String(), column: Type.String(), fields: Type.Array(Type.String()) },
              { description: 'Fields that land in a table of their own, which `column` refers to.' },
            ),
          ),
        ),
      ),
    },
    { additionalProperties: true, description: 'The table the rows land in, and the tables linked to it.' },
  ),
);

const Period = (description: string) =>
  Type.Optional(
    Type.String({
      description: `${description} An ISO 8601 duration; \`forever\`: for good.`,
      examples: ['P90D'],
    }),
  );

export const RetentionAnswer = component(
  'DatasetRetention',
  Type.Object(
    {
      files: Period('The file of an import and its rejects, from its end on.'),
      rowErrors: Period('Its row errors.'),
      imports: Period('All that is known of it; never shorter than its files.'),
      exports: Period('Files of records that tasks have made; not `forever`.'),
    },
    {
      description:
        'How long what is known of its imports is kept. What is left out is as the settings say. A PUT also takes whole numbers of days.',
    },
  ),
);

/** What a PUT brings: checked as a document, with all that is wrong with it. */
export const DatasetDocument = component(
  'DatasetDocument',
  Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true }),
  Type.Object(
    {
      name: Type.Optional(Type.String({ description: 'As in the path.' })),
      title: Type.Optional(Type.String()),
      description: Type.Optional(Type.String()),
      schema: Type.Optional(TableSchemaAnswer),
      target: TargetAnswer,
      retention: Type.Optional(RetentionAnswer),
    },
    {
      description:
        'The document of a dataset. Without `schema` its table exists, and its fields are read from there. GET /v1/datasets/schema.json has its JSON Schema.',
    },
  ),
);
