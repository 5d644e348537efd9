import { counted } from '../../core/counted.ts';
import { evenChunkBytes } from '../../core/csv/chunks/even-chunks.ts';
import { planFile } from '../../core/csv/chunks/scan-chunks.ts';
import type { FilePlan } from '../../core/csv/types.ts';
import { setRecords, type ImportRow } from '../../db/imports/imports.ts';
import { failTask } from '../../db/tasks/tasks.ts';
import { inTransaction } from '../../db/transaction.ts';
import { uploadReader } from '../../storage/upload-bytes.ts';
import type { SlotDeps } from '../work-deps.ts';

/** The plan of a file. */
export async function scanFile(deps: SlotDeps, imp: ImportRow): Promise<FilePlan> {
  // Always into the same memory.
  const read = uploadReader(deps.storage, imp, deps.memory.fileBytes);
  const { chunkBytes, maxRows } = deps.settings;
  const limits = {
    ...deps.settings,
    chunkBytes: evenChunkBytes(imp.dataEnd - imp.dataStart, chunkBytes),
  };
  return planFile(imp, read, limits, maxRows);
}

/** Nothing has landed: it is looked at before the first chunk. */
export async function failTooManyRows(deps: SlotDeps, imp: ImportRow, records: number): Promise<void> {
  const { maxRows } = deps.settings;
  const message = `The file has ${counted(records, 'record')}; the limit is ${maxRows} (SLUICE_MAX_ROWS). Nothing has landed. Split the file, or ask the operator for a higher limit.`;
  await inTransaction(deps.db, async (tx) => {
    const failed = await failTask(tx, imp.id, { code: 'too-many-rows', message });
    if (failed !== undefined) await setRecords(tx, imp.id, records);
  });
}
