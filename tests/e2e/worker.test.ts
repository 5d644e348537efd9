// A worker as a process: what it refuses to start with, how work fails for good, and what it leaves in Redis.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { startRedis } from '../../src/embedded/redis.ts';
import { createDatabase } from '../support/database.ts';
import { peopleFile } from '../support/people.ts';
import { REPOSITORY, spawnSluice, type TestProcess } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({
    datasets: ['bench/people.json'],
    env: { SLUICE_ATTEMPTS: '2', SLUICE_RETRY_DELAY_MS: '50', SLUICE_CHUNK_BYTES: '2000' },
  });
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await sluice.database.pool.query('DELETE FROM sluice.workers');
});
afterAll(() => sluice.stop());

/** It ends with its test. */
async function startWorker(env: Readonly<Record<string, string>> = {}): Promise<TestProcess> {
  const worker = await sluice.startWorker(env);
  cleanUps.push(() => {
    worker.kill('SIGKILL');
    return worker.exited;
  });
  return worker;
}

async function send(records: number): Promise<string> {
  return ((await (await sluice.send('people', peopleFile(records).text)).json()) as { id: string }).id;
}

describe('a worker', () => {
  it('refuses a Redis that may evict jobs, and says what to set', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-evicting-'));
    cleanUps.push(() => rm(folder, { recursive: true, force: true }));
    const log = { info: () => undefined, debug: () => undefined };
    const server = await startRedis({
      dataDir: join(folder, 'redis'),
      toolsDir: join(REPOSITORY, '.sluice', 'tools'),
      persistent: false,
      log,
    });
    cleanUps.push(() => server.stop());
    const redis = new Redis(server.url);
    cleanUps.push(async () => redis.disconnect());
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const database = await createDatabase();
    cleanUps.push(() => database.drop());
    const env = { DATABASE_URL: database.url, REDIS_URL: server.url, SLUICE_HOME: folder };

    const warned = spawnSluice(['worker'], { env });
    await warned.says(/maxmemory-policy allkeys-lru.*noeviction/);
    await warned.says(/worker ready/);

    await redis.config('SET', 'maxmemory', '100mb');
    const refused = spawnSluice(['worker'], { env });
    expect((await refused.exited).code).toBe(1);
    expect(refused.output()).toContain('Set "maxmemory-policy noeviction"');
  });

  it('fails an import whose chunks keep failing, with the reason, and goes on with the next', async () => {
    const poisoned = await send(100);
    await sluice.database.pool.query('ALTER TABLE people RENAME TO elsewhere');
    await startWorker();
    const failed = await sluice.ended(poisoned);
    expect(failed.status).toBe('failed');
    expect(failed.error?.message).toMatch(
      /^Chunk \d+ could not be loaded after 2 attempts: .*"public.people" does not exist/,
    );
    await sluice.database.pool.query('ALTER TABLE elsewhere RENAME TO people');
    expect(await sluice.ended(await send(100))).toMatchObject({
      status: 'succeeded',
      result: { loaded: 100 },
    });
  });

  it('leaves the import’s counts in Redis as the job’s result, and its chunks as children', async () => {
    const prefix = sluice.queuePrefix;
    await startWorker();
    const id = await send(100);
    await sluice.ended(id);
    const connection = new Redis(inject('redisUrl'));
    const queue = new Queue('imports', { connection, prefix });
    cleanUps.push(
      async () => connection.disconnect(),
      () => queue.close(),
    );
    await expect.poll(() => queue.getJobState(id)).toBe('completed');
    const job = await queue.getJob(id);
    expect(job?.returnvalue).toMatchObject({
      records: 100,
      inserted: 100,
      loaded: 100,
      rejected: 0,
      unprocessed: 0,
      errors: 0,
    });
    expect((await job?.getDependencies())?.processed).toHaveProperty([`${prefix}:chunks:${id}-0`]);
  });

  it('is listed while it is there, also killed, and not when it was stopped', async () => {
    const list = async () =>
      ((await (await sluice.fetch('/v1/workers')).json()) as { data: Record<string, unknown>[] }).data;
    const [stopped, killed] = [await startWorker(), await startWorker({ SLUICE_QUEUES: 'chunks' })];
    await expect.poll(list).toHaveLength(2);
    expect(await list()).toContainEqual({
      id: expect.any(String),
      name: '',
      state: 'online',
      phase: 'running',
      host: hostname(),
      pid: killed.pid,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      queues: ['chunks'],
      slots: 2,
      slotsBusy: 0,
      concurrency: 100,
      ioBusy: 0,
      running: [],
      runningCount: 0,
      processed: 0,
      failed: 0,
      memoryBytes: expect.any(Number),
      loopDelayMs: expect.any(Number),
      uptimeSeconds: expect.any(Number),
      startedAt: expect.any(String),
      beatAt: expect.any(String),
    });
    stopped.kill('SIGTERM');
    killed.kill('SIGKILL');
    await Promise.all([stopped.exited, killed.exited]);
    expect(await list()).toMatchObject([{ pid: killed.pid }]);
    await sluice.database.pool.query(`UPDATE sluice.workers SET beat_at = beat_at - interval '20 seconds'`);
    expect(await list()).toMatchObject([{ pid: killed.pid, state: 'lost' }]);
    const metrics = await (await sluice.fetch('/metrics')).text();
    expect(metrics).toContain('sluice_workers{state="lost"} 1');
    expect(metrics).toContain('sluice_oldest_waiting_seconds{queue="imports"} 0');
  });

  it('takes only the queues it is told to', async () => {
    await startWorker({ SLUICE_QUEUES: 'imports' });
    const id = await send(100);
    await expect.poll(async () => (await sluice.task(id)).progress.chunksTotal).toBeGreaterThan(1);
    expect((await sluice.task(id)).progress.chunksDone).toBe(0);
    await startWorker({ SLUICE_QUEUES: 'chunks,imports' });
    expect((await sluice.ended(id)).status).toBe('succeeded');
  });

  it('rings again for chunks that Redis has lost while their import waits for them', async () => {
    const prefix = sluice.queuePrefix;
    await startWorker({ SLUICE_QUEUES: 'imports' });
    const id = await send(100);
    const connection = new Redis(inject('redisUrl'));
    const imports = new Queue('imports', { connection, prefix });
    cleanUps.push(
      async () => connection.disconnect(),
      () => imports.close(),
    );
    await expect.poll(() => imports.getJobState(id)).toBe('waiting-children');
    // As after a restart that lost the last second: the import still waits for jobs that are not there.
    await connection.del(await connection.keys(`${prefix}:chunks:*`));
    expect(await imports.getJobState(id)).toBe('waiting-children');
    await startWorker();
    expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: 100 } });
  });

  it('believes Postgres when Redis says that chunks are done which are not', async () => {
    const prefix = sluice.queuePrefix;
    const connection = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
    const liar = new Worker('chunks', async () => undefined, { connection, prefix });
    cleanUps.push(
      async () => connection.disconnect(),
      () => liar.close(),
    );
    // The sweeper would find them too, later.
    const rarely = { SLUICE_SWEEP_INTERVAL_MS: '600000' };
    await startWorker({ ...rarely, SLUICE_QUEUES: 'imports' });
    const id = await send(100);
    for (let lies = 0; lies < 3; lies++) await once(liar, 'completed');
    await liar.close();
    await startWorker(rarely);
    expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: 100 } });
  });
});
