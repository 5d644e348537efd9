// Webhooks: who is told of what.
import { count, desc, eq, getTableColumns, lt, sql } from 'drizzle-orm';
import type { DisabledReason } from '../../core/webhooks/delivery.ts';
import { creators, toCreator, type Creator } from '../access/users.ts';
import type { Database } from '../client.ts';
import { webhooks } from '../schema/webhooks.ts';
import type { Tx } from '../transaction.ts';

type Columns = typeof webhooks.$inferSelect;

/** What people say of a webhook. */
export type WebhookDefinition = Pick<
  Columns,
  'url' | 'description' | 'events' | 'datasets' | 'taskNames' | 'enabled'
>;

/** Without its secrets. */
export interface WebhookRow extends Omit<Columns, 'createdBy' | 'secret' | 'previousSecret' | 'updatedBy'> {
  readonly createdBy: Creator;
}

const { secret: _secret, previousSecret: _previous, updatedBy: _by, ...COLUMNS } = getTableColumns(webhooks);

function selectWebhooks(db: Database) {
  return db
    .select({ webhook: COLUMNS, creatorName: creators.name })
    .from(webhooks)
    .leftJoin(creators, eq(creators.id, webhooks.createdBy))
    .$dynamic();
}

type Selected = {
  readonly webhook: Omit<WebhookRow, 'createdBy'> & Pick<Columns, 'createdBy'>;
  readonly creatorName: string | null;
};

function toRow({ webhook, creatorName }: Selected): WebhookRow {
  return { ...webhook, createdBy: toCreator(webhook.createdBy, creatorName) };
}

export async function findWebhook(db: Database, id: string): Promise<WebhookRow | undefined> {
  const [row] = await selectWebhooks(db).where(eq(webhooks.id, id));
  return row && toRow(row);
}

/** Newest first; those before `beforeId`. */
export async function listWebhooks(
  db: Database,
  page: { readonly limit: number; readonly beforeId: string | undefined },
): Promise<WebhookRow[]> {
  const rows = await selectWebhooks(db)
    .where(page.beforeId === undefined ? undefined : lt(webhooks.id, page.beforeId))
    .orderBy(desc(webhooks.id))
    .limit(page.limit);
  return rows.map(toRow);
}

/** @returns false when there are `most` already: nothing is written then */
export async function addWebhook(
  tx: Tx,
  added: WebhookDefinition & { readonly id: string; readonly secret: string; readonly userId: string },
  most: number,
): Promise<boolean> {
  // Two at once cannot both be the last one. Ends of tasks only read the table.
  await tx.execute(sql`LOCK TABLE ${webhooks} IN SHARE ROW EXCLUSIVE MODE`);
  const [held] = await tx.select({ webhooks: count() }).from(webhooks);
  if (held!.webhooks >= most) return false;
  const { userId, ...rest } = added;
  const now = new Date();
  await tx.insert(webhooks).values({
    ...rest,
    ...(rest.enabled ? {} : disabled('request')),
    createdAt: now,
    createdBy: userId,
    updatedAt: now,
    updatedBy: userId,
  });
  return true;
}

const disabled = (reason: DisabledReason) => ({
  enabled: false,
  disabledAt: sql`now()`,
  disabledReason: reason,
});

/** What is not given stays. Enabled again, it counts as one that has not failed. @returns whether it is there */
export async function changeWebhook(
  tx: Tx,
  id: string,
  { enabled, ...change }: { readonly [K in keyof WebhookDefinition]?: WebhookDefinition[K] | undefined },
  userId: string,
): Promise<boolean> {
  const { rowCount } = await tx
    .update(webhooks)
    .set({ ...change, updatedAt: sql`now()`, updatedBy: userId })
    .where(eq(webhooks.id, id));
  if (rowCount === 0 || enabled === undefined) return rowCount === 1;
  const set = enabled
    ? { enabled, disabledAt: null, disabledReason: null, failingSince: null }
    : disabled('request');
  await tx
    .update(webhooks)
    .set(set)
    .where(sql`${webhooks.id} = ${id} AND ${webhooks.enabled} <> ${enabled}`);
  return true;
}

/** The one before is good for so long. @returns whether it is there */
export async function changeSecret(
  tx: Tx,
  id: string,
  secret: string,
  previousForMs: number,
  userId: string,
): Promise<boolean> {
  const until = previousForMs === 0 ? null : sql`now() + ${previousForMs} * interval '1 millisecond'`;
  const { rowCount } = await tx
    .update(webhooks)
    .set({
      secret,
      previousSecret: previousForMs === 0 ? null : sql`${webhooks.secret}`,
      previousSecretUntil: until,
      updatedAt: sql`now()`,
      updatedBy: userId,
    })
    .where(eq(webhooks.id, id));
  return rowCount === 1;
}

/** Its deliveries are removed later, in batches (db/webhooks/prune.ts). @returns its URL, if it was there */
export async function deleteWebhook(tx: Tx, id: string): Promise<string | undefined> {
  const [row] = await tx.delete(webhooks).where(eq(webhooks.id, id)).returning({ url: webhooks.url });
  return row?.url;
}
