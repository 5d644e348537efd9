// The table beside a table that exists follows what the API does to its rows: who has made and changed them.
import { writeKey } from '../../../core/records/record-key.ts';
import type { Beside, RecordShape } from '../../../core/records/record-shape.ts';
import { isSameRow, sideKeys } from '../../datasets/existing-tables.ts';
import { identifier, qualifiedName, tableName } from '../../identifiers.ts';
import { recordReads } from '../../schema/datasets.ts';
import type { Tx } from '../../transaction.ts';
import { newId, type Writer } from '../new-id.ts';
import { queryRows, type RecordKey } from '../read-records.ts';
import { Parameters } from '../select-sql.ts';
import { typedRows, type TypedColumn } from './typed-rows.ts';

export type ExistingRecords = RecordShape & { readonly beside: Beside };

export function isExistingRecords(shape: RecordShape): shape is ExistingRecords {
  return shape.beside !== undefined;
}

/** The keys as columns `key_1` … of rows. */
function keyColumns({ key }: RecordShape, keys: readonly RecordKey[], prefix = 'key'): TypedColumn[] {
  return key.map(({ sqlType }, at) => ({
    name: `${prefix}_${at + 1}`,
    sqlType,
    values: keys.map((each) => each[at]!),
  }));
}

/** SQL: rows that have the keys `key_1` … of `v`, joined as `t`. */
function joined(shape: ExistingRecords): string {
  return `JOIN ${qualifiedName(shape)} AS t ON ${isSameRow(shape.beside, 'v', 't')}`;
}

const WRITTEN = ['id', 'version', 'import_id', 'import_row', 'created_at', 'created_by', 'updated_at'];

/** New rows. Whose row of this key was there before, and is gone, does not matter any more. @returns how many of them are there */
export async function noteInserted(
  tx: Tx,
  shape: ExistingRecords,
  keys: readonly RecordKey[],
  by: Writer,
): Promise<number> {
  const { beside } = shape;
  const parameters = new Parameters();
  const ids: TypedColumn = { name: 'id', sqlType: 'uuid', values: keys.map(() => newId()) };
  const rows = typedRows(parameters, [ids, ...keyColumns(shape, keys)]);
  const writer = parameters.add(by, 'uuid');
  const own = beside.key.map((column) => `t.${identifier(column)}`);
  const noted = await queryRows(tx.$client, {
    text: `INSERT INTO ${beside.table} (id, version, created_by, updated_by, ${sideKeys(beside).join(', ')})
           SELECT v.id, t.xmin, ${writer}, ${writer}, ${own.join(', ')} FROM ${rows} AS v ${joined(shape)}
           ON CONFLICT (${sideKeys(beside).join(', ')}) DO UPDATE
              SET ${[...WRITTEN, 'updated_by'].map((column) => `${column} = excluded.${column}`).join(', ')}
           RETURNING 1`,
    values: parameters.values,
  });
  return noted.length;
}

/** Rows that were changed. The version stays: an undo sees by it that somebody has changed what an import has brought. */
export async function noteUpdated(
  tx: Tx,
  shape: ExistingRecords,
  keys: readonly RecordKey[],
  by: Writer,
): Promise<void> {
  const { beside } = shape;
  const parameters = new Parameters();
  const ids: TypedColumn = { name: 'id', sqlType: 'uuid', values: keys.map(() => newId()) };
  const rows = typedRows(parameters, [ids, ...keyColumns(shape, keys)]);
  const own = beside.key.map((column) => `t.${identifier(column)}`);
  await queryRows(tx.$client, {
    text: `INSERT INTO ${beside.table} (id, version, updated_by, ${sideKeys(beside).join(', ')})
           SELECT v.id, t.xmin, ${parameters.add(by, 'uuid')}, ${own.join(', ')} FROM ${rows} AS v ${joined(shape)}
           ON CONFLICT (${sideKeys(beside).join(', ')}) DO UPDATE SET updated_at = now(), updated_by = excluded.updated_by`,
    values: parameters.values,
  });
}

export interface NewKey {
  readonly was: RecordKey;
  readonly is: RecordKey;
}

/** What is known of a row goes with it when it gets another key. */
export async function followKeys(tx: Tx, shape: ExistingRecords, changes: readonly NewKey[]): Promise<void> {
  const moved = changes.filter(({ was, is }) => writeKey(was) !== writeKey(is));
  if (moved.length === 0) return;
  const { beside } = shape;
  const was = moved.map((each) => each.was);
  const is = moved.map((each) => each.is);
  const same = (prefix: string): string =>
    beside.key.map((_, at) => `p.key_${at + 1} = v.${prefix}_${at + 1}`).join(' AND ');
  const run = async (text: (rows: string) => string): Promise<void> => {
    const parameters = new Parameters();
    const rows = typedRows(parameters, [...keyColumns(shape, was, 'was'), ...keyColumns(shape, is, 'now')]);
    await queryRows(tx.$client, { text: text(rows), values: parameters.values });
  };
  // Of a row that had the key before, and is gone.
  await run(
    (rows) =>
      `WITH v AS ${rows} DELETE FROM ${beside.table} AS p USING v
        WHERE ${same('now')} AND NOT EXISTS (SELECT FROM v WHERE ${same('was')})`,
  );
  const sets = beside.key.map((_, at) => `key_${at + 1} = v.now_${at + 1}`);
  await run(
    (rows) => `UPDATE ${beside.table} AS p SET ${sets.join(', ')} FROM ${rows} AS v WHERE ${same('was')}`,
  );
  await tx.$client.query(
    `WITH v AS (SELECT * FROM unnest($2::text[], $3::text[]) AS v (was, is_now)),
          old AS (DELETE FROM ${tableName(recordReads)} AS r USING v WHERE r.dataset = $1 AND r.record = v.was
                  RETURNING v.is_now AS record, r.reads, r.last_read_at)
     INSERT INTO ${tableName(recordReads)} AS r (dataset, record, reads, last_read_at)
     SELECT $1, record, reads, last_read_at FROM old
     ON CONFLICT (dataset, record) DO UPDATE SET reads = excluded.reads, last_read_at = excluded.last_read_at`,
    [shape.dataset.name, was.map(writeKey), is.map(writeKey)],
  );
}

export async function noteDeleted(tx: Tx, shape: ExistingRecords, keys: readonly RecordKey[]): Promise<void> {
  const parameters = new Parameters();
  const rows = typedRows(parameters, keyColumns(shape, keys));
  const same = sideKeys(shape.beside).map((key) => `p.${key} = v.${key}`);
  await queryRows(tx.$client, {
    text: `DELETE FROM ${shape.beside.table} AS p USING ${rows} AS v WHERE ${same.join(' AND ')}`,
    values: parameters.values,
  });
}
