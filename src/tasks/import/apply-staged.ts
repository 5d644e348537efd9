// What each mode does with the staged rows.
import type pg from 'pg';
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
import { upsertOf, upsertStaged } from '../../db/landing/upsert-staged.ts';

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
export async function applyStaged(
  client: pg.ClientBase,
  imp: ImportRow,
  tables: readonly StagedTable[],
): Promise<Applied> {
  await openRefused(client);
  if (imp.mode !== 'insert') await lockForWriting(client, landingTables(imp.document));
  const digest = await digestTables(client, imp, tables);
  const before = await countRefused(client);
  await client.query('SAVEPOINT apply');
  try {
    const published = await applyMode(client, imp, tables);
    return {
      published,
      refused: (await countRefused(client)) - before,
      digest: digest && { ...digest, refused: await digestRefused(client) },
      failure: imp.mode === 'replace' && published.inserted === 0 ? nothingToLoad() : null,
    };
  } catch (error) {
    if (!(error instanceof NotRemovable)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT apply');
    return { published: NOTHING, refused: 0, digest: null, failure: notReplaced(error) };
  }
}

async function digestTables(
  client: pg.ClientBase,
  imp: ImportRow,
  tables: readonly StagedTable[],
): Promise<Omit<TableDigest, 'refused'> | null> {
  if (!imp.dryRun && imp.commitOf === null) return null;
  return {
    definition: await digestDefinition(client, imp),
    rows: await digestRows(client, imp, tables),
  };
}

function nothingToLoad(): TaskError {
  return {
    code: 'nothing-to-load',
    message:
      'None of the file’s records can land, so the rows of the table were left as they are. See the row errors, mend the file and send it again.',
  };
}

function notReplaced({ message }: NotRemovable): TaskError {
  return {
    code: 'not-replaced',
    message: `The rows of the table cannot be taken out: ${message}. Nothing was changed. Remove what refers to them, or send the file with mode=upsert.`,
  };
}

async function applyMode(
  client: pg.ClientBase,
  imp: ImportRow,
  tables: readonly StagedTable[],
): Promise<PublishedCounts> {
  switch (imp.mode) {
    case 'insert':
      await landStaged(client, tables);
      return { ...NOTHING, inserted: await countLanded(client, tables) };
    case 'upsert':
      return { ...NOTHING, ...(await upsertStaged(client, upsertOf(imp, tables))) };
    case 'replace': {
      const deleted = await deleteAllRows(client, imp.document);
      await landStaged(client, tables);
      return { ...NOTHING, deleted, inserted: await countLanded(client, tables) };
    }
  }
}
