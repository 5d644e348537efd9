// Makes the tables of a dataset, or fits those that are there.
import { setTimeout as sleep } from 'node:timers/promises';
import { diffTables, type ActualTable, type TableDiff } from '../../core/dataset/tables/diff-tables.ts';
import { DEFAULT_SCHEMA, landingTables } from '../../core/dataset/tables/landing-tables.ts';
import { findMisfits, isExisting, planProvenance, takeTableAsItIs } from './existing-tables.ts';
import { planTables } from '../../core/dataset/tables/table-plan.ts';
import type { Dataset } from '../../core/dataset/types.ts';
import { AppError } from '../../errors.ts';
import { isLockTimeout, isTransactionClash } from '../errors.ts';
import { inTransaction, type Connection, type Tx } from '../transaction.ts';
import { readTables } from './read-tables.ts';

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
