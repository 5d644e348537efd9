// Reads records: by their keys, a page of them, how many there are.
import pg from 'pg';
import { selectWhole } from '../../core/records/parse-query.ts';
import type { CountMode, RecordQuery, Selected } from '../../core/records/query.ts';
import type { RecordShape } from '../../core/records/record-shape.ts';
import { leavesOf, type Value } from '../../core/records/write-record.ts';
import type { Queryable } from '../connection.ts';
import { databaseError } from '../errors.ts';
import { statementName } from '../prepared.ts';
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
  type PageStatement,
  type Statement,
} from './select-sql.ts';

export type Row = readonly Value[];

/** Values stay the texts that Postgres writes. */
const AS_TEXT = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;

/** A statement by itself: Postgres parses and plans it each time. */
export async function queryRows(client: Queryable, { text, values }: Statement): Promise<Row[]> {
  const { rows } = await client.query<Value[]>({ ...asRows(text, values), name: '' });
  return rows;
}

const asRows = (text: string, values: readonly unknown[]) => ({
  text,
  values: [...values],
  rowMode: 'array' as const,
  types: AS_TEXT,
});

/** What a change of a table makes of a statement that was prepared before, when a column has another type. */
const PLAN_CHANGED = /cached plan must not change result type/;
/** How often that was the case, by the text of the statement. */
const changes = new Map<string, number>();
const names = new Map<string, string>();

/**
 * The same for one of few texts, which Postgres keeps prepared for as long as the connection: texts that clients make up would fill its
 * memory. Outside of transactions.
 */
export async function queryPrepared(pool: Queryable, { text, values }: Statement): Promise<Row[]> {
  const times = changes.get(text) ?? 0;
  // A text of its own is prepared anew.
  const asked = times === 0 ? text : `${text} /* ${times} */`;
  const name = names.get(asked) ?? statementName(asked);
  names.set(asked, name);
  try {
    return (await pool.query<Value[]>({ ...asRows(asked, values), name })).rows;
  } catch (error) {
    if (!PLAN_CHANGED.test(databaseError(error)?.message ?? '')) throw error;
    changes.set(text, times + 1);
    return queryRows(pool, { text, values });
  }
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
  const { $client } = db;
  const [row] =
    select === selectWhole(shape) && $client instanceof pg.Pool
      ? await queryPrepared($client, { text: wholeText(shape), values: key })
      : await queryRows($client, { text: oneText(shape, select), values: key });
  return row === undefined ? undefined : storedRecord(shape, row);
}

/** Made once for whole records, which are asked for again and again. */
const wholeTexts = new WeakMap<RecordShape, string>();

function wholeText(shape: RecordShape): string {
  const text = wholeTexts.get(shape) ?? oneText(shape, selectWhole(shape));
  wholeTexts.set(shape, text);
  return text;
}

function oneText(shape: RecordShape, select: readonly Selected[]): string {
  const leaves = leavesOf(select);
  const where = shape.key.map((column, at) => `${columnSql(column)} = $${at + 1}::${column.sqlType}`);
  return `SELECT ${[...leaves.map(columnSql), ...identifying(shape)].join(', ')} ${fromSql(shape, [...leaves, ...linkColumns(shape)])} WHERE ${where.join(' AND ')}`;
}

/** The whole record of each key, in their order; undefined where there is none. */
export async function findEach(
  db: Connection,
  shape: RecordShape,
  keys: readonly RecordKey[],
): Promise<(StoredRecord | undefined)[]> {
  const text = eachTexts.get(shape) ?? eachText(shape, selectWhole(shape));
  eachTexts.set(shape, text);
  const values = shape.key.map((_, at) => keys.map((key) => key[at]));
  const found: (StoredRecord | undefined)[] = keys.map(() => undefined);
  for (const [at, ...row] of await queryPrepared(db.$client, { text, values }))
    found[Number(at) - 1] = storedRecord(shape, row);
  return found;
}

const eachTexts = new WeakMap<RecordShape, string>();

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
  const rows = await queryRows(tx.$client, { text, values: parameters.values });
  return rows.map((row) => storedRecord(shape, row));
}

export interface RecordPage {
  /** Of `leavesOf(select)`; more may stand behind them. */
  readonly rows: readonly Row[];
  /** The values of the order's columns of the last row, when there are more behind it. */
  readonly next: Row | undefined;
  readonly count: number | undefined;
}

/** Pages of these sizes are asked for again and again. */
const USUAL_LIMITS = new Set([10, 20, 25, 50, 100, 200, 250, 500, 1000]);

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
  const isUsual = query.select === selectWhole(shape) && USUAL_LIMITS.has(query.limit);
  try {
    if (isByKey && count === 'none') {
      const rows = await (isUsual ? queryPrepared : queryRows)(db.$client, statement);
      return pageOfRows(query, statement, rows, undefined);
    }
    return await bounded(db, timeoutMs, async (tx) => {
      const rows = await queryRows(tx.$client, statement);
      const counted = count === 'none' ? undefined : await countRecords(tx, shape, query, count);
      return pageOfRows(query, statement, rows, counted);
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
  { limit }: PageQuery,
  { orderAt }: PageStatement,
  rows: readonly Row[],
  count: number | undefined,
): RecordPage {
  if (rows.length <= limit) return { rows, next: undefined, count };
  const last = rows[limit - 1]!;
  return { rows: rows.slice(0, limit), next: orderAt.map((at) => last[at]!), count };
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
