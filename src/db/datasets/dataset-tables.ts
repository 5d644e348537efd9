// Makes the tables of a dataset, or fits those that are there.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  diffTables,
  UPDATE_TRIGGER,
  type ActualColumn,
  type ActualTable,
  type TableDiff,
} from '../../core/dataset/tables/diff-tables.ts';
import { DEFAULT_SCHEMA, landingTables } from '../../core/dataset/tables/landing-tables.ts';
import { findMisfits, isExisting, planProvenance, takeTableAsItIs } from './existing-tables.ts';
import { planTables, TIME_COLUMNS, type PlannedTable } from '../../core/dataset/tables/table-plan.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { AppError } from '../../errors.ts';
import { isLockTimeout, isTransactionClash } from '../errors.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';
import type { CopyTarget } from '../landing/copy.ts';
import { qualifiedName } from '../identifiers.ts';

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** Two processes that start at once must not create one table twice. Any number that nobody else uses. */
const TABLES_LOCK = 7_312_055_001;

export interface ApplyOptions {
  /** How long a change waits for a table's lock, and others behind it, before it gives way. */
  readonly lockMs?: number;
  /** How often it is tried. */
  readonly attempts?: number;
  /** What is done in its transaction before the tables are looked at, or prevents the change by throwing. */
  readonly before?: (tx: Tx) => Promise<void>;
  /** What is done in its transaction after the change. */
  readonly after?: (tx: Tx, changed: ChangedTables) => Promise<void>;
}

/** Names of tables. */
export interface ChangedTables {
  readonly created: string[];
  readonly altered: string[];
}

const LOCK_MS = 200;
const ATTEMPTS = 20;

/**
 * Creates or alters the tables of a dataset, in one transaction: all of it or nothing. Does nothing when they fit. A change that does
 * not get its lock at once makes room for those who wait behind it, and is tried again.
 * @returns the names of the tables created and altered
 * @throws AppError DATASET_INCOMPATIBLE with a sentence for each difference that a person must decide; UNAVAILABLE with who holds a
 * table's lock when it was not to be had
 */
export async function applyTables(
  db: Connection,
  dataset: Dataset,
  { lockMs = LOCK_MS, attempts = ATTEMPTS, ...together }: ApplyOptions = {},
): Promise<ChangedTables> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyOnce(db, dataset, lockMs, together);
    } catch (error) {
      if (!isLockTimeout(error) && !isTransactionClash(error)) throw error;
      if (attempt >= attempts) throw await locked(db, dataset, error);
      // As long as it has waited: in that time those behind it have their turn.
      await sleep(lockMs);
    }
  }
}

async function applyOnce(
  db: Connection,
  dataset: Dataset,
  lockMs: number,
  { before, after }: Pick<ApplyOptions, 'before' | 'after'>,
): Promise<ChangedTables> {
  return inTransaction(db, async (tx) => {
    await lockTables(tx, lockMs);
    await before?.(tx);
    const { statements, conflicts, created, altered } = await diffOf(tx, dataset);
    if (conflicts.length > 0) throw incompatible(dataset, conflicts);
    if (isExisting(dataset)) await takeTableAsItIs(tx, dataset);
    else for (const statement of statements) await tx.$client.query(statement);
    const changed = { created: [...created], altered: [...altered] };
    await after?.(tx, changed);
    return changed;
  });
}

/** Who changes datasets and their tables takes turns, until the end of the transaction. @param lockMs how long to wait for each lock of a table */
export async function lockTables(tx: Tx, lockMs: number): Promise<void> {
  await tx.$client.query('SELECT pg_advisory_xact_lock($1)', [TABLES_LOCK]);
  // Nobody reads through the lock above, so it may take its time; the tables' are another matter.
  await tx.$client.query("SELECT set_config('lock_timeout', $1, true)", [`${lockMs}ms`]);
}

/** What `applyTables` would do. Changes nothing. */
export async function planChanges(db: Connection, dataset: Dataset): Promise<TableDiff> {
  return inTransaction(db, async (tx) => {
    await tx.$client.query('SET TRANSACTION READ ONLY');
    return diffOf(tx, dataset);
  });
}

async function diffOf(tx: Tx, dataset: Dataset): Promise<TableDiff> {
  if (isExisting(dataset)) {
    const conflicts = await findMisfits(tx, dataset);
    const statements = conflicts.length > 0 ? [] : await planProvenance(tx, dataset);
    return { statements, conflicts, created: [], altered: [] };
  }
  const wanted = planTables(dataset);
  const there = await readTables(tx, wanted);
  const diff = diffTables(wanted, there);
  const others = there.filter(isOfOthers);
  if (diff.conflicts.length === 0 || others.length === 0) return diff;
  return { statements: [], conflicts: others.map(saysOfOthers), created: [], altered: [] };
}

/** Sluice has not made it, nor has anybody prepared it for rows as Sluice lands them. */
function isOfOthers({ columns }: ActualTable): boolean {
  return !columns.some(({ name }) => name === 'import_id' || name === 'import_row');
}

function saysOfOthers({ schema, name }: ActualTable): string {
  return (
    `Table "${schema}"."${name}" is there, and was not made by Sluice. To land in it as it is, name it "${schema}.${name}" in "target" ` +
    `(or say "existing": true). For a table that Sluice makes, choose another name.`
  );
}

interface LockHolder {
  readonly table: string;
  readonly pid: number;
  readonly name: string;
  readonly since: Date;
}

async function locked(db: Connection, dataset: Dataset, cause: unknown): Promise<AppError> {
  const { rows } = await db.$client.query<LockHolder>(
    `SELECT DISTINCT ON (a.pid) c.relname AS table, a.pid, coalesce(nullif(a.application_name, ''), a.usename, '') AS name,
            coalesce(a.xact_start, a.query_start) AS since
       FROM pg_locks l
       JOIN pg_class c ON c.oid = l.relation
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_stat_activity a ON a.pid = l.pid
      WHERE l.granted AND l.pid <> pg_backend_pid() AND n.nspname = $1 AND c.relname = ANY ($2)
      ORDER BY a.pid`,
    [dataset.target.schema ?? DEFAULT_SCHEMA, landingTables(dataset).map(({ table }) => table)],
  );
  const holders = rows.map(
    ({ table, pid, name, since }) =>
      `process ${pid} of Postgres (${name}) has used table "${table}" since ${since.toISOString()}`,
  );
  return new AppError(
    'UNAVAILABLE',
    `The tables of dataset "${dataset.name}" must be changed, and others hold them: ${holders.join('; ') || 'they have just let go'}. ` +
      'Wait until these end, or end them (SELECT pg_terminate_backend(…)), and apply the datasets again.',
    { dataset: dataset.name, heldBy: rows.map(({ pid }) => pid) },
    { cause },
  );
}

function incompatible(dataset: Dataset, conflicts: readonly string[]): AppError {
  return new AppError(
    'DATASET_INCOMPATIBLE',
    `The tables in the database do not fit dataset "${dataset.name}". ${conflicts.join(' ')}`,
    { dataset: dataset.name },
    { errors: conflicts.map((detail) => ({ detail })) },
  );
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
