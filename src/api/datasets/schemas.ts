import { Type, type Static } from '@fastify/type-provider-typebox';
import type { Config } from '../../config.ts';
import type { TableSchema, Target } from '../../core/dataset/types.ts';
import type { DatasetRow } from '../../db/datasets.ts';
import { Instant } from '../schemas.ts';

const Bytes = (description: string) => Type.Integer({ description: `${description}, in bytes.` });

const Limits = Type.Object(
  {
    maxUploadBytes: Bytes('Largest file'),
    maxHeaderBytes: Bytes('Longest header record'),
    maxColumns: Type.Integer({ description: 'Most columns.' }),
    maxCellBytes: Bytes('Longest cell'),
    maxRecordBytes: Bytes('Longest record'),
  },
  {
    description:
      'A file over the first three is refused; a record over the others is rejected and the rest goes on.',
  },
);

export const DatasetAnswer = Type.Object(
  {
    name: Type.String({ description: 'What an upload gives as `dataset`.', examples: ['customers'] }),
    title: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    schema: Type.Unsafe<TableSchema>({
      type: 'object',
      additionalProperties: true,
      description:
        'A Frictionless Table Schema: `fields` (name, type, format, constraints), `missingValues`, `primaryKey`.',
    }),
    target: Type.Unsafe<Target>({
      type: 'object',
      additionalProperties: true,
      description: 'The table the rows land in, and the tables linked to it.',
    }),
    limits: Limits,
    createdAt: Instant('When it was first applied.'),
    updatedAt: Instant('When it last changed.'),
  },
  { description: 'A named description of records, and where they land.' },
);

export function toDatasetAnswer(row: DatasetRow, config: Config): Static<typeof DatasetAnswer> {
  const { name, title, description, schema, target } = row.document;
  const { maxUploadBytes, maxHeaderBytes, maxColumns, maxCellBytes, maxRecordBytes } = config;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    schema,
    target,
    limits: { maxUploadBytes, maxHeaderBytes, maxColumns, maxCellBytes, maxRecordBytes },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
