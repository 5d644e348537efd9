// Schemas that several resources share. A schema is the type, the check, and the documentation.
import { Type, type Static, type TSchema } from '@fastify/type-provider-typebox';
import { ROLES } from '../../core/access/roles.ts';
import { component, componentName } from './components.ts';
import { PROBLEM_TYPE } from './problem.ts';
import { problemAnswer, type ProblemStatus } from './problem-schemas.ts';

export const Id = (description: string) =>
  Type.String({ format: 'uuid', description, examples: ['0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10'] });

export const Instant = (description: string) =>
  Type.String({ format: 'date-time', description, examples: ['2026-01-31T09:00:00.000Z'] });

/** A value that may be null, in the one form that every part (check, serializer, OpenAPI 3.1) reads well. */
export function nullable<T extends TSchema>(schema: T): ReturnType<typeof Type.Unsafe<Static<T> | null>> {
  const { type, enum: choices } = schema as { type?: string; enum?: unknown[] };
  return Type.Unsafe<Static<T> | null>({
    ...schema,
    type: [type, 'null'],
    ...(choices === undefined ? {} : { enum: [...choices, null] }),
  });
}

/** A text people write: not empty, no control characters (Postgres takes no NUL). */
export const Label = (description: string, maxLength = 200) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]+$', description });

export const RoleName = component(
  'Role',
  Type.Enum([...ROLES], {
    type: 'string',
    description: 'viewer reads; operator also uploads and cancels; admin also keys, users and the dashboard.',
  }),
);

/** Who made something; use it `nullable`. */
export const CreatedBy = component(
  'Creator',
  Type.Object(
    { id: Id('The user.'), name: nullable(Type.String({ description: 'Null when the user was removed.' })) },
    { description: 'The user who made it; null for the command line and for Sluice itself.' },
  ),
);

export const IdParams = Type.Object({ id: Id('Which one.') });

/** `?limit=&cursor=` of every list. The default limit is filled in before the check. */
export const PageQuery = {
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'How many at most.' }),
  cursor: Type.Optional(Label('The `nextCursor` of the page before; without, the first page.')),
};

/** Of a list by id, whose cursor is the last id of the page before. */
export const IdPageQuery = Type.Object(
  {
    ...PageQuery,
    cursor: Type.Optional(
      Type.String({
        format: 'uuid',
        description: 'The `nextCursor` of the page before; without, the first page.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** @param item a named schema; its page is named after it */
export const Page = <T extends TSchema>(item: T, description: string) =>
  component(
    `${componentName(item)}Page`,
    Type.Object(
      {
        data: Type.Array(item),
        nextCursor: nullable(
          Type.String({ description: 'Give it as `cursor` for the next page; null at the end.' }),
        ),
      },
      { description },
    ),
  );

/** The error answers of a route, for its `response` schema; 401, 403, 429 and 503 go without saying. */
export function problems(...statuses: ProblemStatus[]): object {
  return problemsOf(...statuses, 401, 403, 429, 503);
}

/** The error answers of a route outside /v1: these and no others. */
export function problemsOf(...statuses: ProblemStatus[]): object {
  return Object.fromEntries(
    [...new Set(statuses)].sort().map((status) => {
      const { description, schema } = problemAnswer(status);
      return [status, { description, content: { [PROBLEM_TYPE]: { schema } } }];
    }),
  );
}

export const Count = (description: string) => Type.Integer({ minimum: 0, description });

/** One of some words. */
export const choice = <const T extends string>(values: readonly T[], description: string) =>
  Type.Enum([...values], { type: 'string', description });
