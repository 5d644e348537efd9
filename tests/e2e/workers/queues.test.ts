// A queue that is paused, as workers obey it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { REPOSITORY, waitFor } from '../../support/processes.ts';
import { freePort } from '../../../src/embedded/ports.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, taskState } from '../../support/tasks.ts';

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice();
  return () => sluice.stop();
});
const db = () => sluice.database.pool;
const post = (path: string) => sluice.fetch(`/v1/queues/${path}`, { method: 'POST' });

it('a paused queue begins nothing, others go on, and at its resume it begins at once', async () => {
  await sluice.startWorker();
  await post('held/pause');
  const held = await enqueue(db(), 'add', { a: 1, b: 2 }, { queue: 'held' });
  const free = await enqueue(db(), 'add', { a: 1, b: 2 });
  expect(await ended(db(), free)).toMatchObject({ status: 'succeeded' });
  expect(await taskState(db(), held)).toMatchObject({ status: 'queued' });
  await post('held/resume');
  expect(await ended(db(), held)).toMatchObject({ status: 'succeeded', starts: 1 });
});

it('a paused queue of imports begins none of them, and its resume lets them go on', async () => {
  await sluice.startWorker();
  await post('imports/pause');
  // Workers look each second.
  const until = Date.now() + 2500;
  await waitFor(() => Date.now() > until, { what: 'the workers to have looked' });
  const file = await readFile(join(REPOSITORY, 'examples/customers.csv'), 'utf8');
  const { id } = (await (await sluice.send('customers', file)).json()) as { id: string };
  expect(await ended(db(), await enqueue(db(), 'add', { a: 1, b: 2 }))).toMatchObject({
    status: 'succeeded',
  });
  expect(await taskState(db(), id)).toMatchObject({ status: 'queued' });
  await post('imports/resume');
  expect(await ended(db(), id)).toMatchObject({ status: 'succeeded' });
});

it('a worker is healthy while it takes work or has none, and not while it cannot claim', async () => {
  const port = await freePort();
  const metricsKey = 'key-of-the-metrics';
  await sluice.startWorker({
    SLUICE_WORKER_HEALTH_PORT: String(port),
    SLUICE_METRICS_KEY: metricsKey,
    SLUICE_STUCK_MS: '4000',
  });
  const health = async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).status;
  await waitFor(async () => (await health()) === 200, { what: 'the worker to be healthy' });
  expect(await ended(db(), await enqueue(db(), 'add', { a: 1, b: 2 }))).toMatchObject({
    status: 'succeeded',
  });
  expect(await health()).toBe(200);
  const client = await db().connect();
  await client.query('BEGIN; LOCK TABLE sluice.tasks IN ACCESS EXCLUSIVE MODE');
  await waitFor(async () => (await health()) === 503, { what: 'the worker to be unhealthy' });
  await client.query('ROLLBACK');
  client.release();
  await waitFor(async () => (await health()) === 200, { what: 'the worker to be healthy again' });
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
  const metrics = (key: string) =>
    fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  expect((await metrics('another-key-of-some-length')).status).toBe(401);
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
  expect(await (await metrics(metricsKey)).text()).toMatch(/^process_resident_memory_bytes \d+$/m);
});
