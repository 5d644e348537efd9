import { qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';
import { copyInto } from './copy.ts';
import { NotWhole, trySavepoint } from './refusals/bisect-rows.ts';
import type { RowBatch } from './stage-rows.ts';

/**
 * Lands batches of the same tables and columns with one COPY for each table, all of them or none.
 * @returns false when Postgres refused a row, and nothing has landed: then land each batch by itself (`landRows`)
 */
export async function landTogether(tx: Tx, batches: readonly RowBatch[]): Promise<boolean> {
  return trySavepoint(tx, () => copyBatches(tx, batches));
}

/** The same without a savepoint. @throws when Postgres refused a row (`isRefusal`), which ends the transaction */
export async function copyBatches(tx: Tx, batches: readonly RowBatch[]): Promise<void> {
  for (const [at, table] of batches[0]!.tables.entries()) {
    const blocks = batches.flatMap((batch) => batch.blocks[at]!);
    const rows = batches.reduce((sum, batch) => sum + batch.rowCounts[at]!, 0);
    const copied = await copyInto(tx, qualifiedName(table), table.columns, blocks);
    if (copied !== rows) throw new NotWhole();
  }
}
