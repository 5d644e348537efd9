import { sql } from 'drizzle-orm';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import type { Database } from '../client.ts';
import { readTotals } from '../queues/count-ended.ts';

/** Counted of those that have not ended; with more, it is "at least". */
const MOST_COUNTED = 100_000;

/**
 * How many tasks stand where; a status nobody has is not in the map. Those that have ended are counted as they do, also when they were
 * removed since. It costs the same with a thousand tasks and with ten million.
 */
export async function countTasksByStatus(db: Database): Promise<Map<TaskStatus, number>> {
  const { rows } = await db.execute<{ status: TaskStatus; tasks: number }>(sql`
    SELECT status, tasks::float8 AS tasks FROM (
    SELECT 'queued' AS status, (SELECT count(*) FROM (SELECT FROM sluice.tasks WHERE status = 'queued' AND due LIMIT ${MOST_COUNTED}) c)
           + (SELECT count(*) FROM (SELECT FROM sluice.tasks WHERE status = 'queued' AND NOT due LIMIT ${MOST_COUNTED}) c) AS tasks
    UNION ALL SELECT 'running', count(*) FROM (SELECT FROM sluice.tasks WHERE status = 'running' LIMIT ${MOST_COUNTED}) c
    UNION ALL SELECT 'cancelling', count(*) FROM (SELECT FROM sluice.tasks WHERE status = 'cancelling' LIMIT ${MOST_COUNTED}) c) AS counts`);
  const counts = new Map(rows.map(({ status, tasks }) => [status, tasks]));
  for (const { status, tasks } of await readTotals(db)) counts.set(status, (counts.get(status) ?? 0) + tasks);
  return counts;
}
