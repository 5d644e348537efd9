import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { createClient } from '../../src/db/connection.ts';
import { statementName } from '../../src/db/prepared.ts';
import { isUnavailable } from '../../src/db/errors.ts';
import { findTaskViews } from '../../src/db/tasks/task-views.ts';
import { findTask, moveTask } from '../../src/db/tasks/tasks.ts';
import { databaseOn } from '../../src/db/transaction.ts';
import { createLogger } from '../../src/logger.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { openTcpGate } from '../support/tcp-gate.ts';
import { openSlot, type TestSlot } from '../support/slot.ts';

const NOBODY = '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10';

let database: TestDatabase;
let slot: TestSlot;

beforeAll(async () => {
  database = await createDatabase();
  slot = await openSlot(database.url, '/nowhere');
});
afterAll(async () => {
  await slot.close();
  await database.drop();
});

const prepared = async (): Promise<string[]> =>
  (await slot.client.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements')).rows.map(
    (row) => row.statement,
  );

it('a statement with parameters is prepared once for a connection, others and very long ones are not', async () => {
  for (let time = 0; time < 3; time++) {
    await findTask(databaseOn(slot.client), NOBODY);
    await slot.client.query('SELECT 1');
    await slot.client.query(`SELECT $1::text || '${'x'.repeat(4000)}'`, ['a']);
  }
  expect(await prepared()).toEqual([expect.stringMatching(/from "sluice"."tasks"/)]);
});

it('the name of a prepared statement depends on its text alone', async () => {
  const texts = ['SELECT $1::int AS one', 'SELECT $1::int AS two', 'SELECT $1::int AS three'];
  const namesOn = async (order: readonly string[]): Promise<Map<string, string>> => {
    const client: pg.Client = createClient({ url: database.url }, 'test');
    await client.connect();
    for (const text of order) await client.query(text, [1]);
    await findTaskViews(client, [NOBODY]);
    const { rows } = await client.query<{ name: string; statement: string }>(
      'SELECT name, statement FROM pg_prepared_statements',
    );
    await client.end();
    return new Map(rows.map((row) => [row.statement, row.name]));
  };
  const names = await namesOn(texts);
  expect(await namesOn(texts.toReversed())).toEqual(names);
  expect([...names.values()]).toHaveLength(4);
  for (const [statement, name] of names) expect(name).toBe(statementName(statement));
});

it('a time limit that the role has for transactions does not end long ones of ours', async () => {
  const limited = await createDatabase();
  const name = new URL(limited.url).pathname.slice(1);
  const { rows } = await limited.pool.query(`SELECT FROM pg_settings WHERE name = 'transaction_timeout'`);
  // Postgres before 17 has no such limit.
  if (rows.length > 0) await limited.pool.query(`ALTER DATABASE ${name} SET transaction_timeout = '50ms'`);
  const client: pg.Client = createClient({ url: limited.url }, 'test');
  await client.connect();
  await client.query(`BEGIN; SELECT pg_sleep(0.2)`);
  await client.query('COMMIT');
  await client.end();
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  const pooled = openDatabase({ url: limited.url }, { name: 'test', max: 1, logger });
  await pooled.pool.query('SELECT pg_sleep(0.2)');
  await pooled.close();
  await limited.drop();
});

it('a connection that is lost while it is made is an outage, and the pool goes on', async () => {
  const gate = await openTcpGate(database.url);
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  const gated = openDatabase({ url: gate.url }, { name: 'test', max: 1, logger });
  await gate.shut();
  await expect(gated.pool.query('SELECT 1')).rejects.toSatisfy(isUnavailable);
  await gate.open();
  expect((await gated.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await gated.close();
  await gate.shut();
});

it('a Postgres that takes no writes is an outage: after a fail-over another one does', async () => {
  await slot.client.query('SET default_transaction_read_only = on');
  await expect(moveTask(databaseOn(slot.client), NOBODY, 'running')).rejects.toSatisfy(isUnavailable);
  await slot.client.query('SET default_transaction_read_only = off');
});

it('a prepared statement outlives a failure and a change of its table', async () => {
  await slot.client.query('CREATE TABLE changing (a integer)');
  const add = (a: unknown) => slot.client.query('INSERT INTO changing (a) VALUES ($1)', [a]);
  await add(1);
  await expect(add('no number')).rejects.toThrow(/invalid input syntax/);
  await slot.client.query('ALTER TABLE changing ADD COLUMN b integer DEFAULT 7');
  await add(2);
  expect((await slot.client.query('SELECT * FROM changing ORDER BY a')).rows).toEqual([
    { a: 1, b: 7 },
    { a: 2, b: 7 },
  ]);
});

it('a connection that is lost between two statements of its user does not end the process', async () => {
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  const lossy = openDatabase({ url: database.url }, { name: 'test', max: 1, logger });
  const client = await lossy.pool.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const lost = new Promise<void>((resolve) => client.once('end', resolve));
  await database.pool.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
  await lost;
  await expect(client.query('SELECT 1')).rejects.toThrow(/not queryable/);
  client.release();
  expect((await lossy.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await lossy.close();
});
