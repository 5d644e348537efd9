// The promise of Sluice, with real kills: each good record stands in the table once, whatever dies on the way.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { databaseOn } from '../../src/db/transaction.ts';
import { startPostgres } from '../../src/embedded/postgres.ts';
import { startRedis, type EmbeddedRedis } from '../../src/embedded/redis.ts';
import { expectExact } from '../support/exact-people.ts';
import { peopleFile, type PeopleFile } from '../support/people.ts';
import { REPOSITORY, type TestProcess } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { folderForFile } from '../support/temp-folder.ts';
import { waitFor } from '../support/wait-for.ts';

/** More for a night's run: SLUICE_TEST_RECORDS=1000000. */
const RECORDS = Number(process.env['SLUICE_TEST_RECORDS'] ?? 20_000);
const SLOWER = Math.max(1, RECORDS / 100_000);
const PATIENCE_MS = 60_000 * SLOWER;
/** Some 60 chunks, whatever the size. */
const SMALL_CHUNKS = { SLUICE_CHUNK_BYTES: String(Math.ceil(RECORDS * 2.4)) };
const log = { info: () => undefined, debug: () => undefined };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const redisFolder = folderForFile();
let redis: EmbeddedRedis;
/** Of all tests but the one that stops Postgres. Its Redis is its own, to be flushed and restarted. */
let shared: Sluice;

beforeAll(async () => {
  redis = await startOwnRedis();
  shared = await startSluice({
    datasets: ['bench/people.json'],
    env: { ...SMALL_CHUNKS, REDIS_URL: redis.url },
  });
});
beforeEach(() => shared.database.pool.query('TRUNCATE people'));
afterAll(async () => {
  await shared.stop();
  await redis.stop();
});

function startOwnRedis(port?: number): Promise<EmbeddedRedis> {
  return startRedis({
    dataDir: join(redisFolder, 'redis'),
    toolsDir: join(REPOSITORY, '.sluice', 'tools'),
    persistent: true,
    log,
    ...(port === undefined ? {} : { port }),
  });
}

/** A worker that ends with its test. */
async function startWorker(sluice = shared): Promise<TestProcess> {
  const worker = await sluice.startWorker();
  cleanUps.push(() => {
    worker.kill('SIGKILL');
    return worker.exited;
  });
  return worker;
}

async function sendPeople(file: PeopleFile, sluice = shared): Promise<string> {
  const response = await sluice.send('people', file.text);
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

async function chunksDone(id: string, atLeast: number, sluice = shared): Promise<void> {
  await waitFor(async () => (await sluice.task(id)).progress.chunksDone >= atLeast, {
    what: `${atLeast} chunks to be done`,
    timeoutMs: 60_000 * SLOWER,
  });
}

describe('an import stays exact', () => {
  it(
    'when its worker is killed three times',
    async () => {
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(file);
      for (let kill = 1; kill <= 3; kill++) {
        const worker = await startWorker();
        await chunksDone(id, kill * 12);
        worker.kill('SIGKILL');
        await worker.exited;
      }
      // It may have ended just before the last of them was killed.
      expect(['running', 'succeeded']).toContain((await shared.task(id)).status);
      await startWorker();
      await expectExact(shared, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );

  it(
    'with two workers at once',
    async () => {
      await Promise.all([startWorker(), startWorker()]);
      const file = peopleFile(RECORDS, 777);
      await expectExact(shared, await sendPeople(file), file, PATIENCE_MS);
    },
    60_000 * SLOWER,
  );

  it(
    'when a worker is frozen beyond its lease and wakes up beside another worker',
    async () => {
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(file);
      const frozen = await startWorker();
      await chunksDone(id, 5);
      frozen.kill('SIGSTOP');
      await startWorker();
      await chunksDone(id, 30);
      frozen.kill('SIGCONT');
      await expectExact(shared, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );

  it(
    'when a worker is told to stop and another goes on',
    async () => {
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(file);
      const first = await startWorker();
      await chunksDone(id, 10);
      first.kill('SIGTERM');
      expect(await first.exited).toEqual({ code: 0, signal: null });
      await startWorker();
      await expectExact(shared, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );

  it(
    'when Redis is flushed, twice',
    async () => {
      const client = new Redis(redis.url);
      cleanUps.push(async () => client.disconnect());
      await startWorker();
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(file);
      for (const done of [10, 30]) {
        await chunksDone(id, done);
        await client.flushall();
      }
      await expectExact(shared, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );

  it(
    'when Redis is restarted, and uploads are taken while it is away',
    async () => {
      await startWorker();
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(file);
      await chunksDone(id, 10);
      const { port } = redis;
      await redis.stop();
      expect((await shared.send('people', peopleFile(9).text, '&dryRun=true')).status).toBe(202);
      redis = await startOwnRedis(port);
      await expectExact(shared, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );

  it(
    'when Postgres is away for long, and uses up no attempt; requests meanwhile get 503',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'sluice-postgres-'));
      cleanUps.push(() => rm(folder, { recursive: true, force: true }));
      const options = { dataDir: join(folder, 'postgres'), settings: { fsync: 'off' }, log };
      let postgres = await startPostgres(options);
      cleanUps.push(() => postgres.stop());
      await migrate(postgres.url);
      const pool = new pg.Pool({ connectionString: postgres.url });
      pool.on('error', () => undefined);
      cleanUps.push(() => pool.end());
      const sluice = await startSluice({
        datasets: ['bench/people.json'],
        servers: {
          databaseUrl: postgres.url,
          redisUrl: redis.url,
          database: { url: postgres.url, pool, db: databaseOn(pool), drop: () => Promise.resolve() },
        },
        env: { ...SMALL_CHUNKS, SLUICE_ATTEMPTS: '1', SLUICE_LOG_LEVEL: 'debug' },
      });
      cleanUps.push(() => sluice.stop());
      const worker = await startWorker(sluice);
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(file, sluice);
      await chunksDone(id, 10, sluice);
      // More often than a chunk may be begun.
      const restarted = (async () => {
        await postgres.stop();
        await waitFor(() => worker.output().split('Postgres is away').length > 12, {
          what: 'jobs to have met the outage again and again',
        });
        postgres = await startPostgres({ ...options, port: postgres.port });
      })();
      const refused = await waitFor(
        async () => [await sluice.fetch(`/v1/tasks/${id}`)].find((response) => response.status === 503),
        { what: 'a 503' },
      );
      expect(refused.headers.get('retry-after')).toBe('5');
      await restarted;
      await waitFor(async () => (await sluice.fetch(`/v1/tasks/${id}`)).status === 200, {
        what: 'Postgres to be back',
      });
      await expectExact(sluice, id, file, PATIENCE_MS);
      // The outage is told once, not for every job that met it.
      expect(worker.output().match(/"level":40[^\n]*Postgres is away/g)).toHaveLength(1);
      const { rows } = await sluice.database.pool.query<{ starts: number }>(
        'SELECT max(starts) AS starts FROM sluice.import_chunks',
      );
      expect(rows[0]!.starts).toBeLessThanOrEqual(2);
      expect(worker.output()).toContain('Postgres is back');
    },
    120_000 * SLOWER,
  );
});
