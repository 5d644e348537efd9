// What the database has of the tables of a dataset: read from the catalog, nothing is changed.
import {
  UPDATE_TRIGGER,
  type ActualColumn,
  type ActualTable,
} from '../../core/dataset/tables/diff-tables.ts';
import { DEFAULT_SCHEMA } from '../../core/dataset/tables/landing-tables.ts';
import { TIME_COLUMNS, type PlannedTable } from '../../core/dataset/tables/table-plan.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { AppError } from '../../errors.ts';
import { qualifiedName } from '../identifiers.ts';
import type { CopyTarget } from '../landing/copy.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** Those of the tables that exist, as the catalog has them. */
export async function readTables(
  tx: Tx,
  names: readonly (TableName | PlannedTable)[],
): Promise<ActualTable[]> {
  const tables: ActualTable[] = [];
  for (const { schema, name } of names) {
    const oid = await findTable(tx, { schema, name });
    if (oid === undefined) continue;
    const indexes = await readIndexes(tx, oid);
    tables.push({
      schema,
      name,
      columns: await readColumns(tx, oid),
      primaryKey: indexes.find(({ primary }) => primary)?.columns ?? [],
      indexes,
      hasRows: await hasRows(tx, { schema, name }),
      notesUpdates: await notesUpdates(tx, oid),
    });
  }
  return tables;
}

/**
 * True when all of the tables exist and give a new row its times by themselves, so that rows can come without.
 * Takes no lock on them: a default names no column, so its text can be had without its table (the 0).
 */
export async function fillTimes(
  tx: Tx,
  tables: readonly Pick<CopyTarget, 'schema' | 'table'>[],
): Promise<boolean> {
  const { rows } = await tx.$client.query<{ filled: boolean }>(
    `SELECT count(*) = $3 AS filled
       FROM unnest($1::text[], $2::text[]) AS t (schema, name)
       JOIN pg_namespace n ON n.nspname = t.schema
       JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = ANY ($4)
       JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) END IN ('now()', 'CURRENT_TIMESTAMP')`,
    [
      tables.map(({ schema }) => schema),
      tables.map(({ table }) => table),
      tables.length * TIME_COLUMNS.length,
      TIME_COLUMNS,
    ],
  );
  return rows[0]!.filled;
}

/** Whether the dataset's table has a unique index on exactly the columns of its primary key. */
export async function hasUniqueKey(db: Connection, { schema, target }: Dataset): Promise<boolean> {
  const { primaryKey = [] } = schema;
  return inTransaction(db, async (tx) => {
    const table = await findTable(tx, { schema: target.schema ?? DEFAULT_SCHEMA, name: target.table });
    const indexes = table === undefined ? [] : await readIndexes(tx, table);
    return indexes.some(
      ({ unique, columns }) =>
        unique &&
        columns.length === primaryKey.length &&
        primaryKey.every((column) => columns.includes(column)),
    );
  });
}

async function findTable(tx: Tx, { schema, name }: TableName): Promise<number | undefined> {
  const { rows } = await tx.$client.query<{ oid: number; kind: string }>(
    `SELECT c.oid, c.relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, name],
  );
  const [found] = rows;
  // Ordinary and partitioned tables; rows cannot be copied into a view.
  if (found !== undefined && found.kind !== 'r' && found.kind !== 'p')
    throw new AppError(
      'DATASET_INCOMPATIBLE',
      `"${name}" in schema "${schema}" is not a table, so rows cannot land in it.`,
      {
        table: name,
      },
    );
  return found?.oid;
}

async function readColumns(tx: Tx, table: number): Promise<ActualColumn[]> {
  const { rows } = await tx.$client.query<
    Omit<ActualColumn, 'filledBy'> & { filledBy: 'identity' | 'generated' | null }
  >(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, NOT attnotnull AS nullable,
            (atthasdef OR attidentity <> '') AS "hasDefault",
            CASE WHEN attidentity = 'a' THEN 'identity' WHEN attgenerated <> '' THEN 'generated' END AS "filledBy"
       FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table],
  );
  return rows.map(({ filledBy, ...column }) => ({
    ...column,
    ...(filledBy === null ? {} : { filledBy }),
    type: shortType(column.type),
  }));
}

/** The short names that plans use, for the long ones of the catalog. */
function shortType(type: string): string {
  return type
    .replace(/^character varying/, 'varchar')
    .replace(/^timestamp(\(\d+\))? with time zone$/, 'timestamptz$1')
    .replace(/^time(\(\d+\))? without time zone$/, 'time$1');
}

interface ActualIndex {
  readonly columns: string[];
  readonly unique: boolean;
  readonly primary: boolean;
}

/** Partial and expression indexes are left out: they neither keep all rows unique nor find them. */
async function readIndexes(tx: Tx, table: number): Promise<ActualIndex[]> {
  const { rows } = await tx.$client.query<ActualIndex>(
    `SELECT i.indisunique AS unique, i.indisprimary AS primary,
            ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, at)
                    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                   WHERE k.at <= i.indnkeyatts ORDER BY k.at) AS columns
       FROM pg_index i WHERE i.indrelid = $1 AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL`,
    [table],
  );
  return rows;
}

async function hasRows(tx: Tx, { schema, name }: TableName): Promise<boolean> {
  const { rows } = await tx.$client.query<{ found: boolean }>(
    `SELECT EXISTS (SELECT FROM ${qualifiedName({ schema, table: name })}) AS found`,
  );
  return rows[0]!.found;
}

async function notesUpdates(tx: Tx, table: number): Promise<boolean> {
  const { rows } = await tx.$client.query<{ notes: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = $1 AND tgname = $2) OR NOT has_table_privilege($1::oid, 'TRIGGER') AS notes`,
    [table, UPDATE_TRIGGER],
  );
  return rows[0]!.notes;
}
