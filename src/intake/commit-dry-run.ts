// Commits a dry run: the import that it has tried, for good; or TABLE_CHANGED when it would now do something else.
import { digestDefinition, digestRows } from '../db/datasets/table-digest.ts';
import { isStatementTimeout } from '../db/errors.ts';
import {
  findCommitOf,
  findImport,
  isDocumentCurrent,
  lockImport,
  type ImportRow,
} from '../db/imports/imports.ts';
import { isStagingWhole, stagedTables } from '../db/landing/staging.ts';
import type { ImportView } from '../db/imports/import-views.ts';
import { findTask } from '../db/tasks/tasks.ts';
import { inTransaction, type Connection } from '../db/transaction.ts';
import { AppError } from '../errors.ts';
import { importAgain, type Again } from './import-again.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { requireFiles } from './require-files.ts';

const SEND_AGAIN = 'Send the file again.';

/**
 * Records a new import with the file and the options of a dry run. The worker compares once more in the transaction that lands the
 * rows.
 * @throws AppError CONFLICT when there is nothing to commit, FILE_GONE, TABLE_CHANGED; UPLOAD_DUPLICATE, as the dry run was told to
 */
export async function commitDryRun(deps: IntakeDeps, dryRunId: string, again: Again): Promise<ImportView> {
  const dryRun = await requireDryRun(deps, dryRunId);
  await requireUnchanged(deps, dryRun);
  const own = { dryRun: false, commitOf: dryRun.id, rerunOf: null };
  return importAgain(deps, dryRun, own, again, async (tx) => {
    // Of two commits at once, one waits here and then sees the other.
    const locked = await lockImport(tx, dryRun.id);
    requireFiles(locked ?? dryRun, SEND_AGAIN);
    const other = await findCommitOf(tx, dryRun.id, again.importId);
    if (other !== null) throw committed(other);
  });
}

async function requireDryRun({ database }: IntakeDeps, id: string): Promise<ImportRow> {
  const imp = await findImport(database.db, id);
  if (imp === undefined) throw new AppError('NOT_FOUND', `There is no import ${id}.`);
  const task = await findTask(database.db, id);
  if (!imp.dryRun || task?.status !== 'succeeded')
    throw new AppError(
      'CONFLICT',
      imp.dryRun
        ? `Dry run ${id} is ${task?.status ?? 'gone'}. Only one that has succeeded can be committed.`
        : `Import ${id} is not a dry run. Only an import sent with dryRun=true can be committed.`,
      { importId: id },
    );
  requireFiles(imp, SEND_AGAIN);
  const other = await findCommitOf(database.db, id);
  if (other !== null) throw committed(other);
  return imp;
}

function committed(importId: string): AppError {
  return new AppError('CONFLICT', `The dry run was committed already, as import ${importId}.`, { importId });
}

/** As far as can be told without doing it: what was staged is compared with the tables as they are now. */
async function requireUnchanged({ database }: IntakeDeps, imp: ImportRow): Promise<void> {
  const what = await findChanged(database, imp);
  if (what === null) return;
  throw new AppError(
    'TABLE_CHANGED',
    `Since dry run ${imp.id} ${what} changed, so the import would now do something else. Nothing was loaded. Send the file with dryRun=true again.`,
    { importId: imp.id },
  );
}

/** A large dry run takes long to compare, and the worker compares all the same. */
const COMPARE_TIMEOUT_MS = 1000;

async function findChanged({ db }: IntakeDeps['database'], imp: ImportRow): Promise<string | null> {
  if (!(await isDocumentCurrent(db, imp.id))) return `dataset "${imp.dataset}" has`;
  try {
    return await compare(db, imp);
  } catch (error) {
    if (isStatementTimeout(error)) return null;
    throw error;
  }
}

async function compare(db: Connection, imp: ImportRow): Promise<string | null> {
  return inTransaction(db, async (tx) => {
    await tx.$client.query(`SET LOCAL statement_timeout = ${COMPARE_TIMEOUT_MS}`);
    if ((await digestDefinition(tx, imp)) !== imp.digest?.definition)
      return 'the definition of its tables has';
    const tables = await stagedTables(tx, imp);
    // After SLUICE_DRY_RUN_HOURS, or a crash of Postgres, only the worker can tell.
    if (!(await isStagingWhole(tx, imp.id, tables))) return null;
    return (await digestRows(tx, imp, tables)) === imp.digest?.rows ? null : 'rows of its tables have';
  });
}
