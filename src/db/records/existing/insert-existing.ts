// New rows of a table that exists, one statement for all that give the same fields: what a record does not give the table fills, and Postgres
// says with which key.
import type { GivenValues } from '../../../core/records/read-record.ts';
import { fieldColumns, type RecordColumn } from '../../../core/records/record-shape.ts';
import { columnList, identifier, qualifiedName } from '../../identifiers.ts';
import type { Tx } from '../../transaction.ts';
import type { Writer } from '../new-id.ts';
import { queryRows, type RecordKey, type Row } from '../read-records.ts';
import { Parameters } from '../select-sql.ts';
import { noteInserted, type ExistingRecords } from './beside.ts';
import { AT, raise, refuseUnfit, typedColumn, typedRows } from './typed-rows.ts';

/** @returns the keys of the records, in their order. @throws what Postgres says of the rows, when it refuses one */
export async function insertExisting(
  tx: Tx,
  shape: ExistingRecords,
  records: readonly GivenValues[],
  by: Writer,
): Promise<RecordKey[]> {
  if (records.length === 0) return [];
  await refuseUnfit(tx, fieldColumns(shape), records);
  const keys: RecordKey[] = [];
  for (const run of runsOfSameFields(shape, records)) keys.push(...(await insertRun(tx, shape, run)));
  const noted = await noteInserted(tx, shape, keys, by);
  if (noted !== keys.length)
    await raise(tx, {
      message: 'a trigger of the table has taken the row away, or has given it another key',
    });
  return keys;
}

interface Run {
  /** What each of them gives; the table fills the rest. */
  readonly given: readonly RecordColumn[];
  readonly records: readonly GivenValues[];
}

/** Those that give the same fields and stand next to each other: what Postgres numbers is in the order of the request. */
function runsOfSameFields(shape: ExistingRecords, records: readonly GivenValues[]): Run[] {
  const columns = fieldColumns(shape);
  const runs: { readonly given: RecordColumn[]; readonly records: GivenValues[] }[] = [];
  for (const record of records) {
    const given = columns.filter(({ name }) => record.has(name));
    const last = runs.at(-1);
    const isSame =
      last?.given.length === given.length && given.every((column, at) => column === last.given[at]);
    if (isSame) last.records.push(record);
    else runs.push({ given, records: [record] });
  }
  return runs;
}

/** Postgres inserts the rows, and returns their keys, in the order in which the query gives them. */
async function insertRun(tx: Tx, shape: ExistingRecords, { given, records }: Run): Promise<RecordKey[]> {
  const parameters = new Parameters();
  const names = columnList(given.map(({ name }) => name));
  const returning = `RETURNING ${shape.key.map(({ name }) => `t.${identifier(name)}`).join(', ')}`;
  const rows = typedRows(
    parameters,
    given.map((column) => typedColumn(column, records)),
  );
  const keys =
    given.length === 0
      ? await insertEmpty(tx, shape, records.length, returning)
      : await queryRows(tx.$client, {
          text: `INSERT INTO ${qualifiedName(shape)} AS t (${names}) SELECT ${names} FROM ${rows} AS v ORDER BY ${AT} ${returning}`,
          values: parameters.values,
        });
  if (keys.length < records.length)
    await raise(tx, {
      message:
        records.length === 1
          ? 'a trigger of the table leaves the row out'
          : 'a trigger of the table leaves rows out',
    });
  return keys as string[][];
}

/** `DEFAULT VALUES` are one row. */
async function insertEmpty(tx: Tx, shape: ExistingRecords, count: number, returning: string): Promise<Row[]> {
  const keys: Row[] = [];
  for (let at = 0; at < count; at++)
    keys.push(
      ...(await queryRows(tx.$client, {
        text: `INSERT INTO ${qualifiedName(shape)} AS t DEFAULT VALUES ${returning}`,
        values: [],
      })),
    );
  return keys;
}
