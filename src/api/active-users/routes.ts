// GET /v1/active-users: who is at work, so that nobody stops what others use.
import { Type } from '@fastify/type-provider-typebox';
import { listActiveUsers, signOut } from '../../db/access/api-keys.ts';
import type { ApiDeps } from '../deps.ts';
import { component } from '../http/components.ts';
import type { App } from '../http/fastify.ts';
import { Id, Instant, problems, RoleName } from '../http/schemas.ts';

const ActiveUser = component(
  'ActiveUser',
  Type.Object(
    {
      id: Id('The user.'),
      name: Type.String(),
      role: RoleName,
      lastUsedAt: Instant('Their last request, to the minute.'),
    },
    { description: 'A user who is at work.' },
  ),
);

export async function activeUsersRoutes(app: App, deps: ApiDeps): Promise<void> {
  const { db } = deps.database;

  app.get(
    '/active-users',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['access'],
        operationId: 'listActiveUsers',
        summary: 'Who uses the API',
        description:
          'Users whose last request was at most SLUICE_ACTIVE_MINUTES ago and who have not signed out since; the last one first. Whoever asks is one of them.',
        response: {
          200: component(
            'ActiveUsers',
            Type.Object({ data: Type.Array(ActiveUser) }, { description: 'All of them.' }),
          ),
          ...problems(),
        },
      },
    },
    async () => ({ data: await listActiveUsers(db, deps.config.activeMinutes) }),
  );

  app.post(
    '/me/sign-out',
    {
      config: { role: 'viewer' },
      schema: {
        tags: ['access'],
        operationId: 'signOut',
        summary: 'Say that you stop working',
        description:
          'You are no longer listed as active by this key. The key stays valid; its next use, a second or more later, makes you active again.',
        response: { 204: Type.Null({ description: 'Noted.' }), ...problems() },
      },
    },
    async (request, reply) => {
      await signOut(db, request.user.keyId);
      return reply.code(204).send(null);
    },
  );
}
