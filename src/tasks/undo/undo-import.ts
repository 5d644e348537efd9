// Takes the rows of an ended import back, in a slot: one transaction, so that readers see all of it or nothing.
import { sumCounts } from '../../db/imports/chunks.ts';
import { findImport, lockImport, markTakenBack } from '../../db/imports/imports.ts';
import { countKept, listKeptReferences, takeBackRows } from '../../db/landing/take-back.ts';
import { findTask, moveTask } from '../../db/tasks/tasks.ts';
import { inTransaction, untilNoClash, type Tx } from '../../db/transaction.ts';
import { tellingLocks } from '../locked-out.ts';
import type { SlotDeps } from '../work-deps.ts';

/** So many of the rows that are kept because of references are told one by one. */
const MOST_REFERENCES = 100;
/** The undo is no longer running, so the transaction is taken back. Not a failure. */
class UndoStopped extends Error {}

/** Harmless when it is done already, or was cancelled. */
export async function undoImport(deps: SlotDeps, undoId: string): Promise<void> {
  const task = (await moveTask(deps.db, undoId, 'running')) ?? (await findTask(deps.db, undoId));
  if (task?.status !== 'running') return;
  const { importId } = task.args as { importId: string };
  const imp = await findImport(deps.db, importId);
  if (imp === undefined) return;
  try {
    await untilNoClash(() =>
      tellingLocks(deps.db, undoId, imp.document, () =>
        inTransaction(deps.db, (tx) => takeBack(tx, undoId, importId)),
      ),
    );
  } catch (error) {
    if (!(error instanceof UndoStopped)) throw error;
  }
}

async function takeBack(tx: Tx, undoId: string, importId: string): Promise<void> {
  // Another worker waits here, and then finds the task ended.
  const imp = await lockImport(tx, importId);
  if (imp === undefined || (await findTask(tx, undoId))?.status !== 'running') return;
  const { loaded } = await sumCounts(tx, importId);
  const taken = await takeBackRows(tx, imp.document, importId);
  const kept = countKept(taken);
  await markTakenBack(tx, importId, kept);
  const references = await listKeptReferences(tx, importId, MOST_REFERENCES);
  const ended = await moveTask(tx, undoId, 'succeeded', {
    // Copies that somebody has made of rows, with their import_id, are rows too: never fewer than none are gone.
    result: { ...taken, gone: Math.max(0, loaded - taken.deleted - kept), references },
  });
  if (ended === undefined) throw new UndoStopped();
}
