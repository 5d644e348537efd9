// Records that a request brings, all of them or none: new ones, or by their key those that are there.
import type pg from 'pg';
import type { GivenValues } from '../../core/records/read-record.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { AppError, type ErrorItem } from '../../errors.ts';
import { databaseError, isDataError, isTransactionClash, SQLSTATE } from '../errors.ts';
import { inTransaction, untilNoClash, type Connection, type Tx } from '../transaction.ts';
import { insertRecords } from './insert-records.ts';
import type { Writer } from './new-id.ts';
import { queryRows, type RecordKey } from './read-records.ts';
import { describeRefusal } from './refused-record.ts';
import { columnSql, mainSql, Parameters } from './select-sql.ts';
import { updateRecords, type RecordChange } from './update-records.ts';

export interface GivenRecord {
  readonly values: GivenValues;
  /** Where it stands in the request. */
  readonly pointer: string;
}

export type Outcome = 'inserted' | 'updated' | 'unchanged';

export interface Created {
  readonly keys: readonly RecordKey[];
  /** Of each record. */
  readonly outcomes: readonly Outcome[];
}

/** More errors are not looked for. */
const MOST_ERRORS = 100;
/** A record that another request inserts at the same time is found the next time. */
const MOST_RACES = 3;

export interface CreateOptions {
  /** Records whose primaryKey is there are changed. */
  readonly upsert: boolean;
  readonly by: Writer;
}

/**
 * @param then is done in the same transaction, and its result returned
 * @throws AppError RECORD_INVALID with an error for each record that Postgres refuses; nothing is written then
 */
export async function createRecords<T>(
  db: Connection,
  shape: RecordShape,
  records: readonly GivenRecord[],
  { upsert, by }: CreateOptions,
  then: (tx: Tx, created: Created) => Promise<T>,
): Promise<T> {
  let races = 0;
  return untilNoClash(
    () =>
      inTransaction(db, async (tx) => {
        const write = upsert ? upsertRecords : insertNew;
        const created = await orRefused(
          tx,
          shape,
          records,
          (some) => write(tx, shape, some, by),
          upsert && races < MOST_RACES,
        );
        return then(tx, created);
      }),
    (error) => isTransactionClash(error) || (error instanceof LostRace && ++races > 0),
  );
}

/** A key that was not there when it was looked for is there now. */
class LostRace extends Error {}

async function insertNew(
  tx: Tx,
  shape: RecordShape,
  records: readonly GivenRecord[],
  by: Writer,
): Promise<Created> {
  const keys = await insertRecords(
    tx,
    shape,
    records.map(({ values }) => values),
    by,
  );
  return { keys, outcomes: keys.map(() => 'inserted' as const) };
}

async function upsertRecords(
  tx: Tx,
  shape: RecordShape,
  records: readonly GivenRecord[],
  by: Writer,
): Promise<Created> {
  const found = await findByPrimaryKey(tx, shape, records);
  const keys = [...found];
  const outcomes = found.map((): Outcome => 'unchanged');
  const fresh = [...found.keys()].filter((at) => found[at] === undefined);
  const inserted = await insertRecords(
    tx,
    shape,
    fresh.map((at) => records[at]!.values),
    by,
  );
  for (const [index, at] of fresh.entries()) {
    keys[at] = inserted[index]!;
    outcomes[at] = 'inserted';
  }
  const known = [...found.keys()].filter((at) => found[at] !== undefined);
  const changed = await updateRecords(
    tx,
    shape,
    known.map((at): RecordChange => ({ key: found[at]!, values: records[at]!.values })),
    by,
  );
  for (const [index, key] of changed) {
    outcomes[known[index]!] = 'updated';
    keys[known[index]!] = key;
  }
  return { keys: keys as RecordKey[], outcomes };
}

/** Locks the records that have the keys. @returns the key of each one's record; undefined where there is none */
async function findByPrimaryKey(
  tx: Tx,
  shape: RecordShape,
  records: readonly GivenRecord[],
): Promise<(RecordKey | undefined)[]> {
  const { primaryKey = [] } = shape.dataset.schema;
  const columns = primaryKey.map((name) => shape.columns.find((column) => column.name === name)!);
  const parameters = new Parameters();
  const arrays = columns.map(({ name, sqlType }) =>
    parameters.add(
      records.map(({ values }) => values.get(name) ?? null),
      `${sqlType}[]`,
    ),
  );
  const equal = columns.map((column, at) => `${columnSql(column)} = k.k${at}`);
  const rows = await queryRows(tx.$client, {
    text: `SELECT k.at, ${shape.key.map(columnSql).join(', ')}
             FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS k (${arrays.map((_, at) => `k${at}`).join(', ')}, at)
             JOIN ${mainSql(shape)} ON ${equal.join(' AND ')} FOR UPDATE OF t`,
    values: parameters.values,
  });
  const found: (RecordKey | undefined)[] = records.map(() => undefined);
  for (const [at, ...key] of rows) found[Number(at) - 1] = key as string[];
  refuseTwice(records, found);
  return found;
}

/** Two records of one request for one of the table: nobody can say which is meant. New ones are told by the unique index. */
function refuseTwice(records: readonly GivenRecord[], found: readonly (RecordKey | undefined)[]): void {
  const seen = new Set<string>();
  const errors = found.flatMap((key, at): ErrorItem | ErrorItem[] => {
    if (key === undefined) return [];
    const text = JSON.stringify(key);
    if (!seen.has(text)) {
      seen.add(text);
      return [];
    }
    const detail = 'A record with the same key stands before it in the request. Keep one of them.';
    return { code: 'unique-error', pointer: records[at]!.pointer, detail };
  });
  if (errors.length > 0) throw invalidRecords(errors);
}

/** Writes all; when Postgres refuses one, each by itself, to tell all that are refused. */
async function orRefused(
  tx: Tx,
  shape: RecordShape,
  records: readonly GivenRecord[],
  write: (records: readonly GivenRecord[]) => Promise<Created>,
  mayRace: boolean,
): Promise<Created> {
  const failure = await attempt(tx, () => write(records));
  if ('done' in failure) return failure.done;
  if (mayRace && failure.error.code === SQLSTATE.uniqueViolation) throw new LostRace();
  const errors: ErrorItem[] = [];
  for (const record of records) {
    const one = await attempt(tx, () => write([record]));
    if ('error' in one)
      errors.push(await describeRefusal(tx, shape, one.error, record.pointer, record.values));
    if (errors.length === MOST_ERRORS) break;
  }
  throw errors.length > 0 ? invalidRecords(errors) : failure.error;
}

/** Runs work within a savepoint. @returns what it gives, or why Postgres has refused the data, which is rolled back then */
export async function attempt<T>(
  tx: Tx,
  work: () => Promise<T>,
): Promise<{ readonly done: T } | { readonly error: pg.DatabaseError }> {
  await tx.$client.query('SAVEPOINT records');
  try {
    const done = await work();
    await tx.$client.query('RELEASE SAVEPOINT records');
    return { done };
  } catch (thrown) {
    const error = databaseError(thrown);
    if (error === undefined || !isDataError(error)) throw thrown;
    await tx.$client.query('ROLLBACK TO SAVEPOINT records; RELEASE SAVEPOINT records');
    return { error };
  }
}

export function invalidRecords(errors: readonly ErrorItem[]): AppError {
  const [first] = errors;
  const detail =
    errors.length === 1
      ? first!.detail
      : `${errors.length === MOST_ERRORS ? `${MOST_ERRORS} or more` : errors.length} things are wrong; nothing was written. The first: ${first!.detail}`;
  return new AppError('RECORD_INVALID', detail, {}, { errors });
}
