import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';

const ROWS_AT_ONCE = 1000;

/** Ids are in the order of time. */
const REMOVE_OLD = prepared(`
  DELETE FROM sluice.webhook_deliveries WHERE id IN (
    SELECT id FROM (SELECT id, created_at FROM sluice.webhook_deliveries ORDER BY id LIMIT ${ROWS_AT_ONCE}) AS oldest
     WHERE created_at < now() - $1 * interval '1 day')`);

/** Of webhooks that are deleted. Another transaction may still be about to write one of them, so this looks again and again. */
const REMOVE_ORPHANS = prepared(`
  DELETE FROM sluice.webhook_deliveries WHERE id IN (
    SELECT d.id FROM (
      WITH RECURSIVE ids AS (
        (SELECT webhook_id FROM sluice.webhook_deliveries ORDER BY webhook_id LIMIT 1)
        UNION ALL
        SELECT (SELECT webhook_id FROM sluice.webhook_deliveries WHERE webhook_id > ids.webhook_id ORDER BY webhook_id LIMIT 1)
          FROM ids WHERE ids.webhook_id IS NOT NULL)
      SELECT webhook_id FROM ids WHERE webhook_id IS NOT NULL AND NOT EXISTS (SELECT FROM sluice.webhooks w WHERE w.id = webhook_id)) gone,
      LATERAL (SELECT id FROM sluice.webhook_deliveries WHERE webhook_id = gone.webhook_id LIMIT ${ROWS_AT_ONCE}) d
     LIMIT ${ROWS_AT_ONCE})`);

/** Removes some deliveries that are older than the log is kept, or whose webhook is gone. @returns whether there may be more */
export async function removeSomeDeliveries(client: Queryable, days: number): Promise<boolean> {
  const old = await client.query({ ...REMOVE_OLD, values: [days] });
  const orphans = await client.query(REMOVE_ORPHANS);
  return old.rowCount === ROWS_AT_ONCE || orphans.rowCount === ROWS_AT_ONCE;
}
