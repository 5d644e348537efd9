import { Type, type Static } from '@fastify/type-provider-typebox';
import type { UserRow } from '../../db/access/users.ts';
import { component } from '../http/components.ts';
import { CreatedBy, Id, Instant, Label, nullable, RoleName } from '../http/schemas.ts';

const Email = Type.String({
  format: 'email',
  maxLength: 254,
  description: 'Of one user only, whatever its case.',
  examples: ['hanako@example.com'],
});

export const User = component(
  'User',
  Type.Object(
    {
      id: Id('The user’s id.'),
      name: Type.String({ examples: ['Hanako Yamada'] }),
      email: Email,
      role: RoleName,
      createdAt: Instant('When the user was added.'),
      createdBy: nullable(CreatedBy),
    },
    { description: 'A user.' },
  ),
);

const UserWords = { name: Label('How people call the user.'), email: Email, role: RoleName };

export const NewUser = component(
  'NewUser',
  Type.Object(UserWords, {
    additionalProperties: false,
    examples: [{ name: 'Hanako Yamada', email: 'hanako@example.com', role: 'operator' }],
  }),
);

export const UserChange = component(
  'UserChange',
  Type.Partial(Type.Object(UserWords), { additionalProperties: false, examples: [{ role: 'viewer' }] }),
);

export function toUser(row: UserRow): Static<typeof User> {
  return { ...row, createdAt: row.createdAt.toISOString() };
}
