// Lands rows that wait in staging tables of the same column types; what Postgres refuses is told from the rest.
import pg from 'pg';
import { columnList, qualifiedName, type CopyTarget } from './copy.ts';
import type { Refusal, RefusedRow } from './land-rows.ts';
import { databaseError, isDataError } from './postgres-errors.ts';

export interface StagedTable {
  readonly target: CopyTarget;
  /** Quoted and qualified; has the target's columns, `import_row` among them. */
  readonly staged: string;
}

/** A statement for the rows of a range; `first` and `last` are SQL. */
export type RangeStatement = (first: string, last: string) => string;

/** Linked tables first. @returns how many rows were refused; see `readRefused` */
export async function landStaged(client: pg.ClientBase, tables: readonly StagedTable[]): Promise<number> {
  return applyByHalves(
    client,
    tables.at(-1)!.staged,
    tables.map(
      ({ target, staged }) =>
        (first, last) =>
          `INSERT INTO ${qualifiedName(target)} (${columnList(target.columns)})
           SELECT ${columnList(target.columns)} FROM ${staged} WHERE import_row BETWEEN ${first} AND ${last} ORDER BY import_row`,
    ),
  );
}

const ROWS_APPLIED_SINGLY = 256;

/** @param rowsIn has the rows' `import_row` */
export async function applyByHalves(
  client: pg.ClientBase,
  rowsIn: string,
  statements: readonly RangeStatement[],
): Promise<number> {
  await client.query(
    'CREATE TEMP TABLE IF NOT EXISTS refused (row bigint, code text, message text, detail text, "column" text) ON COMMIT DROP',
  );
  const bounds = await client.query<{ first: string | null; last: string | null }>(
    `SELECT min(import_row) AS first, max(import_row) AS last FROM ${rowsIn}`,
  );
  const { first, last } = bounds.rows[0]!;
  if (first === null || last === null) return 0;
  const before = await countRefused(client);

  const apply = async (from: number, to: number): Promise<void> => {
    await client.query('SAVEPOINT rows');
    try {
      for (const statement of statements) await client.query(statement(String(from), String(to)));
      await client.query('RELEASE SAVEPOINT rows');
      return;
    } catch (error) {
      const cause = databaseError(error);
      if (cause === undefined || !isDataError(cause)) throw error;
      await client.query('ROLLBACK TO SAVEPOINT rows; RELEASE SAVEPOINT rows');
    }
    if (to - from < ROWS_APPLIED_SINGLY) return applySingly(client, rowsIn, statements, from, to);
    const middle = Math.floor((from + to) / 2);
    await apply(from, middle);
    await apply(middle + 1, to);
  };
  await apply(Number(first), Number(last));
  return (await countRefused(client)) - before;
}

async function countRefused(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM pg_temp.refused');
  return Number(rows[0]!.count);
}

async function applySingly(
  client: pg.ClientBase,
  rowsIn: string,
  statements: readonly RangeStatement[],
  first: number,
  last: number,
): Promise<void> {
  const body = `
    #variable_conflict use_column
    <<landing>>
    DECLARE place bigint; code text; message text; detail text; field text;
    BEGIN
      FOR place IN SELECT import_row FROM ${rowsIn} WHERE import_row BETWEEN ${first} AND ${last} ORDER BY import_row LOOP
        BEGIN
          ${statements.map((statement) => `${statement('landing.place', 'landing.place')};`).join('\n')}
        EXCEPTION WHEN data_exception OR integrity_constraint_violation OR with_check_option_violation OR raise_exception THEN
          GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, field = COLUMN_NAME;
          INSERT INTO pg_temp.refused VALUES (landing.place, landing.code, landing.message, landing.detail, landing.field);
        END;
      END LOOP;
    END`;
  await client.query(`DO ${pg.escapeLiteral(body)}`);
}

/** The refused rows of a range, ascending. */
export async function readRefused(
  client: pg.ClientBase,
  firstRow: number,
  lastRow: number,
): Promise<RefusedRow[]> {
  const { rows } = await client.query<Refusal & { row: string }>(
    'SELECT * FROM pg_temp.refused WHERE row BETWEEN $1 AND $2 ORDER BY row',
    [firstRow, lastRow],
  );
  return rows.map(({ row, ...error }) => ({ row: Number(row), error }));
}
