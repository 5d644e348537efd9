// The log of deliveries, and deliveries that somebody asks for.
import { and, asc, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import type { DeliveryStatus } from '../../core/webhooks/delivery.ts';
import { TEST_EVENT, testEventId } from '../../core/webhooks/events.ts';
import type { Database } from '../client.ts';
import { webhookAttempts, webhookDeliveries as deliveries } from '../schema/webhooks.ts';
import type { Tx } from '../transaction.ts';

export type DeliveryRow = typeof deliveries.$inferSelect;
export type DeliveryAttemptRow = typeof webhookAttempts.$inferSelect;

export interface DeliveryFilter {
  readonly status?: DeliveryStatus | undefined;
  readonly type?: string | undefined;
}

/** Newest first; those before `beforeId`. */
export function listDeliveries(
  db: Database,
  webhookId: string,
  { status, type }: DeliveryFilter,
  page: { readonly limit: number; readonly beforeId: string | undefined },
): Promise<DeliveryRow[]> {
  return db
    .select()
    .from(deliveries)
    .where(
      and(
        eq(deliveries.webhookId, webhookId),
        ...(status === undefined ? [] : [eq(deliveries.status, status)]),
        ...(type === undefined ? [] : [eq(deliveries.type, type)]),
        ...(page.beforeId === undefined ? [] : [lt(deliveries.id, page.beforeId)]),
      ),
    )
    .orderBy(desc(deliveries.id))
    .limit(page.limit);
}

export async function findDelivery(
  db: Database,
  webhookId: string,
  id: string,
): Promise<DeliveryRow | undefined> {
  const [row] = await db
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.id, id), eq(deliveries.webhookId, webhookId)));
  return row;
}

/** Oldest first. */
export function listDeliveryAttempts(db: Database, deliveryId: string): Promise<DeliveryAttemptRow[]> {
  return db
    .select()
    .from(webhookAttempts)
    .where(eq(webhookAttempts.deliveryId, deliveryId))
    .orderBy(asc(webhookAttempts.no));
}

/** The last attempt of each of these deliveries that has had one. */
export async function findLastAttempts(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, DeliveryAttemptRow>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectDistinctOn([webhookAttempts.deliveryId])
    .from(webhookAttempts)
    .where(inArray(webhookAttempts.deliveryId, [...ids]))
    .orderBy(webhookAttempts.deliveryId, desc(webhookAttempts.no));
  return new Map(rows.map((row) => [row.deliveryId, row]));
}

/** A delivery that nobody but the webhook gets, and that is tried once. */
export async function addTest(tx: Tx, id: string, webhookId: string, at: Date): Promise<void> {
  const payload = { type: TEST_EVENT, timestamp: at.toISOString(), data: { webhookId } };
  await tx.insert(deliveries).values({ id, webhookId, eventId: testEventId(id), type: TEST_EVENT, payload });
}

/** The same event once more, with the same bytes. @returns false when there is no such delivery */
export async function repeatDelivery(
  tx: Tx,
  id: string,
  { webhookId, deliveryId }: { readonly webhookId: string; readonly deliveryId: string },
): Promise<boolean> {
  const { rowCount } = await tx.execute(sql`
    INSERT INTO ${deliveries} (id, webhook_id, event_id, type, payload, redelivery_of)
    SELECT ${id}, webhook_id, event_id, type, payload, id FROM ${deliveries} WHERE id = ${deliveryId} AND webhook_id = ${webhookId}`);
  return rowCount === 1;
}

/**
 * Those that have failed since, once more: what a receiver has missed that was away for longer than deliveries are tried. One that was
 * repeated already is left out.
 * @returns how many
 */
export async function repeatFailed(tx: Tx, webhookId: string, since: Date, most: number): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    INSERT INTO ${deliveries} (id, webhook_id, event_id, type, payload, redelivery_of)
    SELECT sluice.uuid_v7(), webhook_id, event_id, type, payload, id FROM ${deliveries} d
     WHERE webhook_id = ${webhookId} AND status = 'failed' AND type <> ${TEST_EVENT} AND created_at >= ${since.toISOString()}::timestamptz
       AND NOT EXISTS (SELECT FROM ${deliveries} r WHERE r.webhook_id = ${webhookId} AND r.event_id = d.event_id AND r.id > d.id)
     ORDER BY id LIMIT ${most}`);
  return rowCount ?? 0;
}
