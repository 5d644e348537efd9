// Chains and groups of tasks.
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, jsonb, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import type {
  CanvasMember,
  GroupError,
  GroupKind,
  GroupStatus,
  MemberStatus,
} from '../../core/tasks/canvas.ts';
import { instant, sluice } from './columns.ts';

/** Chains and groups of tasks. */
export const groups = sluice.table(
  'groups',
  {
    /** UUID v7. */
    id: uuid().primaryKey(),
    kind: text().$type<GroupKind>().notNull(),
    status: text().$type<GroupStatus>().notNull().default('running'),
    /** The group of which it is a member. */
    parentId: uuid('parent_id'),
    /** Of a group that has ended before its members: those that go on are to be cancelled. */
    cancelsRest: boolean('cancels_rest').notNull().default(false),
    result: jsonb(),
    error: jsonb().$type<GroupError>(),
    createdAt: instant('created_at')
      .notNull()
      .default(sql`now()`),
    finishedAt: instant('finished_at'),
    createdBy: uuid('created_by'),
    cancelledBy: uuid('cancelled_by'),
  },
  (t) => [
    index('groups_cancels_rest_idx')
      .on(t.id)
      .where(sql`${t.cancelsRest}`),
    index('groups_finished_at_idx')
      .on(t.finishedAt)
      .where(sql`${t.finishedAt} is not null and ${t.parentId} is null`),
    index('groups_parent_id_idx')
      .on(t.parentId)
      .where(sql`${t.parentId} is not null`),
  ],
);

/** In their order. They keep what became of them, so that a group outlives the tasks it began with. */
export const groupMembers = sluice.table(
  'group_members',
  {
    groupId: uuid('group_id')
      .notNull()
      .references(() => groups.id, { onDelete: 'cascade' }),
    place: integer().notNull(),
    /** As core/tasks/canvas.ts describes it. */
    member: jsonb().$type<CanvasMember>().notNull(),
    /** Of a chord, the one that gets the results of the others. */
    isCallback: boolean('is_callback').notNull().default(false),
    /** `waiting`: its turn has not come. */
    status: text().$type<MemberStatus>().notNull().default('waiting'),
    taskId: uuid('task_id'),
    childId: uuid('child_id'),
    result: jsonb(),
    error: jsonb().$type<GroupError>(),
  },
  (t) => [
    primaryKey({ columns: [t.groupId, t.place] }),
    index('group_members_task_id_idx')
      .on(t.taskId)
      .where(sql`${t.taskId} is not null`),
    index('group_members_child_id_idx')
      .on(t.childId)
      .where(sql`${t.childId} is not null`),
  ],
);

/** Groups of which a member has ended; written together with its end, and taken by who looks what is next (sluice.settle_groups). */
export const groupEnds = sluice.table('group_ends', {
  id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  groupId: uuid('group_id').notNull(),
});
