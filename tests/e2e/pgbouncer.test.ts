// Sluice behind PgBouncer in transaction mode, with fewer sessions than Sluice has connections, and on the oldest Postgres it runs on.
// With SLUICE_TEST_PGBOUNCER=1 all of tests/e2e runs behind PgBouncer, with SLUICE_TEST_POSTGRES=14 all tests on that version.
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { migrate } from '../../src/db/migrate.ts';
import { databaseOn } from '../../src/db/transaction.ts';
import { startPostgres, type EmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { enqueue } from '../../src/tasks/enqueue-client.ts';
import { expectExact } from '../support/exact-people.ts';
import { findOtherPostgres } from '../support/other-postgres.ts';
import { peopleFile } from '../support/people.ts';
import { startPgbouncer, type TestPgbouncer } from '../support/pgbouncer.ts';
import { spawnSluice, type TestProcess } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { ended, enqueue as enqueueBySql } from '../support/tasks.ts';
import { folderForFile } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';

const SESSIONS = 2;
const RECORDS = 20_000;
const products: Dataset = {
  name: 'products',
  schema: {
    fields: [
      { name: 'sku', type: 'string', constraints: { required: true } },
      { name: 'price', type: 'number' },
      { name: 'since', type: 'datetime' },
    ],
    primaryKey: ['sku'],
  },
  target: { table: 'products' },
};

let postgres: EmbeddedPostgres;
let pgbouncer: TestPgbouncer;
let sluice: Sluice;
/** Of another program, behind the same PgBouncer. */
let outside: pg.Pool;

beforeAll(async () => {
  const folder = folderForFile();
  postgres = await startPostgres({
    dataDir: join(folder, 'postgres'),
    binaries: await findOtherPostgres('14'),
    settings: { fsync: 'off', synchronous_commit: 'off' },
    log: pino({ level: 'silent' }),
  });
  const { url } = postgres;
  await migrate(url);
  const pool = new pg.Pool({ connectionString: url });
  pool.on('error', () => undefined);
  pgbouncer = await startPgbouncer(url, join(folder, 'pgbouncer'), { default_pool_size: String(SESSIONS) });
  sluice = await startSluice({
    datasets: ['bench/people.json', products],
    env: { SLUICE_CHUNK_BYTES: '32768' },
    servers: {
      databaseUrl: url,
      redisUrl: inject('redisUrl'),
      database: { url, pool, db: databaseOn(pool), drop: () => pool.end() },
    },
    addresses: (direct) => ({ DATABASE_URL: pgbouncer.through(direct), DATABASE_DIRECT_URL: direct }),
  });
  outside = new pg.Pool({ connectionString: pgbouncer.through(url) });
  outside.on('error', () => undefined);
});
afterAll(async () => {
  await outside.end();
  await sluice.stop();
  await pgbouncer.stop();
  await sluice.database.pool.end();
  await postgres.stop();
});

async function json(path: string, method = 'GET', body?: unknown): Promise<Record<string, unknown>> {
  const answer = await sluice.fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  expect(answer.status, path).toBeLessThan(300);
  return (await answer.json()) as Record<string, unknown>;
}

async function land(text: string, query = ''): Promise<string> {
  const answer = await sluice.send('products', text, query);
  expect(answer.status).toBe(202);
  const { id } = (await answer.json()) as { id: string };
  expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded' });
  return id;
}

async function inTable(): Promise<string[]> {
  const { rows } = await sluice.database.pool.query<{ row: string }>(
    `SELECT concat_ws(' ', sku, price, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')) AS row FROM products ORDER BY sku`,
  );
  return rows.map(({ row }) => row);
}

it('does not start without a direct address, and says what to set', async () => {
  const { DATABASE_DIRECT_URL: _direct, ...env } = sluice.env;
  for (const command of ['api', 'worker', 'migrate']) {
    const started = spawnSluice([command], { env });
    expect(await started.exited).toMatchObject({ code: 1 });
    expect(started.output()).toMatch(
      /^sluice: DATABASE_URL leads through a pooler in transaction mode .* set DATABASE_DIRECT_URL to the same database without the pooler\.\n$/,
    );
  }
});

it('an import is exact while its worker is killed and PgBouncer is restarted, and no more sessions are used than there are', async () => {
  const file = peopleFile(RECORDS, 1000);
  const id = ((await (await sluice.send('people', file.text)).json()) as { id: string }).id;
  const done = (chunks: number) =>
    waitFor(async () => (await sluice.task(id)).progress.chunksDone >= chunks, {
      what: `${chunks} chunks to be done`,
    });
  const worker = await sluice.startWorker();
  await done(5);
  worker.kill('SIGKILL');
  await worker.exited;
  await Promise.all([sluice.startWorker(), sluice.startWorker()]);
  await done(20);
  await pgbouncer.restart();
  const sessions = await sluice.database.pool.query<{ shared: number }>(
    `SELECT count(*)::int AS shared FROM pg_stat_activity WHERE datname = current_database()
        AND application_name IN ('sluice api', 'sluice worker', 'sluice slot', 'sluice claims', 'sluice tasks', 'sluice intake')`,
  );
  expect(sessions.rows[0]!.shared).toBeLessThanOrEqual(SESSIONS);
  await expectExact(sluice, id, file);
});

describe('with a worker', () => {
  let worker: TestProcess;
  beforeAll(async () => {
    worker = await sluice.startWorker();
  });

  it('inserts, upserts, replaces, looks first, and takes back', async () => {
    const first = await land('sku,price,since\na,1.5,2026-01-02T03:04:05Z\nb,2,2026-06-01T00:00:00+09:00\n');
    expect(await inTable()).toEqual(['a 1.5 2026-01-02 03:04', 'b 2 2026-05-31 15:00']);
    await land('sku,price\nb,20\nc,3\n', '&mode=upsert');
    expect(await inTable()).toEqual(['a 1.5 2026-01-02 03:04', 'b 20 2026-05-31 15:00', 'c 3']);
    await land('sku,price\nz,1\n', '&mode=replace&dryRun=true');
    expect(await inTable()).toHaveLength(3);
    const undo = (await json(`/v1/imports/${first}/undo`, 'POST')) as { id: string };
    expect(await sluice.ended(undo.id)).toMatchObject({ result: { deleted: 1, changed: 1 } });
    await land('sku,price\nz,1\ny,2\n', '&mode=replace');
    expect(await inTable()).toEqual(['y 2', 'z 1']);
  });

  it('cancels an import that runs, and takes its rows back', async () => {
    const { rows: before } = await sluice.database.pool.query('SELECT count(*) FROM people');
    const sent = await sluice.send('people', peopleFile(20_000).text);
    const { id } = (await sent.json()) as { id: string };
    await waitFor(async () => (await sluice.task(id)).progress.chunksDone > 3, { what: 'some chunks' });
    await sluice.fetch(`/v1/tasks/${id}?rows=rollback`, { method: 'DELETE' });
    expect(await sluice.ended(id)).toMatchObject({ status: 'cancelled' });
    const { rows: after } = await sluice.database.pool.query('SELECT count(*) FROM people');
    expect(after).toEqual(before);
  });

  it('reads and changes records, and exports them', async () => {
    const records = '/v1/datasets/products/records';
    const made = await json(records, 'POST', { sku: 'new', price: 7, since: '2026-02-03T04:05:06Z' });
    expect(made).toMatchObject({ sku: 'new', since: '2026-02-03T04:05:06Z' });
    expect(await json(`${records}/${String(made['id'])}`, 'PATCH', { price: 8 })).toMatchObject({ price: 8 });
    const { data } = (await json(`${records}?order=sku&price=gte.2`)) as { data: { sku: string }[] };
    expect(data.map(({ sku }) => sku)).toEqual(['new', 'y']);
    const csv = await sluice.fetch(`${records}.csv?order=sku`);
    expect(await csv.text()).toMatch(/new,8,2026-02-03/);
    const asked = (await json(`${records}.csv`, 'POST', {})) as { id: string };
    expect(await sluice.ended(asked.id)).toMatchObject({ status: 'succeeded', result: { records: 3 } });
  });

  it('runs tasks that come over HTTP, by SQL and by the library through PgBouncer, and by a schedule', async () => {
    const { pool } = sluice.database;
    const byHttp = (await json('/v1/tasks', 'POST', { name: 'add', args: { a: 1, b: 2 } })) as { id: string };
    const bySql = await enqueueBySql(outside, 'add', { a: 3, b: 4 });
    const client = await outside.connect();
    await client.query('BEGIN');
    const byLibrary = await enqueue(client, 'add', { a: 5, b: 6 });
    await client.query('COMMIT');
    client.release();
    for (const [id, result] of [
      [byHttp.id, 3],
      [bySql, 7],
      [byLibrary, 11],
    ] as const)
      expect(await ended(pool, id)).toMatchObject({ status: 'succeeded', result });
    const { id } = (await json('/v1/schedules', 'POST', {
      name: 'each second',
      every: '1s',
      task: { name: 'add', args: { a: 7, b: 8 } },
    })) as { id: string };
    const runs = `SELECT t.id FROM sluice.schedule_runs r JOIN sluice.tasks t ON t.id = r.task_id WHERE r.schedule_id = $1 AND t.status = 'succeeded'`;
    await waitFor(async () => (await pool.query(runs, [id])).rowCount! >= 2, { what: 'two runs' });
    await sluice.fetch(`/v1/schedules/${id}`, { method: 'DELETE' });
  });

  it('a command reaches the worker, which listens over a connection of its own', async () => {
    const { data } = (await json('/v1/workers')) as { data: { id: string; pid: number }[] };
    const { id } = data.find(({ pid }) => pid === worker.pid)!;
    await json(`/v1/workers/${id}/shutdown`, 'POST', {});
    expect(await worker.exited, worker.output()).toEqual({ code: 0, signal: null });
  });
});
