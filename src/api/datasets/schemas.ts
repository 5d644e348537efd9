import { Type, type Static } from '@fastify/type-provider-typebox';
import type { Config } from '../../config/config.ts';
import type { ColumnMapping } from '../../core/dataset/header/mapping.ts';
import type { TableSchema, Target } from '../../core/dataset/types.ts';
import type { DatasetRow } from '../../db/datasets/datasets.ts';
import type { MappingRow } from '../../db/imports/mappings.ts';
import { Id, Instant, nullable } from '../http/schemas.ts';

const Bytes = (description: string) => Type.Integer({ description: `${description}, in bytes.` });

const Limits = Type.Object(
  {
    maxUploadBytes: Bytes('Largest file'),
    maxInflateRatio: Type.Integer({ description: 'A packed file may inflate to so many times its size.' }),
    maxUndecodableLines: Type.Integer({
      description: 'Most lines with bytes that are no text in the encoding the file was sent with.',
    }),
    maxHeaderBytes: Bytes('Longest header record'),
    maxColumns: Type.Integer({ description: 'Most columns.' }),
    maxCellBytes: Bytes('Longest cell'),
    maxRecordBytes: Bytes('Longest record'),
    maxRows: Type.Integer({ description: 'Most records.' }),
  },
  {
    description:
      'A file over the first five is refused, a record over the next two is rejected and the rest goes on, and an import of more records fails before any lands.',
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

export const SavedMapping = Type.Object(
  {
    fingerprint: Type.String({ description: 'Stands for the header, case and width folded; SHA-256, hex.' }),
    header: Type.Array(Type.String(), { description: 'The header it was used with last.' }),
    mapping: Type.Unsafe<ColumnMapping>({
      type: 'object',
      additionalProperties: { type: ['string', 'null'] },
      description: 'As an upload gives it: column to field, null for an ignored column.',
      examples: [{ 氏名: 'name', '#3': 'phone_no', メモ: null }],
    }),
    createdBy: nullable(Id('The user who sent the file it was used with last.')),
    createdAt: Instant('When a mapping was first saved for this header.'),
    usedAt: Instant('When the last import with it succeeded.'),
  },
  { description: 'The mapping that imports with this header succeed with.' },
);

export function toSavedMapping(row: MappingRow): Static<typeof SavedMapping> {
  const { fingerprint, header, mapping, createdBy } = row;
  return {
    fingerprint,
    header,
    mapping,
    createdBy,
    createdAt: row.createdAt.toISOString(),
    usedAt: row.usedAt.toISOString(),
  };
}

export function toDatasetAnswer(row: DatasetRow, config: Config): Static<typeof DatasetAnswer> {
  const { name, title, description, schema, target } = row.document;
  const { maxUploadBytes, maxInflateRatio, maxUndecodableLines, maxHeaderBytes } = config;
  const { maxColumns, maxCellBytes, maxRecordBytes, maxRows } = config;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    schema,
    target,
    limits: {
      maxUploadBytes,
      maxInflateRatio,
      maxUndecodableLines,
      maxHeaderBytes,
      maxColumns,
      maxCellBytes,
      maxRecordBytes,
      maxRows,
    },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
