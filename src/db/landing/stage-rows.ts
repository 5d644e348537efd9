// Puts a batch of rows aside in temporary tables, where Postgres can be asked which of them it takes.
import { applyBisected, trySavepoint } from './refusals/bisect-rows.ts';
import { requireTypes } from './column-types.ts';
import { copyInto, type CopyTarget } from './copy.ts';
import { identifier, columnList, qualifiedName } from '../identifiers.ts';
import type { Provenance } from '../datasets/existing-tables.ts';
import { requireLookups } from '../datasets/lookups.ts';
import { lookUpAll } from './look-up.ts';
import { notRefused } from './refusals/refused-rows.ts';
import type { Tx } from '../transaction.ts';

/** Rows as COPY takes them: a list of blocks for each table, and how many rows they hold. The main table is the last. */
export interface RowBatch {
  readonly tables: readonly CopyTarget[];
  readonly blocks: readonly (readonly Buffer[])[];
  readonly rowCounts: readonly number[];
}

/** Rows on their way into a table. */
export interface StagedTable {
  readonly target: CopyTarget;
  /** SQL name of the table they are in: it has the target's columns, `import_row` among them, by the same names and types. */
  readonly staged: string;
  /**
   * Of a table that exists: where it is noted who brought its rows. The target's columns are then those of the table alone; the staged
   * table has those of PROVENANCE_COLUMNS too.
   */
  readonly provenance?: Provenance;
}

/**
 * Stages the batch; the rows whose values do not fit their column are recorded as refused. The caller drops the tables.
 * @throws ColumnsChanged
 */
export async function stageRows(tx: Tx, batch: RowBatch): Promise<StagedTable[]> {
  const tables = batch.tables.map((target, at): StagedTable => ({
    target,
    staged: `pg_temp.sluice_staged_${at}`,
  }));
  for (const { target, staged } of tables)
    // Types alone: LIKE would bring NOT NULL along.
    await tx.$client.query(
      `CREATE TEMP TABLE ${staged} ON COMMIT DROP AS
       SELECT ${columnList(target.columns)} FROM ${qualifiedName(target)} WITH NO DATA`,
    );
  // The tables are locked since they were read.
  await requireTypes(tx, batch.tables);
  const fits =
    !batch.tables.some(isLookedUp) &&
    (await trySavepoint(tx, async () => {
      for (const [at, { target, staged }] of tables.entries())
        await copyInto(tx, staged, target, batch.blocks[at]!);
    }));
  if (!fits) for (const [at, table] of tables.entries()) await stageLoosely(tx, table, batch.blocks[at]!);
  return tables;
}

/** Whether the rows bring values in the place of which others are to be found. */
export function isLookedUp({ lookups = [] }: CopyTarget): boolean {
  return lookups.length > 0;
}

/**
 * Some value does not fit its column, or is to be looked up: the rows come as text, or of types without a length, and are read into their
 * own inside Postgres.
 */
async function stageLoosely(
  tx: Tx,
  { target, staged }: StagedTable,
  blocks: readonly Buffer[],
): Promise<void> {
  const columns = target.columns.map(
    (column, at) =>
      `${identifier(column)} ${target.types?.[at] ?? (column === 'import_row' ? 'bigint' : 'text')}`,
  );
  const loose = 'pg_temp.sluice_staged_loose';
  await tx.$client.query(`CREATE TEMP TABLE ${loose} (${columns.join(', ')}) ON COMMIT DROP`);
  await copyInto(tx, loose, target, blocks);
  await tx.$client.query(`CREATE INDEX ON ${loose} (import_row); ANALYZE ${loose} (import_row)`);
  const types = await columnTypes(tx, target);
  const found = await lookUpAll(tx, loose, await requireLookups(tx, target.lookups ?? []));
  const values = target.columns.map(
    (column) => found.valueOf(column) ?? `CAST(s.${identifier(column)} AS ${types.get(column)})`,
  );
  const insert = `INSERT INTO ${staged} (${columnList(target.columns)}) SELECT ${values.join(', ')} FROM ${loose} AS s ${found.joins}`;
  await applyBisected(tx, loose, [
    (first, last) =>
      `${insert} WHERE s.import_row BETWEEN ${first} AND ${last} AND ${notRefused('s.import_row')} ORDER BY s.import_row`,
  ]);
  await tx.$client.query(`DROP TABLE ${loose}`);
}

/**
 * Types without their length, domains as what they are made of: a cast to varchar(n) or to a domain over it would cut the
 * value silently, the column refuses it.
 */
async function columnTypes(tx: Tx, table: CopyTarget): Promise<Map<string, string>> {
  const { rows } = await tx.$client.query<{ name: string; type: string }>(
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
