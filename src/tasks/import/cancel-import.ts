// Ends a cancel: nothing of the import commits any more, since chunks commit only under a `running` task.
import { isDirect } from '../../core/imports/import-mode.ts';
import { markChunksUndone, sumCounts } from '../../db/imports/chunks.ts';
import { findImport, markTakenBack, type ImportRow } from '../../db/imports/imports.ts';
import { deleteRowErrors } from '../../db/imports/row-errors.ts';
import { isLockTimeout, isTransactionClash, isUnavailable } from '../../db/errors.ts';
import { takeBackRows } from '../../db/landing/take-back.ts';
import { claimTask, moveTask } from '../../db/tasks/tasks.ts';
import { inTransaction, type Connection, type Tx } from '../../db/transaction.ts';

/**
 * Takes landed rows back if the cancel said so, sums up, and ends the task; does nothing when another worker is at it. When Postgres
 * will not take the rows back (no right to, a trigger that raises), the task has failed and they stay.
 * @returns whether it has ended the task
 * @throws what may go well the next time
 */
export async function settleCancel(db: Connection, importId: string): Promise<boolean> {
  try {
    return await inTransaction(db, (tx) => settle(tx, importId));
  } catch (error) {
    if (isUnavailable(error) || isTransactionClash(error) || isLockTimeout(error)) throw error;
    const message = `The rows could not be taken back: ${(error as Error).message}`;
    await moveTask(db, importId, 'failed', { error: { code: 'rollback-failed', message } }, ['cancelling']);
    throw new Error(message, { cause: error });
  }
}

async function settle(tx: Tx, importId: string): Promise<boolean> {
  const task = await claimTask(tx, importId, 'cancelling');
  const imp = await findImport(tx, importId);
  if (task === undefined || imp === undefined) return false;
  const rows = task.cancelOptions?.['rows'] ?? 'keep';
  if (rows === 'rollback') await takeBack(tx, imp);
  const result = { ...(await sumCounts(tx, importId)), rows };
  return (await moveTask(tx, importId, 'cancelled', { result })) !== undefined;
}

async function takeBack(tx: Tx, imp: ImportRow): Promise<void> {
  // Of a staged import nothing has landed.
  if (isDirect(imp)) {
    const { changed, referenced } = await takeBackRows(tx, imp.document, imp.id);
    await markTakenBack(tx, imp.id, changed + referenced);
  }
  await markChunksUndone(tx, imp.id);
  await deleteRowErrors(tx, imp.id);
}
