// The Postgres that a user has named, before anything stands on it.
import pg from 'pg';
import { AppError } from '../errors.ts';
import {
  connectionOptions,
  directAddress,
  sharedAddress,
  type Addresses,
  type PostgresAddress,
} from './connection.ts';
import { sharesSessions } from './pooler.ts';

/** The oldest that the tests have been run with. */
const OLDEST_POSTGRES = 14;

type Variable = 'DATABASE_URL' | 'DATABASE_DIRECT_URL';

/**
 * @throws AppError CONFIG_INVALID when the server is too old, a pooler is where none may be, or the two addresses lead to different
 * databases; what pg says when one cannot be reached or refuses us, with the name of its setting as `variable`
 */
export async function checkPostgres(addresses: Addresses): Promise<void> {
  const [direct, shared] = [directAddress(addresses), sharedAddress(addresses)];
  const variable = shared.isShared === true ? 'DATABASE_DIRECT_URL' : 'DATABASE_URL';
  const database = await naming(variable, () => lookAt(direct));
  refuseOldPostgres(database.version, variable);
  if (await naming(variable, () => sharesSessions(direct))) throw pooled(variable);
  if (shared.isShared !== true) return;
  const behindPooler = await naming('DATABASE_URL', () => lookAt(shared));
  if (behindPooler.identity === database.identity) return;
  throw new AppError(
    'CONFIG_INVALID',
    'DATABASE_URL and DATABASE_DIRECT_URL lead to different databases. Set DATABASE_DIRECT_URL to the database that the pooler of DATABASE_URL leads to.',
    { variable: 'DATABASE_DIRECT_URL' },
  );
}

function pooled(variable: Variable): AppError {
  const what = `${variable} leads through a pooler in transaction mode (PgBouncer or the like)`;
  return new AppError(
    'CONFIG_INVALID',
    variable === 'DATABASE_URL'
      ? `${what}, where LISTEN and the settings of a session do not hold. Keep it, and set DATABASE_DIRECT_URL to the same database without the pooler.`
      : `${what}. Set it to Postgres itself, or to a pooler in session mode.`,
    { variable },
  );
}

/** @param versionNumber as Postgres counts: 150004 is 15.4 */
export function refuseOldPostgres(versionNumber: number, variable: Variable = 'DATABASE_URL'): void {
  const major = Math.floor(versionNumber / 10_000);
  if (major >= OLDEST_POSTGRES) return;
  throw new AppError(
    'CONFIG_INVALID',
    `The Postgres of ${variable} is version ${major}. Sluice needs ${OLDEST_POSTGRES} or later.`,
    { variable },
  );
}

/** The version, and what no other database has, whichever way leads to it. */
async function lookAt(
  address: PostgresAddress,
): Promise<{ readonly version: number; readonly identity: string }> {
  const client = new pg.Client(connectionOptions(address, 'check'));
  // A connection that breaks tells by the query that fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; identity: string }>(
      `SELECT current_setting('server_version_num')::int AS version,
              concat_ws(' ', extract(epoch FROM pg_postmaster_start_time()), current_database()) AS identity`,
    );
    return rows[0]!;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function naming<T>(variable: Variable, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw Object.assign(error as Error, { variable });
  }
}
