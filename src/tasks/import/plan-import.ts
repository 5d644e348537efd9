// Step "plan" of an import, in a slot: scan the file into chunks, once, and say what is left to do.
import { copyTables, fileFields, landingParts } from '../../core/dataset/tables/landing-parts.ts';
import { isDirect } from '../../core/imports/import-mode.ts';
import { isFinal } from '../../core/tasks/task-status.ts';
import type { FilePlan } from '../../core/csv/types.ts';
import type { ImportCounts } from '../../core/imports/import-counts.ts';
import { insertPlan, listWaitingChunks } from '../../db/imports/chunks.ts';
import { findImport, type ImportRow } from '../../db/imports/imports.ts';
import { findChanges } from '../../db/datasets/existing-tables.ts';
import { failTask, findTask, moveTask } from '../../db/tasks/tasks.ts';
import { createStaging } from '../../db/landing/staging.ts';
import { inTransaction } from '../../db/transaction.ts';
import { finishImport } from './finish-import.ts';
import { loadChunk, loadOnlyChunk } from './load-chunk.ts';
import { publishImport } from './publish-import.ts';
import { failTooManyRows, scanFile } from './scan-file.ts';
import { tellingLocks } from '../locked-out.ts';
import type { SlotDeps } from '../work-deps.ts';

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
    if (await failOnChanges(deps, imp)) return { kind: 'ended', counts: null };
    const plan = imp.plan ?? (await scanFile(deps, imp));
    if (plan.records > deps.settings.maxRows) {
      await failTooManyRows(deps, imp, plan.records);
      return { kind: 'ended', counts: null };
    }
    const planned = { ...imp, dialect: { ...imp.dialect, ...plan.learnt } };
    // A file of one chunk is loaded right here, without a trip through the queue.
    const loadsHere = plan.chunks.length === 1 && isDirect(imp);
    const stands = await recordPlan(deps, imp, plan, loadsHere ? 1 : 0);
    const end = stands && loadsHere ? await loadOnlyChunk(deps, planned) : null;
    if (end !== null) return { kind: 'ended', counts: end.counts };
  }
  return isDirect(imp) ? finishDirect(deps, imp) : finishStaged(deps, imp);
}

/** Of a table that has changed since its import was taken in, as far as its rows are concerned. @returns whether the import has failed so */
async function failOnChanges({ db }: SlotDeps, imp: ImportRow): Promise<boolean> {
  const changes = await inTransaction(db, (tx) => findChanges(tx, imp.document));
  if (changes.length === 0) return false;
  await failTask(db, imp.id, {
    code: 'table-altered',
    message: `The table is not what it was when dataset "${imp.dataset}" was applied. ${changes.map(({ detail }) => detail).join(' ')} Nothing has landed. Fit the dataset to the table and apply it again ("sluice datasets apply"), or change the table back; then send the file again.`,
  });
  return true;
}

/** Also makes the tables where what it leads to is staged. @returns whether it is this plan that stands */
async function recordPlan({ db }: SlotDeps, imp: ImportRow, plan: FilePlan, starts: 0 | 1): Promise<boolean> {
  if (isDirect(imp)) return insertPlan(db, imp.id, plan, starts);
  const parts = landingParts(imp.document, fileFields(imp.document, imp.columns));
  return tellingLocks(db, imp.id, imp.document, () =>
    inTransaction(db, async (tx) => {
      const stands = await insertPlan(tx, imp.id, plan, starts);
      if (stands) await createStaging(tx, imp.id, copyTables(parts, false));
      return stands;
    }),
  );
}

async function finishDirect(deps: SlotDeps, imp: ImportRow): Promise<PlanOutcome> {
  const waiting = await listWaitingChunks(deps.db, imp.id);
  if (waiting.length > 0) return { kind: 'chunks', chunkNos: waiting };
  const end = await inTransaction(deps.db, (tx) => finishImport(tx, imp));
  return { kind: 'ended', counts: end.counts };
}

async function finishStaged(deps: SlotDeps, imp: ImportRow): Promise<PlanOutcome> {
  for (;;) {
    let waiting = await listWaitingChunks(deps.db, imp.id);
    if (waiting.length === 1) {
      await loadChunk(deps, imp.id, waiting[0]!);
      waiting = await listWaitingChunks(deps.db, imp.id);
    }
    if (waiting.length > 0) return { kind: 'chunks', chunkNos: waiting };
    const outcome = await publishImport(deps, imp.id);
    if (outcome.kind === 'ended') return outcome;
  }
}
