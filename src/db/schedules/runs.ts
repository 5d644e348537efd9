// The tasks that schedules have made.
import { and, desc, eq, lt, sql } from 'drizzle-orm';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import type { Database } from '../client.ts';
import { scheduleRuns } from '../schema/schedules.ts';
import { tasks } from '../schema/tasks.ts';

export interface RunRow {
  readonly id: string;
  readonly scheduleId: string;
  /** The same as `id`, unless another task had the unique key of this one. */
  readonly taskId: string;
  /** The time of the rule it was made for; null: it was run by hand. */
  readonly dueAt: Date | null;
  readonly createdAt: Date;
  /** Null, as the times are, when the task has been removed since. */
  readonly status: TaskStatus | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

function selectRuns(db: Database) {
  return db
    .select({
      id: scheduleRuns.id,
      scheduleId: scheduleRuns.scheduleId,
      taskId: scheduleRuns.taskId,
      dueAt: scheduleRuns.dueAt,
      createdAt: scheduleRuns.createdAt,
      status: tasks.status,
      startedAt: tasks.startedAt,
      finishedAt: tasks.finishedAt,
    })
    .from(scheduleRuns)
    .leftJoin(tasks, eq(tasks.id, scheduleRuns.taskId))
    .$dynamic();
}

/** Newest first; those before `beforeId`. */
export function listRuns(
  db: Database,
  scheduleId: string,
  page: { readonly limit: number; readonly beforeId: string | undefined },
): Promise<RunRow[]> {
  return selectRuns(db)
    .where(
      and(
        eq(scheduleRuns.scheduleId, scheduleId),
        page.beforeId === undefined ? undefined : lt(scheduleRuns.id, page.beforeId),
      ),
    )
    .orderBy(desc(scheduleRuns.id))
    .limit(page.limit);
}

/** The newest run of each schedule, by the schedule's id; those without one are left out. */
export async function findLastRuns(
  db: Database,
  scheduleIds: readonly string[],
): Promise<Map<string, RunRow>> {
  if (scheduleIds.length === 0) return new Map();
  const rows = await selectRuns(db).where(sql`${scheduleRuns.id} IN (
    SELECT (SELECT r.id FROM ${scheduleRuns} r WHERE r.schedule_id = schedule.id ORDER BY r.id DESC LIMIT 1)
      FROM unnest(${sql.param(scheduleIds)}::uuid[]) AS schedule(id))`);
  return new Map(rows.map((row) => [row.scheduleId, row]));
}

/**
 * Forgets some runs that are older than `days` and whose task has been removed.
 * @returns whether there may be more
 */
export async function removeSomeRuns(db: Database, days: number, limit: number): Promise<boolean> {
  const { rowCount } = await db.execute(sql`
    DELETE FROM ${scheduleRuns} WHERE id IN (
      SELECT id FROM ${scheduleRuns} r
       WHERE created_at < now() - ${days} * interval '1 day'
         AND NOT EXISTS (SELECT FROM ${tasks} t WHERE t.id = r.task_id)
       ORDER BY created_at LIMIT ${limit})`);
  return rowCount === limit;
}
