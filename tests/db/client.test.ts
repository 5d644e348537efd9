import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { findTask } from '../../src/db/tasks/tasks.ts';
import { databaseOn } from '../../src/db/transaction.ts';
import { createLogger } from '../../src/logger.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
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
    await slot.client.query(`SELECT $1::text || '${'x'.repeat(2000)}'`, ['a']);
  }
  expect(await prepared()).toEqual([expect.stringMatching(/from "sluice"."tasks"/)]);
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
  const lossy = openDatabase(database.url, { name: 'test', max: 1, logger });
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
