import { Type, type Static } from '@fastify/type-provider-typebox';
import { SCOPE_VERBS, type ScopeVerb } from '../../core/access/key-scope.ts';
import type { ApiKeyRow } from '../../db/access/api-keys.ts';
import { component } from '../http/components.ts';
import { GivenInstant } from '../http/given-instant.ts';
import { CreatedBy, Id, Instant, Label, nullable } from '../http/schemas.ts';

const KeyUser = component(
  'KeyOwner',
  Type.Object(
    { id: Id('The user’s id.'), name: Type.String(), email: Type.String() },
    { description: 'Who the key belongs to; it has this user’s role.' },
  ),
);

const Datasets = Type.Unsafe<readonly string[]>(
  Type.Array(Type.String({ maxLength: 63 }), {
    minItems: 1,
    maxItems: 1000,
    uniqueItems: true,
    description: 'The datasets it may be used with; null: all.',
  }),
);
const Verbs = Type.Unsafe<readonly ScopeVerb[]>(
  Type.Array(Type.Enum([...SCOPE_VERBS], { type: 'string' }), {
    minItems: 1,
    uniqueItems: true,
    description:
      'What it may do within the role of its user: `read` (look at imports and records), `import` (send files; cancel, retry, commit and take back imports), `write` (change records); null: all.',
  }),
);

export const KeyScopeSchema = component(
  'ApiKeyScope',
  Type.Object(
    {
      datasets: nullable(Datasets),
      verbs: nullable(Verbs),
    },
    { description: 'What the key may do. A key that is limited is for imports and records only.' },
  ),
);

export const Key = component(
  'ApiKey',
  Type.Object(
    {
      id: Id('The key’s id.'),
      name: Type.String({ examples: ['nightly upload'] }),
      prefix: Type.String({ description: 'The first characters of the key.', examples: ['slk_4Jx8vQ0z'] }),
      user: KeyUser,
      createdAt: Instant('When the key was made.'),
      createdBy: nullable(CreatedBy),
      expiresAt: nullable(Instant('The key stops working at this time; null: it does not expire.')),
      revokedAt: nullable(Instant('Since then it opens nothing; null: it is not revoked.')),
      lastUsedAt: nullable(Instant('To the minute; null: never used.')),
      scope: KeyScopeSchema,
    },
    { description: 'An API key, without its text.' },
  ),
);

export const CreatedKey = component(
  'CreatedApiKey',
  Type.Object(
    {
      ...Key.properties,
      key: Type.String({
        description: 'The text of the key. You see it only once: Sluice keeps only its hash.',
        examples: ['slk_4Jx8vQ0zR1mT5nW7yB2cE9fG3hK6pS8uA0dL4qV1xZs'],
      }),
    },
    { description: 'The new key, with its text.' },
  ),
);

export const NewKey = component(
  'NewApiKey',
  Type.Object(
    {
      name: Label('What the key is for.'),
      userId: Type.Optional(Id('Who it is for; yourself when not given.')),
      expiresAt: Type.Optional(nullable(GivenInstant('When it expires, in the future. Without it: never.'))),
      datasets: Type.Optional(nullable(Datasets)),
      verbs: Type.Optional(nullable(Verbs)),
    },
    { additionalProperties: false, examples: [{ name: 'nightly upload' }] },
  ),
);

export function toKey(row: ApiKeyRow): Static<typeof Key> {
  const { id, name, prefix, user, createdBy } = row;
  return {
    id,
    name,
    prefix,
    user: { id: user.id, name: user.name, email: user.email },
    createdAt: row.createdAt.toISOString(),
    createdBy,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    scope: { datasets: row.datasets, verbs: row.verbs },
  };
}
