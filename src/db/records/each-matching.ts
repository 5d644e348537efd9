// All records of a filter, however many, some at a time and in one transaction.
import type { Condition } from '../../core/records/query.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import type { Tx } from '../transaction.ts';
import { tooManyAffected } from './change-records.ts';
import { queryRows, type RecordKey } from './read-records.ts';
import { columnSql, rowsStatement } from './select-sql.ts';

const RECORDS_AT_ONCE = 2000;

/**
 * Locks the records of a filter, and then does the work, some of them at a time, in the order of their keys. They are found before the
 * work begins: what it changes makes no difference to which they are. Postgres holds their keys, so that memory stays flat.
 * @param work is given keys, and how many records there are in all
 * @returns how many there are
 * @throws AppError TOO_MANY_AFFECTED before the work begins
 */
export async function eachMatching(
  tx: Tx,
  shape: RecordShape,
  where: Condition,
  maxAffected: number,
  work: (keys: readonly RecordKey[], matched: number) => Promise<void>,
): Promise<number> {
  const names = shape.key.map((_, at) => `k${at}`);
  const types = shape.key.map(({ sqlType }, at) => `k${at} ${sqlType}`);
  await tx.$client.query(`CREATE TEMP TABLE sluice_matching (${types.join(', ')}) ON COMMIT DROP`);
  const { text, values } = rowsStatement(shape, { where }, shape.key, shape.key.map(columnSql));
  await queryRows(tx.$client, {
    text: `INSERT INTO sluice_matching ${text} ORDER BY ${shape.key.map(columnSql).join(', ')} LIMIT ${maxAffected + 1} FOR UPDATE OF t`,
    values,
  });
  const [counted] = await queryRows(tx.$client, { text: 'SELECT count(*) FROM sluice_matching', values: [] });
  const matched = Number(counted![0]);
  if (matched > maxAffected) throw tooManyAffected(maxAffected);
  await tx.$client.query(
    `DECLARE sluice_keys NO SCROLL CURSOR FOR SELECT ${names.join(', ')} FROM sluice_matching`,
  );
  for (;;) {
    const keys = await queryRows(tx.$client, {
      text: `FETCH ${RECORDS_AT_ONCE} FROM sluice_keys`,
      values: [],
    });
    if (keys.length > 0) await work(keys as string[][], matched);
    if (keys.length < RECORDS_AT_ONCE) return matched;
  }
}
