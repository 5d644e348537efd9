// POST /v1/webhooks/{id}/test, POST /v1/webhooks/{id}/redeliver and POST /v1/webhooks/{id}/deliveries/{deliveryId}/redeliver
import { Type } from '@fastify/type-provider-typebox';
import { recordAudit } from '../../db/audit/record-audit.ts';
import { inTransaction, type Tx } from '../../db/transaction.ts';
import { addTest, findDelivery, repeatDelivery, repeatFailed } from '../../db/webhooks/deliveries.ts';
import { AppError } from '../../errors.ts';
import type { App } from '../http/fastify.ts';
import { component } from '../http/components.ts';
import { Id, IdParams, problems } from '../http/schemas.ts';
import { requireWebhook, type WebhooksContext } from './context.ts';
import { Delivery, RedeliverFailed, toDelivery } from './schemas.ts';

export const DeliveryParams = Type.Object({ id: Id('The webhook.'), deliveryId: Id('Which one.') });
/** In one request; the answer says how many there were. */
const MOST_REPEATED = 10_000;

const Redelivered = component(
  'Redelivered',
  Type.Object(
    {
      redelivered: Type.Integer({
        description: `How many are sent again: ${MOST_REPEATED} at most. With so many, ask again for the rest.`,
      }),
    },
    { description: 'How many are sent again.' },
  ),
);

export function redeliverRoutes(app: App, { db, newId }: WebhooksContext): void {
  app.post(
    '/webhooks/:id/test',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'testWebhook',
        summary: 'Send a test event',
        description:
          'An event of the type `webhook.test`, whatever the webhook asks for. It is sent once, within seconds; the delivery says what came of it.',
        tags: ['webhooks'],
        params: IdParams,
        response: {
          202: { ...Delivery, description: 'It is to be sent. `Location` is the delivery.' },
          ...problems(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const { user, params } = request;
      const id = newId();
      const row = await inTransaction(db, async (tx) => {
        await requireEnabled(tx, params.id);
        await addTest(tx, id, params.id, new Date());
        await recordAudit(tx, {
          by: user,
          action: 'webhook.test',
          subject: { type: 'webhook', id: params.id },
          details: { delivery: id },
        });
        return findDelivery(tx, params.id, id);
      });
      return reply.code(202).header('Location', pathOf(params.id, id)).send(toDelivery(row!, undefined));
    },
  );

  app.post(
    '/webhooks/:id/deliveries/:deliveryId/redeliver',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'redeliverWebhookDelivery',
        summary: 'Send a delivery again',
        description:
          'The same event with the same `webhook-id`, as a delivery of its own; also one that has arrived.',
        tags: ['webhooks'],
        params: DeliveryParams,
        response: {
          202: { ...Delivery, description: 'It is to be sent again. `Location` is the new delivery.' },
          ...problems(400, 404, 409),
        },
      },
    },
    async (request, reply) => {
      const { user, params } = request;
      const id = newId();
      const row = await inTransaction(db, async (tx) => {
        await requireEnabled(tx, params.id);
        if (!(await repeatDelivery(tx, id, { webhookId: params.id, deliveryId: params.deliveryId })))
          throw deliveryNotFound(params.id, params.deliveryId);
        await recordAudit(tx, {
          by: user,
          action: 'webhook.redeliver',
          subject: { type: 'webhook', id: params.id },
          details: { delivery: params.deliveryId, as: id },
        });
        return findDelivery(tx, params.id, id);
      });
      return reply.code(202).header('Location', pathOf(params.id, id)).send(toDelivery(row!, undefined));
    },
  );

  app.post(
    '/webhooks/:id/redeliver',
    {
      config: { role: 'admin' },
      schema: {
        operationId: 'redeliverFailed',
        summary: 'Send again what has failed',
        description:
          'All deliveries that have failed since a time, such as the beginning of an outage of the receiver. Those that were sent again since are left out.',
        tags: ['webhooks'],
        params: IdParams,
        body: RedeliverFailed,
        response: { 200: Redelivered, ...problems(400, 404, 409, 413, 415) },
      },
    },
    async (request) => {
      const { user, params, body } = request;
      return inTransaction(db, async (tx) => {
        await requireEnabled(tx, params.id);
        const redelivered = await repeatFailed(tx, params.id, new Date(body.since), MOST_REPEATED);
        await recordAudit(tx, {
          by: user,
          action: 'webhook.redeliver',
          subject: { type: 'webhook', id: params.id },
          details: { since: body.since, redelivered },
        });
        return { redelivered };
      });
    },
  );
}

/** @throws AppError NOT_FOUND, CONFLICT */
async function requireEnabled(tx: Tx, id: string): Promise<void> {
  const { enabled } = await requireWebhook(tx, id);
  if (!enabled)
    throw new AppError(
      'CONFLICT',
      `The webhook ${id} is disabled. Enable it first: PATCH /v1/webhooks/${id} {"enabled": true}.`,
    );
}

const pathOf = (id: string, deliveryId: string): string => `/v1/webhooks/${id}/deliveries/${deliveryId}`;

export function deliveryNotFound(id: string, deliveryId: string): AppError {
  return new AppError('NOT_FOUND', `The webhook ${id} has no delivery ${deliveryId}.`);
}
