// Replace: the staged rows in the place of all that are there. Rows are deleted, not truncated: readers go on seeing the old ones
// until the commit, and then all of the new ones.
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { columnList, qualifiedName } from '../identifiers.ts';
import { isExisting, requireProvenance, targetOf } from '../datasets/existing-tables.ts';
import { foreignKeysTo } from '../datasets/foreign-keys.ts';
import { databaseError, isDataError } from '../errors.ts';
import type { Tx } from '../transaction.ts';

/** Why the rows that are there cannot be taken out. */
export class NotRemovable extends Error {}

/**
 * Deletes every row of the dataset's table, and the linked rows that only they referred to, within the caller's transaction and on
 * tables that nobody else may write.
 * @returns the rows of the dataset's table that were deleted
 * @throws NotRemovable when other tables refer to them, or a trigger keeps them; the transaction is then to be taken back
 */
export async function deleteAllRows(tx: Tx, dataset: Dataset): Promise<number> {
  const tables = landingTables(dataset);
  const main = qualifiedName(tables.at(-1)!);
  const links = dataset.target.links ?? [];
  for (const [at, { column }] of links.entries())
    await tx.$client.query(
      `CREATE TEMP TABLE sluice_old_link_${at} ON COMMIT DROP AS
       SELECT DISTINCT ${columnList([column])} AS id FROM ${main} WHERE ${columnList([column])} IS NOT NULL;
       ANALYZE pg_temp.sluice_old_link_${at}`,
    );
  try {
    const { rowCount } = await tx.$client.query(`DELETE FROM ${main}`);
    const { rows } = await tx.$client.query(`SELECT FROM ${main} LIMIT 1`);
    if (rows.length > 0)
      throw new NotRemovable(`a trigger or a rule of table "${tables.at(-1)!.table}" keeps rows of it`);
    if (isExisting(dataset)) {
      const { table } = await requireProvenance(tx, targetOf(dataset));
      await tx.$client.query(`DELETE FROM ${table}`);
    }
    for (const at of links.keys()) await deleteLinked(tx, tables[at]!, `pg_temp.sluice_old_link_${at}`);
    return rowCount ?? 0;
  } catch (error) {
    const refusal = databaseError(error);
    if (refusal === undefined || !isDataError(refusal)) throw error;
    const detail = refusal.detail === undefined ? '' : ` (${refusal.detail})`;
    throw new NotRemovable(`${refusal.message}${detail}`, { cause: error });
  }
}

/** A linked row that anything else refers to stays. */
async function deleteLinked(
  tx: Tx,
  table: { readonly schema: string; readonly table: string },
  old: string,
): Promise<void> {
  const unreferenced = (await foreignKeysTo(tx, table)).map(({ by, columns, to }) => {
    const equal = columns.map((column, at) => `r.${column} = l.${to[at]}`).join(' AND ');
    return `AND NOT EXISTS (SELECT FROM ${by} AS r WHERE ${equal})`;
  });
  await tx.$client.query(
    `DELETE FROM ${qualifiedName(table)} AS l USING ${old} AS o WHERE l.id = o.id ${unreferenced.join(' ')}`,
  );
}
