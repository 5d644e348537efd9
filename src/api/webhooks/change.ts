// POST /v1/webhooks, PATCH and DELETE /v1/webhooks/{id}, POST /v1/webhooks/{id}/rotate-secret
import { randomBytes } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import { SECRET_BYTES, secretText } from '../../core/webhooks/signature.ts';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { inTransaction } from '../../db/transaction.ts';
import { addWebhook, changeSecret, changeWebhook, deleteWebhook } from '../../db/webhooks/webhooks.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';
import { IdParams, problems } from '../http/schemas.ts';
import { checkedUrl } from './checked-url.ts';
import { requireWebhook, webhookNotFound, type WebhooksContext } from './context.ts';
import { CreatedWebhook, NewWebhook, Rotation, toWebhook, Webhook, WebhookChange } from './schemas.ts';

export function changeRoutes(app: App, { db, config, newId }: WebhooksContext): void {
  app.post(
    '/webhooks',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'createWebhook',
        summary: 'Make a webhook',
        description:
          'It is told of what ends from now on. Only this answer has its secret. docs/webhooks.md says how a receiver checks deliveries.',
        tags: ['webhooks'],
        body: NewWebhook,
        response: {
          201: { ...CreatedWebhook, description: 'Made. `Location` is the webhook.' },
          ...problems(400, 409, 413, 415),
        },
      },
    },
    async (request, reply) => {
      const { user, body } = request;
      const url = checkedUrl(body.url, config.webhookPrivateHosts);
      const { events, description = null, datasets = null, tasks = null, enabled = true } = body;
      const id = newId();
      const secret = secretText(randomBytes(SECRET_BYTES));
      await inTransaction(db, async (tx) => {
        const isAdded = await addWebhook(
          tx,
          { id, url, events, description, datasets, taskNames: tasks, enabled, secret, userId: user.id },
          config.maxWebhooks,
        );
        if (!isAdded)
          throw new AppError(
            'CONFLICT',
            `There are ${config.maxWebhooks} webhooks already, and SLUICE_MAX_WEBHOOKS allows no more. Delete one first.`,
          );
        await recordAudit(tx, {
          by: user,
          action: 'webhook.create',
          subject: { type: 'webhook', id },
          details: { url, events },
        });
      });
      request.log.info({ webhook: id, by: user.id }, 'a webhook was made');
      const row = await requireWebhook(db, id);
      return reply
        .code(201)
        .header('Location', `/v1/webhooks/${id}`)
        .send({ ...toWebhook(row), secret });
    },
  );

  app.patch(
    '/webhooks/:id',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'changeWebhook',
        summary: 'Change a webhook',
        description:
          '`{"enabled": false}` disables it: it is told of nothing new, and what waits goes on waiting. `{"enabled": true}` has it go on.',
        tags: ['webhooks'],
        params: IdParams,
        body: WebhookChange,
        response: {
          200: { ...Webhook, description: 'The webhook as it is now.' },
          ...problems(400, 404, 413, 415),
        },
      },
    },
    async (request) => {
      const { user, body, params } = request;
      const { url, tasks, ...rest } = body;
      const change = {
        ...rest,
        ...(url === undefined ? {} : { url: checkedUrl(url, config.webhookPrivateHosts) }),
        ...(tasks === undefined ? {} : { taskNames: tasks }),
      };
      await inTransaction(db, async (tx) => {
        if (!(await changeWebhook(tx, params.id, change, user.id))) throw webhookNotFound(params.id);
        await recordAudit(tx, {
          by: user,
          action: 'webhook.change',
          subject: { type: 'webhook', id: params.id },
          details: { changed: Object.keys(body) },
        });
      });
      return toWebhook(await requireWebhook(db, params.id));
    },
  );

  app.delete(
    '/webhooks/:id',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'deleteWebhook',
        summary: 'Delete a webhook',
        description: 'With its deliveries, also those that wait.',
        tags: ['webhooks'],
        params: IdParams,
        response: { 204: Type.Null({ description: 'Deleted.' }), ...problems(400, 404) },
      },
    },
    async (request, reply) => {
      const { user, params } = request;
      await inTransaction(db, async (tx) => {
        const url = await deleteWebhook(tx, params.id);
        if (url === undefined) throw webhookNotFound(params.id);
        await recordAudit(tx, {
          by: user,
          action: 'webhook.delete',
          subject: { type: 'webhook', id: params.id },
          details: { url },
        });
      });
      request.log.info({ webhook: params.id, by: user.id }, 'a webhook was deleted');
      return reply.code(204).send(null);
    },
  );

  app.post(
    '/webhooks/:id/rotate-secret',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'rotateWebhookSecret',
        summary: 'Give a webhook another secret',
        description:
          'For a time deliveries have two signatures, one with each secret, so that a receiver can change over when it likes. Only this answer has the new one.',
        tags: ['webhooks'],
        params: IdParams,
        body: Rotation,
        response: {
          200: { ...CreatedWebhook, description: 'The webhook, with its new secret.' },
          ...problems(400, 404, 413, 415),
        },
      },
    },
    async (request) => {
      const { user, params, body } = request;
      const secret = secretText(randomBytes(SECRET_BYTES));
      const seconds = body.previousForSeconds ?? 86_400;
      await inTransaction(db, async (tx) => {
        if (!(await changeSecret(tx, params.id, secret, seconds * 1000, user.id)))
          throw webhookNotFound(params.id);
        await recordAudit(tx, {
          by: user,
          action: 'webhook.rotate-secret',
          subject: { type: 'webhook', id: params.id },
          details: { previousForSeconds: seconds },
        });
      });
      request.log.info({ webhook: params.id, by: user.id }, 'a webhook has a new secret');
      return { ...toWebhook(await requireWebhook(db, params.id)), secret };
    },
  );
}
