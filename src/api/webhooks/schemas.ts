// Webhooks and their deliveries as JSON.
import { Type, type Static } from '@fastify/type-provider-typebox';
import { DELIVERY_STATUSES, DISABLED_REASONS, RETRY_WAITS_MS } from '../../core/webhooks/delivery.ts';
import { EVENT_CHOICES, EVENT_TYPES, TEST_EVENT } from '../../core/webhooks/events.ts';
import type { DeliveryAttemptRow, DeliveryRow } from '../../db/webhooks/deliveries.ts';
import type { WebhookRow } from '../../db/webhooks/webhooks.ts';
import { component } from '../http/components.ts';
import { GivenInstant } from '../http/given-instant.ts';
import { CreatedBy, Id, Instant, Label, nullable } from '../http/schemas.ts';

const MOST_NAMES = 100;

const Url = Type.String({
  ...Label(
    'Where deliveries are sent: http or https, without a user or password in it. Redirects are not followed.',
    2000,
  ),
  examples: ['https://example.com/hooks/sluice'],
});

const EventChoiceName = component(
  'WebhookEventChoice',
  Type.Enum([...EVENT_CHOICES], {
    type: 'string',
    description:
      '`import.…`: of an import; `task.…`: of any other task. `created`: it was recorded; `started`: a worker has begun it, for the first time; `task.retried`: an attempt has failed, and there will be another; `succeeded`, `failed`, `cancelled`: it has ended. `import.*`, `task.*` and `*` stand for several.',
  }),
);

const Events = Type.Array(EventChoiceName, {
  minItems: 1,
  maxItems: EVENT_CHOICES.length,
  uniqueItems: true,
  description: 'What it is told of.',
});
const Names = (description: string) =>
  Type.Array(Label('A name.'), { minItems: 1, maxItems: MOST_NAMES, uniqueItems: true, description });

const DESCRIPTION = Label('What it is for, for people.', 500);
const DATASETS = Names('Of imports, only those of these datasets; null: of all.');
const TASKS = Names('Of other tasks, only those with these names; null: all.');
const ENABLED = Type.Boolean({ description: 'Whether it is told of new events, and gets what waits.' });

export const NewWebhook = component(
  'NewWebhook',
  Type.Object(
    {
      url: Url,
      events: Events,
      description: Type.Optional(nullable(DESCRIPTION)),
      datasets: Type.Optional(nullable(DATASETS)),
      tasks: Type.Optional(nullable(TASKS)),
      enabled: Type.Optional(ENABLED),
    },
    {
      additionalProperties: false,
      examples: [{ url: 'https://example.com/hooks/sluice', events: ['import.*', 'task.failed'] }],
    },
  ),
);

export const WebhookChange = component(
  'WebhookChange',
  Type.Object(
    {
      url: Type.Optional(Url),
      events: Type.Optional(Events),
      description: Type.Optional(nullable(DESCRIPTION)),
      datasets: Type.Optional(nullable(DATASETS)),
      tasks: Type.Optional(nullable(TASKS)),
      enabled: Type.Optional(ENABLED),
    },
    {
      additionalProperties: false,
      minProperties: 1,
      description: 'What is not given stays.',
      examples: [{ enabled: true }],
    },
  ),
);

export const Webhook = component(
  'Webhook',
  Type.Object(
    {
      id: Id('The webhook.'),
      url: Url,
      description: nullable(DESCRIPTION),
      events: Events,
      datasets: nullable(DATASETS),
      tasks: nullable(TASKS),
      enabled: ENABLED,
      disabledAt: nullable(Instant('Since when it is disabled.')),
      disabledReason: nullable(
        Type.Enum([...DISABLED_REASONS], {
          type: 'string',
          description:
            '`request`: somebody has disabled it. `gone`: its receiver answered 410. `failing`: no delivery has reached it for SLUICE_WEBHOOK_DISABLE_HOURS.',
        }),
      ),
      failingSince: nullable(Instant('Since when no delivery has reached it; null: the last one did.')),
      previousSecretUntil: nullable(
        Instant('Until then deliveries are also signed with the secret before; null: with one only.'),
      ),
      createdAt: Instant('When it was made.'),
      createdBy: nullable(CreatedBy),
      updatedAt: Instant('When somebody changed it last.'),
    },
    { description: 'An address that is told of events. docs/webhooks.md says what it gets.' },
  ),
);

const Secret = Type.String({
  description: 'What the receiver checks signatures with. You see it only once.',
  examples: ['whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDoS2ErlY3Xxw='],
});

export const CreatedWebhook = component(
  'CreatedWebhook',
  Type.Object(
    { ...Webhook.properties, secret: Secret },
    { description: 'The new webhook, with its secret.' },
  ),
);

export const Rotation = component(
  'SecretRotation',
  Type.Object(
    {
      previousForSeconds: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 30 * 86_400,
          default: 86_400,
          description: 'How long deliveries are also signed with the secret before. 0: not at all.',
        }),
      ),
    },
    { additionalProperties: false, examples: [{ previousForSeconds: 86_400 }] },
  ),
);

const DeliveryStatusName = component(
  'WebhookDeliveryStatus',
  Type.Enum([...DELIVERY_STATUSES], {
    type: 'string',
    description: `\`waiting\`: to be sent, or sent again; \`delivered\`: an answer of 2xx came; \`failed\`: it is not tried any more, after ${RETRY_WAITS_MS.length + 1} attempts over about a day, or a 410.`,
  }),
);

const EventTypeName = component(
  'WebhookEventType',
  Type.Enum([...EVENT_TYPES, TEST_EVENT], { type: 'string', description: 'What has happened.' }),
);

export const DeliveryFilterQuery = {
  status: Type.Optional(DeliveryStatusName),
  type: Type.Optional(EventTypeName),
};

const Attempt = component(
  'WebhookAttempt',
  Type.Object(
    {
      no: Type.Integer({ description: 'Which attempt, from 1 on. One is missing when its worker was lost.' }),
      at: Instant('When it began.'),
      durationMs: Type.Integer({ description: 'Until the answer, or until it was given up.' }),
      status: nullable(Type.Integer({ description: 'The HTTP status of the answer; null: there was none.' })),
      error: nullable(Type.String({ description: 'Why it does not count; null: it does.' })),
      answer: nullable(
        Type.String({ description: 'The first 2048 bytes of the answer’s body; null: there was none.' }),
      ),
    },
    { description: 'One attempt to send a delivery.' },
  ),
);

export const Delivery = component(
  'WebhookDelivery',
  Type.Object(
    {
      id: Id('The delivery.'),
      eventId: Type.String({
        description: 'Its `webhook-id`: the same in each attempt, and when it is repeated.',
        examples: ['0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10-succeeded'],
      }),
      type: EventTypeName,
      status: DeliveryStatusName,
      attempts: Type.Integer({ description: 'How often it was begun.' }),
      nextAttemptAt: nullable(Instant('When it is sent next; null: it is not.')),
      lastAttempt: nullable(Attempt),
      redeliveryOf: nullable(Id('The delivery that it repeats.')),
      createdAt: Instant('When the event happened, or the repetition was asked for.'),
      endedAt: nullable(Instant('When it was delivered or given up.')),
    },
    { description: 'One event for one webhook.' },
  ),
);

export const DeliveryWithAttempts = component(
  'WebhookDeliveryLog',
  Type.Object(
    {
      ...Delivery.properties,
      payload: Type.Object({}, { additionalProperties: true, description: 'What is sent.' }),
      log: Type.Array(Attempt, { description: 'Its attempts, oldest first.' }),
    },
    { description: 'A delivery with what was sent, and each of its attempts.' },
  ),
);

export const RedeliverFailed = component(
  'RedeliverFailed',
  Type.Object(
    {
      since: GivenInstant('Those that were made from then on.'),
    },
    { additionalProperties: false },
  ),
);

export function toWebhook(row: WebhookRow): Static<typeof Webhook> {
  const { id, url, description, events, datasets, taskNames, enabled, disabledReason, createdBy } = row;
  return {
    id,
    url,
    description,
    events: events as Static<typeof Events>,
    datasets,
    tasks: taskNames,
    enabled,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    disabledReason,
    failingSince: row.failingSince?.toISOString() ?? null,
    previousSecretUntil:
      row.previousSecretUntil !== null && row.previousSecretUntil.getTime() > Date.now()
        ? row.previousSecretUntil.toISOString()
        : null,
    createdAt: row.createdAt.toISOString(),
    createdBy,
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function toAttempt({
  no,
  at,
  durationMs,
  status,
  error,
  answer,
}: DeliveryAttemptRow): Static<typeof Attempt> {
  return { no, at: at.toISOString(), durationMs, status, error, answer };
}

export function toDelivery(
  row: DeliveryRow,
  lastAttempt: DeliveryAttemptRow | undefined,
): Static<typeof Delivery> {
  const { id, eventId, status, attempts, redeliveryOf } = row;
  return {
    id,
    eventId,
    type: row.type as Static<typeof EventTypeName>,
    status,
    attempts,
    nextAttemptAt: status === 'waiting' ? row.nextAttemptAt.toISOString() : null,
    lastAttempt: lastAttempt === undefined ? null : toAttempt(lastAttempt),
    redeliveryOf,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
