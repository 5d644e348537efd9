// Workers as rows: each says again and again that it is there. Ages are by the clock of Postgres, so that clocks need not agree.
import { asc, count, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import type { WorkerState } from '../../core/workers/worker-state.ts';
import type { Database } from '../client.ts';
import { tasks } from '../schema/tasks.ts';
import { workers } from '../schema/workers.ts';

/** How often a worker says that it is there. */
export const BEAT_MS = 5000;
/** And is forgotten after this. */
const FORGET_AFTER_HOURS = 24;

export type WorkerRow = typeof workers.$inferSelect;
export type WorkerView = WorkerRow & { readonly state: WorkerState };
/** What a worker says of itself. */
export type Beat = Omit<typeof workers.$inferInsert, 'beatAt' | 'startedAt'>;

/** True of a worker, a row of the table named so in SQL, that is there; a lost one was killed, is frozen, or is cut off. */
export const isThere = (worker: string): string =>
  `${worker}.beat_at >= now() - ${worker}.lost_ms * interval '1 millisecond'`;
const state = sql<WorkerState>`CASE WHEN ${sql.raw(isThere('workers'))} THEN 'online' ELSE 'lost' END`;

/** Also brings a worker back that was taken for dead and forgotten. */
export async function beat(db: Database, worker: Beat): Promise<void> {
  const { id: _id, ...said } = worker;
  const now = { ...said, beatAt: sql`now()` };
  await db
    .insert(workers)
    .values({ ...worker, ...now })
    .onConflictDoUpdate({ target: workers.id, set: now });
}

/** For a worker that stops. */
export async function removeWorker(db: Database, id: string): Promise<void> {
  await db.delete(workers).where(eq(workers.id, id));
}

/** @returns how many were lost so long ago that nobody asks for them */
export async function forgetWorkers(db: Database): Promise<number> {
  const { rowCount } = await db
    .delete(workers)
    .where(lt(workers.beatAt, sql`now() - ${FORGET_AFTER_HOURS} * interval '1 hour'`));
  return rowCount ?? 0;
}

/** A page behind the id `after`, oldest first. */
export async function listWorkers(
  db: Database,
  page: { readonly limit: number; readonly after?: string | undefined },
): Promise<WorkerView[]> {
  const rows = await db
    .select({ row: workers, state })
    .from(workers)
    .where(page.after === undefined ? undefined : gt(workers.id, page.after))
    .orderBy(asc(workers.id))
    .limit(page.limit);
  return rows.map(({ row, state }) => ({ ...row, state }));
}

export async function findWorker(db: Database, id: string): Promise<WorkerView | undefined> {
  const [found] = await db.select({ row: workers, state }).from(workers).where(eq(workers.id, id));
  return found && { ...found.row, state: found.state };
}

/** Whether the worker that is this process has said that it is there. */
export async function isOnline(
  db: Database,
  { host, pid }: Pick<WorkerRow, 'host' | 'pid'>,
): Promise<boolean> {
  const rows = await db
    .select({ id: workers.id })
    .from(workers)
    .where(sql`${workers.host} = ${host} AND ${workers.pid} = ${pid} AND ${sql.raw(isThere('workers'))}`);
  return rows.length > 0;
}

/** The names of tasks by their ids. */
export async function findTaskNames(db: Database, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .select({ id: tasks.id, name: tasks.name })
    .from(tasks)
    .where(inArray(tasks.id, [...ids]));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** How many workers there are in each state; a state without any is not in the map. */
export async function countWorkers(db: Database): Promise<Map<WorkerState, number>> {
  const rows = await db.select({ state, workers: count() }).from(workers).groupBy(state);
  return new Map(rows.map((row) => [row.state, row.workers]));
}
