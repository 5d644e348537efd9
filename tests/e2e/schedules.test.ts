// Schedules with real processes that die: each due time has its run, and one only.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { saveDefinitions } from '../../src/db/tasks/definitions.ts';
import { startRedis, type EmbeddedRedis } from '../../src/embedded/redis.ts';
import { add } from '../../src/tasks/shipped/add.ts';
import { REPOSITORY } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

const log = { info: () => undefined, debug: () => undefined };

let folder: string;
let redis: EmbeddedRedis;
let sluice: Sluice;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-schedules-'));
  redis = await startOwnRedis();
  sluice = await startSluice({ datasets: [], env: { REDIS_URL: redis.url } });
  await saveDefinitions(sluice.database.pool, [add.document]);
});
afterEach(async () => {
  await sluice.stop();
  await redis.stop();
  await rm(folder, { recursive: true, force: true });
});

function startOwnRedis(port?: number): Promise<EmbeddedRedis> {
  const toolsDir = join(REPOSITORY, '.sluice', 'tools');
  return startRedis({
    dataDir: folder,
    toolsDir,
    persistent: false,
    log,
    ...(port === undefined ? {} : { port }),
  });
}

async function schedule(body: object): Promise<string> {
  const answer = await sluice.fetch('/v1/schedules', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ task: { name: 'add', args: { a: 1, b: 2 } }, ...body }),
  });
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

interface Run {
  readonly due_at: Date;
  readonly late_ms: number;
  readonly status: string | null;
}

async function runsOf(id: string): Promise<Run[]> {
  const { rows } = await sluice.database.pool.query<Run>(
    `SELECT due_at, (extract(epoch FROM r.created_at - due_at) * 1000)::float8 AS late_ms, t.status
       FROM sluice.schedule_runs r LEFT JOIN sluice.tasks t ON t.id = r.task_id WHERE schedule_id = $1 ORDER BY due_at`,
    [id],
  );
  return rows;
}

async function moreRuns(id: string, more: number): Promise<void> {
  const before = (await runsOf(id)).length;
  await waitFor(async () => (await runsOf(id)).length >= before + more, {
    what: `${more} more runs`,
    timeoutMs: 30_000,
  });
}

it('workers are killed, Redis is flushed and restarted, connections are cut: each second has one run, and all end well', async () => {
  const first = await sluice.startWorker();
  await sluice.startWorker();
  const id = await schedule({ name: 'each second', every: '1s', misfire: 'all' });
  await moreRuns(id, 2);

  const client = new Redis(redis.url);
  await client.flushall();
  client.disconnect();
  await moreRuns(id, 2);

  first.kill('SIGKILL');
  await first.exited;
  await moreRuns(id, 2);

  await sluice.database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sluice worker' AND datname = current_database()`,
  );
  await moreRuns(id, 2);

  const { port } = redis;
  await redis.stop();
  await moreRuns(id, 2);
  redis = await startOwnRedis(port);
  await moreRuns(id, 2);

  await sluice.fetch(`/v1/schedules/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: '{"enabled": false}',
  });
  const runs = await waitFor(
    async () => {
      const all = await runsOf(id);
      return all.every(({ status }) => status === 'succeeded') && all;
    },
    { what: 'all tasks to succeed', timeoutMs: 90_000 },
  );
  const steps = runs.slice(1).map(({ due_at }, at) => due_at.getTime() - runs[at]!.due_at.getTime());
  expect(steps.filter((step) => step !== 1000)).toEqual([]);
  // Some are later: those that came while nobody led.
  const lateness = runs.map(({ late_ms }) => late_ms).sort((a, b) => a - b);
  expect(lateness[0]).toBeGreaterThanOrEqual(0);
  expect(lateness[Math.floor(lateness.length / 2)]).toBeLessThan(1000);
});

it('a single run that is due while no worker is there is made by the next one, and a deployment that sends it again changes nothing', async () => {
  const at = new Date(Date.now() + 2000).toISOString();
  const body = { name: 'once', at };
  const id = await schedule(body);
  await waitFor(() => Date.now() > Date.parse(at) + 500, { what: 'the time to come' });
  const again = await sluice.fetch('/v1/schedules/once', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, task: { name: 'add', args: { a: 1, b: 2 } } }),
  });
  expect(again.status).toBe(200);
  const workers = await Promise.all([sluice.startWorker(), sluice.startWorker()]);
  await waitFor(async () => (await runsOf(id))[0]?.status === 'succeeded', { what: 'the run' });
  for (const worker of workers) worker.kill();
  await Promise.all(workers.map((worker) => worker.exited));
  expect(await runsOf(id)).toHaveLength(1);
  const answer = (await (await sluice.fetch('/v1/schedules/once')).json()) as object;
  expect(answer).toMatchObject({
    nextRunAt: null,
    nextRuns: [],
    lastRun: { status: 'succeeded', dueAt: at },
  });
});
