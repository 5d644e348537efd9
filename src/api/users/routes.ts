import { randomFillSync } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import { createUuidV7 } from '../../core/uuid.ts';
import { listUsers } from '../../db/access/users.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import type { Keyring } from '../http/keyring.ts';
import { IdPageQuery, IdParams, Page, problems } from '../http/schemas.ts';
import { addUser, changeUser, removeUser, requireUser } from './change-users.ts';
import { NewUser, User, UserChange, toUser } from './schemas.ts';

export async function usersRoutes(app: App, deps: ApiDeps, keyring: Keyring): Promise<void> {
  const { db } = deps.database;
  const newId = createUuidV7(randomFillSync);

  app.get(
    '/users',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'listUsers',
        summary: 'List users',
        description: 'Newest first.',
        tags: ['access'],
        querystring: IdPageQuery,
        response: { 200: Page(User, 'One page of users.'), ...problems(400) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const rows = await listUsers(db, { limit: limit + 1, beforeId: cursor });
      return pageOf(rows, limit, (row) => row.id, toUser);
    },
  );

  app.post(
    '/users',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'createUser',
        summary: 'Add a user',
        description: 'The user can do nothing before there is a key: see `POST /v1/keys`.',
        tags: ['access'],
        body: NewUser,
        response: { 201: { ...User, description: 'The new user.' }, ...problems(400, 409, 413, 415) },
      },
    },
    async (request, reply) => {
      const user = await addUser(
        db,
        { id: newId(Date.now()), ...request.body, createdBy: request.user.id },
        request.user,
      );
      request.log.info({ user: user.id, role: user.role, by: request.user.id }, 'a user was added');
      return reply.code(201).header('location', `/v1/users/${user.id}`).send(toUser(user));
    },
  );

  app.get(
    '/users/:id',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'getUser',
        summary: 'One user',
        tags: ['access'],
        params: IdParams,
        response: { 200: User, ...problems(400, 404) },
      },
    },
    async ({ params: { id } }) => toUser(await requireUser(db, id)),
  );

  app.patch(
    '/users/:id',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'updateUser',
        summary: 'Change a user',
        description:
          'What you leave out stays as it is. A new role applies to the user’s keys at once. The last admin must stay an admin (409).',
        tags: ['access'],
        params: IdParams,
        body: UserChange,
        response: {
          200: { ...User, description: 'The user as changed.' },
          ...problems(400, 404, 409, 413, 415),
        },
      },
    },
    async (request) => {
      const user = await changeUser(db, request.params.id, request.body, request.user);
      keyring.forget();
      request.log.info({ user: user.id, role: user.role, by: request.user.id }, 'a user was changed');
      return toUser(user);
    },
  );

  app.delete(
    '/users/:id',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'deleteUser',
        summary: 'Remove a user',
        description:
          'The user’s keys are removed too and open nothing from now on; what the user made keeps their id as `createdBy`. The last admin stays (409).',
        tags: ['access'],
        params: IdParams,
        response: { 204: Type.Null({ description: 'Removed.' }), ...problems(400, 404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await removeUser(db, id, request.user);
      keyring.forget();
      request.log.info({ user: id, by: request.user.id }, 'a user was removed, with all their keys');
      return reply.code(204).send(null);
    },
  );
}
