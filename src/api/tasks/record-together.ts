// Tasks recorded in one transaction with the key of their request, and found again when it is sent again.
import type { FastifyRequest } from 'fastify';
import type pg from 'pg';
import type { SettledKey } from '../../db/imports/idempotency-keys.ts';
import { findTaskViews, type TaskView } from '../../db/tasks/task-views.ts';
import { inTransaction } from '../../db/transaction.ts';
import { sendingSpan } from '../../tracing/messaging.ts';
import { ofTrace, traced } from '../../tracing/tracing.ts';
import type { Settle } from '../imports/idempotency.ts';
import type { TasksContext } from './context.ts';
import { recordTasks, type AskedFor, type RecordedTasks } from './record-tasks.ts';
import { taskNotFound } from './require-task.ts';

/** @param check may refuse what was recorded by throwing; nothing is kept then */
export async function recordTogether(
  { deps, ring }: Pick<TasksContext, 'deps' | 'ring'>,
  tasks: readonly AskedFor[],
  request: FastifyRequest,
  settle: Settle | undefined,
  check?: (recorded: RecordedTasks) => void,
): Promise<TaskView[]> {
  const recorded = await traced(sendingSpan('tasks'), () =>
    inTransaction(deps.database.db, async (tx) => {
      const inTrace = tasks.map((task) => ({ ...task, options: { ...ofTrace(), ...task.options } }));
      const all = await recordTasks(tx.$client, inTrace, request.user.id);
      check?.(all);
      await settle?.(tx, undefined, { taskIds: all.views.map(({ id }) => id) });
      return all;
    }),
  );
  recorded.ring(ring);
  return recorded.views;
}

/** What a request has made that was sent before. @throws AppError NOT_FOUND when one of it is no longer kept */
export function findSettled(pool: pg.Pool, { answer }: SettledKey): Promise<TaskView[]> {
  return findAll(pool, (answer as { taskIds: string[] }).taskIds);
}

/** In this order. @throws AppError NOT_FOUND */
export async function findAll(pool: pg.Pool, ids: readonly string[]): Promise<TaskView[]> {
  const byId = new Map((await findTaskViews(pool, [...new Set(ids)])).map((view) => [view.id, view]));
  return ids.map((id) => {
    const view = byId.get(id);
    if (view === undefined) throw taskNotFound(id);
    return view;
  });
}
