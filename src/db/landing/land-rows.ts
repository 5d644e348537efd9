// Lands checked rows: one COPY for each table, and when Postgres refuses, the refused rows are told from the others.
import type pg from 'pg';
import { NotWhole, trySavepoint } from './refusals/bisect-rows.ts';
import { copyInto, qualifiedName } from './copy.ts';
import { landStaged } from './land-staged.ts';
import { dropRefused, openRefused, readRefused, type RefusedRow } from './refusals/refused-rows.ts';
import { stageRows, type RowBatch } from './stage-rows.ts';

/**
 * Lands the batch within the caller's transaction.
 * @returns the rows Postgres refused, ascending; all others have landed
 * @throws anything that is not about the rows themselves
 */
export async function landRows(client: pg.ClientBase, batch: RowBatch): Promise<RefusedRow[]> {
  if (batch.rowCounts.at(-1) === 0) return [];
  const landed = await trySavepoint(client, async () => {
    for (const [at, table] of batch.tables.entries()) {
      const copied = await copyInto(client, qualifiedName(table), table.columns, batch.blocks[at]!);
      if (copied !== batch.rowCounts[at]) throw new NotWhole();
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
