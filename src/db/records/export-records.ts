// All records of a query as a stream: as Postgres' own CSV, which it writes itself, or row by row.
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import type { ExportQuery, Selected } from '../../core/records/query.ts';
import type { RecordColumn, RecordShape } from '../../core/records/record-shape.ts';
import { leavesOf } from '../../core/records/write-record.ts';
import { identifier } from '../identifiers.ts';
import { queryRows, type Row } from './read-records.ts';
import { columnSql, orderSql, rowsStatement, settingsStatement, SettingParameters } from './select-sql.ts';

const ROWS_PER_FETCH = 1000;

/** Within a transaction of its own on the connection, which stays busy until the rows are read or left. */
async function begin(
  client: pg.ClientBase,
  shape: RecordShape,
  { where, order }: ExportQuery,
  columns: readonly RecordColumn[],
  expressions: readonly string[],
): Promise<string> {
  const parameters = new SettingParameters();
  const { text } = rowsStatement(
    shape,
    { where },
    [...columns, ...(order ?? []).map(({ column }) => column)],
    expressions,
    parameters,
  );
  // To compile the expressions costs more than it saves.
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL jit = off');
  const settings = settingsStatement(parameters);
  if (settings !== undefined) await queryRows(client, settings);
  await client.query('SET TRANSACTION READ ONLY');
  return order === undefined ? text : `${text} ORDER BY ${orderSql(order)}`;
}

/** The records some at a time, each as the values of `leavesOf(select)`. */
export async function* readAll(
  client: pg.ClientBase,
  shape: RecordShape,
  query: ExportQuery,
): AsyncGenerator<Row[]> {
  const leaves = leavesOf(query.select);
  try {
    const text = await begin(client, shape, query, leaves, leaves.map(columnSql));
    await client.query(`DECLARE records NO SCROLL CURSOR FOR ${text}`);
    for (;;) {
      const rows = await queryRows(client, { text: `FETCH ${ROWS_PER_FETCH} FROM records`, values: [] });
      if (rows.length > 0) yield rows;
      if (rows.length < ROWS_PER_FETCH) return;
    }
  } finally {
    // A lost connection cannot answer.
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/**
 * How many records there are, counted to `most` + 1, and the longest value of each column, in characters of Unicode.
 * @param columns of which the length is asked
 */
export async function measureAll(
  client: pg.ClientBase,
  shape: RecordShape,
  query: ExportQuery,
  columns: readonly RecordColumn[],
  most: number,
): Promise<{ readonly records: number; readonly longest: readonly number[] }> {
  const lengths = columns.map((column, at) => `char_length(${columnSql(column)}::text) AS length_${at}`);
  try {
    const unordered = { ...query, order: undefined };
    const text = await begin(client, shape, unordered, columns, ['1 AS one', ...lengths]);
    const longest = columns.map((_, at) => `coalesce(max(length_${at}), 0)`);
    const [row] = await queryRows(client, {
      text: `SELECT ${['count(*)', ...longest].join(', ')} FROM (${text} LIMIT ${most + 1}) AS measured`,
      values: [],
    });
    const [records = 0, ...found] = row!.map(Number);
    return { records, longest: found };
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/** COPY writes `t` and `f`, which only `dialect=postgres-csv` reads; it reads `true` and `false` too. */
function plain(column: RecordColumn): string {
  const name = columnSql(column);
  return column.kind === 'boolean' ? `${name}::text` : name;
}

/** A column of a file that has one for each leaf. */
export interface FlatColumn {
  readonly column: RecordColumn;
  /** Linked columns have their own names; the `id` of a link is told from the record's. */
  readonly name: string;
  /** Its place among `leavesOf(select)`. */
  readonly at: number;
}

export function flatColumns(select: readonly Selected[]): FlatColumn[] {
  let next = 0;
  return select.flatMap((selected) => {
    if ('column' in selected) return [{ column: selected.column, name: selected.column.name, at: next++ }];
    // The link's own id comes first.
    next++;
    return selected.columns.map((column) => ({
      column,
      name: column.readOnly ? `${selected.link.table}.${column.name}` : column.name,
      at: next++,
    }));
  });
}

/**
 * The CSV of `COPY … (FORMAT csv, HEADER)`: an empty cell is NULL, `""` the empty text. The caller rolls the transaction back when the
 * stream has ended.
 */
export async function copyRecords(
  client: pg.ClientBase,
  shape: RecordShape,
  query: ExportQuery,
): Promise<ReturnType<typeof copyTo>> {
  const flat = flatColumns(query.select);
  const columns = flat.map(({ column }) => column);
  const expressions = flat.map(({ column, name }) => `${plain(column)} AS ${identifier(name)}`);
  const text = await begin(client, shape, query, columns, expressions);
  return client.query(copyTo(`COPY (${text}) TO STDOUT WITH (FORMAT csv, HEADER)`));
}
