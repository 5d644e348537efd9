// What each mode does with the staged rows.
import type pg from 'pg';
import type { PublishedCounts } from '../core/import-counts.ts';
import { copyTables, fileFields, landingParts } from '../core/dataset/landing-parts.ts';
import { landingTables } from '../core/dataset/landing-tables.ts';
import { qualifiedName } from '../db/copy.ts';
import { fillTimes } from '../db/dataset-tables.ts';
import type { ImportRow } from '../db/imports.ts';
import { landStaged } from '../db/land-staged.ts';
import { lockForWriting } from '../db/lock-tables.ts';
import { countRefused, openRefused } from '../db/refused-rows.ts';
import type { StagedTable } from '../db/stage-rows.ts';
import { stagingName } from '../db/staging.ts';
import { upsertStaged, type Upsert } from '../db/upsert-staged.ts';

export interface Applied {
  readonly published: PublishedCounts;
  /** Rows that Postgres refused; see db/refused-rows.ts. */
  readonly refused: number;
}

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
  const published = await applyMode(client, imp, tables);
  return { published, refused: (await countRefused(client)) - before };
}

async function applyMode(
  client: pg.ClientBase,
  imp: ImportRow,
  tables: readonly StagedTable[],
): Promise<PublishedCounts> {
  const nothing = { inserted: 0, updated: 0, unchanged: 0, superseded: 0, deleted: 0 };
  switch (imp.mode) {
    case 'insert':
      return { ...nothing, inserted: await landStaged(client, tables) };
    case 'upsert':
      await lockForWriting(client, tables);
      return { ...nothing, ...(await upsertStaged(client, upsertOf(imp, tables))) };
    case 'replace':
      throw new Error('Replacing is still to be written');
  }
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
