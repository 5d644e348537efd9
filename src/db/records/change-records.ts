// Changes and deletes records that are known by their keys, or found by a filter.
import type { Condition } from '../../core/records/query.ts';
import type { GivenValues } from '../../core/records/read-record.ts';
import { writeKey } from '../../core/records/record-key.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { selectAll } from '../../core/records/parse-query.ts';
import { AppError } from '../../errors.ts';
import { foreignKeysTo, refersTo } from '../datasets/foreign-keys.ts';
import { SQLSTATE } from '../errors.ts';
import { refusalText } from '../refusal-words.ts';
import { identifier, qualifiedName } from '../identifiers.ts';
import type { Tx } from '../transaction.ts';
import { attempt, invalidRecords } from './create-records.ts';
import { isExistingRecords, noteDeleted } from './existing/beside.ts';
import type { Writer } from './new-id.ts';
import { findRecords, queryRows, type RecordKey, type StoredRecord } from './read-records.ts';
import { forgetReads } from './read-counts.ts';
import { describeRefusal } from './refused-record.ts';
import { columnSql, rowsStatement } from './select-sql.ts';
import { updateRecords } from './update-records.ts';

/** Locks a record. @returns it with all its fields; undefined when there is none */
export async function lockRecord(
  tx: Tx,
  shape: RecordShape,
  key: RecordKey,
): Promise<StoredRecord | undefined> {
  const [found] = await findRecords(tx, shape, [key], selectAll(shape.columns), true);
  return found;
}

/** Locks the records of a filter. @returns their keys @throws AppError TOO_MANY_AFFECTED */
export async function lockMatching(
  tx: Tx,
  shape: RecordShape,
  where: Condition,
  maxAffected: number,
): Promise<RecordKey[]> {
  const { text, values } = rowsStatement(shape, { where }, shape.key, shape.key.map(columnSql));
  const rows = await queryRows(tx.$client, {
    text: `${text} ORDER BY ${shape.key.map(columnSql).join(', ')} LIMIT ${maxAffected + 1} FOR UPDATE OF t`,
    values,
  });
  if (rows.length > maxAffected) throw tooManyAffected(maxAffected);
  return rows as string[][];
}

export function tooManyAffected(maxAffected: number): AppError {
  return new AppError(
    'TOO_MANY_AFFECTED',
    `The filter has more records than maxAffected (${maxAffected}). Nothing was changed. Look at the list of the same filter with count=exact.`,
    { maxAffected },
  );
}

/**
 * Gives locked records the same values.
 * @param toDefault fields of a table that exists which get what a new row has in them
 * @returns the keys that those which have changed have now
 * @throws AppError RECORD_INVALID when Postgres refuses it
 */
export async function changeRecords(
  tx: Tx,
  shape: RecordShape,
  keys: readonly RecordKey[],
  values: GivenValues,
  by: Writer,
  toDefault: readonly string[] = [],
): Promise<RecordKey[]> {
  const changes = keys.map((key) => ({ key, values, toDefault }));
  const tried = await attempt(tx, () => updateRecords(tx, shape, changes, by));
  if ('done' in tried) return [...tried.done.values()];
  throw invalidRecords([await describeRefusal(tx, shape, tried.error, '', values)]);
}

/**
 * Deletes locked records, and their rows in linked tables to which nothing else refers.
 * @throws AppError CONFLICT when another table refers to one
 */
export async function deleteRecords(tx: Tx, shape: RecordShape, keys: readonly RecordKey[]): Promise<number> {
  const references = shape.links.map(({ column }) => `t.${identifier(column)}`);
  const arrays = shape.key.map(({ sqlType }, at) => `$${at + 1}::${sqlType}[]`);
  const equal = shape.key.map((column, at) => `${columnSql(column)} = k.k${at}`);
  const deleted = await attempt(tx, () =>
    queryRows(tx.$client, {
      text: `DELETE FROM ${qualifiedName(shape)} AS t USING unnest(${arrays.join(', ')}) AS k (${arrays.map((_, at) => `k${at}`).join(', ')})
              WHERE ${equal.join(' AND ')} RETURNING ${[...references, ...shape.key.map(columnSql)].join(', ')}`,
      values: shape.key.map((_, at) => keys.map((key) => key[at])),
    }),
  );
  if ('error' in deleted) {
    const { error } = deleted;
    if (error.code !== SQLSTATE.foreignKeyViolation) {
      if (!isExistingRecords(shape)) throw error;
      throw new AppError('CONFLICT', `Postgres does not delete the record: ${refusalText(error)}.`);
    }
    throw new AppError(
      'CONFLICT',
      `A row of another table refers to the record: ${error.message}${error.detail === undefined ? '' : ` (${error.detail})`}. Delete or change that first.`,
    );
  }
  const gone = deleted.done.map((row) => row.slice(references.length) as string[]);
  if (isExistingRecords(shape)) {
    if (gone.length < keys.length)
      throw new AppError(
        'CONFLICT',
        `A trigger of table "${shape.table}" keeps ${keys.length === 1 ? 'the record' : `${keys.length - gone.length} of the records`}. Nothing was deleted.`,
      );
    await noteDeleted(tx, shape, gone);
  }
  for (const [at, { table }] of shape.links.entries()) {
    const name = { schema: shape.schema, table };
    const refers = (await foreignKeysTo(tx, name)).map((key) => `AND NOT ${refersTo(key, 'l')}`);
    await queryRows(tx.$client, {
      text: `DELETE FROM ${qualifiedName(name)} AS l WHERE l.id = ANY ($1::uuid[]) ${refers.join(' ')}`,
      values: [deleted.done.map((row) => row[at]).filter((id) => id !== null)],
    });
  }
  await forgetReads(tx, shape.dataset.name, gone.map(writeKey));
  return deleted.done.length;
}
