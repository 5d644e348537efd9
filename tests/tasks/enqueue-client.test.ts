// `sluice/enqueue` as a program outside of the checkout uses it: with pg, and with drizzle.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { REPOSITORY } from '../support/processes.ts';

const PROGRAM = `
import pg from 'pg';
import { drizzle } from 'drizzle-orm/node-postgres';
import { enqueue, enqueueAll } from 'sluice/enqueue';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const client = await pool.connect();
const told = {};
told.pool = await enqueue(pool, 'add', { a: 1, b: 12345678901234567890n, at: new Date(0) });
await client.query('BEGIN');
told.rolledBack = await enqueue(client, 'add', { a: 1 });
await client.query('ROLLBACK');
await client.query('BEGIN');
told.committed = await enqueue(client, 'add', { a: 2 }, { priority: 5, unique: { key: 'k' } });
await client.query('COMMIT');
told.second = await enqueueAll(pool, [{ name: 'add', options: { unique: { key: 'k' } } }, { name: 'sleep' }]);
const db = drizzle(pool);
const text = "It's \\\\ $1 \\"quoted\\" \\n ?";
told.drizzle = await enqueue(db, 'add', { text });
await db.transaction(async (tx) => {
  told.dropped = await enqueue(tx, 'add', { text });
  tx.rollback();
}).catch(() => {});
told.kept = await db.transaction((tx) => enqueue(tx, 'add', { text }, { delay: '1h' }));
told.wrong = await enqueue(pool, 'add', {}, { delay: 'soon' }).catch((error) => error.message);
console.log(JSON.stringify(told));
client.release();
await pool.end();
`;
/** What a compiler must say yes and no to. */
const TYPED = `
import pg from 'pg';
import { enqueue } from 'sluice/enqueue';
export const id: Promise<string> = enqueue(new pg.Client(), 'add', { a: 1n }, { delay: '5s', retries: 2 });
// @ts-expect-error there is no such option
void enqueue(new pg.Pool(), 'add', {}, { dely: 1 });
`;

let database: TestDatabase;
let folder: string;

beforeAll(async () => {
  database = await createDatabase();
  folder = await mkdtemp(join(tmpdir(), 'sluice outside '));
  await mkdir(join(folder, 'node_modules'));
  await symlink(REPOSITORY, join(folder, 'node_modules', 'sluice'));
  for (const name of ['pg', 'drizzle-orm', '@types'])
    await symlink(join(REPOSITORY, 'node_modules', name), join(folder, 'node_modules', name));
  await writeFile(join(folder, 'program.mjs'), PROGRAM);
  await writeFile(join(folder, 'typed.mts'), TYPED);
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

const run = (args: readonly string[]) =>
  promisify(execFile)(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, DATABASE_URL: database.url },
  });

it('records tasks in the transactions of a program outside', async () => {
  const told = JSON.parse((await run(['program.mjs'])).stdout);
  const { rows } = await database.pool.query<{ id: string; args: string; priority: number; due: boolean }>(
    'SELECT id, args::text, priority, due FROM sluice.tasks',
  );
  const kept = new Map(rows.map((row) => [row.id, row]));
  expect([...kept.keys()].sort()).toEqual(
    [told.pool, told.committed, told.second[1].id, told.drizzle, told.kept].sort(),
  );
  expect(kept.get(told.pool)?.args).toBe(
    '{"a": 1, "b": 12345678901234567890, "at": "1970-01-01T00:00:00.000Z"}',
  );
  expect(kept.get(told.committed)?.priority).toBe(5);
  expect(told.second[0]).toEqual({ id: told.committed, isNew: false });
  expect(JSON.parse(kept.get(told.drizzle)!.args)).toEqual({ text: 'It\'s \\ $1 "quoted" \n ?' });
  expect(kept.get(told.kept)?.due).toBe(false);
  expect(told.wrong).toContain('no duration');
});

it('has types', async () => {
  const tsc = join(REPOSITORY, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023', '--skipLibCheck'];
  const { stdout } = await run([tsc, ...options, '--types', 'node', 'typed.mts']).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});
