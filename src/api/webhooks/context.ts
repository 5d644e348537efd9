// What the routes of webhooks share.
import { randomFillSync } from 'node:crypto';
import { createUuidV7 } from '../../core/uuid.ts';
import type { Database } from '../../db/client.ts';
import type { Connection } from '../../db/transaction.ts';
import { findWebhook, type WebhookRow } from '../../db/webhooks/webhooks.ts';
import { AppError } from '../../errors.ts';
import type { ApiDeps } from '../deps.ts';

export interface WebhooksContext {
  readonly db: Connection;
  readonly config: Pick<ApiDeps['config'], 'webhookPrivateHosts' | 'maxWebhooks'>;
  /** A new id, behind all before. */
  readonly newId: () => string;
}

export function createWebhooksContext({ database, config }: ApiDeps): WebhooksContext {
  const newId = createUuidV7(randomFillSync);
  return { db: database.db, config, newId: () => newId(Date.now()) };
}

/** @throws AppError NOT_FOUND */
export async function requireWebhook(db: Database, id: string): Promise<WebhookRow> {
  const row = await findWebhook(db, id);
  if (row === undefined) throw webhookNotFound(id);
  return row;
}

export function webhookNotFound(id: string): AppError {
  return new AppError('NOT_FOUND', `There is no webhook ${id}.`);
}
