// Rows that Postgres refuses when their chunk is done already, for they are published, or displaced by an earlier record of the same
// key: told like those that a chunk finds, chunk by chunk, so that memory does not grow with their number.
import { counted } from '../../core/counted.ts';
import type { RowError } from '../../core/imports/row-error.ts';
import {
  addLateRejects,
  claimChunksOf,
  findChunk,
  listChunkRows,
  takeFromLoaded,
} from '../../db/imports/chunks.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { freeClaims } from '../../db/imports/retried-rows.ts';
import { readRefused, type RefusedRow } from '../../db/landing/refusals/refused-rows.ts';
import { insertRowErrors, takeTurn } from '../../db/imports/row-errors.ts';
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
    const late = await rejectInChunk(deps, tx, imp, chunkNo, refused, room);
    if (late === undefined) continue;
    room -= late.stored.length;
    found.push(late);
  }
  return found;
}

/** @param room how many row errors may be stored @returns undefined when none of the refused is in the chunk */
async function rejectInChunk(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  chunkNo: number,
  refused: readonly RefusedRow[],
  room: number,
): Promise<LateRejects | undefined> {
  if (refused.length === 0) return undefined;
  const chunk = (await findChunk(tx, imp.id, chunkNo))!;
  const early = new RejectLog(0, deps.memory.blocks);
  if (chunk.rejectsKey !== null)
    for await (const reject of readRejects(deps.storage, chunk.rejectsKey)) early.addLine(reject);
  const late = await rejectRefused(deps, tx, imp, chunk, refused, early.starts);
  const rejectsKey =
    late.starts.length === 0 ? null : await storeRejects(deps.storage, imp.id, chunkNo, early, late);
  for (const log of [early, late]) log.free();
  if (rejectsKey === null) return undefined;
  const stored = late.errors.slice(0, room);
  return { chunkNo, rejected: late.starts.length, errors: late.errorCount, stored, rejectsKey };
}

/**
 * Rejects rows that have landed with other chunks and were taken out again, within the transaction that did so.
 * @throws Error when the chunks do not have them all: then counts and table would differ
 */
export async function rejectDisplaced(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  displaced: readonly RefusedRow[],
): Promise<void> {
  if (displaced.length === 0) return;
  if (imp.rootId !== null) await freeClaims(tx, imp.id, displaced);
  const { maxStoredErrors } = deps.settings;
  // Chunks with errors take turns; whoever has its turn may hold chunks, and not the other way round.
  await takeTurn(tx, imp.id);
  let left = displaced.length;
  for (const { chunkNo, firstRow, records } of await claimChunksOf(tx, imp.id, rowsOf(imp, displaced))) {
    const isHere = ({ row }: RefusedRow): boolean => row >= firstRow && row < firstRow + records;
    const refused = imp.parentId === null ? displaced.filter(isHere) : displaced;
    const late = await rejectInChunk(deps, tx, imp, chunkNo, refused, maxStoredErrors);
    if (late === undefined) continue;
    left -= late.rejected;
    await recordLateRejects(deps, tx, imp.id, [late]);
    await takeFromLoaded(tx, imp.id, chunkNo, late.rejected);
  }
  if (left !== 0)
    throw new Error(
      `No chunk of import ${imp.id} has ${counted(left, 'record')} of those that were displaced`,
    );
}

/** The numbers by which chunks are found; those of a retry's records tell nothing of its chunks. */
function rowsOf({ parentId }: ImportRow, displaced: readonly RefusedRow[]): number[] | null {
  return parentId === null ? displaced.map(({ row }) => row) : null;
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
