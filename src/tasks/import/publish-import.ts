// Step "publish" of a staged import, in a slot: one transaction puts what its chunks have staged into the tables and ends the
// task. Whatever is killed before its COMMIT has done nothing; another worker waits for the import's row and finds it ended.
import type { ImportCounts } from '../../core/imports/import-counts.ts';
import type { TaskError } from '../../core/tasks/task.ts';
import { listWaitingChunks, restageChunks, sumCounts } from '../../db/imports/chunks.ts';
import { findImport, lockImport, setPublished, type ImportRow } from '../../db/imports/imports.ts';
import { keepMapping } from '../../db/imports/mappings.ts';
import { freeAllClaims, freeRefusedClaims } from '../../db/imports/retried-rows.ts';
import { deleteRowErrors } from '../../db/imports/row-errors.ts';
import type { StagedTable } from '../../db/landing/stage-rows.ts';
import { dropStaging, isStagingWhole, stagedTables } from '../../db/landing/staging.ts';
import { failTask, findTask, moveTask } from '../../db/tasks/tasks.ts';
import { inTransaction, keepIf, untilNoClash, type Tx } from '../../db/transaction.ts';
import { applyStaged } from './apply-staged.ts';
import { findChange } from './find-change.ts';
import { exceedsLimit, tooManyErrors } from './error-limit.ts';
import { findLateRejects, recordLateRejects, type LateRejects } from './late-rejects.ts';
import { ImportStopped } from './load-chunk.ts';
import { tellingLocks } from '../locked-out.ts';
import { traced } from '../../tracing/tracing.ts';
import type { SlotDeps } from '../work-deps.ts';

export type PublishOutcome =
  /** `counts` is null when it has ended otherwise, or by another worker. */
  | { readonly kind: 'ended'; readonly counts: ImportCounts | null }
  /** Postgres had lost what was staged: chunks wait again. */
  | { readonly kind: 'restage' };

/** Publishes an import whose chunks are all staged. */
export async function publishImport(deps: SlotDeps, importId: string): Promise<PublishOutcome> {
  const document = (await findImport(deps.db, importId))?.document;
  if (document === undefined) return { kind: 'ended', counts: null };
  try {
    return await traced({ name: 'publish', isFailure: (error) => !(error instanceof ImportStopped) }, () =>
      untilNoClash(() =>
        tellingLocks(deps.db, importId, document, () =>
          inTransaction(deps.db, (tx) => publish(deps, tx, importId)),
        ),
      ),
    );
  } catch (error) {
    if (error instanceof ImportStopped) return { kind: 'ended', counts: null };
    throw error;
  }
}

async function publish(deps: SlotDeps, tx: Tx, importId: string): Promise<PublishOutcome> {
  const imp = await lockImport(tx, importId);
  if (imp === undefined || (await findTask(tx, importId))?.status !== 'running')
    return { kind: 'ended', counts: null };
  // Another worker may have found staging lost.
  if ((await listWaitingChunks(tx, importId, 1)).length > 0) return { kind: 'restage' };
  const before = await sumCounts(tx, importId);
  if (exceedsLimit(imp, before)) return fail(deps, tx, imp, tooManyErrors(imp), []);
  const tables = await stagedTables(tx, imp);
  if (!(await isStagingWhole(tx, importId, tables))) return restage(tx, importId, tables);
  // Nobody else does it in time, and a join planned without knowing their size may take hours.
  for (const { staged } of tables) await tx.$client.query(`ANALYZE ${staged}`);

  const { published, digest, late, failure } = await keepIf(
    tx,
    async () => {
      const applied = await applyStaged(tx, imp, tables);
      const late = applied.refused === 0 ? [] : await findLateRejects(deps, tx, imp);
      const rejected = before.rejected + applied.refused;
      const failure = exceedsLimit(imp, { ...before, rejected })
        ? tooManyErrors(imp)
        : (applied.failure ?? (await findChange(tx, imp, applied, rejected)));
      return { ...applied, late, failure };
    },
    (result) => result.failure === null && !imp.dryRun,
  );
  if (failure !== null) return fail(deps, tx, imp, failure, late);

  await recordLateRejects(deps, tx, importId, late);
  // Of a dry run they are freed when it has ended: what it has found out is taken back already.
  if (imp.rootId !== null && !imp.dryRun && late.length > 0) await freeRefusedClaims(tx, importId);
  await setPublished(tx, importId, { published, digest: imp.dryRun ? digest : null });
  if (!imp.dryRun) await dropStaging(tx, importId);
  const counts = await sumCounts(tx, importId);
  // A cancel does not wait for us, so it may have come meanwhile.
  const ended = await moveTask(tx, importId, 'succeeded', { result: { ...counts } });
  if (ended === undefined) throw new ImportStopped();
  if (imp.mapping !== null && !imp.dryRun) await keepMapping(tx, importId);
  return { kind: 'ended', counts };
}

async function fail(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  error: TaskError,
  late: readonly LateRejects[],
): Promise<PublishOutcome> {
  await recordLateRejects(deps, tx, imp.id, late);
  await dropStaging(tx, imp.id);
  if ((await failTask(tx, imp.id, error)) === undefined) throw new ImportStopped();
  return { kind: 'ended', counts: null };
}

async function restage(tx: Tx, importId: string, tables: readonly StagedTable[]): Promise<PublishOutcome> {
  await tx.$client.query(`TRUNCATE ${tables.map(({ staged }) => staged).join(', ')}`);
  await restageChunks(tx, importId);
  await freeAllClaims(tx, importId);
  await deleteRowErrors(tx, importId);
  return { kind: 'restage' };
}
