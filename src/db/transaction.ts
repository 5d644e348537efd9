import { drizzle } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type { Database } from './client.ts';
import * as schema from './schema.ts';

const databases = new WeakMap<pg.ClientBase, Database>();

/** Drizzle over one connection that the caller owns; the same at each call. */
export function databaseOn(client: pg.ClientBase): Database {
  const database = databases.get(client) ?? drizzle(client as pg.Client, { schema });
  databases.set(client, database);
  return database;
}

/** Runs `work`; what it has done stays only if `keep` says so of its result. Other failures end the transaction. */
export async function keepIf<T>(
  client: pg.ClientBase,
  work: () => Promise<T>,
  keep: (result: T) => boolean,
): Promise<T> {
  await client.query('SAVEPOINT work');
  const result = await work();
  await client.query(
    keep(result) ? 'RELEASE SAVEPOINT work' : 'ROLLBACK TO SAVEPOINT work; RELEASE SAVEPOINT work',
  );
  return result;
}

/**
 * Runs `work` between BEGIN and COMMIT; what it throws rolls back and flies on. Constraints are checked at once, never
 * at COMMIT, so that a bad row shows while it can still be told from the others.
 */
export async function inTransaction<T>(
  client: pg.ClientBase,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  await client.query('BEGIN; SET CONSTRAINTS ALL IMMEDIATE');
  try {
    const result = await work(databaseOn(client));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A lost connection cannot answer a ROLLBACK, and has rolled back already.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
