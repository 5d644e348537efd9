// What each mode does with the staged rows.
import type { PublishedCounts } from '../../core/imports/import-counts.ts';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import type { TaskError } from '../../core/tasks/task.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { countLanded, landStaged } from '../../db/landing/land-staged.ts';
import { lockForWriting } from '../../db/landing/lock-tables.ts';
import { countRefused, openRefused } from '../../db/landing/refusals/refused-rows.ts';
import { deleteAllRows, NotRemovable } from '../../db/landing/replace-staged.ts';
import type { StagedTable } from '../../db/landing/stage-rows.ts';
import {
  digestDefinition,
  digestRefused,
  digestRows,
  type TableDigest,
} from '../../db/datasets/table-digest.ts';
import { isStagedExisting } from '../../db/landing/existing/insert-noting.ts';
import { existingUpsertOf, upsertExisting } from '../../db/landing/existing/upsert-existing.ts';
import { upsertOf } from '../../db/landing/upsert-matches.ts';
import { upsertStaged } from '../../db/landing/upsert-staged.ts';
import type { Tx } from '../../db/transaction.ts';

export interface Applied {
  readonly published: PublishedCounts;
  /** Rows that Postgres refused; see db/landing/refusals/refused-rows.ts. */
  readonly refused: number;
  /** Of a dry run and its commit: what the tables were like. */
  readonly digest: TableDigest | null;
  /** Set when what was done is to be taken back. */
  readonly failure: TaskError | null;
}

const NOTHING: PublishedCounts = { inserted: 0, updated: 0, unchanged: 0, superseded: 0, deleted: 0 };

/** Puts the staged rows where they belong, within the caller's transaction. */
export async function applyStaged(tx: Tx, imp: ImportRow, tables: readonly StagedTable[]): Promise<Applied> {
  await openRefused(tx);
  if (imp.mode !== 'insert') await lockForWriting(tx, landingTables(imp.document));
  const digest = await digestTables(tx, imp, tables);
  const before = await countRefused(tx);
  await tx.$client.query('SAVEPOINT apply');
  try {
    const published = await applyMode(tx, imp, tables);
    return {
      published,
      refused: (await countRefused(tx)) - before,
      digest: digest && { ...digest, refused: await digestRefused(tx) },
      failure: imp.mode === 'replace' && published.inserted === 0 ? nothingToLoad() : null,
    };
  } catch (error) {
    if (!(error instanceof NotRemovable)) throw error;
    await tx.$client.query('ROLLBACK TO SAVEPOINT apply');
    return { published: NOTHING, refused: 0, digest: null, failure: notReplaced(error) };
  }
}

async function digestTables(
  tx: Tx,
  imp: ImportRow,
  tables: readonly StagedTable[],
): Promise<Omit<TableDigest, 'refused'> | null> {
  if (!imp.dryRun && imp.commitOf === null) return null;
  return {
    definition: await digestDefinition(tx, imp),
    rows: await digestRows(tx, imp, tables),
  };
}

function nothingToLoad(): TaskError {
  return {
    code: 'nothing-to-load',
    message:
      'None of the file’s records can land, so the table was not changed. Look at the row errors, mend the file and send it again.',
  };
}

function notReplaced({ message }: NotRemovable): TaskError {
  return {
    code: 'not-replaced',
    message: `The rows of the table cannot be deleted: ${message}. Nothing was changed. Remove what refers to them, or send the file with mode=upsert.`,
  };
}

async function applyMode(tx: Tx, imp: ImportRow, tables: readonly StagedTable[]): Promise<PublishedCounts> {
  switch (imp.mode) {
    case 'insert':
      await landStaged(tx, tables);
      return { ...NOTHING, inserted: await countLanded(tx, tables) };
    case 'upsert':
      return { ...NOTHING, ...(await applyUpsert(tx, imp, tables)) };
    case 'replace': {
      const deleted = await deleteAllRows(tx, imp.document);
      await landStaged(tx, tables);
      return { ...NOTHING, deleted, inserted: await countLanded(tx, tables) };
    }
  }
}

async function applyUpsert(
  tx: Tx,
  imp: ImportRow,
  tables: readonly StagedTable[],
): Promise<Omit<PublishedCounts, 'deleted'>> {
  const main = tables.at(-1)!;
  return isStagedExisting(main)
    ? upsertExisting(tx, existingUpsertOf(imp, main))
    : upsertStaged(tx, upsertOf(imp, tables));
}
