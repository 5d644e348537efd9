// Rows that Postgres refuses when they are published: told like those that a chunk finds, chunk by chunk, so that memory does
// not grow with their number.
import type { RowError } from '../../core/imports/row-error.ts';
import { addLateRejects, findChunk, listChunkRows } from '../../db/imports/chunks.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { readRefused } from '../../db/landing/refusals/refused-rows.ts';
import { insertRowErrors } from '../../db/imports/row-errors.ts';
import type { Tx } from '../../db/transaction.ts';
import { readRejects } from '../../storage/reject-parts.ts';
import { rejectRefused } from './check-chunk.ts';
import { RejectLog } from './rejects/reject-log.ts';
import type { SlotDeps } from '../work-deps.ts';
import { storeRejects } from './rejects/store-rejects.ts';

/** Of one chunk. */
export interface LateRejects {
  readonly chunkNo: number;
  readonly rejected: number;
  /** Row errors, stored or not. */
  readonly errors: number;
  /** As many as may be stored. */
  readonly stored: readonly RowError[];
  /** All rejects of the chunk, early and late. */
  readonly rejectsKey: string;
}

/**
 * Reads the chunks once more for the records that were refused, and writes their reject parts. Nothing points to these until
 * `recordLateRejects`, so a transaction that is rolled back in between leaves only files.
 */
export async function findLateRejects(deps: SlotDeps, tx: Tx, imp: ImportRow): Promise<LateRejects[]> {
  const found: LateRejects[] = [];
  let room = deps.settings.maxStoredErrors;
  for (const { chunkNo, firstRow, records } of await listChunkRows(tx, imp.id)) {
    // Records of a retry have their numbers from another file, in any order.
    const [from, to] =
      imp.parentId === null ? [firstRow, firstRow + records - 1] : [0, Number.MAX_SAFE_INTEGER];
    const refused = await readRefused(tx, from, to);
    if (refused.length === 0) continue;
    const chunk = (await findChunk(tx, imp.id, chunkNo))!;
    const early = new RejectLog(0, deps.memory.blocks);
    if (chunk.rejectsKey !== null)
      for await (const reject of readRejects(deps.storage, chunk.rejectsKey)) early.addLine(reject);
    const late = await rejectRefused(deps, tx, imp, chunk, refused, early.starts);
    if (late.starts.length === 0) continue;
    const stored = late.errors.slice(0, room);
    room -= stored.length;
    const rejectsKey = (await storeRejects(deps.storage, imp.id, chunkNo, early, late))!;
    for (const log of [early, late]) log.free();
    found.push({
      chunkNo,
      rejected: late.starts.length,
      errors: late.errorCount,
      stored,
      rejectsKey,
    });
  }
  return found;
}

/** Makes them true, within the caller's transaction. */
export async function recordLateRejects(
  deps: SlotDeps,
  tx: Tx,
  importId: string,
  found: readonly LateRejects[],
): Promise<void> {
  for (const { chunkNo, stored, ...late } of found) {
    await insertRowErrors(tx, importId, chunkNo, stored, deps.settings.maxStoredErrors);
    await addLateRejects(tx, importId, chunkNo, late);
  }
}
