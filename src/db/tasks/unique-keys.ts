// Keys that tasks have taken for a time (the option `unique.for`); sluice.enqueue_all writes them.
import { prepared, type Queryable } from '../connection.ts';

const REMOVE = prepared(`
  DELETE FROM sluice.unique_keys WHERE ctid = ANY(ARRAY(
    SELECT ctid FROM sluice.unique_keys WHERE expires_at < now() ORDER BY expires_at LIMIT 5000 FOR UPDATE SKIP LOCKED))`);

/** Removes those whose time is over. @returns how many */
export async function removeExpiredUniqueKeys(client: Queryable): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rowCount } = await client.query(REMOVE);
    if ((rowCount ?? 0) === 0) return removed;
    removed += rowCount ?? 0;
  }
}
