// Who is told of what happens to imports and tasks, and what became of telling them.
import { sql } from 'drizzle-orm';
import { boolean, index, integer, json, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import type { DeliveryStatus, DisabledReason } from '../../core/webhooks/delivery.ts';
import { instant, sluice } from './columns.ts';

/** Addresses that are told of events. */
export const webhooks = sluice.table('webhooks', {
  /** UUID v7. */
  id: uuid().primaryKey(),
  url: text().notNull(),
  description: text(),
  /** Event types, such as `import.failed`; `import.*` and `*` stand for several. */
  events: text().array().notNull(),
  /** Of imports: only those of these datasets; null: of all. */
  datasets: text().array(),
  /** Of other tasks: only those with these names; null: all. */
  taskNames: text('task_names').array(),
  /** Only an enabled one gets new events, and only to an enabled one deliveries are sent. */
  enabled: boolean().notNull().default(true),
  disabledAt: instant('disabled_at'),
  disabledReason: text('disabled_reason').$type<DisabledReason>(),
  /** Since when no delivery has reached it; null: the last one did. */
  failingSince: instant('failing_since'),
  /** As the receiver has it: `whsec_…`. It is needed whole for each signature. */
  secret: text().notNull(),
  /** The one before, while receivers may still go by it. */
  previousSecret: text('previous_secret'),
  previousSecretUntil: instant('previous_secret_until'),
  createdAt: instant('created_at').notNull(),
  createdBy: uuid('created_by'),
  updatedAt: instant('updated_at').notNull(),
  updatedBy: uuid('updated_by'),
});

/**
 * One event for one webhook; written in the transaction that records, begins or ends its task. It refers to no other table: a foreign key
 * would have each of them lock the webhook's row.
 */
export const webhookDeliveries = sluice.table(
  'webhook_deliveries',
  {
    /** UUID v7. */
    id: uuid().primaryKey(),
    webhookId: uuid('webhook_id').notNull(),
    /** The `webhook-id` of all attempts, and of a delivery that repeats this one. */
    eventId: text('event_id').notNull(),
    type: text().notNull(),
    /** What is sent; as a text, so that each attempt sends the same bytes. */
    payload: json().notNull(),
    status: text().$type<DeliveryStatus>().notNull().default('waiting'),
    /** How often it was begun. An attempt is known by this number, so that one whose time is over cannot end the next one. */
    attempts: smallint().notNull().default(0),
    /** While an attempt runs: when it counts as lost. */
    nextAttemptAt: instant('next_attempt_at')
      .notNull()
      .default(sql`now()`),
    /** Until then an attempt may be under way. */
    claimedUntil: instant('claimed_until'),
    /** The delivery that it repeats. */
    redeliveryOf: uuid('redelivery_of'),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    endedAt: instant('ended_at'),
  },
  (t) => [
    index('webhook_deliveries_due_idx')
      .on(t.webhookId, t.nextAttemptAt, t.id)
      .where(sql`${t.status} = 'waiting'`),
    index('webhook_deliveries_claimed_idx')
      .on(t.webhookId)
      .where(sql`${t.claimedUntil} is not null`),
    index('webhook_deliveries_log_idx').on(t.webhookId, t.id),
    // An erasure looks for those that tell of the import.
    index('webhook_deliveries_event_id_idx').on(t.eventId),
  ],
);

/** What became of each attempt at a delivery. */
export const webhookAttempts = sluice.table(
  'webhook_attempts',
  {
    deliveryId: uuid('delivery_id')
      .notNull()
      .references(() => webhookDeliveries.id, { onDelete: 'cascade' }),
    /** The delivery's `attempts` while it ran. */
    no: smallint().notNull(),
    at: instant('at').notNull(),
    durationMs: integer('duration_ms').notNull(),
    /** Of the answer; null: there was none. */
    status: smallint(),
    /** Why there was no answer, or why it does not count. */
    error: text(),
    /** The beginning of the answer's body. */
    answer: text(),
  },
  (t) => [primaryKey({ columns: [t.deliveryId, t.no] })],
);
