import { Type, type Static } from '@fastify/type-provider-typebox';
import type { Config } from '../../config/config.ts';
import { DATASET_MANAGERS } from '../../core/dataset/types.ts';
import type { DatasetVersionRow } from '../../db/datasets/dataset-versions.ts';
import type { DatasetRow } from '../../db/datasets/datasets.ts';
import type { MappingRow } from '../../db/imports/mappings.ts';
import { component } from '../http/components.ts';
import { Mapping } from '../http/problem-schemas.ts';
import { RetentionAnswer, TableSchemaAnswer, TargetAnswer } from './document-schemas.ts';
import { Id, Instant, Label, nullable } from '../http/schemas.ts';

export const NameParams = Type.Object({
  name: Type.String({ ...Label('The dataset’s name.'), examples: ['customers'] }),
});

const Bytes = (description: string) => Type.Integer({ description: `${description}, in bytes.` });

const Limits = component(
  'DatasetLimits',
  Type.Object(
    {
      maxUploadBytes: Bytes('Largest file'),
      maxInflateRatio: Type.Integer({ description: 'How many times its size a packed file may inflate to.' }),
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
        'A file that exceeds one of the first five is refused. A record that exceeds one of the next two is rejected, and the others land. An import of too many records fails before any lands.',
    },
  ),
);

const VERSION_MEMBERS = {
  version: Type.Integer({ minimum: 1, description: 'Goes up by one with each change.' }),
  managedBy: Type.Enum([...DATASET_MANAGERS], {
    type: 'string',
    description: 'Who changes it: its file, by `sluice datasets apply`, or the API.',
  }),
};

export const DatasetAnswer = component(
  'Dataset',
  Type.Object(
    {
      name: Type.String({ description: 'What an upload gives as `dataset`.', examples: ['customers'] }),
      title: Type.Optional(Type.String()),
      description: Type.Optional(Type.String()),
      schema: TableSchemaAnswer,
      target: TargetAnswer,
      retention: Type.Optional(RetentionAnswer),
      ...VERSION_MEMBERS,
      limits: Limits,
      createdAt: Instant('When it was first applied.'),
      updatedAt: Instant('When it last changed.'),
    },
    { description: 'A named description of records, and where they land.' },
  ),
);

export const DatasetVersion = component(
  'DatasetVersion',
  Type.Object({
    ...VERSION_MEMBERS,
    createdAt: Instant('When the dataset became this one.'),
    createdBy: nullable(Id('The user who has sent it; null: the command line.')),
  }),
);

export const DatasetVersionAnswer = component(
  'DatasetVersionWithDocument',
  Type.Object({
    ...DatasetVersion.properties,
    document: Type.Unsafe<object>({
      type: 'object',
      additionalProperties: true,
      description: 'The whole document.',
    }),
  }),
);

const Tables = (description: string) => Type.Array(Type.String(), { description });

export const DatasetPlanAnswer = component(
  'DatasetPlan',
  Type.Object(
    {
      outcome: Type.Enum(['created', 'changed', 'unchanged'], {
        type: 'string',
        description: 'What the document would be.',
      }),
      statements: Type.Array(Type.String(), {
        description: 'The SQL that would be run, in its order. With conflicts none of it is.',
      }),
      conflicts: Type.Array(Type.String(), {
        description:
          'Differences that a person must decide, each with the SQL that would help: the change is refused (409).',
      }),
      created: Tables('Tables that would be made.'),
      altered: Tables('Tables that would be changed.'),
    },
    { description: 'What a change of a dataset would do.' },
  ),
);

export function toDatasetVersion(row: Omit<DatasetVersionRow, 'document'>): Static<typeof DatasetVersion> {
  const { version, managedBy, createdBy } = row;
  return { version, managedBy, createdAt: row.createdAt.toISOString(), createdBy };
}

export const SavedMapping = component(
  'SavedMapping',
  Type.Object(
    {
      fingerprint: Type.String({
        description: 'Identifies the header, without regard to case and width; SHA-256, hex.',
      }),
      header: Type.Array(Type.String(), { description: 'The header it was used with last.' }),
      mapping: Mapping,
      createdBy: nullable(Id('The user who sent the file it was used with last.')),
      createdAt: Instant('When a mapping was first saved for this header.'),
      usedAt: Instant('When the last import with it succeeded.'),
    },
    { description: 'The mapping that imports with this header succeed with.' },
  ),
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
  const { name, title, description, schema, target, retention } = row.document;
  const { maxUploadBytes, maxInflateRatio, maxUndecodableLines, maxHeaderBytes } = config;
  const { maxColumns, maxCellBytes, maxRecordBytes, maxRows } = config;
  return {
    name,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    schema,
    target,
    ...(retention === undefined ? {} : { retention }),
    version: row.version,
    managedBy: row.managedBy,
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
