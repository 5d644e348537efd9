import { qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';
import { requireTypes } from './column-types.ts';
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

/**
 * The same without a savepoint. @throws when Postgres refused a row (`isRefusal`), which ends the transaction; ColumnsChanged */
export async function copyBatches(tx: Tx, batches: readonly RowBatch[]): Promise<void> {
  for (const [at, table] of batches[0]!.tables.entries())
    for (const alike of [batches.filter(isBinary), batches.filter((batch) => !isBinary(batch))]) {
      if (alike.length === 0) continue;
      const blocks = alike.flatMap((batch) => batch.blocks[at]!);
      const rows = alike.reduce((sum, batch) => sum + batch.rowCounts[at]!, 0);
      const copied = await copyInto(tx, qualifiedName(table), alike[0]!.tables[at]!, blocks);
      if (copied !== rows) throw new NotWhole();
    }
  // Now the tables are locked.
  await requireTypes(tx, batches.find(isBinary)?.tables ?? []);
}

function isBinary({ tables }: RowBatch): boolean {
  return tables[0]!.types !== undefined;
}
