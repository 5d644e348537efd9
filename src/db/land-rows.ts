// Lands checked rows: one COPY for each table, and when Postgres refuses, the refused rows are told from the others.
import type pg from 'pg';
import { NotWhole, trySavepoint } from './by-halves.ts';
import { copyInto, qualifiedName, type CopyTarget } from './copy.ts';
import { landStaged } from './land-staged.ts';
import { dropRefused, openRefused, readRefused, type RefusedRow } from './refused-rows.ts';
import { stageRows, type RowBatch } from './stage-rows.ts';

/**
 * Lands the batch within the caller's transaction.
 * @returns the rows Postgres refused, ascending; all others have landed
 * @throws anything that is not about the rows themselves
 */
export async function landRows(client: pg.ClientBase, batch: RowBatch): Promise<RefusedRow[]> {
  if (batch.rows.length === 0) return [];
  const landed = await trySavepoint(client, async () => {
    for (const [at, table] of batch.tables.entries()) {
      const copied = await copyInto(client, qualifiedName(table), table.columns, batch.blocks[at]!);
      const isMain = at === batch.tables.length - 1;
      if (copied !== (isMain ? batch.rows.length : countLines(batch.blocks[at]!))) throw new NotWhole();
    }
  });
  if (landed) return [];
  await openRefused(client);
  const staged = await stageRows(client, batch);
  await landStaged(client, staged);
  const refused = await readRefused(client, 0, Number.MAX_SAFE_INTEGER);
  await client.query(`DROP TABLE ${staged.map((table) => table.staged).join(', ')}`);
  await dropRefused(client);
  return refused;
}

const LF = 10;

/** Each line of COPY text is a row: line ends in values are escaped. Not every record has a row in a linked table. */
function countLines(blocks: readonly Buffer[]): number {
  let lines = 0;
  for (const block of blocks)
    for (let at = block.indexOf(LF); at >= 0; at = block.indexOf(LF, at + 1)) lines++;
  return lines;
}

/** Takes back every row of an import, the main table first, since it refers to the others. @returns rows of the main table */
export async function deleteImportedRows(
  client: pg.ClientBase,
  tables: readonly CopyTarget[],
  importId: string,
): Promise<number> {
  let main = 0;
  for (const [at, table] of [...tables].reverse().entries()) {
    const { rowCount } = await client.query(`DELETE FROM ${qualifiedName(table)} WHERE import_id = $1`, [
      importId,
    ]);
    if (at === 0) main = rowCount ?? 0;
  }
  return main;
}
