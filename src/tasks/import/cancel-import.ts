// Ends a cancel: nothing of the import commits any more, since chunks commit only under a `running` task.
import type pg from 'pg';
import { isDirect } from '../../core/imports/import-mode.ts';
import type { Database } from '../../db/client.ts';
import { markChunksUndone, sumCounts } from '../../db/imports/chunks.ts';
import { findImport, markTakenBack, type ImportRow } from '../../db/imports/imports.ts';
import { deleteRowErrors } from '../../db/imports/row-errors.ts';
import { isLockTimeout, isTransactionClash, isUnavailable } from '../../db/errors.ts';
import { takeBackRows } from '../../db/landing/take-back.ts';
import { claimTask, moveTask } from '../../db/tasks/tasks.ts';
import { inTransaction } from '../../db/transaction.ts';

/**
 * Takes landed rows back if the cancel said so, sums up, and ends the task; does nothing when another worker is at it. When Postgres
 * will not take the rows back (no right to, a trigger that raises), the task has failed and they stay.
 * @throws what may go well the next time
 */
export async function settleCancel(pool: pg.Pool, importId: string): Promise<void> {
  const client = await pool.connect();
  try {
    await inTransaction(client, (db) => settle(client, db, importId));
  } catch (error) {
    if (isUnavailable(error) || isTransactionClash(error) || isLockTimeout(error)) throw error;
    const message = `The rows could not be taken back: ${(error as Error).message}`;
    await inTransaction(client, (db) =>
      moveTask(db, importId, 'failed', { error: { code: 'rollback-failed', message } }, ['cancelling']),
    );
    throw new Error(message, { cause: error });
  } finally {
    client.release();
  }
}

async function settle(client: pg.ClientBase, db: Database, importId: string): Promise<void> {
  const task = await claimTask(db, importId, 'cancelling');
  // An undo commits only while it is running: nothing of it is left.
  if (task?.name === 'undo') await moveTask(db, importId, 'cancelled');
  const imp = await findImport(db, importId);
  if (task === undefined || imp === undefined) return;
  if (task.cancelRows === 'rollback') await takeBack(client, imp, db);
  await moveTask(db, importId, 'cancelled', {
    result: { ...(await sumCounts(db, importId)), rows: task.cancelRows ?? 'keep' },
  });
}

async function takeBack(client: pg.ClientBase, imp: ImportRow, db: Database): Promise<void> {
  // Of a staged import nothing has landed.
  if (isDirect(imp)) {
    const { changed, referenced } = await takeBackRows(client, imp.document, imp.id);
    await markTakenBack(db, imp.id, changed + referenced);
  }
  await markChunksUndone(db, imp.id);
  await deleteRowErrors(db, imp.id);
}
