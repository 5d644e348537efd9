// Lands checked rows: one COPY for each table, and when Postgres refuses, the refused rows are told from the others.
import { landTogether } from './land-together.ts';
import { landStaged } from './land-staged.ts';
import { dropRefused, openRefused, readRefused, type RefusedRow } from './refusals/refused-rows.ts';
import { stageRows, type RowBatch } from './stage-rows.ts';
import type { Tx } from '../transaction.ts';

/**
 * Lands the batch within the caller's transaction.
 * @returns the rows Postgres refused, ascending; all others have landed
 * @throws anything that is not about the rows themselves
 */
export async function landRows(tx: Tx, batch: RowBatch): Promise<RefusedRow[]> {
  if (batch.rowCounts.at(-1) === 0) return [];
  if (await landTogether(tx, [batch])) return [];
  await openRefused(tx);
  const staged = await stageRows(tx, batch);
  await landStaged(tx, staged);
  const refused = await readRefused(tx, 0, Number.MAX_SAFE_INTEGER);
  await tx.$client.query(`DROP TABLE ${staged.map((table) => table.staged).join(', ')}`);
  await dropRefused(tx);
  return refused;
}
