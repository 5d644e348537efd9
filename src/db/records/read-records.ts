// Reads records: by their keys, a page of them, how many there are.
import type pg from 'pg';
import type { CountMode, RecordQuery, Selected } from '../../core/records/query.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { leavesOf, type Value } from '../../core/records/write-record.ts';
import type { Queryable } from '../connection.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';
import { readFailure } from './errors.ts';
import {
  columnSql,
  fromSql,
  joinsSql,
  linkColumns,
  mainSql,
  pageStatement,
  Parameters,
  rowsStatement,
  versionSql,
  type PageQuery,
  type Statement,
} from './select-sql.ts';

export type Row = readonly Value[];

/** Values stay the texts that Postgres writes. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;

/**
 * @param isCommon its text is one of few, so that Postgres may keep it prepared; each filter is a text of its own, and would be kept
 * for as long as the connection
 */
export async function queryRows(
  client: Queryable,
  { text, values }: Statement,
  isCommon = false,
): Promise<Row[]> {
  const query = { text, values: [...values], rowMode: 'array' as const, types: AS_TEXT };
  const { rows } = await client.query<Value[]>(isCommon ? query : { ...query, name: '' });
  return rows;
}

export interface StoredRecord {
  /** Of `leavesOf(select)`. */
  readonly values: Row;
  /** Changes with each change of the record; opaque. */
  readonly version: string;
  /** Of a table that exists: as Postgres writes it, `7` for `007`. Others are asked for as they are written. */
  readonly key?: RecordKey;
}

/** The values of the key's columns, in their order. */
export type RecordKey = readonly string[];

/** @param row the leaves of what is selected, what `identifying` has, the version */
function storedRecord({ beside, key }: RecordShape, row: Row): StoredRecord {
  const version = row.at(-1)!;
  if (beside === undefined) return { values: row.slice(0, -1), version };
  const at = row.length - 1 - key.length;
  return { values: row.slice(0, at), version, key: row.slice(at, -1) as string[] };
}

/** SQL: what a record is known by. */
function identifying(shape: RecordShape): string[] {
  return [...(shape.beside === undefined ? [] : shape.key.map(columnSql)), versionSql(shape)];
}

export async function findRecord(
  db: Connection | Tx,
  shape: RecordShape,
  key: RecordKey,
  select: readonly Selected[],
): Promise<StoredRecord | undefined> {
  const text = oneTexts.get(select) ?? oneText(shape, select);
  oneTexts.set(select, text);
  const [row] = await queryRows(db.$client, { text, values: key }, true);
  return row === undefined ? undefined : storedRecord(shape, row);
}

/** Made once for what is selected again and again. */
const oneTexts = new WeakMap<readonly Selected[], string>();

function oneText(shape: RecordShape, select: readonly Selected[]): string {
  const leaves = leavesOf(select);
  const where = shape.key.map((column, at) => `${columnSql(column)} = $${at + 1}::${column.sqlType}`);
  return `SELECT ${[...leaves.map(columnSql), ...identifying(shape)].join(', ')} ${fromSql(shape, [...leaves, ...linkColumns(shape)])} WHERE ${where.join(' AND ')}`;
}

/** The record of each key, in their order; undefined where there is none. */
export async function findEach(
  db: Connection,
  shape: RecordShape,
  keys: readonly RecordKey[],
  select: readonly Selected[],
): Promise<(StoredRecord | undefined)[]> {
  const text = eachTexts.get(select) ?? eachText(shape, select);
  eachTexts.set(select, text);
  const values = shape.key.map((_, at) => keys.map((key) => key[at]));
  const found: (StoredRecord | undefined)[] = keys.map(() => undefined);
  for (const [at, ...row] of await queryRows(db.$client, { text, values }, true))
    found[Number(at) - 1] = storedRecord(shape, row);
  return found;
}

const eachTexts = new WeakMap<readonly Selected[], string>();

function eachText(shape: RecordShape, select: readonly Selected[]): string {
  const leaves = leavesOf(select);
  const arrays = shape.key.map(({ sqlType }, at) => `$${at + 1}::${sqlType}[]`);
  const names = shape.key.map((_, at) => `k${at}`);
  const equal = shape.key.map((column, at) => `${columnSql(column)} = k.k${at}`);
  return `SELECT ${['k.at', ...leaves.map(columnSql), ...identifying(shape)].join(', ')}
     FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS k (${names.join(', ')}, at)
     JOIN ${mainSql(shape)} ON ${equal.join(' AND ')}${joinsSql(shape, [...leaves, ...linkColumns(shape)])}`;
}

/** Those of the keys that have a record, in the order of the keys. @param lock rows of the main table stay as they are until the transaction ends */
export async function findRecords(
  tx: Tx,
  shape: RecordShape,
  keys: readonly RecordKey[],
  select: readonly Selected[],
  lock = false,
): Promise<StoredRecord[]> {
  const leaves = leavesOf(select);
  const parameters = new Parameters();
  const arrays = shape.key.map(({ sqlType }, at) =>
    parameters.add(
      keys.map((key) => key[at]),
      `${sqlType}[]`,
    ),
  );
  const names = shape.key.map((_, at) => `k${at}`);
  const equal = shape.key.map((column, at) => `${columnSql(column)} = k.k${at}`);
  const text = `SELECT ${[...leaves.map(columnSql), ...identifying(shape)].join(', ')}
     FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS k (${names.join(', ')}, at)
     JOIN ${mainSql(shape)} ON ${equal.join(' AND ')}${joinsSql(shape, [...leaves, ...linkColumns(shape)])}
    ORDER BY k.at${lock ? ' FOR UPDATE OF t' : ''}`;
  const rows = await queryRows(tx.$client, { text, values: parameters.values }, true);
  return rows.map((row) => storedRecord(shape, row));
}

export interface RecordPage {
  /** Of `leavesOf(select)`. */
  readonly rows: readonly Row[];
  /** The values of the order's columns of the last row, when there are more behind it. */
  readonly next: Row | undefined;
  readonly count: number | undefined;
}

/**
 * One page, and the count if it is asked for, as of one moment. What may read the whole table is stopped after `timeoutMs`.
 * @throws AppError QUERY_TOO_SLOW, QUERY_INVALID, DATASET_INCOMPATIBLE
 */
export async function readPage(
  db: Connection,
  shape: RecordShape,
  query: PageQuery,
  count: CountMode,
  timeoutMs: number,
): Promise<RecordPage> {
  const statement = pageStatement(shape, { ...query, limit: query.limit + 1 });
  const isByKey =
    query.where.is === 'all' && query.where.of.length === 0 && query.order.length === shape.key.length;
  try {
    if (isByKey && count === 'none')
      return pageOfRows(query, await queryRows(db.$client, statement, true), undefined);
    return await bounded(db, timeoutMs, async (tx) => {
      const rows = await queryRows(tx.$client, statement);
      const counted = count === 'none' ? undefined : await countRecords(tx, shape, query, count);
      return pageOfRows(query, rows, counted);
    });
  } catch (error) {
    throw readFailure(error, shape, timeoutMs);
  }
}

/** Reads only, as of one moment, each statement within `timeoutMs`. */
export function bounded<T>(db: Connection, timeoutMs: number, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(
    db,
    work,
    `SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = ${Math.trunc(timeoutMs)}`,
  );
}

function pageOfRows(
  { limit, order }: PageQuery,
  rows: readonly Row[],
  count: number | undefined,
): RecordPage {
  const width = order.length;
  const shown = rows.slice(0, limit);
  return {
    rows: shown.map((row) => row.slice(0, -width)),
    next: rows.length > limit ? shown.at(-1)!.slice(-width) : undefined,
    count,
  };
}

/** How many records a query has, as the planner of Postgres estimates it. */
export async function estimateRecords(
  client: Queryable,
  shape: RecordShape,
  query: Pick<RecordQuery, 'where'>,
): Promise<number> {
  const { text, values } = rowsStatement(shape, query, [], ['1']);
  const [row] = await queryRows(client, { text: `EXPLAIN (FORMAT JSON) ${text}`, values });
  const [{ Plan: plan }] = JSON.parse(row![0]!) as [{ Plan: { 'Plan Rows': number } }];
  return plan['Plan Rows'];
}

async function countRecords(
  tx: Tx,
  shape: RecordShape,
  query: Pick<RecordQuery, 'where'>,
  mode: Exclude<CountMode, 'none'>,
): Promise<number> {
  if (mode === 'estimated') return estimateRecords(tx.$client, shape, query);
  const { text, values } = rowsStatement(shape, query, [], ['count(*)']);
  const [row] = await queryRows(tx.$client, { text, values });
  return Number(row![0]);
}
