// Tables that exist: what the catalog has of them, and the tables beside them that know who brought which row.
import {
  changesOf,
  misfitsOf,
  nameOf,
  rowKeyOf,
  type ExistingTable,
  type TableChange,
} from '../../core/dataset/tables/existing-table.ts';
import { DEFAULT_SCHEMA } from '../../core/dataset/tables/landing-tables.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { AppError } from '../../errors.ts';
import { identifier, qualifiedName, tableName, type TableName } from '../identifiers.ts';
import { existingTables } from '../schema/datasets.ts';
import type { Tx } from '../transaction.ts';
import { wrongLookups } from './lookups.ts';
import { readExistingTable } from './read-existing-table.ts';

/** Where the tables beside are. */
const SCHEMA = 'sluice_provenance';

/** The table beside a table that exists; see migrations for its columns. */
export interface Provenance {
  /** SQL name. */
  readonly table: string;
  /** Columns of the table that exists which tell its rows apart; beside, they are `key_1`, `key_2` … */
  readonly key: readonly string[];
  /** Of rows on their way: a sequence has numbered a column of their keys, so that no two have the same. */
  readonly isNumbered?: boolean;
  /** An INSERT into it cannot tell the version of its rows. */
  readonly isPartitioned: boolean;
}

export function isExisting({ target }: Dataset): boolean {
  return target.existing === true;
}

export function targetOf({ target }: Dataset): TableName {
  return { schema: target.schema ?? DEFAULT_SCHEMA, table: target.table };
}

/** The names that the columns of a key have beside the table. */
export function sideKeys({ key }: Provenance): string[] {
  return key.map((_, at) => `key_${at + 1}`);
}

/** SQL: whether the row `side` beside the table is that of the row `row` of the table. */
export function isSameRow({ key }: Pick<Provenance, 'key'>, side: string, row: string): string {
  return key.map((column, at) => `${side}.key_${at + 1} = ${row}.${identifier(column)}`).join(' AND ');
}

/** @throws AppError DATASET_INCOMPATIBLE when there is no such table */
export async function requireTable(tx: Tx, dataset: Dataset): Promise<ExistingTable> {
  const found = await readExistingTable(tx, targetOf(dataset));
  if (found !== undefined) return found;
  const { schema, table } = targetOf(dataset);
  throw new AppError(
    'DATASET_INCOMPATIBLE',
    `There is no table ${nameOf({ schema, name: table })}, which dataset "${dataset.name}" lands in as it is. Make the table. For one that Sluice makes, name its fields ("schema"), leave "existing" out, and say "schema" and "table" of the target apart.`,
    { dataset: dataset.name },
  );
}

/** A sentence for each thing that keeps the dataset's rows from landing. @throws AppError DATASET_INCOMPATIBLE when there is no such table */
export async function findMisfits(tx: Tx, dataset: Dataset): Promise<string[]> {
  const table = await requireTable(tx, dataset);
  const lost = await wouldLose(tx, dataset, table);
  return [
    ...misfitsOf(dataset, table),
    ...(await wrongLookups(tx, dataset, table)).map(({ detail }) => detail),
    ...lost,
  ];
}

/** By another key it is not known any more who brought the rows that are there. */
async function wouldLose(tx: Tx, dataset: Dataset, now: ExistingTable): Promise<string[]> {
  const known = await findKnown(tx, targetOf(dataset));
  const key = rowKeyOf(now);
  if (known === undefined || key === undefined || known.key.join('\n') === key.join('\n')) return [];
  if (!(await exists(tx, known.table))) return [];
  const { rows } = await tx.$client.query(`SELECT FROM ${known.table} LIMIT 1`);
  if (rows.length === 0) return [];
  return [
    `Rows of table ${nameOf(now)} were known by (${known.key.join(', ')}), and are by (${key.join(', ')}) now, so that it would be lost who brought those that are there, and their imports could not be taken back. ` +
      `Give the table its key back, or say that this may be lost (DROP TABLE ${known.table}).`,
  ];
}

async function exists(tx: Tx, table: string): Promise<boolean> {
  const { rows } = await tx.$client.query<{ found: boolean }>('SELECT to_regclass($1) IS NOT NULL AS found', [
    table,
  ]);
  return rows[0]!.found;
}

/** Statements that make the table beside the dataset's, or fit it; none when it fits. */
export async function planProvenance(tx: Tx, dataset: Dataset): Promise<string[]> {
  const name = targetOf(dataset);
  const now = await requireTable(tx, dataset);
  const known = await findKnown(tx, name);
  const key = rowKeyOf(now) ?? [];
  if (known === undefined) return createProvenance(name, qualifiedName(sideTable(await nextId(tx))), key);
  if (known.key.join('\n') !== key.join('\n'))
    return [`DROP TABLE IF EXISTS ${known.table}`, ...createProvenance(name, known.table, key)];
  if (!(await exists(tx, known.table))) return createProvenance(name, known.table, key);
  const typeOf = (table: ExistingTable, column: string): string =>
    table.columns.find((each) => each.name === column)!.type;
  return key.flatMap((column, at) =>
    typeOf(known.asRead, column) === typeOf(now, column)
      ? []
      : `ALTER TABLE ${known.table} ALTER COLUMN key_${at + 1} TYPE ${typeOf(now, column)} USING key_${at + 1}::text::${typeOf(now, column)}`,
  );
}

/** The number that a table which is not known yet gets, if nobody else is quicker. */
async function nextId(tx: Tx): Promise<number> {
  const { rows } = await tx.$client.query<{ id: number }>(
    `SELECT (coalesce(pg_sequence_last_value(pg_get_serial_sequence($1, 'id')::regclass), 0) + 1)::int AS id`,
    [tableName(existingTables)],
  );
  return rows[0]!.id;
}

/**
 * Notes how the table is now, and makes the table beside it. What is there already stays, unless the rows of the table are told apart by
 * other columns than before.
 * @returns whether anything was made or changed beside the table
 */
export async function takeTableAsItIs(tx: Tx, dataset: Dataset): Promise<boolean> {
  const name = targetOf(dataset);
  const now = await requireTable(tx, dataset);
  const planned = await planProvenance(tx, dataset);
  const isKnown = (await findKnown(tx, name)) !== undefined;
  const { rows } = await tx.$client.query<{ id: number }>(
    `INSERT INTO ${tableName(existingTables)} (schema_name, table_name, as_read) VALUES ($1, $2, $3)
     ON CONFLICT (schema_name, table_name) DO UPDATE SET as_read = excluded.as_read RETURNING id`,
    [name.schema, name.table, JSON.stringify(now)],
  );
  const statements = isKnown
    ? planned
    : createProvenance(name, qualifiedName(sideTable(rows[0]!.id)), rowKeyOf(now) ?? []);
  for (const statement of statements) await tx.$client.query(statement);
  return statements.length > 0;
}

function createProvenance(name: TableName, table: string, key: readonly string[]): string[] {
  const keys = key.map((column, at) => `${identifier(column)} AS key_${at + 1}`);
  const names = key.map((_, at) => `key_${at + 1}`);
  return [
    // As a query the columns have the types and the collations of the table's.
    `CREATE TABLE ${table} AS SELECT ${keys.join(', ')} FROM ${qualifiedName(name)} WITH NO DATA`,
    `ALTER TABLE ${table}
       ADD COLUMN id uuid PRIMARY KEY,
       ADD COLUMN import_id uuid,
       ADD COLUMN import_row bigint,
       ADD COLUMN version xid,
       ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
       ADD COLUMN created_by uuid,
       ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
       ADD COLUMN updated_by uuid,
       ADD UNIQUE (${names.join(', ')})`,
    `CREATE INDEX ON ${table} USING brin (import_id)`,
    `COMMENT ON TABLE ${table} IS ${literal(`Who brought the rows of ${qualifiedName(name)}`)}`,
  ];
}

/**
 * Drops the table beside the dataset's, and what is known of that.
 * @param withRows also when it knows of rows: who brought them is lost then, and their imports cannot be taken back
 * @returns the names of the tables that were dropped
 */
export async function dropProvenance(tx: Tx, dataset: Dataset, withRows: boolean): Promise<string[]> {
  const name = targetOf(dataset);
  const known = await findKnown(tx, name);
  if (known === undefined) return [];
  const isThere = await exists(tx, known.table);
  if (isThere && !withRows) {
    const { rows } = await tx.$client.query(`SELECT FROM ${known.table} LIMIT 1`);
    if (rows.length > 0) return [];
  }
  if (isThere) await tx.$client.query(`DROP TABLE ${known.table}`);
  await tx.$client.query(
    `DELETE FROM ${tableName(existingTables)} WHERE schema_name = $1 AND table_name = $2`,
    [name.schema, name.table],
  );
  return isThere ? [known.table] : [];
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function sideTable(id: number): TableName {
  return { schema: SCHEMA, table: `rows_${id}` };
}

interface Known extends Provenance {
  /** The table as it was when the dataset was applied. */
  readonly asRead: ExistingTable;
}

async function findKnown(tx: Tx, { schema, table }: TableName): Promise<Known | undefined> {
  const { rows } = await tx.$client.query<{ id: number; asRead: ExistingTable }>(
    `SELECT id, as_read AS "asRead" FROM ${tableName(existingTables)} WHERE schema_name = $1 AND table_name = $2`,
    [schema, table],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  const key = rowKeyOf(found.asRead) ?? [];
  return {
    table: qualifiedName(sideTable(found.id)),
    key,
    isPartitioned: found.asRead.isPartitioned,
    asRead: found.asRead,
  };
}

/** The table beside a table that exists. @throws Error when no dataset over it was applied */
export async function requireProvenance(tx: Tx, name: TableName): Promise<Known> {
  const known = await findKnown(tx, name);
  if (known === undefined)
    throw new Error(
      `No dataset over table ${qualifiedName(name)} was applied. Apply the datasets again ("sluice datasets apply").`,
    );
  return known;
}

/**
 * How the table and those that its lookups need differ from what they were when the dataset was applied, as far as the dataset's rows are
 * concerned; empty: in nothing.
 */
export async function findChanges(tx: Tx, dataset: Dataset): Promise<TableChange[]> {
  if (!isExisting(dataset)) return wrongLookups(tx, dataset);
  const known = await findKnown(tx, targetOf(dataset));
  const now = await readExistingTable(tx, targetOf(dataset));
  const { schema, table } = targetOf(dataset);
  const named = `Table ${nameOf({ schema, name: table })}`;
  if (now === undefined) return [{ pointer: '/target', detail: `${named} is gone.` }];
  if (known === undefined)
    return [{ pointer: '/target', detail: `${named} is not known: no dataset over it is applied.` }];
  return [
    ...now.obstacles.map((detail) => ({ pointer: '/target', detail })),
    ...changesOf(known.asRead, now, dataset),
    ...(await wrongLookups(tx, dataset, now)),
  ];
}
