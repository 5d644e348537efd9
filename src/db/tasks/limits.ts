// Tasks with a key: they are due when their turn has come. How that is found is told in the migrations (sluice.release_held).
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';

const RELEASE = prepared('SELECT released, next_ms AS "nextMs" FROM sluice.release_held($1, $2, $3)');

/**
 * @param names the tasks that this worker runs
 * @param most how many of the queue may be due and not yet taken
 * @returns how many are due now, and in how many milliseconds a rate allows more
 */
export async function releaseHeld(
  client: Queryable,
  queue: string,
  names: readonly string[],
  most: number,
): Promise<{ readonly released: number; readonly nextMs: number | null }> {
  const { rows } = await client.query<{ released: number; nextMs: number | null }>({
    ...RELEASE,
    values: [queue, names, most],
  });
  return rows[0]!;
}

const HELD_QUEUES = prepared(`
  WITH RECURSIVE held AS (
    (SELECT queue FROM sluice.tasks WHERE status = 'queued' AND NOT due AND limit_key IS NOT NULL ORDER BY queue LIMIT 1)
    UNION ALL
    SELECT next.* FROM held, LATERAL (
      SELECT queue FROM sluice.tasks WHERE status = 'queued' AND NOT due AND limit_key IS NOT NULL AND queue > held.queue ORDER BY queue LIMIT 1) next)
  SELECT queue FROM held`);

/** The queues in which tasks wait for their turn. */
export async function heldQueues(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ queue: string }>(HELD_QUEUES);
  return rows.map((row) => row.queue);
}
