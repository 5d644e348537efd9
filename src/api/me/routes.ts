import { Type } from '@fastify/type-provider-typebox';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { Id, problems, RoleName } from '../http/schemas.ts';
import { KeyScopeSchema } from '../keys/schemas.ts';

const Me = component(
  'Me',
  Type.Object(
    {
      id: Id('The user’s id.'),
      name: Type.String(),
      email: Type.String(),
      role: RoleName,
      keyId: Id('The key this request was made with.'),
      scope: KeyScopeSchema,
    },
    { description: 'The user the key belongs to.' },
  ),
);

export async function meRoutes(app: App): Promise<void> {
  app.get(
    '/me',
    {
      config: { role: 'viewer', scope: { verbs: [], dataset: 'none' } },
      schema: {
        operationId: 'getMe',
        summary: 'Who am I',
        description: 'Tells whose key was sent, and what it may do.',
        tags: ['access'],
        response: { 200: Me, ...problems() },
      },
    },
    (request) => request.user,
  );
}
