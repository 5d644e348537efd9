// Ends a cancel: nothing of the import commits any more, since chunks commit only under a `running` task.
import type pg from 'pg';
import { isDirect } from '../core/import-mode.ts';
import { landingTables } from '../core/dataset/landing-tables.ts';
import { markChunksUndone, sumCounts } from '../db/chunks.ts';
import { deleteImportedRows } from '../db/land-rows.ts';
import { findImport, type ImportRow } from '../db/imports.ts';
import { deleteRowErrors } from '../db/row-errors.ts';
import { claimTask, moveTask } from '../db/tasks.ts';
import { inTransaction } from '../db/transaction.ts';

/** Takes landed rows back if the cancel said so, sums up, and ends the task. Does nothing when another worker is at it. */
export async function settleCancel(pool: pg.Pool, importId: string): Promise<void> {
  const client = await pool.connect();
  try {
    await inTransaction(client, async (db) => {
      const task = await claimTask(db, importId, 'cancelling');
      const imp = await findImport(db, importId);
      if (task === undefined || imp === undefined) return;
      if (task.cancelRows === 'rollback') await takeBackRows(client, imp, db);
      await moveTask(db, importId, 'cancelled', {
        result: { ...(await sumCounts(db, importId)), rows: task.cancelRows ?? 'keep' },
      });
    });
  } finally {
    client.release();
  }
}

async function takeBackRows(
  client: pg.ClientBase,
  imp: ImportRow,
  db: Parameters<typeof markChunksUndone>[0],
): Promise<void> {
  // Of a staged import nothing has landed.
  if (isDirect(imp)) await deleteImportedRows(client, landingTables(imp.document), imp.id);
  await markChunksUndone(db, imp.id);
  await deleteRowErrors(db, imp.id);
}
