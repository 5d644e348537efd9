import { Type } from '@fastify/type-provider-typebox';
import { component } from '../http/components.ts';
import { Label, nullable } from '../http/schemas.ts';

export const DatasetParams = Type.Object({
  name: Type.String({ ...Label('The dataset’s name.'), examples: ['customers'] }),
});

export const RecordParams = Type.Object({
  ...DatasetParams.properties,
  id: Type.String({
    minLength: 1,
    description: 'The record’s `id`.',
    examples: ['0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10'],
  }),
});

/** A record has the fields of its dataset; what is written is written by hand. */
export const RecordAnswer = component(
  'Record',
  Type.Unsafe<unknown>({ type: 'object', additionalProperties: true }),
  Type.Object(
    { id: Type.String({ format: 'uuid', description: 'Which record it is.', readOnly: true }) },
    {
      additionalProperties: true,
      description:
        'The fields of the dataset by their names, linked ones too, and what Sluice fills: `id`, `created_at`, `updated_at`, `created_by`, `updated_by`, `import_id`, `import_row`. Numbers have all their digits; dates are ISO 8601, times RFC 3339 in UTC; a value that is not there is null.',
      examples: [
        { id: '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10', title: 'Buy milk', priority: 2, completed: false },
      ],
    },
  ),
);

/** Most records of a page. */
export const MOST_RECORDS = 1000;

const Select = Type.String({
  minLength: 1,
  description:
    'Which fields, with commas: `name,age`. `*` is all. A linked table comes nested: `name,addresses(post_no)` or `*,addresses(*)`. Without: all fields, linked ones among the others.',
});
const Order = Type.String({
  minLength: 1,
  description:
    'By which fields, with commas: `age.desc.nullslast,name`. NULLs come last, and first with `desc`, unless it is said. Records that are equal in all of them are in the order of their ids; without `order` all are, which is the order in which they were made.',
});
const Limit = Type.Integer({
  minimum: 1,
  maximum: MOST_RECORDS,
  default: 100,
  description: 'How many at most.',
});
const Count = Type.Enum(['none', 'estimated', 'exact'], {
  type: 'string',
  default: 'none',
  description:
    'How many records the filter has in all: `exact` counts them, `estimated` asks the planner of Postgres, which is quick.',
});
const Cursor = Type.String({
  minLength: 1,
  description:
    'The `nextCursor` of the page before, with the same order. Records that were there when the first page was read, and whose order does not change, come once each, whatever else comes and goes.',
});

export const FILTERS = `Each other parameter is a filter, named after its field: \`age=gte.18\`, \`name=ilike.*ito*\`. Several all hold.
Operators: \`eq\`, \`neq\`, \`gt\`, \`gte\`, \`lt\`, \`lte\`; \`like\` and \`ilike\` of texts, \`*\` for any characters; \`in.(a,"b,c")\`; \`is.null\`, \`is.not_null\`, \`is.true\`, \`is.false\`.
\`not.\` before one turns it round. \`or=(age.gte.18,and(name.eq.Ann,city.not.is.null))\` and \`and=(…)\` combine them.
As in SQL, a NULL is neither equal to a value nor different from it. Fields that are called like a parameter here can be filtered within \`and=(…)\`.`;

const Shared = {
  select: Type.Optional(Select),
  order: Type.Optional(Order),
};

/** Filters come beside what is named here. */
export const ListParameters = Type.Object({
  ...Shared,
  limit: Limit,
  cursor: Type.Optional(Cursor),
  count: Count,
});

export const ExportParameters = Type.Object(Shared);

export const OneParameters = Type.Object({ select: Type.Optional(Select) }, { additionalProperties: false });

const QueryDocument = Type.Object(
  {
    where: Type.Optional(
      Type.Object(
        {},
        {
          additionalProperties: true,
          description:
            '`{"age": {"gte": 18}, "or": [{"name": {"ilike": "*ito*"}}, {"city": {"in": ["Kyoto", "Nara"]}}]}`: all members hold. `and`, `or` have lists, `not` a filter; each field has an object of operators.',
        },
      ),
    ),
    ...Shared,
    limit: Type.Optional(Limit),
    cursor: Type.Optional(Cursor),
    count: Type.Optional(Count),
  },
  {
    additionalProperties: false,
    description: 'The same query as JSON, for filters that outgrow a URL.',
    examples: [
      { where: { priority: { gte: 2 }, completed: { is: false } }, order: 'priority.desc', limit: 50 },
    ],
  },
);

/** Checked by hand, as its numbers are texts then. */
export const QueryBody = component('RecordQuery', Type.Unsafe<unknown>({}), QueryDocument);

export const RecordPage = component(
  'RecordPage',
  Type.Unsafe<unknown>({ type: 'object', additionalProperties: true }),
  Type.Object(
    {
      data: Type.Array(RecordAnswer),
      nextCursor: nullable(
        Type.String({ description: 'Give it as `cursor` for the next page; null at the end.' }),
      ),
      count: Type.Optional(
        Type.Integer({ description: 'How many records the filter has in all, if `count` asked for it.' }),
      ),
    },
    { description: 'One page of records.' },
  ),
);

const Fields = Type.Object(
  {},
  {
    additionalProperties: true,
    description: 'Fields of the dataset by their names.',
    examples: [{ title: 'Buy milk', priority: 2 }],
  },
);

/** Bodies are read with their numbers as they are written, and checked by the dataset. */
export const ChangedFields = component('RecordFields', Type.Unsafe<unknown>({}), Fields);

export const NewRecords = component(
  'NewRecords',
  Type.Unsafe<unknown>({}),
  Type.Union([ChangedFields, Type.Array(ChangedFields)], { description: 'A record, or a list of records.' }),
);

export const CreatedRecords = component(
  'CreatedRecords',
  Type.Unsafe<unknown>({ type: 'object', additionalProperties: true }),
  Type.Object(
    {
      data: Type.Array(RecordAnswer),
      inserted: Type.Integer({ description: 'How many are new.' }),
      updated: Type.Integer({ description: 'How many were there and have changed.' }),
      unchanged: Type.Integer({ description: 'How many were there as they were sent.' }),
    },
    { description: 'The records of a list, in its order.' },
  ),
);
