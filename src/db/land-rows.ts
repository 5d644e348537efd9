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

/** A row that Postgres alone knew to be wrong. */
export interface RefusedRow {
  readonly row: number;
  readonly error: pg.DatabaseError;
}

/**
 * Lands the batch within the caller's transaction.
 * @returns the rows Postgres refused, ascending; all others have landed
 * @throws anything that is not about the rows themselves
 */
export async function landRows(client: pg.ClientBase, batch: RowBatch): Promise<RefusedRow[]> {
  if (batch.rows.length === 0) return [];
  const refused = await trySavepoint(client, async () => {
    for (const [at, table] of batch.tables.entries())
      await copyInto(client, qualifiedName(table), table.columns, batch.blocks[at]!);
  });
  return refused === undefined ? [] : landByHalves(client, batch);
}

/** Runs work that may break a rule of the data; takes it back and tells the error if it does. */
async function trySavepoint(
  client: pg.ClientBase,
  work: () => Promise<void>,
): Promise<pg.DatabaseError | undefined> {
  await client.query('SAVEPOINT rows');
  try {
    await work();
    await client.query('RELEASE SAVEPOINT rows');
    return undefined;
  } catch (error) {
    const cause = databaseError(error);
    if (cause === undefined || !isDataError(cause)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT rows');
    return cause;
  }
}

/** Puts the rows aside as text, then lands them range by range; a range that is refused is halved, down to the row. */
async function landByHalves(client: pg.ClientBase, batch: RowBatch): Promise<RefusedRow[]> {
  const inserts: string[] = [];
  for (const [at, table] of batch.tables.entries())
    inserts.push(await stageTable(client, table, `pg_temp.staged_${at}`, batch.blocks[at]!));

  const refused: RefusedRow[] = [];
  const land = async (from: number, to: number): Promise<void> => {
    if (from >= to) return;
    const error = await trySavepoint(client, async () => {
      for (const insert of inserts) await client.query(insert, [batch.rows[from], batch.rows[to - 1]]);
    });
    if (error === undefined) return;
    if (to - from === 1) {
      refused.push({ row: batch.rows[from]!, error });
      return;
    }
    const middle = (from + to) >>> 1;
    await land(from, middle);
    await land(middle, to);
  };
  await land(0, batch.rows.length);

  for (const at of batch.tables.keys()) await client.query(`DROP TABLE pg_temp.staged_${at}`);
  return refused;
}

/** @returns the INSERT that lands a range of rows ($1..$2) from the staged text */
async function stageTable(
  client: pg.ClientBase,
  table: CopyTarget,
  staged: string,
  blocks: readonly Buffer[],
): Promise<string> {
  const columns = table.columns.map(
    (column) => `${pg.escapeIdentifier(column)} ${column === 'import_row' ? 'bigint' : 'text'}`,
  );
  await client.query(
    `CREATE TEMP TABLE ${staged.replace('pg_temp.', '')} (${columns.join(', ')}) ON COMMIT DROP`,
  );
  await copyInto(client, staged, table.columns, blocks);
  await client.query(`CREATE INDEX ON ${staged} (import_row)`);
  await client.query(`ANALYZE ${staged}`);
  const types = await columnTypes(client, table);
  const values = table.columns.map(
    (column) => `CAST(${pg.escapeIdentifier(column)} AS ${types.get(column)})`,
  );
  return `INSERT INTO ${qualifiedName(table)} (${columnList(table.columns)})
          SELECT ${values.join(', ')} FROM ${staged} WHERE import_row BETWEEN $1 AND $2 ORDER BY import_row`;
}

/** Types without their length: a cast to varchar(n) would cut the value silently, the column refuses it. */
async function columnTypes(client: pg.ClientBase, table: CopyTarget): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `SELECT a.attname AS name, quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS type
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped`,
    [qualifiedName(table)],
  );
  return new Map(rows.map((row) => [row.name, row.type]));
}

/** Takes back every row of an import, the main table first, since it refers to the others. @returns rows of the main table */
export async function deleteImportedRows(
  client: pg.ClientBase,
  tables: readonly CopyTarget[],
  importId: string,
): Promise<number> {
  let main = 0;
  for (const [at, table] of [...tables].reverse().entries()) {
    const { rowCount } = await client.query(`DELETE FROM ${qualifiedName(table)} WHERE import_id = $1`, [
      importId,
    ]);
    if (at === 0) main = rowCount ?? 0;
  }
  return main;
}
