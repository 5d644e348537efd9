// POST /v1/imports/{id}/commit: the import that a dry run has tried, for good; or 412 when it would now do something else.
import type { FastifyBaseLogger } from 'fastify';
import {
  findCommitOf,
  findImport,
  insertImport,
  isDocumentCurrent,
  lockImport,
  type ImportRow,
} from '../../db/imports/imports.ts';
import { isStatementTimeout, isUnavailable } from '../../db/errors.ts';
import { isStagingWhole, stagedTables } from '../../db/landing/staging.ts';
import { digestDefinition, digestRows } from '../../db/datasets/table-digest.ts';
import { IMPORT } from '../../core/tasks/task-kinds.ts';
import { findTask } from '../../db/tasks/tasks.ts';
import { inTransaction, type Connection } from '../../db/transaction.ts';
import { AppError } from '../../errors.ts';
import { dispatchOrLeave } from '../../queue/dispatch.ts';
import { importFolder, uploadKey } from '../../storage/keys.ts';
import type { ApiDeps } from '../deps.ts';
import { refuseDuplicate } from '../../intake/refuse-duplicate.ts';

export interface Committer {
  /** The user. */
  readonly userId: string;
  /** Of the new import; a fresh UUID v7. */
  readonly importId: string;
  readonly log: FastifyBaseLogger;
}

/**
 * Records a new import with the file and the options of a dry run. When it throws, nothing is left behind. The worker compares
 * once more in the transaction that lands the rows.
 * @throws AppError CONFLICT when there is nothing to commit, FILE_GONE, TABLE_CHANGED; UPLOAD_DUPLICATE, as the dry run was told to
 */
export async function commitDryRun(
  deps: ApiDeps,
  dryRunId: string,
  { userId, importId, log }: Committer,
): Promise<void> {
  const { db } = deps.database;
  const dryRun = await requireDryRun(deps, dryRunId);
  await requireUnchanged(deps, dryRun);
  const {
    plannedAt: _plannedAt,
    records: _records,
    published: _published,
    digest: _digest,
    undoId: _undoId,
    kept: _kept,
    createdAt: _createdAt,
    filesRemovedAt: _filesRemovedAt,
    ...same
  } = dryRun;
  const row = {
    ...same,
    id: importId,
    storageKey: uploadKey(importId),
    dryRun: false,
    commitOf: dryRun.id,
    createdBy: userId,
  };
  if (row.content === null) await deps.storage.copy(dryRun.storageKey, row.storageKey);
  try {
    await insertImport(db, row, async (tx, duplicateOf) => {
      // Of two commits at once, one waits here and then sees the other.
      await lockImport(tx, dryRun.id);
      const other = await findCommitOf(tx, dryRun.id, importId);
      if (other !== null) throw committed(other);
      refuseDuplicate(row, duplicateOf);
    });
  } catch (error) {
    // When Postgres goes away in between, nobody knows whether the row was committed: the sweep removes the file if not.
    if (!isUnavailable(error)) await deps.storage.removeFolder(importFolder(importId));
    throw error;
  }
  await dispatchOrLeave(deps.queues, { id: importId, name: IMPORT.name }, log);
}

async function requireDryRun({ database }: ApiDeps, id: string): Promise<ImportRow> {
  const imp = await findImport(database.db, id);
  if (imp === undefined) throw new AppError('NOT_FOUND', `There is no import ${id}.`);
  const task = await findTask(database.db, id);
  if (!imp.dryRun || task?.status !== 'succeeded')
    throw new AppError(
      'CONFLICT',
      imp.dryRun
        ? `Dry run ${id} is ${task?.status ?? 'gone'}. Only one that has succeeded can be committed.`
        : `Import ${id} is no dry run. Only an import sent with dryRun=true can be committed.`,
      { importId: id },
    );
  if (imp.filesRemovedAt !== null)
    throw new AppError(
      'FILE_GONE',
      `The files of this dry run were removed on ${imp.filesRemovedAt.toISOString()} (SLUICE_FILE_RETENTION_DAYS). Send the file again.`,
    );
  const other = await findCommitOf(database.db, id);
  if (other !== null) throw committed(other);
  return imp;
}

function committed(importId: string): AppError {
  return new AppError('CONFLICT', `The dry run was committed already, as import ${importId}.`, { importId });
}

/** As far as can be told without doing it: what was staged is compared with the tables as they are now. */
async function requireUnchanged({ database }: ApiDeps, imp: ImportRow): Promise<void> {
  const what = await findChanged(database, imp);
  if (what === null) return;
  throw new AppError(
    'TABLE_CHANGED',
    `Since dry run ${imp.id} ${what} changed, so that the import would do something else. Nothing was loaded. Send the file with dryRun=true again.`,
    { importId: imp.id },
  );
}

/** A large dry run takes long to compare, and the worker compares all the same. */
const COMPARE_TIMEOUT_MS = 1000;

async function findChanged({ db }: ApiDeps['database'], imp: ImportRow): Promise<string | null> {
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
