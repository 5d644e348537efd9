// New rows of a table that exists, one statement each: what a record does not give the table fills, and Postgres says with which key.
import type { GivenValues } from '../../../core/records/read-record.ts';
import { fieldColumns } from '../../../core/records/record-shape.ts';
import { columnList, identifier, qualifiedName } from '../../identifiers.ts';
import type { Tx } from '../../transaction.ts';
import type { Writer } from '../new-id.ts';
import { queryRows, type RecordKey } from '../read-records.ts';
import { noteInserted, type ExistingRecords } from './beside.ts';
import { raise, refuseUnfit } from './typed-rows.ts';

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
  for (const record of records) keys.push(await insertOne(tx, shape, record));
  const noted = await noteInserted(tx, shape, keys, by);
  if (noted !== keys.length)
    await raise(tx, {
      message: 'a trigger of the table has taken the row away, or has given it another key',
    });
  return keys;
}

async function insertOne(tx: Tx, shape: ExistingRecords, record: GivenValues): Promise<RecordKey> {
  const given = fieldColumns(shape).filter(({ name }) => record.has(name));
  const values = given.map(({ sqlType }, at) => `CAST($${at + 1}::text AS ${sqlType})`);
  const what =
    given.length === 0
      ? 'DEFAULT VALUES'
      : `(${columnList(given.map(({ name }) => name))}) VALUES (${values.join(', ')})`;
  const [key] = await queryRows(tx.$client, {
    text: `INSERT INTO ${qualifiedName(shape)} AS t ${what} RETURNING ${shape.key.map(({ name }) => `t.${identifier(name)}`).join(', ')}`,
    values: given.map(({ name }) => record.get(name) ?? null),
  });
  return key === undefined
    ? raise(tx, { message: 'a trigger of the table leaves the row out' })
    : (key as string[]);
}
