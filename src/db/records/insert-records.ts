// New records: a row in the main table, and one in each linked table of which the record has a value.
import type { GivenValues } from '../../core/records/read-record.ts';
import { fieldColumns, type RecordColumn, type RecordShape } from '../../core/records/record-shape.ts';
import type { Tx } from '../transaction.ts';
import { isExistingRecords } from './existing/beside.ts';
import { insertExisting } from './existing/insert-existing.ts';
import { newId, type Writer } from './new-id.ts';
import type { RecordKey } from './read-records.ts';
import { insertRows, type WrittenColumn } from './write-rows.ts';

/** @returns the keys of the records, in their order. @throws what Postgres says of the rows, when it refuses one */
export async function insertRecords(
  tx: Tx,
  shape: RecordShape,
  records: readonly GivenValues[],
  by: Writer,
): Promise<RecordKey[]> {
  if (isExistingRecords(shape)) return insertExisting(tx, shape, records, by);
  if (records.length === 0) return [];
  const columns = fieldColumns(shape);
  const references: WrittenColumn[] = [];
  for (const [at, link] of shape.links.entries())
    references.push({
      name: link.column,
      sqlType: 'uuid',
      values: await insertLinked(tx, shape, at, records, by),
    });
  const ids = records.map(newId);
  const own = columns.filter(({ link }) => link === undefined);
  await insertRows(tx, shape, [
    { name: 'id', sqlType: 'uuid', values: ids },
    ...given(own, records),
    ...references,
    ...writers(records.length, by),
  ]);
  return ids.map((id) => [id]);
}

/** @returns the id of each record's row; null for a record without a value there */
export async function insertLinked(
  tx: Tx,
  shape: RecordShape,
  link: number,
  records: readonly GivenValues[],
  by: Writer,
): Promise<(string | null)[]> {
  const columns = fieldColumns(shape).filter((column) => column.link === link);
  const has = (record: GivenValues): boolean =>
    columns.some(({ name }) => (record.get(name) ?? null) !== null);
  const ids = records.map((record) => (has(record) ? newId() : null));
  const withRow = records.filter(has);
  if (withRow.length > 0)
    await insertRows(tx, { schema: shape.schema, table: shape.links[link]!.table }, [
      { name: 'id', sqlType: 'uuid', values: ids.filter((id) => id !== null) },
      ...given(columns, withRow),
      ...writers(withRow.length, by),
    ]);
  return ids;
}

/** Columns that no record gives are left to the table. */
function given(columns: readonly RecordColumn[], records: readonly GivenValues[]): WrittenColumn[] {
  return columns
    .filter(({ name }) => records.some((record) => record.has(name)))
    .map(({ name, sqlType }) => ({
      name,
      sqlType,
      values: records.map((record) => record.get(name) ?? null),
    }));
}

function writers(count: number, by: Writer): WrittenColumn[] {
  const values = Array.from({ length: count }, () => by);
  return ['created_by', 'updated_by'].map((name) => ({ name, sqlType: 'uuid', values }));
}
