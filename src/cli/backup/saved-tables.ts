// Which tables a backup has, and in which order they can be filled again.
import type pg from 'pg';
import { rowKeyOf, type ExistingTable } from '../../core/dataset/tables/existing-table.ts';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { isSameRow, type Provenance } from '../../db/datasets/existing-tables.ts';
import { columnList, qualifiedName } from '../../db/identifiers.ts';
import { AppError } from '../../errors.ts';

/** Of Sluice's own, those that `sluice migrate` fills. */
const OF_MIGRATIONS = ['migrations', 'schema_info'];
/** In the place of a row's version beside a table that exists: it is as Sluice has left it, or it is not. No row has these. */
export const AS_LEFT = '1';
const CHANGED = '0';

/** A table of the database. */
export interface FoundTable {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  readonly kind: 'r' | 'p';
  readonly columns: readonly string[];
}

/** Tables that exist, by the name of the table beside them. */
type Beside = ReadonlyMap<string, { readonly name: string; readonly provenance: Pick<Provenance, 'key'> }>;

/** Sluice's own tables and those that datasets land in, each after those that it refers to. */
export async function listTables(client: pg.ClientBase, datasets: readonly Dataset[]): Promise<FoundTable[]> {
  const landing = datasets.flatMap(landingTables);
  const { rows } = await client.query<FoundTable>(
    `SELECT c.oid, n.nspname AS schema, c.relname AS table, c.relkind AS kind,
            ARRAY(SELECT attname::text FROM pg_attribute
                   WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum) AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p')
        AND (n.nspname = 'sluice' AND c.relname <> ALL ($1) OR n.nspname = 'sluice_provenance'
             OR (n.nspname, c.relname) IN (SELECT * FROM unnest($2::text[], $3::text[])))
      ORDER BY n.nspname, c.relname`,
    [OF_MIGRATIONS, landing.map(({ schema }) => schema), landing.map(({ table }) => table)],
  );
  const references = await client.query<{ from: number; to: number }>(
    `SELECT conrelid AS from, confrelid AS to FROM pg_constraint
      WHERE contype = 'f' AND conrelid = ANY ($1) AND confrelid = ANY ($1) AND conrelid <> confrelid`,
    [rows.map(({ oid }) => oid)],
  );
  return inOrder(rows, references.rows);
}

function inOrder(
  tables: readonly FoundTable[],
  references: readonly { from: number; to: number }[],
): FoundTable[] {
  const ordered = new Set<FoundTable>();
  while (ordered.size < tables.length) {
    const done = new Set([...ordered].map(({ oid }) => oid));
    const next = tables.filter(
      (table) =>
        !ordered.has(table) && references.every(({ from, to }) => from !== table.oid || done.has(to)),
    );
    if (next.length === 0) throw circle(tables.filter((table) => !ordered.has(table)));
    for (const table of next) ordered.add(table);
  }
  return [...ordered];
}

function circle(tables: readonly FoundTable[]): AppError {
  return new AppError(
    'CONFLICT',
    `Tables refer to each other in a circle (${tables.map(qualifiedName).join(', ')}), so none of them can be filled first. Back up the whole database with pg_dump, and the files with "sluice backup --storage-only".`,
  );
}

/** SQL of all rows of a table, as they are to be saved. */
export function rowsOf(table: FoundTable, beside: Beside): string {
  const { kind, columns } = table;
  const own = beside.get(qualifiedName(table));
  const from = `FROM ${kind === 'r' ? 'ONLY ' : ''}${qualifiedName(table)} AS s`;
  if (own === undefined) return `SELECT ${columnList(columns)} ${from}`;
  const isAsLeft = `s.version = (SELECT t.xmin FROM ${own.name} AS t WHERE ${isSameRow(own.provenance, 's', 't')})`;
  // The number of the transaction that has written a row is another one in another database.
  const version = `CASE WHEN s.version IS NOT NULL THEN CASE WHEN ${isAsLeft} THEN '${AS_LEFT}'::xid ELSE '${CHANGED}'::xid END END`;
  const selected = columns.map((column) =>
    column === 'version' ? `${version} AS version` : columnList([column]),
  );
  return `SELECT ${selected.join(', ')} ${from}`;
}

/** Of the tables beside tables that exist, whose rows they know. */
export async function listBeside(client: pg.ClientBase): Promise<Beside> {
  const { rows } = await client.query<{ id: number; schema: string; table: string; asRead: ExistingTable }>(
    `SELECT id, schema_name AS schema, table_name AS table, as_read AS "asRead" FROM sluice.existing_tables
      WHERE to_regclass(format('%I.%I', schema_name, table_name)) IS NOT NULL`,
  );
  return new Map(
    rows.map(({ id, schema, table, asRead }) => [
      qualifiedName({ schema: 'sluice_provenance', table: `rows_${id}` }),
      { name: qualifiedName({ schema, table }), provenance: { key: rowKeyOf(asRead) ?? [] } },
    ]),
  );
}
