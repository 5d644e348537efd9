// One Postgres and one Redis for a whole run of the tests, in a temporary folder of its own.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { pino } from 'pino';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../src/db/migrate.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { takeLock } from '../../src/embedded/process-lock.ts';
import { startRedis } from '../../src/embedded/redis.ts';
import type { PostgresBinaries } from '../../src/embedded/postgres-binaries.ts';
import { askedPostgres, findOtherPostgres } from './other-postgres.ts';
import { startPgbouncer } from './pgbouncer.ts';
import { TEMPLATE_DATABASE } from './template-database.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Of the test server's maintenance database. Tests take one of their own: `createDatabase()`. */
    databaseUrl: string;
    /** Shared by all tests. They keep apart by prefixes: `uniquePrefix()`. */
    redisUrl: string;
    /** The server of `databaseUrl` through a PgBouncer, which SLUICE_TEST_PGBOUNCER=1 puts before each Sluice of tests/e2e; else empty. */
    pgbouncerUrl: string;
    /** Removed after the run, or by the next one. Tests take a folder in it: `temporaryFolder()`. */
    runFolder: string;
  }
}

const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const FOLDER_PREFIX = 'sluice-test-';
const LOCK = 'run.lock';

/** The tests kill processes, not the machine: what the operating system holds is safe enough. */
const FAST = {
  // Its workers are the superuser's, and keep the tests' role from dropping a database.
  autovacuum: 'off',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: '300',
};

/** Tests that spawn processes run the compiled program. `npm test` has compiled it already; `vitest` alone may not have. */
function compile(): void {
  const { status } = spawnSync(process.execPath, [join(REPOSITORY, 'scripts', 'build.mjs')], {
    stdio: 'inherit',
  });
  if (status !== 0)
    process.stderr.write('Tests that spawn processes run the program as it was compiled before.\n');
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  compile();
  await removeLeftovers();
  const folder = mkdtempSync(join(tmpdir(), FOLDER_PREFIX));
  await takeLock(join(folder, LOCK));
  const log = pino({ level: process.env['SLUICE_LOG_LEVEL'] ?? 'warn' });
  const [postgres, redis] = await Promise.all([
    startPostgres({ dataDir: join(folder, 'postgres'), settings: FAST, log, ...(await otherBinaries()) }),
    startRedis({
      dataDir: join(folder, 'redis'),
      toolsDir: join(REPOSITORY, '.sluice', 'tools'),
      persistent: false,
      log,
    }),
  ]);
  await createTemplate(postgres.url);
  project.provide('databaseUrl', postgres.url);
  project.provide('redisUrl', redis.url);
  project.provide('runFolder', folder);
  const pgbouncer =
    process.env['SLUICE_TEST_PGBOUNCER'] === '1'
      ? await startPgbouncer(postgres.url, join(folder, 'pgbouncer'), { default_pool_size: '3' })
      : undefined;
  project.provide('pgbouncerUrl', pgbouncer?.through(postgres.url) ?? '');
  return async () => {
    await pgbouncer?.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** SLUICE_TEST_POSTGRES=14 runs the tests on that version. */
async function otherBinaries(): Promise<{ binaries?: PostgresBinaries }> {
  const major = askedPostgres();
  return major === undefined ? {} : { binaries: await findOtherPostgres(major) };
}

async function createTemplate(serverUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await client.end();
  const template = new URL(serverUrl);
  template.pathname = `/${TEMPLATE_DATABASE}`;
  await migrate(template.href);
}

/** A run that was killed stops its servers (the kernel tells them) but cannot remove its folder. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const lock = join(tmpdir(), name, LOCK);
    if (!name.startsWith(FOLDER_PREFIX) || !existsSync(lock)) continue;
    if ((await takeLock(lock)).taken) rmSync(dirname(lock), { recursive: true, force: true, maxRetries: 5 });
  }
}
