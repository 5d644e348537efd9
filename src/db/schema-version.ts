// Whether the tables in the database are those this code was written for. The version of a schema is the number of its migrations.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { Queryable } from './connection.ts';
import { databaseError, isUnavailable, SQLSTATE } from './errors.ts';
import { packageFile } from '../package-files.ts';

const JOURNAL = packageFile('migrations/meta/_journal.json');
const RETRY_MS = 1000;
const NO_TABLES: readonly string[] = [SQLSTATE.undefinedTable, SQLSTATE.invalidSchemaName];

export interface SchemaState {
  /** The version in the database; 0 when it has no tables of Sluice. */
  readonly found: number;
  /** The version this code was written for. */
  readonly needed: number;
  /** Undefined when this code can work with what was found: a sentence on what is wrong and what to do. */
  readonly problem: string | undefined;
}

let needed: number | undefined;

/** Read once: the files may be those of a newer Sluice by the time they are read again. */
function neededVersion(): number {
  needed ??= (JSON.parse(readFileSync(JOURNAL, 'utf8')) as { entries: unknown[] }).entries.length;
  return needed;
}

export async function readSchemaState(db: Queryable): Promise<SchemaState> {
  const needed = neededVersion();
  const found = await foundVersion(db);
  const state = (problem?: string): SchemaState => ({ found, needed, problem });
  if (found === 0) return state('The database has no tables of Sluice yet. Run "sluice migrate".');
  if (found < needed)
    return state(
      `The database has version ${found} of Sluice's tables, and this Sluice needs version ${needed}. Run "sluice migrate".`,
    );
  if (found === needed || (await isCompatible(db, found, needed))) return state();
  return state(
    `The database has version ${found} of Sluice's tables, and this Sluice knows only version ${needed}. Start the Sluice that has migrated the database, or a newer one.`,
  );
}

/** @throws AppError CONFIG_INVALID when this code cannot work with the tables in the database, with both versions */
export async function requireSchema(db: Queryable): Promise<void> {
  const { found, needed, problem } = await readSchemaState(db);
  if (problem !== undefined) throw new AppError('CONFIG_INVALID', problem, { found, needed });
}

/** As `requireSchema`; while Postgres is away it waits. @param check what is looked at before, and throws alike */
export async function waitForSchema(
  db: Queryable,
  check: () => Promise<void>,
  logger: Logger,
): Promise<void> {
  for (let told = false; ; told = true) {
    try {
      await check();
      return await requireSchema(db);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (!told) logger.warn('Postgres cannot be reached; trying again until it can');
      await delay(RETRY_MS);
    }
  }
}

async function foundVersion(db: Queryable): Promise<number> {
  try {
    const { rows } = await db.query<{ version: number }>(
      'SELECT count(*)::int AS version FROM sluice.migrations',
    );
    return rows[0]!.version;
  } catch (error) {
    if (NO_TABLES.includes(databaseError(error)?.code ?? '')) return 0;
    throw error;
  }
}

/** A migration that older code can live with says so by a row of its own; without one only its own code works with it. */
async function isCompatible(db: Queryable, found: number, needed: number): Promise<boolean> {
  const { rows } = await db.query<{ compatible_from: number }>(
    'SELECT compatible_from FROM sluice.schema_info WHERE version = $1',
    [found],
  );
  return rows.some((row) => row.compatible_from <= needed);
}
