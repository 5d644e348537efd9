// Asking for an undo: the task is recorded when the import is one that can be taken back, and no other undo is at it.
import { eq, sql } from 'drizzle-orm';
import { canBeUndone } from '../../core/imports/import-mode.ts';
import { UNDO, type UndoArgs } from '../../core/tasks/task-kinds.ts';
import type { AttemptOptions } from '../../core/tasks/attempt.ts';
import { isFinal } from '../../core/tasks/task-status.ts';
import { AppError } from '../../errors.ts';
import type { Database } from '../client.ts';
import { findImport, lockImport, type ImportRow } from './imports.ts';
import { imports } from '../schema/imports.ts';
import { tasks } from '../schema/tasks.ts';
import { findTask, type TaskRow } from '../tasks/tasks.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';

/**
 * Records the task `undoId`. Of several requests at once one is taken. The queue is told right after: see queue/dispatch.ts.
 * @param together what else becomes true with it, or prevents it by throwing
 * @returns the task as it was recorded
 * @throws AppError NOT_FOUND, or CONFLICT saying why the import cannot be taken back now
 */
export async function requestUndo(
  db: Connection,
  importId: string,
  undo: { readonly id: string; readonly createdBy: string; readonly options?: AttemptOptions | null },
  together?: (tx: Tx) => Promise<void>,
): Promise<TaskRow> {
  // An undo that works holds the import: who asks meanwhile must have the answer now.
  await requireUndoable(db, importId, await findImport(db, importId));
  return inTransaction(db, async (tx) => {
    await requireUndoable(tx, importId, await lockImport(tx, importId));
    const [task] = await tx
      .insert(tasks)
      .values({ ...undo, name: UNDO.name, args: { importId } satisfies UndoArgs, dispatchedAt: sql`now()` })
      .returning();
    await tx.update(imports).set({ undoId: undo.id }).where(eq(imports.id, importId));
    await together?.(tx);
    return task!;
  });
}

async function requireUndoable(db: Database, id: string, imp: ImportRow | undefined): Promise<void> {
  const status = (await findTask(db, id))?.status;
  if (imp === undefined || status === undefined) throw new AppError('NOT_FOUND', `There is no import ${id}.`);
  if (!isFinal(status))
    throw new AppError(
      'CONFLICT',
      `The import is ${status}. It can be taken back when it has ended; to end it now and take its rows back, cancel it with rows=rollback.`,
      { taskStatus: status },
    );
  if (!canBeUndone(imp))
    throw new AppError(
      'CONFLICT',
      imp.dryRun
        ? 'A dry run has changed nothing, so there is nothing to take back.'
        : `An import with mode=${imp.mode} has changed or deleted rows that are not kept anywhere, so it cannot be taken back.`,
      { mode: imp.mode, dryRun: imp.dryRun },
    );
  if (imp.kept !== null)
    throw new AppError('CONFLICT', 'The rows of this import were taken back already.', {
      taskId: imp.undoId,
    });
  const before = imp.undoId === null ? undefined : await findTask(db, imp.undoId);
  if (before !== undefined && !isFinal(before.status))
    throw new AppError('CONFLICT', `An undo of this import is ${before.status} (task ${before.id}).`, {
      taskId: before.id,
    });
}
