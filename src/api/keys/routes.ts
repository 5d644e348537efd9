import { randomBytes, randomFillSync } from 'node:crypto';
import { Type, type Static } from '@fastify/type-provider-typebox';
import { API_KEY_RANDOM_BYTES, apiKeyText } from '../../core/access/api-key.ts';
import { createUuidV7 } from '../../core/uuid.ts';
import { findApiKey, insertApiKey, listApiKeys, revokeApiKey } from '../../db/access/api-keys.ts';
import { findUser } from '../../db/access/users.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { inTransaction } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import type { Keyring } from '../http/keyring.ts';
import { IdPageQuery, IdParams, Page, problems } from '../http/schemas.ts';
import { CreatedKey, Key, NewKey, toKey } from './schemas.ts';

export async function keysRoutes(app: App, deps: ApiDeps, keyring: Keyring): Promise<void> {
  const { db } = deps.database;
  const newId = createUuidV7(randomFillSync);

  app.get(
    '/keys',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'listApiKeys',
        summary: 'List API keys',
        description: 'Newest first, also expired and revoked ones.',
        tags: ['access'],
        querystring: IdPageQuery,
        response: { 200: Page(Key, 'One page of keys.'), ...problems(400) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const rows = await listApiKeys(db, { limit: limit + 1, beforeId: cursor });
      return pageOf(rows, limit, (row) => row.id, toKey);
    },
  );

  app.post(
    '/keys',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'createApiKey',
        summary: 'Make an API key',
        description: 'Only this answer has the text of the key.',
        tags: ['access'],
        body: NewKey,
        response: { 201: CreatedKey, ...problems(400, 404, 413, 415) },
      },
    },
    async (request, reply) => {
      const { name, userId = request.user.id, datasets = null, verbs = null } = request.body;
      const expiresAt = futureTime(request.body.expiresAt);
      if ((await findUser(db, userId)) === undefined)
        throw new AppError('NOT_FOUND', `There is no user ${userId}.`);
      const text = apiKeyText(randomBytes(API_KEY_RANDOM_BYTES));
      const id = newId(Date.now());
      await inTransaction(db, async (tx) => {
        await insertApiKey(
          tx,
          { id, userId, name, expiresAt, createdBy: request.user.id, datasets, verbs },
          text,
        );
        await recordAudit(tx, {
          by: request.user,
          action: 'key.create',
          subject: { type: 'key', id },
          details: { name, userId, expiresAt, datasets, verbs },
        });
      });
      const key = await findApiKey(db, id);
      request.log.info({ keyId: id, forUser: userId, by: request.user.id }, 'an API key was made');
      return reply.code(201).send({ ...toKey(key!), key: text });
    },
  );

  app.delete(
    '/keys/:id',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'revokeApiKey',
        summary: 'Revoke an API key',
        description:
          'The key stops working at once (in other API processes within a second). It stays in the list. Revoking it again changes nothing.',
        tags: ['access'],
        params: IdParams,
        response: { 204: Type.Null({ description: 'Revoked.' }), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const known = await inTransaction(db, async (tx) => {
        const found = await revokeApiKey(tx, id);
        if (found)
          await recordAudit(tx, { by: request.user, action: 'key.revoke', subject: { type: 'key', id } });
        return found;
      });
      keyring.forget();
      if (!known) throw new AppError('NOT_FOUND', `There is no key ${id}.`);
      request.log.info({ keyId: id, by: request.user.id }, 'an API key was revoked');
      return reply.code(204).send(null);
    },
  );
}

function futureTime(text: Static<typeof NewKey>['expiresAt']): Date | null {
  if (text === undefined || text === null) return null;
  const time = new Date(text);
  if (time.getTime() > Date.now()) return time;
  throw new AppError(
    'INVALID_REQUEST',
    'expiresAt must be in the future.',
    {},
    {
      errors: [{ pointer: '/expiresAt', detail: 'expiresAt must be in the future' }],
    },
  );
}
