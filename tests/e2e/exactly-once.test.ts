// The promise of Sluice, with real kills: each good record stands in the table once, whatever dies on the way.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { databaseOn } from '../../src/db/transaction.ts';
import { startPostgres, type EmbeddedPostgres } from '../../src/embedded/postgres.ts';
import { startRedis, type EmbeddedRedis } from '../../src/embedded/redis.ts';
import { expectExact } from '../support/exact-people.ts';
import { peopleFile, type PeopleFile } from '../support/people.ts';
import { REPOSITORY } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

/** More for a night's run: SLUICE_TEST_RECORDS=1000000. */
const RECORDS = Number(process.env['SLUICE_TEST_RECORDS'] ?? 40_000);
const SLOWER = Math.max(1, RECORDS / 100_000);
const PATIENCE_MS = 60_000 * SLOWER;
/** Some 90 chunks, whatever the size. */
const SMALL_CHUNKS = { SLUICE_CHUNK_BYTES: String(Math.ceil(RECORDS * 1.6)) };
const log = { info: () => undefined, debug: () => undefined };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function start(options: Parameters<typeof startSluice>[0] = {}): Promise<Sluice> {
  const sluice = await startSluice({ datasets: ['bench/people.json'], env: SMALL_CHUNKS, ...options });
  cleanUps.push(() => sluice.stop());
  return sluice;
}

async function sendPeople(sluice: Sluice, file: PeopleFile): Promise<string> {
  const response = await sluice.send('people', file.text);
  expect(response.status).toBe(202);
  return ((await response.json()) as { id: string }).id;
}

async function chunksDone(sluice: Sluice, id: string, atLeast: number): Promise<void> {
  await waitFor(async () => (await sluice.task(id)).progress.chunksDone >= atLeast, {
    what: `${atLeast} chunks to be done`,
    timeoutMs: 60_000 * SLOWER,
  });
}

describe('an import stays exact', () => {
  it(
    'when its worker is killed five times',
    async () => {
      const sluice = await start();
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(sluice, file);
      for (let kill = 1; kill <= 5; kill++) {
        const worker = await sluice.startWorker();
        await chunksDone(sluice, id, kill * 10);
        worker.kill('SIGKILL');
        await worker.exited;
      }
      // It may have ended just before the last of them was killed.
      expect(['running', 'succeeded']).toContain((await sluice.task(id)).status);
      await sluice.startWorker();
      await expectExact(sluice, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );

  it(
    'with two workers at once',
    async () => {
      const sluice = await start();
      await Promise.all([sluice.startWorker(), sluice.startWorker()]);
      const file = peopleFile(RECORDS, 777);
      await expectExact(sluice, await sendPeople(sluice, file), file, PATIENCE_MS);
    },
    60_000 * SLOWER,
  );

  it(
    'when a worker is frozen beyond its lease and wakes up beside another worker',
    async () => {
      const sluice = await start();
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(sluice, file);
      const frozen = await sluice.startWorker();
      await chunksDone(sluice, id, 5);
      frozen.kill('SIGSTOP');
      await sluice.startWorker();
      await chunksDone(sluice, id, 30);
      frozen.kill('SIGCONT');
      await expectExact(sluice, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );

  it(
    'when a worker is told to stop and another goes on',
    async () => {
      const sluice = await start();
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(sluice, file);
      const first = await sluice.startWorker();
      await chunksDone(sluice, id, 10);
      first.kill('SIGTERM');
      expect(await first.exited).toEqual({ code: 0, signal: null });
      await sluice.startWorker();
      await expectExact(sluice, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );
});

describe('with servers of its own', () => {
  async function startServers(env: Readonly<Record<string, string>> = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-servers-'));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    const postgresOptions = { dataDir: join(folder, 'postgres'), settings: { fsync: 'off' }, log };
    let postgres: EmbeddedPostgres = await startPostgres(postgresOptions);
    const redisOptions = {
      dataDir: join(folder, 'redis'),
      toolsDir: join(REPOSITORY, '.sluice', 'tools'),
      persistent: true,
      log,
    };
    let redis: EmbeddedRedis = await startRedis(redisOptions);
    cleanUps.push(
      () => postgres.stop(),
      () => redis.stop(),
    );
    await migrate(postgres.url);
    const pool = new pg.Pool({ connectionString: postgres.url });
    pool.on('error', () => undefined);
    cleanUps.push(() => pool.end());
    const database = { url: postgres.url, pool, db: databaseOn(pool), drop: () => Promise.resolve() };
    const sluice = await start({
      servers: { databaseUrl: postgres.url, redisUrl: redis.url, database },
      env: { ...SMALL_CHUNKS, ...env },
    });
    return {
      sluice,
      redisUrl: redis.url,
      async restartPostgres(whileAway: () => Promise<unknown>) {
        const { port } = postgres;
        await postgres.stop();
        await whileAway();
        postgres = await startPostgres({ ...postgresOptions, port });
      },
      async restartRedis() {
        const { port } = redis;
        await redis.stop();
        redis = await startRedis({ ...redisOptions, port });
      },
    };
  }

  it(
    'an import stays exact when Redis is flushed, twice',
    async () => {
      const { sluice, redisUrl } = await startServers();
      const redis = new Redis(redisUrl);
      cleanUps.push(async () => redis.disconnect());
      await sluice.startWorker();
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(sluice, file);
      for (const done of [10, 40]) {
        await chunksDone(sluice, id, done);
        await redis.flushall();
      }
      await expectExact(sluice, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );

  it(
    'an import stays exact when Redis is restarted, and uploads are taken while it is away',
    async () => {
      const servers = await startServers();
      const { sluice } = servers;
      await sluice.startWorker();
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(sluice, file);
      await chunksDone(sluice, id, 10);
      await servers.restartRedis();
      await expectExact(sluice, id, file, PATIENCE_MS);
    },
    120_000 * SLOWER,
  );

  it(
    'an import stays exact when Postgres is away for long, and uses up no attempt; requests meanwhile get 503',
    async () => {
      const servers = await startServers({ SLUICE_ATTEMPTS: '1', SLUICE_LOG_LEVEL: 'debug' });
      const { sluice } = servers;
      const worker = await sluice.startWorker();
      const file = peopleFile(RECORDS, 1000);
      const id = await sendPeople(sluice, file);
      await chunksDone(sluice, id, 10);
      // More often than a chunk may be begun.
      const restarted = servers.restartPostgres(() =>
        waitFor(() => worker.output().split('Postgres is away').length > 12, {
          what: 'jobs to have met the outage again and again',
        }),
      );
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
