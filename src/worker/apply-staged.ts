// What each mode does with the staged rows.
import type pg from 'pg';
import type { PublishedCounts } from '../core/import-counts.ts';
import { copyTables, fileFields, landingParts } from '../core/dataset/landing-parts.ts';
import { landingTables } from '../core/dataset/landing-tables.ts';
import type { TaskError } from '../core/task.ts';
import { qualifiedName } from '../db/copy.ts';
import { fillTimes } from '../db/dataset-tables.ts';
import type { ImportRow } from '../db/imports.ts';
import { landStaged } from '../db/land-staged.ts';
import { lockForWriting } from '../db/lock-tables.ts';
import { countRefused, openRefused } from '../db/refused-rows.ts';
import { deleteAllRows, NotRemovable } from '../db/replace-staged.ts';
import type { StagedTable } from '../db/stage-rows.ts';
import { countStaged, stagingName } from '../db/staging.ts';
import { upsertStaged, type Upsert } from '../db/upsert-staged.ts';

export interface Applied {
  readonly published: PublishedCounts;
  /** Rows that Postgres refused; see db/refused-rows.ts. */
  readonly refused: number;
  /** Set when what was done is to be taken back. */
  readonly failure: TaskError | null;
}

const NOTHING: PublishedCounts = { inserted: 0, updated: 0, unchanged: 0, superseded: 0, deleted: 0 };

/** Where an import's rows are staged and where they belong: linked tables first, the main table last. */
export async function stagedTables(client: pg.ClientBase, imp: ImportRow): Promise<StagedTable[]> {
  const parts = landingParts(imp.document, fileFields(imp.document, imp.columns));
  const targets = copyTables(parts, await fillTimes(client, landingTables(imp.document)));
  return targets.map((target, at) => ({ target, staged: qualifiedName(stagingName(imp.id, at)) }));
}

/** Puts the staged rows where they belong, within the caller's transaction. */
export async function applyStaged(
  client: pg.ClientBase,
  imp: ImportRow,
  tables: readonly StagedTable[],
): Promise<Applied> {
  // Nobody else does it in time, and a join planned without knowing their size may take hours.
  for (const { staged } of tables) await client.query(`ANALYZE ${staged}`);
  await openRefused(client);
  const before = await countRefused(client);
  await client.query('SAVEPOINT apply');
  try {
    const published = await applyMode(client, imp, tables);
    return {
      published,
      refused: (await countRefused(client)) - before,
      failure: imp.mode === 'replace' && published.inserted === 0 ? nothingToLoad() : null,
    };
  } catch (error) {
    if (!(error instanceof NotRemovable)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT apply');
    return { published: NOTHING, refused: 0, failure: notReplaced(error) };
  }
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
      return { ...NOTHING, inserted: await insertStaged(client, tables) };
    case 'upsert':
      await lockForWriting(client, landingTables(imp.document));
      return { ...NOTHING, ...(await upsertStaged(client, upsertOf(imp, tables))) };
    case 'replace': {
      await lockForWriting(client, landingTables(imp.document));
      const deleted = await deleteAllRows(client, imp.document);
      return { ...NOTHING, deleted, inserted: await insertStaged(client, tables) };
    }
  }
}

/** @returns how many rows landed */
async function insertStaged(client: pg.ClientBase, tables: readonly StagedTable[]): Promise<number> {
  const rows = await countStaged(client, tables.at(-1)!.staged);
  return rows - (await landStaged(client, tables));
}

function upsertOf(imp: ImportRow, tables: readonly StagedTable[]): Upsert {
  return {
    importId: imp.id,
    userId: imp.createdBy,
    key: imp.document.schema.primaryKey ?? [],
    parts: landingParts(imp.document, fileFields(imp.document, imp.columns)),
    tables,
  };
}
