// GET /v1/webhooks, one of them, and its deliveries
import { Type } from '@fastify/type-provider-typebox';
import {
  findDelivery,
  findLastAttempts,
  listDeliveries,
  listDeliveryAttempts,
} from '../../db/webhooks/deliveries.ts';
import { listWebhooks } from '../../db/webhooks/webhooks.ts';
import type { App } from '../http/fastify.ts';
import { pageOf } from '../http/page.ts';
import { IdPageQuery, IdParams, Page, problems } from '../http/schemas.ts';
import { requireWebhook, type WebhooksContext } from './context.ts';
import { deliveryNotFound, DeliveryParams } from './redeliver.ts';
import {
  Delivery,
  DeliveryFilterQuery,
  DeliveryWithAttempts,
  toAttempt,
  toDelivery,
  toWebhook,
  Webhook,
} from './schemas.ts';

export function readRoutes(app: App, { db }: WebhooksContext): void {
  app.get(
    '/webhooks',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'listWebhooks',
        summary: 'List webhooks',
        description: 'Newest first.',
        tags: ['webhooks'],
        querystring: IdPageQuery,
        response: { 200: Page(Webhook, 'One page of webhooks.'), ...problems(400) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const rows = await listWebhooks(db, { limit: limit + 1, beforeId: cursor });
      return pageOf(rows, limit, ({ id }) => id, toWebhook);
    },
  );

  app.get(
    '/webhooks/:id',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'getWebhook',
        summary: 'One webhook',
        tags: ['webhooks'],
        params: IdParams,
        response: { 200: Webhook, ...problems(400, 404) },
      },
    },
    async ({ params: { id } }) => toWebhook(await requireWebhook(db, id)),
  );

  app.get(
    '/webhooks/:id/deliveries',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'listWebhookDeliveries',
        summary: 'What a webhook was told',
        description: 'Newest first. Deliveries are kept for SLUICE_WEBHOOK_LOG_DAYS.',
        tags: ['webhooks'],
        params: IdParams,
        querystring: Type.Object(
          { ...IdPageQuery.properties, ...DeliveryFilterQuery },
          { additionalProperties: false },
        ),
        response: { 200: Page(Delivery, 'One page of deliveries.'), ...problems(400, 404) },
      },
    },
    async ({ params, query: { limit, cursor, ...filter } }) => {
      const { id } = await requireWebhook(db, params.id);
      const rows = await listDeliveries(db, id, filter, { limit: limit + 1, beforeId: cursor });
      const last = await findLastAttempts(
        db,
        rows.map((row) => row.id),
      );
      return pageOf(
        rows,
        limit,
        (row) => row.id,
        (row) => toDelivery(row, last.get(row.id)),
      );
    },
  );

  app.get(
    '/webhooks/:id/deliveries/:deliveryId',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'getWebhookDelivery',
        summary: 'One delivery, with its attempts',
        tags: ['webhooks'],
        params: DeliveryParams,
        response: { 200: DeliveryWithAttempts, ...problems(400, 404) },
      },
    },
    async ({ params: { id, deliveryId } }) => {
      const row = await findDelivery(db, id, deliveryId);
      if (row === undefined) throw deliveryNotFound(id, deliveryId);
      const attempts = await listDeliveryAttempts(db, deliveryId);
      return {
        ...toDelivery(row, attempts.at(-1)),
        payload: row.payload as Record<string, unknown>,
        log: attempts.map(toAttempt),
      };
    },
  );
}
