import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { launchAs } from '../../src/embedded/launcher.ts';
import { freePort } from '../../src/embedded/ports.ts';
import { findPostgresBinaries } from '../../src/embedded/postgres-binaries.ts';
import { startPostgres, type PostgresOptions } from '../../src/embedded/postgres.ts';
import { startTimeOf } from '../../src/embedded/process-identity.ts';
import { spawnProcess, waitFor, type TestProcess } from '../support/processes.ts';
import { folderForFile, temporaryFolder } from '../support/temp-folder.ts';
import { silent } from './silent-log.ts';
import { startInChild } from './start-in-child.ts';

async function start(dataDir: string, extra: Partial<PostgresOptions> = {}) {
  const postgres = await startPostgres({ dataDir, settings: { fsync: 'off' }, log: silent, ...extra });
  onTestFinished(postgres.stop);
  return postgres;
}

/** For the tests that need some data folder, one after another: making one takes longer than all else. */
const sharedDir = join(folderForFile(), 'postgres');

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query({ text: statement, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

test('keeps its data over a restart, in a private folder with a space in its path', async () => {
  const folder = temporaryFolder();
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const dataDir = join(folder, 'home', 'postgres');
  const first = await start(dataDir);
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  await first.stop();
  expect(await first.exited).toEqual({ code: 0, signal: null });

  const second = await start(dataDir);
  expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([42]);
});

test('is UTF-8, listens on the loopback only, and lets in only who has the password', async () => {
  const postgres = await start(sharedDir);
  expect(await query(postgres.url, 'SHOW server_encoding')).toEqual(['UTF8']);
  expect(await query(postgres.url, 'SHOW listen_addresses')).toEqual(['127.0.0.1']);
  expect(await query(postgres.url, 'SELECT rolsuper FROM pg_roles WHERE rolname = current_user')).toEqual([
    false,
  ]);
  expect(statSync(join(sharedDir, 'password')).mode & 0o777).toBe(0o600);

  const wrong = new URL(postgres.url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  wrong.username = 'postgres';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
});

test('makes the database again when it was dropped', async () => {
  const first = await start(sharedDir);
  await query(first.url.replace(/sluice$/, 'postgres'), 'DROP DATABASE sluice');
  await first.stop();
  expect(await query((await start(sharedDir)).url, 'SELECT current_database()')).toEqual(['sluice']);
});

test('a table made by hand goes to public, also in data made before the role had a search path', async () => {
  const first = await start(sharedDir);
  await query(first.url, 'CREATE SCHEMA IF NOT EXISTS sluice');
  await query(first.url, 'ALTER ROLE sluice RESET search_path');
  expect(await query(first.url, 'SELECT current_schema()')).toEqual(['sluice']);
  await first.stop();
  const next = await start(sharedDir);
  expect(await query(next.url, 'SELECT current_schema()')).toEqual(['public']);

  // What somebody has chosen stays.
  await query(next.url, 'ALTER ROLE sluice SET search_path = app, public');
  await next.stop();
  const last = await start(sharedDir);
  expect(await query(last.url, 'SHOW search_path')).toEqual(['app, public']);
  await query(last.url, 'ALTER ROLE sluice RESET search_path');
  await last.stop();
});

test('says which port is in use when it was told to take that one', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  const port = await waitFor(() => (other.address() as { port: number } | null)?.port, {
    what: 'the other server',
  });
  await expect(start(sharedDir, { port })).rejects.toThrow(`cannot listen on port ${port}: it is in use`);
});

test('takes the port it was told to', async () => {
  const port = await freePort();
  const postgres = await start(sharedDir, { port });
  expect(new URL(postgres.url).port).toBe(String(port));
});

test('two in one folder: the second says who has it, and can start when that one has stopped', async () => {
  const first = await start(sharedDir);
  await expect(start(sharedDir)).rejects.toThrow(`already run by process ${process.pid}`);
  await first.stop();
  await start(sharedDir);
});

test('two made at once in two folders do not disturb each other', async () => {
  const folder = temporaryFolder();
  const [one, other] = await Promise.all([start(join(folder, 'one')), start(join(folder, 'other'))]);
  await query(one.url, 'CREATE TABLE here ()');
  await expect(query(other.url, 'SELECT FROM here')).rejects.toThrow('does not exist');
});

test('a start that was cut off half-way is made good by the next', async () => {
  const dataDir = join(temporaryFolder(), 'postgres');
  mkdirSync(join(dataDir, 'cluster.draft', 'base'), { recursive: true });
  expect(await query((await start(dataDir)).url, 'SELECT 1')).toEqual([1]);
});

test('starts again, with what was committed, after its supervisor was killed', async () => {
  const dataDir = join(temporaryFolder(), 'postgres');
  const supervisor = startInChild('postgres', dataDir);
  const [, pid = '', url = ''] = await supervisor.says(/^running (\d+) (\S+)$/m);
  await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  supervisor.kill('SIGKILL');
  await supervisor.exited;

  const next = await start(dataDir);
  expect(startTimeOf(Number(pid))).toBeUndefined();
  expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([42]);
});

test('stops a server that outlived its supervisor, before it starts its own', async () => {
  const first = await start(sharedDir);
  await first.stop();
  const orphan = await startUnsupervised(join(sharedDir, 'cluster'));
  const next = await start(sharedDir);
  expect(startTimeOf(orphan.pid)).toBeUndefined();
  expect(orphan.output()).toContain('received fast shutdown request');
  expect(await query(next.url, 'SELECT 1')).toEqual([1]);
});

test('starts again after the server and its supervisor were killed together', async () => {
  const supervisor = startInChild('postgres', sharedDir);
  const [, pid = '', url = ''] = await supervisor.says(/^running (\d+) (\S+)$/m);
  await query(url, 'CREATE TABLE kept_too AS SELECT 42 AS answer');
  process.kill(Number(pid), 'SIGKILL');
  supervisor.kill('SIGKILL');
  await supervisor.exited;
  expect(readFileSync(join(sharedDir, 'cluster', 'postmaster.pid'), 'utf8')).toMatch(new RegExp(`^${pid}\n`));

  expect(await query((await start(sharedDir)).url, 'SELECT answer FROM kept_too')).toEqual([42]);
});

/** As a supervisor leaves it behind where the kernel does not tell children of their parent's end. */
async function startUnsupervised(cluster: string): Promise<TestProcess> {
  const { postgres } = findPostgresBinaries();
  const { uid, gid } = statSync(cluster);
  const launcher =
    process.geteuid?.() === 0 ? await launchAs({ uid, gid }, 'INT', postgres, cluster) : undefined;
  const prefix = (launcher?.prefix ?? []).filter((word) => word !== '--pdeathsig' && word !== 'INT');
  const port = await freePort();
  const server = spawnProcess([
    ...prefix,
    postgres,
    '-D',
    cluster,
    '-c',
    `port=${port}`,
    '-c',
    'unix_socket_directories=',
  ]);
  await server.says(/ready to accept connections/);
  return server;
}
