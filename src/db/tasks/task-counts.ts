import { count } from 'drizzle-orm';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import type { Database } from '../client.ts';
import { tasks } from '../schema.ts';

/** How many tasks stand where; a status nobody has is not in the map. Reads the whole table: for a scrape, not for a poll. */
export async function countTasksByStatus(db: Database): Promise<Map<TaskStatus, number>> {
  const rows = await db.select({ status: tasks.status, tasks: count() }).from(tasks).groupBy(tasks.status);
  return new Map(rows.map((row) => [row.status, row.tasks]));
}
