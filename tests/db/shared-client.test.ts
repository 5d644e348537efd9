// Connections through a pooler in transaction mode, and how one is recognised.
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPostgres } from '../../src/db/check-postgres.ts';
import { openDatabase, type DatabaseClient } from '../../src/db/client.ts';
import { createClient } from '../../src/db/connection.ts';
import { sharesSessions } from '../../src/db/pooler.ts';
import { prepared } from '../../src/db/prepared.ts';
import { inTransaction } from '../../src/db/transaction.ts';
import { createLogger } from '../../src/logger.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { startPgbouncer, type TestPgbouncer } from '../support/pgbouncer.ts';
import { folderForFile } from '../support/temp-folder.ts';

const SESSIONS = 2;
const CLIENTS = 8;
const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');

let database: TestDatabase;
let pgbouncer: TestPgbouncer;
let url: string;
let shared: DatabaseClient;

beforeAll(async () => {
  database = await createDatabase();
  const name = new URL(database.url).pathname.slice(1);
  // What a session has of its own is none of what Sluice needs.
  for (const setting of [
    "timezone = 'America/New_York'",
    "datestyle = 'German'",
    "statement_timeout = '10s'",
    "default_transaction_isolation = 'serializable'",
    'enable_seqscan = on',
  ])
    await database.pool.query(`ALTER DATABASE ${name} SET ${setting}`);
  pgbouncer = await startPgbouncer(database.url, join(folderForFile(), 'transaction'), {
    default_pool_size: String(SESSIONS),
  });
  url = pgbouncer.through(database.url);
  shared = openDatabase({ url, isShared: true }, { name: 'test', max: CLIENTS, logger });
});
afterAll(async () => {
  await shared.close();
  await pgbouncer.stop();
  await database.drop();
});

const SEEN = `SELECT pg_backend_pid() AS pid, now() AS at, timestamptz '2026-01-02 03:04:05+00' AS day, $1::int AS number,
  current_setting('timezone') AS timezone, split_part(current_setting('datestyle'), ',', 1) AS datestyle,
  current_setting('statement_timeout') AS statement_timeout, current_setting('transaction_isolation') AS isolation,
  current_setting('idle_in_transaction_session_timeout') AS idle, current_setting('enable_seqscan') AS enable_seqscan`;
const OURS = { timezone: 'UTC', datestyle: 'ISO', statement_timeout: '0', isolation: 'read committed' };

describe('behind PgBouncer in transaction mode', () => {
  it('each statement and each transaction has our settings, whichever session it gets', async () => {
    const single = await Promise.all(
      Array.from({ length: 100 }, async (_, at) => (await shared.pool.query(SEEN, [at])).rows[0] as object),
    );
    single.forEach((row, at) => expect(row).toMatchObject({ ...OURS, number: at }));
    const inside = await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        inTransaction(
          shared.db,
          async (tx) => (await tx.$client.query(SEEN, [at])).rows[0] as object,
          "SET LOCAL enable_seqscan = 'off'",
        ),
      ),
    );
    inside.forEach((row, at) =>
      expect(row).toMatchObject({ ...OURS, number: at, idle: '30s', enable_seqscan: 'off' }),
    );
    const pids = new Set([...single, ...inside].map((row) => (row as { pid: number }).pid));
    expect(pids.size).toBe(SESSIONS);
  });

  it('settings of one connection are not those of another, and nothing stays in a session', async () => {
    const settings = { enable_seqscan: 'off' };
    const clients: readonly pg.Client[] = [
      createClient({ url, isShared: true }, 'one', {
        settings,
        ifPossible: { client_connection_check_interval: '1000' },
      }),
      createClient({ url, isShared: true }, 'other'),
    ];
    await Promise.all(clients.map((client) => client.connect()));
    const seen = async () =>
      Promise.all(
        clients.map(async (client) => {
          const { rows } = await client.query<{ enable_seqscan: string }>({
            ...prepared(SEEN),
            values: [1],
          });
          return rows[0]!.enable_seqscan;
        }),
      );
    for (let time = 0; time < 20; time++) expect(await seen()).toEqual(['off', 'on']);
    await expect(clients[0]!.query('SELECT 1 / $1::int', [0])).rejects.toThrow('division by zero');
    expect(await seen()).toEqual(['off', 'on']);
    await clients[0]!.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const { rows } = await clients[0]!.query(`SELECT current_setting('transaction_isolation') AS isolation,
      current_setting('client_connection_check_interval') AS interval`);
    expect(rows).toEqual([{ isolation: 'repeatable read', interval: '1s' }]);
    await clients[0]!.query('ROLLBACK');
    await Promise.all(clients.map((client) => client.end()));
    const left = await database.pool.query(`SELECT count(*)::int AS sessions FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'sluice%'`);
    expect((left.rows[0] as { sessions: number }).sessions).toBeLessThanOrEqual(SESSIONS);
    // As another program behind the same PgBouncer finds the sessions.
    const plain = new pg.Client(url);
    await plain.connect();
    const found = await plain.query(`SELECT current_setting('statement_timeout') AS timeout,
      (SELECT count(*)::int FROM pg_prepared_statements) AS prepared`);
    expect(found.rows).toEqual([{ timeout: '10s', prepared: 0 }]);
    await plain.end();
  });

  it('goes on after PgBouncer was restarted', async () => {
    await pgbouncer.restart();
    const again = async (): Promise<unknown> =>
      shared.pool.query('SELECT 1 AS one').then(
        ({ rows }) => rows,
        () => undefined,
      );
    await expect.poll(again).toEqual([{ one: 1 }]);
  });
});

describe('a pooler is recognised', () => {
  it('in transaction mode, however often it is asked', async () => {
    for (let time = 0; time < 5; time++) expect(await sharesSessions({ url })).toBe(true);
    await expect(checkPostgres({ databaseUrl: url, databaseDirectUrl: '' })).rejects.toThrow(
      'DATABASE_URL leads through a pooler in transaction mode (PgBouncer or the like), where LISTEN and the settings of a session do not hold. Keep it, and set DATABASE_DIRECT_URL to the same database without the pooler.',
    );
    await expect(checkPostgres({ databaseUrl: database.url, databaseDirectUrl: url })).rejects.toThrow(
      'DATABASE_DIRECT_URL leads through a pooler in transaction mode (PgBouncer or the like). Set it to Postgres itself, or to a pooler in session mode.',
    );
    await checkPostgres({ databaseUrl: url, databaseDirectUrl: database.url });
  });

  it.each([1, 2])('and not in session mode, with %i sessions', async (sessions) => {
    const other = await startPgbouncer(database.url, join(folderForFile(), 'session'), {
      pool_mode: 'session',
      default_pool_size: String(sessions),
    });
    const through = { url: other.through(database.url) };
    expect(await sharesSessions(through)).toBe(false);
    const direct = createClient(through, 'test');
    await direct.connect();
    expect((await direct.query(SEEN, [1])).rows).toMatchObject([{ ...OURS, idle: '30s' }]);
    await direct.end();
    await other.stop();
  });

  it('and not where there is none', async () => {
    for (let time = 0; time < 5; time++) expect(await sharesSessions(database)).toBe(false);
  });

  it('the two addresses must lead to the same database', async () => {
    const other = await createDatabase();
    await expect(checkPostgres({ databaseUrl: url, databaseDirectUrl: other.url })).rejects.toThrow(
      /^DATABASE_URL and DATABASE_DIRECT_URL lead to different databases\. /,
    );
    await other.drop();
  });
});
