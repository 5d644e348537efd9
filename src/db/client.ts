import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import { connectionOptions, PreparingClient, type Queryable } from './connection.ts';

/** Where a statement can go by itself: drizzle over a pool, over a connection, or over a transaction (`Tx`, db/transaction.ts). */
export type Database = Omit<NodePgDatabase, 'transaction'> & { readonly $client: Queryable };

export interface DatabaseClient {
  readonly db: Database;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** Opens a pool; the caller closes it. Connections that break while idle are logged and replaced. */
export function openDatabase(
  url: string,
  options: { name: string; max: number; logger: Logger },
): DatabaseClient {
  const pool = new pg.Pool({
    ...connectionOptions(url, options.name),
    max: options.max,
    Client: PreparingClient,
  });
  pool.on('error', ({ message }) =>
    options.logger.warn({ reason: message }, 'an idle Postgres connection was lost'),
  );
  // One that is in use tells by the query that fails; without a listener the event would end the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  let closing: Promise<void> | undefined;
  return { db: drizzle(pool), pool, close: () => (closing ??= pool.end()) };
}
