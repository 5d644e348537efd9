// Runs a failed or cancelled import again: a new import with the same file and options.
import { findImport, lockImport } from '../db/imports/imports.ts';
import { findRerunState, RERUN_OF_KEY, type RerunState } from '../db/imports/reruns.ts';
import type { ImportView } from '../db/imports/import-views.ts';
import type { Database } from '../db/client.ts';
import { databaseError } from '../db/errors.ts';
import { AppError } from '../errors.ts';
import { importAgain, type Again } from './import-again.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { requireFiles } from './require-files.ts';

/** @throws AppError NOT_FOUND, FILE_GONE, CONFLICT saying what is in the way; UPLOAD_DUPLICATE, as the import was told to */
export async function rerunImport(deps: IntakeDeps, id: string, again: Again): Promise<ImportView> {
  const { db } = deps.database;
  await requireRerunnable(db, id);
  const before = await findImport(db, id);
  if (before === undefined) throw notFound(id);
  const own = { dryRun: before.dryRun, commitOf: null, rerunOf: id };
  return importAgain(deps, before, own, again, async (tx) => {
    // Of a rerun and an undo or an erasure at once, one waits here and then sees the other.
    await lockImport(tx, id);
    await requireRerunnable(tx, id, again.importId);
  }).catch(async (error: unknown) => {
    // Of two reruns at once, the second has waited for the first at this index.
    if (databaseError(error)?.constraint === RERUN_OF_KEY) await requireRerunnable(db, id);
    throw error;
  });
}

/** @param except the rerun that is being recorded */
async function requireRerunnable(db: Database, id: string, except?: string): Promise<void> {
  const state = await findRerunState(db, id);
  if (state === undefined) throw notFound(id);
  const { obstacle, rerunId } = state;
  if (obstacle === null || (obstacle === 'rerun' && rerunId === except)) return;
  if (obstacle === 'file') {
    const imp = await findImport(db, id);
    if (imp !== undefined) requireFiles(imp, 'Send the file again.');
    throw new AppError(
      'FILE_GONE',
      'The rejects that this retry mends are no longer kept. Send its records as an upload of their own.',
    );
  }
  throw new AppError('CONFLICT', `Import ${id} cannot be run again: ${describe(id, obstacle, state)}`, {
    ...(rerunId === null ? {} : { importId: rerunId }),
    taskStatus: state.status,
  });
}

function describe(
  id: string,
  obstacle: Exclude<RerunState['obstacle'], 'file' | null>,
  { status, rerunId, wasTakenBack }: RerunState,
): string {
  switch (obstacle) {
    case 'status':
      return `it is ${status}. Only one that has failed or was cancelled can.`;
    case 'commit':
      return 'it is the commit of a dry run (commitOf). Commit the dry run again.';
    case 'rerun':
      return `import ${rerunId} has done so already. If that failed too, run that one again.`;
    case 'undo':
      return 'an undo of it is under way. Ask again when it has ended.';
    case 'rows':
      return wasTakenBack
        ? `some of its rows are still in the table, because its undo had to leave them. Send /v1/imports/${id}/unprocessed.csv instead.`
        : `rows of it are in the table and would be there twice. Take them back first (POST /v1/imports/${id}/undo), or send /v1/imports/${id}/unprocessed.csv instead.`;
    case 'dataset':
      return 'its dataset was changed or deleted since it was sent. Send the file again.';
  }
}

function notFound(id: string): AppError {
  return new AppError('NOT_FOUND', `There is no import ${id}.`);
}
