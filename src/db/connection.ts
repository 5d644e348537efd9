// Connections to Postgres as all of Sluice has them, for SQL as text. Threads that need no more do without drizzle (client.ts), which takes
// 25 MB in each.
import { createHash } from 'node:crypto';
import pg from 'pg';

/** What SQL as text is sent through: a pool, or one connection. */
export type Queryable = pg.Pool | pg.ClientBase;

/** Postgres closes a session that leaves a transaction idle this long, so that a frozen process cannot hold its locks. */
const IDLE_IN_TRANSACTION_MS = 30_000;

/** Longer texts hold lists, such as rows to insert: there are too many of them to be kept. */
const LONGEST_PREPARED_CHARS = 4000;

/**
 * The name under which Postgres keeps a prepared statement. It says nothing but what the text is: behind a pooler that hands one
 * server session to many clients, and while two versions of Sluice run, a name never runs another statement.
 */
export function statementName(text: string): string {
  return `sluice ${createHash('sha256').update(text).digest('base64url')}`;
}

/** A statement that is prepared whatever its length. */
export function prepared(text: string): { readonly name: string; readonly text: string } {
  return { name: statementName(text), text };
}

/** A role's own time limits on what may take long here. A server knows them or not, so they cannot stand in the connection's options. */
const LIFT_TIMEOUTS = `SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout' AND setting <> '0'`;

/** A connection that has Postgres parse and plan a statement with parameters once, not each time it is sent. */
export class PreparingClient extends pg.Client {
  private readonly names = new Map<string, string>();

  override connect(): Promise<pg.Client>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
    const connected = this.connectWithoutTimeouts();
    if (callback === undefined) return connected;
    void answer(connected, callback);
  }

  private async connectWithoutTimeouts(): Promise<pg.Client> {
    await super.connect();
    // Nobody else listens yet, and a connection lost now must not end the process.
    const ignore = (): void => undefined;
    this.on('error', ignore);
    try {
      await super.query(LIFT_TIMEOUTS);
      return this;
    } catch (error) {
      void this.end().catch(ignore);
      throw error;
    } finally {
      this.off('error', ignore);
    }
  }

  // The signatures of pg are many, and what they promise is not changed here.
  override query(...args: unknown[]): never {
    const [first, values] = args;
    const config = typeof first === 'string' ? { text: first } : (first as pg.QueryConfig);
    const isParameterized = Array.isArray(values) && values.length > 0;
    if (isParameterized && config.name === undefined && config.text.length <= LONGEST_PREPARED_CHARS)
      args[0] = { ...config, name: this.nameOf(config.text) };
    return (super.query as (...args: unknown[]) => never)(...args);
  }

  private nameOf(text: string): string {
    const name = this.names.get(text) ?? statementName(text);
    this.names.set(text, name);
    return name;
  }
}

/** For the pool, which takes a call without an error for success. */
async function answer(connected: Promise<unknown>, callback: (error: Error) => void): Promise<void> {
  try {
    await connected;
  } catch (error) {
    return callback(error as Error);
  }
  callback(undefined as never);
}

/** Of a time limit of Postgres. */
export const NO_LIMIT = 0;

/** As pg_stat_activity shows it. */
export function sessionName(name: string): string {
  return `sluice ${name}`;
}

/**
 * Settings every connection of Sluice has.
 * @param lockWaitMs a statement that waits longer for a lock fails (`isLockTimeout`); 0: none does
 */
export function connectionOptions(
  url: string,
  name: string,
  idleInTransactionMs = IDLE_IN_TRANSACTION_MS,
  lockWaitMs = 0,
): pg.ClientConfig {
  return {
    connectionString: url,
    application_name: sessionName(name),
    connectionTimeoutMillis: 5000,
    keepAlive: true,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    // Dates go to and fro as UTC text whatever the server's own zone. What a role or database may set else would end long work, or
    // have a statement not see what was committed while it waited for a lock.
    options: `-c timezone=UTC -c datestyle=ISO -c statement_timeout=0 -c lock_timeout=${lockWaitMs} -c default_transaction_isolation=read\\ committed`,
  };
}
