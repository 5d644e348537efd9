// Keys that tasks have taken for a time (the option `unique.for`); sluice.enqueue_all writes them.
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';

const REMOVE = prepared(`
  DELETE FROM sluice.unique_keys WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM sluice.unique_keys WHERE expires_at < now() ORDER BY expires_at LIMIT 5000 FOR UPDATE SKIP LOCKED))`);

/** Removes some whose time is over. @returns how many; 0: there are no more */
export async function removeSomeExpiredUniqueKeys(client: Queryable): Promise<number> {
  const { rowCount } = await client.query(REMOVE);
  return rowCount ?? 0;
}
