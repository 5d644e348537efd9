// What was seen in a kept upload, as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { FIELD_TYPES } from '../../core/dataset/types.ts';
import type { UploadRow } from '../../db/uploads/uploads.ts';
import type { Inspection } from '../../intake/inspect/inspect-upload.ts';
import { asQuestion, questionOf } from '../../intake/questions.ts';
import { component } from '../http/components.ts';
import { Mapping, QUESTION } from '../http/problem-schemas.ts';
import { nullable } from '../http/schemas.ts';
import { DialectSchema, toDialectJson } from '../imports/dialect-schema.ts';
import { toUpload, UPLOAD_MEMBERS } from './schemas.ts';

const Count = (description: string) => Type.Integer({ minimum: 0, description });
const Share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const choice = <const T extends string>(values: readonly T[], description: string) =>
  Type.Enum([...values], { type: 'string', description });

const EncodingSchema = component(
  'InspectedEncoding',
  Type.Object({
    name: Type.String({ description: 'In which the sample was read.', examples: ['utf-8'] }),
    hadBom: Type.Boolean(),
    certainty: choice(
      ['declared', 'bom', 'utf-8', 'guessed'],
      'How it is known: an option says it, a BOM says it, the sample is sound UTF-8, or it is the likeliest one of bytes that are not, and a question is asked.',
    ),
    confidence: Share('How sure it is.'),
    undecodableLines: Count('Lines of the sample with bytes that are no text in it.'),
  }),
);

const ColumnSchema = component(
  'InspectedColumn',
  Type.Object({
    index: Type.Integer({ minimum: 1, description: 'From 1.' }),
    name: Type.String({ description: 'Its header; empty when it has none.' }),
    type: choice(FIELD_TYPES, 'As a field would have it; `any` where no cell says it.'),
    format: Type.Optional(Type.String({ description: 'As a field would have it.' })),
    dateOrder: Type.Optional(choice(['ymd', 'dmy', 'mdy'], 'How it writes its dates.')),
    decimalChar: Type.Optional(Type.String({ description: 'When it is not a point.' })),
    groupChar: Type.Optional(Type.String()),
    isOpen: Type.Optional(
      Type.Boolean({ description: 'True: its dates or numbers can be read in more than one way.' }),
    ),
    values: Count('Cells of the sample with a value.'),
    empty: Count('Empty cells of the sample.'),
    missingValues: Type.Array(Type.String(), { description: 'Texts that say that there is no value.' }),
    longest: Count('Characters of the longest cell.'),
    examples: Type.Array(Type.String(), { description: 'The first values that differ.' }),
  }),
);

const ProposedSchema = component(
  'ProposedMapping',
  Type.Object({
    dataset: Type.String(),
    title: nullable(Type.String()),
    score: Share('The mean of its columns’; a required field without a column counts 0.'),
    columns: Type.Array(
      Type.Object({
        index: Type.Integer({ minimum: 1 }),
        name: Type.String(),
        field: nullable(Type.String({ description: 'Null: it fits none.' })),
        reason: choice(
          ['name', 'title', 'alias', 'saved', 'similar', 'order', 'none'],
          'Why: the header is the name, the title or an alias of the field; a mapping was saved for this header; the names are similar; the file has no header; or nothing fits.',
        ),
        score: Share('How alike the names are, less what the values say against it.'),
        accepted: nullable(Share('The share of the sample’s cells that the field takes.')),
      }),
    ),
    missing: Type.Array(Type.String(), { description: 'Required fields that get no column.' }),
    mapping: { ...Mapping, description: 'To be sent as `mapping`.' },
  }),
);

const QuestionSchema = component(
  'Question',
  Type.Object(
    {
      code: Type.String({ description: 'As the 422 of an import would have it.' }),
      detail: Type.String({ description: 'The question, in a sentence.' }),
      ...QUESTION,
    },
    {
      additionalProperties: true,
      description: 'With the other members that the 422 of an import would have.',
    },
  ),
);

export const InspectedUploadSchema = component(
  'InspectedUpload',
  Type.Object({
    ...UPLOAD_MEMBERS,
    encoding: EncodingSchema,
    packing: nullable(choice(['gzip', 'zip'], 'How it is packed; null: it is not.')),
    entryName: nullable(Type.String({ description: 'The name of the CSV in a ZIP archive.' })),
    sampled: Type.Object(
      { bytes: Count('Of text.'), records: Count('At most 1000.'), isWhole: Type.Boolean() },
      { description: 'What was looked at. `isWhole`: it is all of the file.' },
    ),
    dialect: nullable(DialectSchema),
    preamble: Type.Array(Type.String(), { description: 'The lines above the header, cut.' }),
    header: Type.Unsafe<string[] | null>({
      type: ['array', 'null'],
      items: { type: 'string' },
      description: 'Null: the file has none, or it cannot be told yet.',
    }),
    records: Type.Array(
      Type.Object({ line: Type.Integer({ minimum: 1 }), cells: Type.Array(Type.String()) }),
      { description: 'The first 20.' },
    ),
    broken: Type.Array(
      Type.Object({
        line: Type.Integer({ minimum: 1 }),
        lineEnd: Type.Integer({ minimum: 1 }),
        reason: Type.String(),
      }),
      { description: 'Records of the sample that cannot be read, at most 20.' },
    ),
    columns: Type.Array(ColumnSchema),
    mappings: Type.Array(ProposedSchema, {
      description: 'For the dataset that is named; without one, for those that fit best.',
    }),
    questions: Type.Array(QuestionSchema, {
      description:
        'What an import would be asked with these options. Dates and numbers that the sample leaves open may be told by the rest of the file.',
    }),
  }),
);

export function toInspectedUpload(
  upload: UploadRow,
  { dialect, questions, header, ...seen }: Inspection,
): Static<typeof InspectedUploadSchema> {
  return {
    ...toUpload(upload),
    encoding: seen.encoding,
    packing: seen.packing,
    entryName: seen.entryName,
    sampled: seen.sampled,
    dialect: dialect && toDialectJson(dialect),
    preamble: [...seen.preamble],
    header: header && [...header],
    records: seen.records.map(({ line, cells }) => ({ line, cells: [...cells] })),
    broken: [...seen.broken],
    columns: seen.columns.map((column) => ({
      ...column,
      missingValues: [...column.missingValues],
      examples: [...column.examples],
    })),
    mappings: seen.mappings.map((proposed) => ({
      ...proposed,
      columns: [...proposed.columns],
      missing: [...proposed.missing],
    })),
    questions: questions.map((error) => {
      const { option, answers } = questionOf(error)!;
      const { errors, params } = asQuestion(error);
      return {
        ...params,
        ...(errors === undefined ? {} : { errors }),
        code: error.code,
        detail: error.message,
        option,
        answers: answers.map(({ send, means }) => ({ send, means })),
      };
    }),
  };
}
