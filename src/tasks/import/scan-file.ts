import { counted } from '../../core/counted.ts';
import { scanChunks } from '../../core/csv/chunks/scan-chunks.ts';
import type { ChunkPlan } from '../../core/csv/types.ts';
import type { FilePlan } from '../../db/imports/chunks.ts';
import { setRecords, type ImportRow } from '../../db/imports/imports.ts';
import { failTask } from '../../db/tasks/tasks.ts';
import { inTransaction } from '../../db/transaction.ts';
import { uploadReader } from '../../storage/upload-bytes.ts';
import type { SlotDeps } from '../work-deps.ts';

/** The plan of a file and how many records it has; a plan without chunks when those are more than may be. */
export async function scanFile(
  deps: SlotDeps,
  imp: ImportRow,
): Promise<FilePlan & { readonly records: number }> {
  // Always into the same memory.
  const read = uploadReader(deps.storage, imp, deps.memory.fileBytes);
  const { chunkBytes } = deps.settings;
  const scan = scanChunks(imp, read, {
    ...deps.settings,
    chunkBytes: evenPart(imp.dataEnd - imp.dataStart, chunkBytes),
  });
  let chunks: ChunkPlan[] = [];
  let records = 0;
  let next = await scan.next();
  for (; next.done !== true; next = await scan.next()) {
    records += next.value.records;
    if (records > deps.settings.maxRows) chunks = [];
    else chunks.push(next.value);
  }
  return { chunks, records, learnt: next.value };
}

/** So many chunks are as good for two slots as for four. */
const SLOTS = 4;

/**
 * For chunks of one size, and as many for each slot: else the last may be a small one, or the only one left, and a slot has nothing to do
 * while another has a whole one.
 */
function evenPart(bytes: number, most: number): number {
  if (bytes <= most) return most;
  const least = Math.ceil(bytes / most);
  return Math.ceil(bytes / (least === 2 ? least : Math.ceil(least / SLOTS) * SLOTS));
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
