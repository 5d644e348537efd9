import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Database } from './client.ts';
import type { Queryable } from './connection.ts';
import { isTransactionClash } from './errors.ts';

declare const isOpen: unique symbol;

/**
 * A transaction that is open, given by `inTransaction` alone. What does several statements that belong together takes it and nothing
 * else, so that none of them can run outside: drizzle's builders, and `tx.$client.query` for SQL as text.
 */
export type Tx = Database & { readonly $client: pg.ClientBase; readonly [isOpen]: true };

/** Where a transaction can begin: a pool, or a connection that has none open. */
export type Connection = Database & { readonly [isOpen]?: never };

const databases = new WeakMap<Queryable, Database>();

/** Drizzle over a pool or a connection that the caller owns; the same at each call. */
export function databaseOn(client: Queryable): Database {
  const database = databases.get(client) ?? drizzle(client as pg.Client);
  databases.set(client, database);
  return database;
}

/**
 * Runs `work` between BEGIN and COMMIT, on a connection of the pool or on the one given; what it throws rolls back and flies on.
 * Constraints are checked at once, never at COMMIT, so that a bad row shows while it can still be told from the others.
 * @param first SQL without parameters that is sent along with BEGIN, which saves a round trip
 */
export async function inTransaction<T>(
  db: Connection,
  work: (tx: Tx) => Promise<T>,
  first?: string,
): Promise<T> {
  if (!(db.$client instanceof pg.Pool)) return transact(db.$client, work, first);
  const client = await db.$client.connect();
  try {
    return await transact(client, work, first);
  } finally {
    client.release();
  }
}

async function transact<T>(
  client: pg.ClientBase,
  work: (tx: Tx) => Promise<T>,
  first: string | undefined,
): Promise<T> {
  try {
    await client.query(
      ['BEGIN', 'SET CONSTRAINTS ALL IMMEDIATE', ...(first === undefined ? [] : [first])].join('; '),
    );
    const result = await work(databaseOn(client) as Tx);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A lost connection cannot answer a ROLLBACK, and has rolled back already.
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** Runs `work`; what it has done stays only if `keep` says so of its result. Other failures end the transaction. */
export async function keepIf<T>(tx: Tx, work: () => Promise<T>, keep: (result: T) => boolean): Promise<T> {
  await tx.$client.query('SAVEPOINT work');
  const result = await work();
  await tx.$client.query(
    keep(result) ? 'RELEASE SAVEPOINT work' : 'ROLLBACK TO SAVEPOINT work; RELEASE SAVEPOINT work',
  );
  return result;
}

/** Writers of the same rows in another order deadlock now and then, and the loser runs again; more often than this it is no accident. */
const MOST_CLASHES = 20;

/** Runs work that is one transaction, and again as long as it clashes with the transactions of others. */
export async function untilNoClash<T>(
  work: () => Promise<T>,
  isClash: (error: unknown) => boolean = isTransactionClash,
): Promise<T> {
  for (let clashes = 0; ; clashes++) {
    try {
      return await work();
    } catch (error) {
      if (!isClash(error) || clashes === MOST_CLASHES) throw error;
    }
  }
}
