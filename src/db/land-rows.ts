// Lands checked rows: one COPY for each table, and when Postgres refuses, the refused rows are told from the others.
import pg from 'pg';
import { columnList, copyInto, qualifiedName, type CopyTarget } from './copy.ts';
import { databaseError, isDataError } from './postgres-errors.ts';

/** Rows as COPY text, one list of blocks for each table; `rows` are their `import_row` numbers, ascending. */
export interface RowBatch {
  readonly tables: readonly CopyTarget[];
  readonly blocks: readonly (readonly Buffer[])[];
  readonly rows: readonly number[];
}

/** What Postgres says of a row it refuses; a text is empty where it says nothing. */
export interface Refusal {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail: string;
  readonly column: string;
}

/** A row that Postgres alone knew to be wrong. */
export interface RefusedRow {
  readonly row: number;
  readonly error: Refusal;
}

/**
 * Lands the batch within the caller's transaction.
 * @returns the rows Postgres refused, ascending; all others have landed
 * @throws anything that is not about the rows themselves
 */
export async function landRows(client: pg.ClientBase, batch: RowBatch): Promise<RefusedRow[]> {
  if (batch.rows.length === 0) return [];
  const landed = await trySavepoint(client, async () => {
    for (const [at, table] of batch.tables.entries())
      await copyInto(client, qualifiedName(table), table.columns, batch.blocks[at]!);
  });
  return landed ? [] : landByHalves(client, batch);
}

/** Does work that may break a rule of the data. @returns false when it did, and was taken back */
async function trySavepoint(client: pg.ClientBase, work: () => Promise<unknown>): Promise<boolean> {
  await client.query('SAVEPOINT rows');
  try {
    await work();
    await client.query('RELEASE SAVEPOINT rows');
    return true;
  } catch (error) {
    const cause = databaseError(error);
    if (cause === undefined || !isDataError(cause)) throw error;
    // A savepoint that is kept would be another level of nesting for each refusal.
    await client.query('ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows');
    return false;
  }
}

/** So few rows are landed one by one, without a word between them and us. */
const ROWS_LANDED_SINGLY = 256;

/** Puts the rows aside as text, then lands them range by range; a range that is refused is halved, in the end row by row. */
async function landByHalves(client: pg.ClientBase, batch: RowBatch): Promise<RefusedRow[]> {
  const staged: StagedTable[] = [];
  for (const [at, table] of batch.tables.entries())
    staged.push(await stageTable(client, table, `pg_temp.staged_${at}`, batch.blocks[at]!));
  await client.query(
    'CREATE TEMP TABLE refused (row bigint, code text, message text, detail text, "column" text) ON COMMIT DROP',
  );

  const land = async (rows: readonly number[]): Promise<void> => {
    const range = [rows[0]!, rows.at(-1)!] as const;
    const landed = await trySavepoint(client, async () => {
      for (const { insert } of staged) await client.query(insert('$1', '$2'), [...range]);
    });
    if (landed) return;
    if (rows.length <= ROWS_LANDED_SINGLY) return landSingly(client, staged, range);
    const middle = rows.length >>> 1;
    await land(rows.slice(0, middle));
    await land(rows.slice(middle));
  };
  await land(batch.rows);

  const { rows } = await client.query<Refusal & { row: string }>(
    'SELECT * FROM pg_temp.refused ORDER BY row',
  );
  await client.query(`DROP TABLE ${['pg_temp.refused', ...staged.map(({ name }) => name)].join(', ')}`);
  return rows.map(({ row, ...error }) => ({ row: Number(row), error }));
}

/**
 * Lands the rows of a range each by itself, inside Postgres: thousands that are refused (a file sent twice) would else be
 * as many round trips. The conditions are those of `isDataError`.
 */
async function landSingly(
  client: pg.ClientBase,
  staged: readonly StagedTable[],
  [first, last]: readonly [number, number],
): Promise<void> {
  const main = staged.at(-1)!.name;
  const body = `
    #variable_conflict use_column
    <<landing>>
    DECLARE place bigint; code text; message text; detail text; field text;
    BEGIN
      FOR place IN SELECT import_row FROM ${main} WHERE import_row BETWEEN ${first} AND ${last} ORDER BY import_row LOOP
        BEGIN
          ${staged.map(({ insert }) => `${insert('landing.place', 'landing.place')};`).join('\n')}
        EXCEPTION WHEN data_exception OR integrity_constraint_violation OR with_check_option_violation OR raise_exception THEN
          GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, field = COLUMN_NAME;
          INSERT INTO pg_temp.refused VALUES (landing.place, landing.code, landing.message, landing.detail, landing.field);
        END;
      END LOOP;
    END`;
  await client.query(`DO ${pg.escapeLiteral(body)}`);
}

interface StagedTable {
  readonly name: string;
  /** The INSERT that lands a range of rows; `first` and `last` are SQL. */
  readonly insert: (first: string, last: string) => string;
}

async function stageTable(
  client: pg.ClientBase,
  table: CopyTarget,
  name: string,
  blocks: readonly Buffer[],
): Promise<StagedTable> {
  const columns = table.columns.map(
    (column) => `${pg.escapeIdentifier(column)} ${column === 'import_row' ? 'bigint' : 'text'}`,
  );
  await client.query(
    `CREATE TEMP TABLE ${name.replace('pg_temp.', '')} (${columns.join(', ')}) ON COMMIT DROP`,
  );
  await copyInto(client, name, table.columns, blocks);
  await client.query(`CREATE INDEX ON ${name} (import_row)`);
  await client.query(`ANALYZE ${name}`);
  const types = await columnTypes(client, table);
  const values = table.columns.map(
    (column) => `CAST(${pg.escapeIdentifier(column)} AS ${types.get(column)})`,
  );
  const insert = `INSERT INTO ${qualifiedName(table)} (${columnList(table.columns)}) SELECT ${values.join(', ')} FROM ${name}`;
  return {
    name,
    insert: (first, last) => `${insert} WHERE import_row BETWEEN ${first} AND ${last} ORDER BY import_row`,
  };
}

/**
 * Types without their length, domains as what they are made of: a cast to varchar(n) or to a domain over it would cut the
 * value silently, the column refuses it.
 */
async function columnTypes(client: pg.ClientBase, table: CopyTarget): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `WITH RECURSIVE base AS (
       SELECT attname AS name, atttypid AS type FROM pg_attribute
        WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
       UNION ALL
       SELECT base.name, t.typbasetype FROM base JOIN pg_type t ON t.oid = base.type WHERE t.typtype = 'd')
     SELECT base.name, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS type
       FROM base JOIN pg_type t ON t.oid = base.type JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype <> 'd'`,
    [qualifiedName(table)],
  );
  return new Map(rows.map((row) => [row.name, row.type]));
}
