import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';

export interface WebhookCounts {
  readonly working: number;
  readonly failing: number;
  readonly disabled: number;
  /** Deliveries that have not arrived yet, of 10,000 at most. */
  readonly waiting: number;
}

const COUNT = prepared(`
  SELECT count(*) FILTER (WHERE enabled AND failing_since IS NULL)::int AS working,
         count(*) FILTER (WHERE enabled AND failing_since IS NOT NULL)::int AS failing,
         count(*) FILTER (WHERE NOT enabled)::int AS disabled,
         (SELECT count(*)::int FROM (SELECT FROM sluice.webhook_deliveries WHERE status = 'waiting' LIMIT 10000) waiting) AS waiting
    FROM sluice.webhooks`);

export async function countWebhooks(client: Queryable): Promise<WebhookCounts> {
  const { rows } = await client.query<WebhookCounts & Record<string, unknown>>({ ...COUNT, values: [] });
  return rows[0]!;
}
