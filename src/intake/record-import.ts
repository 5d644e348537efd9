// A stored file becomes an import: recorded, answered from what was recorded, and the queue is told.
import { insertImport } from '../db/imports/imports.ts';
import type { NewImport, RecordedImport } from '../db/imports/record-imports.ts';
import { viewNewImport } from '../db/imports/new-import-view.ts';
import { findImportView, type ImportView } from '../db/imports/import-views.ts';
import type { Tx } from '../db/transaction.ts';
import { isSmall } from '../core/imports/small-import.ts';
import { IMPORT } from '../core/tasks/task-kinds.ts';
import { AppError } from '../errors.ts';
import { dispatchOrLeave } from '../queue/dispatch.ts';
import { importFolder } from '../storage/keys.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { recordSurely } from './record-surely.ts';
import { refuseDuplicate } from './refuse-duplicate.ts';
import { sendingSpan } from '../tracing/messaging.ts';
import { ofTrace, traced, type Attributes } from '../tracing/tracing.ts';

/** Who sends a file. */
export interface Sender {
  readonly id: string;
  readonly name: string;
}

/**
 * Records a stored file and gives the import as it was recorded; nothing is read after the commit. When it throws, no file is left
 * behind, but for UNAVAILABLE: then nobody knows whether the row was committed, and the sweep removes the file if it was not.
 * @param together what else becomes true with it, or prevents it by throwing
 * @throws AppError UPLOAD_DUPLICATE when the sender wants no such import; UNAVAILABLE; what `together` throws
 */
export async function recordFile(
  deps: IntakeDeps,
  row: NewImport,
  sender: Sender | null,
  together?: (tx: Tx) => Promise<void>,
): Promise<ImportView> {
  const view = await traced(sendingSpan(IMPORT.name, messageOf(row)), () =>
    recordSurely(
      { id: row.id, path: `/v1/imports/${row.id}` },
      async () => viewNewImport(row, await record(deps, { ...row, ...ofTrace() }, together), sender),
      () => findImportView(deps.database.pool, row.id),
    ),
  ).catch(async (error: unknown) => {
    if (!(error instanceof AppError && error.code === 'UNAVAILABLE')) await removeStored(deps, row.id);
    throw error;
  });
  // Of a small one workers were told at the commit.
  if (!isSmall(row)) await dispatchOrLeave(deps.queues, { id: row.id, name: IMPORT.name }, deps.logger);
  return view;
}

function messageOf({ id, dataset, bytes }: NewImport): Attributes {
  return {
    'messaging.destination.name': IMPORT.queue,
    'messaging.message.id': id,
    'messaging.message.body.size': bytes,
    'sluice.dataset': dataset,
  };
}

function record(
  { database, recordImport }: IntakeDeps,
  row: NewImport,
  together?: (tx: Tx) => Promise<void>,
): Promise<RecordedImport> {
  // What something else hangs on has a transaction of its own.
  if (together === undefined && row.ifDuplicate === 'allow') return recordImport(row);
  return insertImport(database.db, row, async (tx, duplicateOf) => {
    await together?.(tx);
    refuseDuplicate(row, duplicateOf);
  });
}

/** What cannot be removed now is removed by the sweep; the sender is told of the failure that came first. */
export async function removeStored(
  { storage, logger }: Pick<IntakeDeps, 'storage' | 'logger'>,
  importId: string,
): Promise<void> {
  await storage
    .removeFolder(importFolder(importId))
    .catch((error: unknown) =>
      logger.warn({ err: error, importId }, 'the rest of a refused upload could not be removed'),
    );
}
