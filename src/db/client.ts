import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';
import type { Logger } from '../logger.ts';
import { openPool, type PostgresAddress, type Queryable } from './connection.ts';

/** Where a statement can go by itself: drizzle over a pool, over a connection, or over a transaction (`Tx`, db/transaction.ts). */
export type Database = Omit<NodePgDatabase, 'transaction'> & { readonly $client: Queryable };

export interface DatabaseClient {
  readonly db: Database;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** Opens a pool; the caller closes it. Connections that break while idle are logged and replaced. */
export function openDatabase(
  address: PostgresAddress,
  { name, ...options }: { name: string; max: number; logger: Logger },
): DatabaseClient {
  const pool = openPool(address, name, options);
  let closing: Promise<void> | undefined;
  return { db: drizzle(pool), pool, close: () => (closing ??= pool.end()) };
}
