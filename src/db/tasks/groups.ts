// Chains, groups and chords. How they go on is told in the migrations (sluice.settle_group).
import type { Canvas, GroupError, GroupKind, GroupStatus, MemberStatus } from '../../core/tasks/canvas.ts';
import { stringifyExact } from '../../core/tasks/exact-json.ts';
import type { Queryable } from '../connection.ts';
import { prepared } from '../prepared.ts';

/**
 * Records it and begins it, in whatever transaction the caller has open.
 * @param id UUID v7
 * @throws what Postgres says of what cannot be recorded (SQLSTATE 22023)
 */
export async function createGroup(
  client: Queryable,
  id: string,
  canvas: Canvas,
  createdBy: string | null = null,
): Promise<void> {
  await client.query('SELECT sluice.create_group($1, $2::jsonb, $3)', [
    id,
    stringifyExact(canvas),
    createdBy,
  ]);
}

const SETTLE = prepared('SELECT sluice.settle_groups($1) AS settled');
const CANCEL_REST = prepared('SELECT sluice.cancel_rest()');
const MOST_SETTLED = 500;

/** Does what comes next in groups of which members have ended, and cancels what is left of those that have. */
export async function settleGroups(client: Queryable): Promise<void> {
  // The end of a group within another one is settled the next time.
  for (;;) {
    const { rows } = await client.query<{ settled: number }>({ ...SETTLE, values: [MOST_SETTLED] });
    if (rows[0]!.settled === 0) break;
  }
  await client.query(CANCEL_REST);
}

const CANCEL = prepared(`SELECT sluice.end_group($1, 'cancelled', NULL, NULL, $2) AS done`);

/** @returns whether it has been cancelled; false when it had ended, or is not there */
export async function cancelGroup(client: Queryable, id: string, cancelledBy: string): Promise<boolean> {
  const { rows } = await client.query<{ done: boolean }>({ ...CANCEL, values: [id, cancelledBy] });
  return rows[0]!.done;
}

export interface GroupView {
  readonly id: string;
  readonly kind: GroupKind;
  readonly status: GroupStatus;
  readonly parentId: string | null;
  readonly result: unknown;
  readonly error: GroupError | null;
  readonly createdAt: Date;
  readonly finishedAt: Date | null;
  /** How many members there are of each status. */
  readonly members: Readonly<Record<MemberStatus, number>>;
}

const VIEW = prepared(`
  SELECT g.id, g.kind, g.status, g.parent_id AS "parentId", g.result, g.error, g.created_at AS "createdAt", g.finished_at AS "finishedAt",
         (SELECT jsonb_build_object('waiting', count(*) FILTER (WHERE m.status = 'waiting'), 'running', count(*) FILTER (WHERE m.status = 'running'),
            'succeeded', count(*) FILTER (WHERE m.status = 'succeeded'), 'failed', count(*) FILTER (WHERE m.status = 'failed'),
            'cancelled', count(*) FILTER (WHERE m.status = 'cancelled'))
            FROM sluice.group_members m WHERE m.group_id = g.id) AS members
    FROM sluice.groups g WHERE g.id = $1`);

export async function findGroup(client: Queryable, id: string): Promise<GroupView | undefined> {
  const { rows } = await client.query<GroupView & Record<string, unknown>>({ ...VIEW, values: [id] });
  return rows[0];
}

export interface MemberView {
  readonly place: number;
  /** The task's; null of a chain or group. */
  readonly name: string | null;
  readonly status: MemberStatus;
  readonly taskId: string | null;
  readonly groupId: string | null;
  readonly result: unknown;
  readonly error: GroupError | null;
}

const MEMBERS = prepared(`
  SELECT place, member ->> 'name' AS name, status, task_id AS "taskId", child_id AS "groupId", result, error
    FROM sluice.group_members WHERE group_id = $1 AND place > $2 ORDER BY place LIMIT $3`);

/** A page of the members, in their order. @param after the place behind which it begins; -1 for the first page */
export async function listMembers(
  client: Queryable,
  id: string,
  after: number,
  limit: number,
): Promise<MemberView[]> {
  const { rows } = await client.query<MemberView & Record<string, unknown>>({
    ...MEMBERS,
    values: [id, after, limit],
  });
  return rows;
}

const PRUNE = prepared(`
  DELETE FROM sluice.groups WHERE id IN (
    SELECT id FROM sluice.groups g WHERE finished_at < now() - $1 * interval '1 day' AND parent_id IS NULL
     ORDER BY finished_at LIMIT 100)
  RETURNING id`);
const PRUNE_WITHIN = prepared(`
  DELETE FROM sluice.groups g WHERE g.parent_id = ANY($1::uuid[]) RETURNING id`);

/** Removes groups that ended more than `days` ago, with those within. @returns how many */
export async function removeOldGroups(client: Queryable, days: number): Promise<number> {
  const { rows } = await client.query<{ id: string }>({ ...PRUNE, values: [days] });
  for (let ids = rows.map(({ id }) => id); ids.length > 0;) {
    const within = await client.query<{ id: string }>({ ...PRUNE_WITHIN, values: [ids] });
    ids = within.rows.map(({ id }) => id);
  }
  return rows.length;
}
