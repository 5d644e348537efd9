// Ends a cancel: nothing of the import commits any more, since chunks commit only under a `running` task.
import type pg from 'pg';
import { isDirect } from '../core/import-mode.ts';
import { markChunksUndone, sumCounts } from '../db/chunks.ts';
import { findImport, markTakenBack, type ImportRow } from '../db/imports.ts';
import { deleteRowErrors } from '../db/row-errors.ts';
import { takeBackRows } from '../db/take-back.ts';
import { claimTask, moveTask } from '../db/tasks.ts';
import { inTransaction } from '../db/transaction.ts';

/** Takes landed rows back if the cancel said so, sums up, and ends the task. Does nothing when another worker is at it. */
export async function settleCancel(pool: pg.Pool, importId: string): Promise<void> {
  const client = await pool.connect();
  try {
    await inTransaction(client, async (db) => {
      const task = await claimTask(db, importId, 'cancelling');
      // An undo commits only while it is running: nothing of it is left.
      if (task?.name === 'undo') await moveTask(db, importId, 'cancelled');
      const imp = await findImport(db, importId);
      if (task === undefined || imp === undefined) return;
      if (task.cancelRows === 'rollback') await takeBack(client, imp, db);
      await moveTask(db, importId, 'cancelled', {
        result: { ...(await sumCounts(db, importId)), rows: task.cancelRows ?? 'keep' },
      });
    });
  } finally {
    client.release();
  }
}

async function takeBack(
  client: pg.ClientBase,
  imp: ImportRow,
  db: Parameters<typeof markChunksUndone>[0],
): Promise<void> {
  // Of a staged import nothing has landed.
  if (isDirect(imp)) {
    const { changed, referenced } = await takeBackRows(client, imp.document, imp.id);
    await markTakenBack(db, imp.id, changed + referenced);
  }
  await markChunksUndone(db, imp.id);
  await deleteRowErrors(db, imp.id);
}
