// Step "load" of an import, in a slot: one chunk, one transaction. Exactness rests on the order of the lines in `landChunk`.
import { counted } from '../../core/counted.ts';
import type { ChunkPlan } from '../../core/csv/types.ts';
import { fileFields, landingParts } from '../../core/dataset/tables/landing-parts.ts';
import { isDirect } from '../../core/imports/import-mode.ts';
import type { Database } from '../../db/client.ts';
import type { CopyTarget } from '../../db/landing/copy.ts';
import { beginChunk, uncountChunkStart } from '../../db/imports/chunk-starts.ts';
import { claimChunk, markChunkDone, type ChunkOutcome } from '../../db/imports/chunks.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { landRows, type LandedRows } from '../../db/landing/land-rows.ts';
import { isTableClash } from '../../db/landing/column-types.ts';
import { isLockTimeout } from '../../db/errors.ts';
import type { Refusal, RefusedRow } from '../../db/landing/refusals/refused-rows.ts';
import { insertRowErrors } from '../../db/imports/row-errors.ts';
import { claimRows, freeClaims } from '../../db/imports/retried-rows.ts';
import { stagingTargets } from '../../db/landing/staging.ts';
import { findTask, holdTaskStatus, setWaitingFor } from '../../db/tasks/tasks.ts';
import { inTransaction, untilNoClash, type Tx } from '../../db/transaction.ts';
import { checkChunk, rejectRefused, type CheckedChunk } from './check-chunk.ts';
import { failAtErrorLimit } from './error-limit.ts';
import { isStorageAway, lacksRoom } from '../lacks-room.ts';
import { tellingLocks } from '../locked-out.ts';
import { finishImport, type ImportEnd } from './finish-import.ts';
import { rejectDisplaced } from './late-rejects.ts';
import { mergeErrors } from './rejects/reject-log.ts';
import { storeRejects } from './rejects/store-rejects.ts';
import { retryOf } from './retry-records.ts';
import { traced } from '../../tracing/tracing.ts';
import type { SlotDeps } from '../work-deps.ts';

/** A chunk begun this many times for each allowed attempt, and never ended, kills its workers. */
const STARTS_PER_ATTEMPT = 5;

/** Another worker holds the chunk, perhaps a frozen one: nothing was begun, and the slot is better used than by waiting. */
export class ChunkBusy extends Error {}

/** The import is no longer running, so the transaction is taken back. Not a failure. */
export class ImportStopped extends Error {}

/** Another retry has landed rows meanwhile that this one was about to land. */
class RowsTaken extends Error {}

/**
 * Lands a chunk. Harmless when it is done already, or its import has ended.
 * @param isFirst as far as the queue knows, nobody has begun it before
 * @throws ChunkBusy
 */
export async function loadChunk(
  deps: SlotDeps,
  importId: string,
  chunkNo: number,
  isFirst = false,
): Promise<void> {
  const begun = await beginChunk(deps.db, importId, chunkNo, isFirst);
  if (begun === undefined) return refuseBusy(deps.db, importId, chunkNo);
  const { imp } = begun;
  refusePoison(deps, importId, chunkNo, begun.starts);
  const wasWaiting = begun.waitingFor !== null;
  await uncountedIfPutOff(deps, imp, chunkNo, () =>
    unlessStopped(() =>
      landChunk(deps, imp, chunkNo, { isHurried: wasWaiting, isLast: false }, async (tx) => {
        if ((await holdTaskStatus(tx, importId)) !== 'running') throw new ImportStopped();
      }),
    ),
  );
  if (wasWaiting) await setWaitingFor(deps.db, importId, null);
  await failAtErrorLimit(deps.db, imp);
}

/**
 * Lands the only chunk of an import that was just planned, its beginning counted, and ends the import in the same instant.
 * @returns how it ended; null when the chunk was done already
 */
export async function loadOnlyChunk(deps: SlotDeps, imp: ImportRow): Promise<ImportEnd | null> {
  let end: ImportEnd | null = null;
  await uncountedIfPutOff(deps, imp, 0, () =>
    unlessStopped(() =>
      landChunk(deps, imp, 0, { isHurried: false, isLast: true }, async (tx) => {
        end = await finishImport(tx, imp);
        if (end.kind === 'stopped') throw new ImportStopped();
      }),
    ),
  );
  return end;
}

/** A full disk, a storage that is away and a lock of others are waited for, however long: none must look like a chunk that ends its workers. */
async function uncountedIfPutOff(
  { db }: SlotDeps,
  { id, document }: ImportRow,
  chunkNo: number,
  land: () => Promise<void>,
): Promise<void> {
  try {
    await tellingLocks(db, id, document, land);
  } catch (error) {
    // When Postgres cannot even note that, the beginning stays counted.
    if (lacksRoom(error) || isStorageAway(error) || isLockTimeout(error))
      await uncountChunkStart(db, id, chunkNo).catch(() => undefined);
    throw error;
  }
}

/** Does nothing when the import is no longer running. */
async function unlessStopped(land: () => Promise<void>): Promise<void> {
  try {
    await untilNoClash(land, (error) => error instanceof RowsTaken || isTableClash(error));
  } catch (error) {
    if (!(error instanceof ImportStopped)) throw error;
  }
}

/**
 * Rows and checkpoint are on the disk together, or not at all: a chunk whose commit is lost in a crash of Postgres is done again. So none waits
 * for the disk but the commit that ends the import, which takes all before it along.
 */
const NEED_NOT_LAST = 'SET LOCAL synchronous_commit = off';

/** Of an import that is known to wait for a lock many chunks may be tried, each in a slot that other work needs. */
const SHORT_LOCK_WAIT_MS = 200;

/**
 * Does nothing when the chunk is done.
 * @param how `isHurried`: does not wait for a lock as long as the session would; `isLast`: the import ends with it
 * @param commitWhileRunning the last word before the commit. Throws ImportStopped when the import is no longer running
 */
async function landChunk(
  deps: SlotDeps,
  imp: ImportRow,
  chunkNo: number,
  { isHurried, isLast }: { readonly isHurried: boolean; readonly isLast: boolean },
  commitWhileRunning: (tx: Tx) => Promise<void>,
): Promise<void> {
  const land = async (tx: Tx): Promise<void> => {
    if (isHurried) await tx.$client.query(`SET LOCAL lock_timeout = ${SHORT_LOCK_WAIT_MS}`);
    const chunk = await claimChunk(tx, imp.id, chunkNo);
    if (chunk?.status !== 'waiting') return;
    const checked = await tracedCheck(chunk, () => checkChunk(deps, tx, imp, chunk));
    await claim(tx, imp, checked);
    const { refused, displaced } = await traced({ name: 'land rows' }, () => landRowsOf(tx, imp, checked));
    if (isHurried) await tx.$client.query(`SET LOCAL lock_timeout = ${deps.settings.lockWaitMs}`);
    if (imp.rootId !== null && refused.length > 0) await freeClaims(tx, imp.id, refused);
    await markChunkDone(tx, imp.id, chunkNo, await keepRejects(deps, tx, imp, chunk, checked, refused));
    await rejectDisplaced(deps, tx, imp, displaced);
    await commitWhileRunning(tx);
  };
  await inTransaction(deps.db, land, isLast ? undefined : NEED_NOT_LAST);
}

/** Reading and checking are one pass. */
function tracedCheck(chunk: ChunkPlan, check: () => Promise<CheckedChunk>): Promise<CheckedChunk> {
  const attributes = {
    'sluice.chunk.number': chunk.chunkNo,
    'sluice.chunk.bytes': chunk.endByte - chunk.startByte,
    'sluice.chunk.records': chunk.records,
  };
  return traced({ name: 'check records', attributes }, async (span) => {
    const checked = await check();
    span.set({ 'sluice.chunk.rejected': checked.rejected.starts.length });
    return checked;
  });
}

/**
 * Stores what a chunk whose rows have landed has rejected, and gives its memory back.
 * @param refused rows that Postgres did not take
 * @returns what became of its records
 */
export async function keepRejects(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  chunk: ChunkPlan,
  checked: CheckedChunk,
  refused: readonly RefusedRow[],
): Promise<ChunkOutcome> {
  // Postgres has answered, so no byte of them waits in the socket. After a failure they are left to the collector.
  for (const blocks of checked.blocks) deps.memory.blocks.giveBack(blocks);
  const { chunkNo } = chunk;
  const early = checked.rejected;
  const late = await rejectRefused(deps, tx, imp, chunk, refused, early.starts);
  const rejectsKey = await storeRejects(deps.storage, imp.id, chunkNo, early, late);
  for (const log of [early, late]) log.free();
  const errors = mergeErrors(early, late);
  const hasRoom = await insertRowErrors(tx, imp.id, chunkNo, errors, deps.settings.maxStoredErrors);
  if (!hasRoom) deps.memory.lastFull.importId = imp.id;
  return {
    loaded: checked.rowCounts.at(-1)! - refused.length,
    rejected: early.starts.length + late.starts.length,
    errors: early.errorCount + late.errorCount,
    rejectsKey,
  };
}

/** A record that is retried lands once, whoever else retries it. @throws RowsTaken */
async function claim(tx: Tx, imp: ImportRow, { retriedRows }: CheckedChunk): Promise<void> {
  const retry = retryOf(imp);
  if (retry !== null && !(await claimRows(tx, retry, retriedRows)))
    throw new RowsTaken(`Other retries land rows of import ${retry.rootId} at the same time`);
}

/** @throws ChunkBusy when the import runs: then it is the chunk that could not be begun */
async function refuseBusy(db: Database, importId: string, chunkNo: number): Promise<void> {
  const task = await findTask(db, importId);
  if (task?.status === 'running')
    throw new ChunkBusy(`Chunk ${chunkNo} of import ${importId} is held by another worker`);
}

function refusePoison({ settings }: SlotDeps, importId: string, chunkNo: number, starts: number): void {
  const most = settings.attempts * STARTS_PER_ATTEMPT;
  if (starts > most)
    throw new Error(
      `Chunk ${chunkNo} of import ${importId} was begun ${counted(most, 'time')} and never finished. Either it crashes its worker, or Postgres goes away each time it is loaded`,
    );
}

/** Into the tables, or into staging. */
async function landRowsOf(tx: Tx, imp: ImportRow, checked: CheckedChunk): Promise<LandedRows> {
  if (isDirect(imp)) {
    const parts = landingParts(imp.document, fileFields(imp.document, imp.columns));
    return landRows(tx, checked, { importId: imp.id, parts, isRetry: imp.parentId !== null });
  }
  const tables = stagingTargets(imp.id, checked.tables);
  const { refused, displaced } = await landRows(tx, { ...checked, tables });
  const told = refused.map(({ row, error }) => ({
    row,
    error: inWordsOfTarget(error, tables, checked.tables),
  }));
  return { refused: told, displaced };
}

/** A message of Postgres names the table that refused the row. */
function inWordsOfTarget(
  error: Refusal,
  staging: readonly CopyTarget[],
  targets: readonly CopyTarget[],
): Refusal {
  const message = staging.reduce(
    (text, { table }, at) => text.replaceAll(`"${table}"`, `"${targets[at]!.table}"`),
    error.message,
  );
  return { ...error, message };
}
