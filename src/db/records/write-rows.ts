// Rows of one table, many at a time: each column is an array that is a parameter.
import { columnList, identifier, qualifiedName, type TableName } from '../identifiers.ts';
import type { Value } from '../../core/records/write-record.ts';
import type { Tx } from '../transaction.ts';
import { queryRows } from './read-records.ts';
import { Parameters } from './select-sql.ts';

export interface WrittenColumn {
  readonly name: string;
  /** What its values are cast to. */
  readonly sqlType: string;
  /** One for each row. */
  readonly values: readonly Value[];
}

export async function insertRows(tx: Tx, table: TableName, columns: readonly WrittenColumn[]): Promise<void> {
  const parameters = new Parameters();
  const arrays = columns.map(({ values, sqlType }) => parameters.add(values, `${sqlType}[]`));
  const names = columnList(columns.map(({ name }) => name));
  await queryRows(tx.$client, {
    text: `INSERT INTO ${qualifiedName(table)} (${names}) SELECT * FROM unnest(${arrays.join(', ')}) AS v (${names})`,
    values: parameters.values,
  });
}

/**
 * Gives the rows new values, where these differ from those they have.
 * @param keys the columns that find a row
 * @param by the user; becomes `updated_by`
 * @returns the positions of the rows that were changed
 */
export async function updateRows(
  tx: Tx,
  table: TableName,
  keys: readonly WrittenColumn[],
  columns: readonly WrittenColumn[],
  by: string | null,
): Promise<number[]> {
  const parameters = new Parameters();
  const all = [...keys, ...columns];
  const arrays = all.map(({ values, sqlType }) => parameters.add(values, `${sqlType}[]`));
  // Names of our own: a key may be among the columns.
  const names = all.map((_, at) => `v${at}`);
  const set = columns.map(({ name }, at) => `${identifier(name)} = v.v${keys.length + at}`);
  const found = keys.map(({ name }, at) => `t.${identifier(name)} = v.v${at}`);
  const differ = columns.map(
    ({ name }, at) => `t.${identifier(name)} IS DISTINCT FROM v.v${keys.length + at}`,
  );
  const rows = await queryRows(tx.$client, {
    text: `UPDATE ${qualifiedName(table)} AS t SET ${[...set, 'updated_at = now()', `updated_by = ${parameters.add(by, 'uuid')}`].join(', ')}
             FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS v (${names.join(', ')}, at)
            WHERE ${found.join(' AND ')} AND (${differ.join(' OR ')}) RETURNING v.at`,
    values: parameters.values,
  });
  return rows.map(([at]) => Number(at) - 1);
}
