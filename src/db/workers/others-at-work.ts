// What would be stopped with the workers that somebody else wants done.
import { sql } from 'drizzle-orm';
import type { TaskStatus } from '../../core/tasks/task-status.ts';
import { toCreator, type Creator } from '../access/users.ts';
import type { Database } from '../client.ts';
import { users } from '../schema/access.ts';
import { tasks } from '../schema/tasks.ts';

/** Beyond so many tasks a count is "at least". */
export const MOST_LOOKED_AT = 10_000;

export interface OthersTask {
  readonly id: string;
  readonly name: string;
  readonly status: TaskStatus;
  readonly createdBy: Creator;
}

export interface OthersTasks {
  readonly running: number;
  readonly waiting: number;
  /** Some of them, those that run first. */
  readonly some: readonly OthersTask[];
}

interface Row {
  readonly [key: string]: unknown;
  readonly running: number;
  readonly waiting: number;
  readonly some: {
    id: string;
    name: string;
    status: TaskStatus;
    created_by: string | null;
    creator: string | null;
  }[];
}

/** The tasks that run, or may begin now, and that are not this user's: also those of schedules and of SQL, which are nobody's. */
export async function listOthersTasks(db: Database, userId: string, most: number): Promise<OthersTasks> {
  const { rows } = await db.execute<Row>(sql`
    WITH looked_at AS MATERIALIZED (
      (SELECT id, name, status, created_by FROM ${tasks} WHERE status = 'running' LIMIT ${MOST_LOOKED_AT})
      UNION ALL (SELECT id, name, status, created_by FROM ${tasks} WHERE status = 'cancelling' LIMIT ${MOST_LOOKED_AT})
      UNION ALL (SELECT id, name, status, created_by FROM ${tasks} WHERE status = 'queued' AND due LIMIT ${MOST_LOOKED_AT})),
    theirs AS (SELECT * FROM looked_at WHERE created_by IS DISTINCT FROM ${userId}::uuid),
    shown AS (
      SELECT t.id, t.name, t.status, t.created_by, u.name AS creator FROM theirs t LEFT JOIN ${users} u ON u.id = t.created_by
       ORDER BY t.status = 'queued', t.id LIMIT ${most})
    SELECT (SELECT count(*) FROM theirs WHERE status <> 'queued')::int AS running,
           (SELECT count(*) FROM theirs WHERE status = 'queued')::int AS waiting,
           coalesce((SELECT json_agg(shown) FROM shown), '[]') AS some`);
  const { running, waiting, some } = rows[0]!;
  return {
    running,
    waiting,
    some: some.map(({ id, name, status, created_by, creator }) => ({
      id,
      name,
      status,
      createdBy: toCreator(created_by, creator),
    })),
  };
}
