// Step "plan" of an import, in a slot: scan the file into chunks, once, and say what is left to do.
import { scanChunks } from '../core/csv/scan-chunks.ts';
import type { ByteRange, ChunkPlan } from '../core/csv/types.ts';
import { isFinal } from '../core/task-status.ts';
import type { ImportCounts } from '../core/import-counts.ts';
import { insertPlan, listWaitingChunks } from '../db/chunks.ts';
import { findImport, setRecords, type ImportRow } from '../db/imports.ts';
import { findTask, moveTask } from '../db/tasks.ts';
import { inTransaction } from '../db/transaction.ts';
import { finishImport } from './finish-import.ts';
import { loadOnlyChunk } from './load-chunk.ts';
import type { SlotDeps } from './slot-deps.ts';

/** What the import's job does next: nothing more, or wait for chunks. */
export type PlanOutcome =
  | { readonly kind: 'ended'; readonly counts: ImportCounts | null }
  | { readonly kind: 'chunks'; readonly chunkNos: readonly number[] };

/**
 * Runs when the import's job is first taken, again when its chunks are done, and again after any crash:
 * each step looks at what Postgres has and does only what is missing.
 */
export async function planImport(deps: SlotDeps, importId: string): Promise<PlanOutcome> {
  const task = (await moveTask(deps.db, importId, 'running')) ?? (await findTask(deps.db, importId));
  const imp = await findImport(deps.db, importId);
  if (task === undefined || imp === undefined) return { kind: 'ended', counts: null };
  if (isFinal(task.status) || task.status === 'cancelling') return { kind: 'ended', counts: null };

  if (imp.plannedAt === null) {
    const { plan, records } = await scanFile(deps, imp);
    if (records > deps.settings.maxRows) {
      await failTooManyRows(deps, imp, records);
      return { kind: 'ended', counts: null };
    }
    const isOneChunk = plan.length === 1;
    const stands = await insertPlan(deps.db, importId, plan, isOneChunk ? 1 : 0);
    // A file of one chunk is loaded right here, without a trip through the queue.
    const end = stands && isOneChunk ? await loadOnlyChunk(deps, imp) : null;
    if (end !== null) return { kind: 'ended', counts: end.counts };
  }
  const waiting = await listWaitingChunks(deps.db, importId);
  if (waiting.length > 0) return { kind: 'chunks', chunkNos: waiting };
  const end = await inTransaction(deps.client, (db) => finishImport(db, imp));
  return { kind: 'ended', counts: end.counts };
}

/** The plan, empty when there are more records than may be. */
async function scanFile(deps: SlotDeps, imp: ImportRow): Promise<{ plan: ChunkPlan[]; records: number }> {
  const read = (range: ByteRange): Promise<Buffer> =>
    deps.storage.readBytes(imp.storageKey, range, deps.memory.fileBytes);
  let plan: ChunkPlan[] = [];
  let records = 0;
  for await (const chunk of scanChunks(imp, read, deps.settings)) {
    records += chunk.records;
    if (records > deps.settings.maxRows) plan = [];
    else plan.push(chunk);
  }
  return { plan, records };
}

/** Nothing has landed: it is looked at before the first chunk. */
async function failTooManyRows(deps: SlotDeps, imp: ImportRow, records: number): Promise<void> {
  const { maxRows } = deps.settings;
  const message = `The file has ${records} records; at most ${maxRows} are taken (SLUICE_MAX_ROWS). Nothing has landed. Split the file, or ask for a higher limit.`;
  await inTransaction(deps.client, async (db) => {
    const failed = await moveTask(db, imp.id, 'failed', { error: { code: 'too-many-rows', message } });
    if (failed !== undefined) await setRecords(db, imp.id, records);
  });
}
