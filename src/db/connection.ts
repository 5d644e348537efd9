// Connections to Postgres as all of Sluice has them, for SQL as text. Threads that need no more do without drizzle (client.ts), which takes
// 25 MB in each.
import pg from 'pg';
import type { Config } from '../config/config.ts';
import type { Logger } from '../logger.ts';
import { SessionClient } from './session-client.ts';
import type { SettledConfig } from './settled-client.ts';
import { SharedClient } from './shared-client.ts';

/** What SQL as text is sent through: a pool, or one connection. */
export type Queryable = pg.Pool | pg.ClientBase;

/** Where Postgres is reached. */
export interface PostgresAddress {
  readonly url: string;
  /** A pooler in transaction mode stands before it: each transaction may have another session. */
  readonly isShared?: boolean;
}

export type Addresses = Pick<Config, 'databaseUrl' | 'databaseDirectUrl'>;

/** For statements and transactions that are soon done and need nothing of a session that lasts longer. */
export function sharedAddress({ databaseUrl, databaseDirectUrl }: Addresses): PostgresAddress {
  return { url: databaseUrl, isShared: databaseDirectUrl !== '' && databaseDirectUrl !== databaseUrl };
}

/** For what needs a session of its own (LISTEN, a lock or a table of the session), or holds one for longer than others should wait. */
export function directAddress({ databaseUrl, databaseDirectUrl }: Addresses): PostgresAddress {
  return { url: databaseDirectUrl || databaseUrl };
}

/** As pg_stat_activity shows it. */
export function sessionName(name: string): string {
  return `sluice ${name}`;
}

/** What each connection of Sluice is opened with. Nothing that a pooler would refuse: the rest is set when it is open. */
export function connectionOptions({ url }: PostgresAddress, name: string): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: sessionName(name),
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  };
}

/** One connection, not yet connected. The caller listens to its errors, and ends it. */
export function createClient(address: PostgresAddress, name: string, settings: Settings = {}): pg.Client {
  return new (clientOf(address))({ ...connectionOptions(address, name), ...settings });
}

/** A pool; the caller ends it. Connections that break while idle are logged and replaced. */
export function openPool(
  address: PostgresAddress,
  name: string,
  { max, logger, ...settings }: Settings & { readonly max: number; readonly logger: Logger },
): pg.Pool {
  const options = { ...connectionOptions(address, name), ...settings };
  const pool = new pg.Pool({ ...options, max, Client: clientOf(address) });
  pool.on('error', ({ message }) => logger.warn({ reason: message }, 'an idle Postgres connection was lost'));
  // One that is in use tells by the query that fails; without a listener the event would end the process.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  return pool;
}

type Settings = Pick<SettledConfig, 'settings' | 'ifPossible'>;

function clientOf({ isShared }: PostgresAddress) {
  return isShared === true ? SharedClient : SessionClient;
}
