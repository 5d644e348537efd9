// What was inferred from a file, as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import type { InferredUpload } from '../../intake/infer/infer-text.ts';
import { component } from '../http/components.ts';
import { Mapping } from '../http/problem-schemas.ts';
import { nullable } from '../http/schemas.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Line = Type.Integer({ minimum: 1, description: 'Physical line, from 1; the row of a sheet.' });

const InferredColumn = component(
  'InferredField',
  Type.Object(
    {
      index: Type.Integer({ minimum: 1, description: 'From 1.' }),
      header: Type.String({ description: 'As it stands in the file; empty when it has none.' }),
      field: Type.String({ description: 'The name of its field.' }),
      values: Count('Cells with a value.'),
      empty: Count('Cells without one.'),
      because: Type.String({ description: 'Why the field has its type.' }),
      counterExample: nullable(
        Type.Object(
          { line: Line, value: Type.String({ description: 'Cut.' }), reason: Type.String() },
          { description: 'The first cell that makes the column a text; null when it is none.' },
        ),
      ),
      required: Type.String({ description: 'Why the field is required, or is not.' }),
      isUnique: nullable(
        Type.Boolean({
          description:
            'Whether all values differ; null: they are no keys, such as times and long texts, or there were too many to tell.',
        }),
      ),
      repeated: nullable(
        Type.Object(
          { line: Line, value: Type.String({ description: 'Cut.' }) },
          { description: 'Where the first value is that was there before.' },
        ),
      ),
      choices: nullable(
        Type.Array(Type.Object({ value: Type.String(), count: Count('How often it is there.') }), {
          description: 'The only values, where they became an `enum`.',
        }),
      ),
      longestBytes: Count('Of the longest value, in UTF-8.'),
    },
    { description: 'A column, and what the choices in its field stand on.' },
  ),
);

export const InferredAnswer = component(
  'InferredDataset',
  Type.Object(
    {
      dataset: Type.Unsafe<object>({
        type: 'object',
        additionalProperties: true,
        description: 'A document, as PUT /v1/datasets/{name} takes it.',
      }),
      records: Count('Records that were looked at: all of the file, but for those passed over.'),
      passedOver: Count('Records that an import would reject: broken, or of another width than the header.'),
      firstPassedOver: nullable(
        Type.Object({ line: Line, reason: Type.String() }, { description: 'Null when there is none.' }),
      ),
      columns: Type.Array(InferredColumn, { description: 'In the order of the file.' }),
      mapping: Type.Unsafe<Record<string, string | null> | null>({
        ...Mapping,
        type: ['object', 'null'],
        description:
          'To be sent with an import of this file, whose headers are missing or not all different. Null: none is needed.',
      }),
    },
    { description: 'A dataset for a file, and what it stands on.' },
  ),
);

export function toInferredAnswer({
  dataset,
  records,
  passedOver,
  firstPassedOver,
  columns,
  mapping,
}: InferredUpload): Static<typeof InferredAnswer> {
  return {
    dataset,
    records,
    passedOver,
    firstPassedOver: firstPassedOver ?? null,
    columns: columns.map((column) => ({
      ...column,
      counterExample: column.counterExample ?? null,
      repeated: column.repeated ?? null,
      choices: column.choices === undefined ? null : [...column.choices],
    })),
    mapping: mapping ?? null,
  };
}
