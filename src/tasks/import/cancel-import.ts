// Ends a cancel: nothing of the import commits any more, since chunks commit only under a `running` task.
import { isDirect } from '../../core/imports/import-mode.ts';
import { claimDoneChunks, markChunksUndone, sumCounts } from '../../db/imports/chunks.ts';
import { findImport, markTakenBack, type ImportRow } from '../../db/imports/imports.ts';
import { deleteRowErrors } from '../../db/imports/row-errors.ts';
import { isLockTimeout, isTransactionClash, isUnavailable } from '../../db/errors.ts';
import { countKept, takeBackRows } from '../../db/landing/take-back.ts';
import { claimTask, findTask, moveTask } from '../../db/tasks/tasks.ts';
import { inTransaction, type Connection, type Tx } from '../../db/transaction.ts';
import { tellingLocks } from '../locked-out.ts';

/** Few cancels are settled at a time, so none waits long for a lock that others hold. */
const LOCK_WAIT_MS = 1000;

/**
 * Takes landed rows back if the cancel said so, sums up, and ends the task; does nothing when another worker is at it, or work that
 * is being cut off still holds a chunk. When Postgres will not take the rows back (no right to, a trigger that raises), the task has
 * failed and they stay.
 * @returns whether it has ended the task
 * @throws what may go well the next time; LockedOut when others hold the tables
 */
export async function settleCancel(db: Connection, importId: string): Promise<boolean> {
  const imp = await findImport(db, importId);
  if (imp === undefined) return false;
  try {
    return await tellingLocks(db, importId, imp.document, () =>
      inTransaction(db, (tx) => settle(tx, importId, imp)),
    );
  } catch (error) {
    if (isUnavailable(error) || isTransactionClash(error) || isLockTimeout(error)) throw error;
    const message = `The rows could not be taken back: ${(error as Error).message}`;
    await moveTask(db, importId, 'failed', { error: { code: 'rollback-failed', message } }, ['cancelling']);
    throw new Error(message, { cause: error });
  }
}

async function settle(tx: Tx, id: string, imp: ImportRow): Promise<boolean> {
  await tx.$client.query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`);
  const takesBack = (await findTask(tx, id))?.cancelOptions?.['rows'] === 'rollback';
  if (takesBack && !(await claimDoneChunks(tx, id))) return false;
  if ((await claimTask(tx, id, 'cancelling')) === undefined) return false;
  if (takesBack) await takeBack(tx, imp);
  const result = { ...(await sumCounts(tx, id)), rows: takesBack ? 'rollback' : 'keep' };
  return (await moveTask(tx, id, 'cancelled', { result })) !== undefined;
}

async function takeBack(tx: Tx, imp: ImportRow): Promise<void> {
  // Of a staged import nothing has landed.
  if (isDirect(imp)) {
    await markTakenBack(tx, imp.id, countKept(await takeBackRows(tx, imp.document, imp.id)));
  }
  await markChunksUndone(tx, imp.id);
  await deleteRowErrors(tx, imp.id);
}
