import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import * as schema from './schema.ts';

/** Drizzle over a pool, or over one connection inside `transaction`. */
export type Database = NodePgDatabase<typeof schema>;

export interface DatabaseClient {
  readonly db: Database;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

/** Postgres closes a session that leaves a transaction idle this long, so that a frozen process cannot hold its locks. */
const IDLE_IN_TRANSACTION_MS = 30_000;

/** Settings every connection of Sluice has. `name` shows in pg_stat_activity. */
export function connectionOptions(url: string, name: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: `sluice ${name}`,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    // Dates go to and fro as UTC text whatever the server's own zone.
    options: '-c timezone=UTC -c datestyle=ISO',
  };
}

/** Opens a pool; the caller closes it. Connections that break while idle are logged and replaced. */
export function openDatabase(
  url: string,
  options: { name: string; max: number; logger: Logger },
): DatabaseClient {
  const pool = new pg.Pool({ ...connectionOptions(url, options.name), max: options.max });
  pool.on('error', ({ message }) =>
    options.logger.warn({ reason: message }, 'an idle Postgres connection was lost'),
  );
  let closing: Promise<void> | undefined;
  return { db: drizzle(pool, { schema }), pool, close: () => (closing ??= pool.end()) };
}
