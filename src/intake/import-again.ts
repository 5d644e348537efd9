import type { ImportRow } from '../db/imports/imports.ts';
import type { ImportView } from '../db/imports/import-views.ts';
import type { Tx } from '../db/transaction.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { newImportRow } from './new-import-row.ts';
import { recordFile, type Sender } from './record-import.ts';

/** A request for an import of a file that is stored already. */
export interface Again {
  /** Of the new import: a fresh UUID v7. */
  readonly importId: string;
  readonly sender: Sender;
  /** What becomes true together with the import, or prevents it by throwing. */
  readonly together?: ((tx: Tx) => Promise<void>) | undefined;
}

/**
 * Records an import with the file and the options of another one. When it throws, nothing is left behind.
 * @param check prevents it by throwing, in the transaction that records it
 * @throws AppError FILE_GONE; UPLOAD_DUPLICATE, as the other import was told to; UNAVAILABLE
 */
export async function importAgain(
  deps: IntakeDeps,
  before: ImportRow,
  own: Pick<ImportRow, 'dryRun' | 'commitOf' | 'rerunOf'>,
  { importId, sender, together }: Again,
  check: (tx: Tx) => Promise<void>,
): Promise<ImportView> {
  const row = newImportRow(before, { ...own, id: importId, createdBy: sender.id, plan: null });
  if (row.content === null) await deps.storage.copy(before.storageKey, row.storageKey);
  return recordFile(deps, row, sender, async (tx) => {
    await check(tx);
    await together?.(tx);
  });
}
