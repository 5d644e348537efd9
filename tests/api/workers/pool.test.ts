// Workers on demand over HTTP, as far as no process is needed for it.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { holdPool, releasePool } from '../../../src/db/workers/worker-pool.ts';
import { saveDefinitions } from '../../../src/db/tasks/definitions.ts';
import { add } from '../../../src/tasks/shipped/add.ts';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { enqueue } from '../../support/tasks.ts';
import { waitFor } from '../../support/wait-for.ts';

let api: TestApi;
const UP = { id: 'here /home', host: 'here' };

beforeAll(async () => {
  api = await createApi();
  await saveDefinitions(api.database.pool, [add.document]);
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.pool.query("UPDATE sluice.worker_pool SET wish = 'on-demand'");
  await holdPool(api.database.db, UP, 'running');
});

const post = (what: string, payload?: object, key = api.adminKey) =>
  api.app.inject({
    method: 'POST',
    url: `/v1/workers/${what}`,
    headers: bearer(key),
    ...(payload === undefined ? {} : { payload }),
  });

it('without a "sluice up" that starts them, the answer says what to do', async () => {
  await releasePool(api.database.db, UP);
  for (const answer of [
    await post('start'),
    await post('stop', {}),
    await api.call({ url: '/v1/workers/pool' }),
  ]) {
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({
      code: 'WORKERS_NOT_ON_DEMAND',
      detail: expect.stringContaining('SLUICE_WORKERS=on-demand') as string,
    });
  }
});

it('an admin starts and stops them, others only look', async () => {
  const [viewer, operator] = [await api.keyOf('viewer'), await api.keyOf('operator')];
  const seen = await api.app.inject({ url: '/v1/workers/pool', headers: bearer(viewer) });
  expect(seen.json()).toMatchObject({ state: 'running', onDemand: true, host: 'here' });
  for (const key of [viewer, operator]) {
    expect((await post('start', undefined, key)).statusCode).toBe(403);
    expect((await post('stop', { force: true }, key)).statusCode).toBe(403);
  }
  expect((await post('stop', { force: true, mode: 'cold' })).statusCode).toBe(400);
});

it('says what is on its way and what is so already, and the audit log has who wanted it', async () => {
  const { db } = api.database;
  expect((await post('start')).statusCode).toBe(200);
  const stop = await post('stop', { force: true });
  expect([stop.statusCode, stop.json()]).toMatchObject([202, { state: 'stopping', onDemand: false }]);
  await holdPool(db, UP, 'stopped');
  expect((await post('stop', { force: true })).json()).toMatchObject({ state: 'stopped', onDemand: false });
  const start = await post('start');
  expect([start.statusCode, start.json()]).toMatchObject([202, { state: 'pending', onDemand: true }]);
  const { data } = (await api.call({ url: '/v1/audit?limit=4' })).json<{ data: unknown[] }>();
  expect(data).toMatchObject([
    { action: 'workers.start', by: { name: 'admin' }, subjectType: 'worker', details: { host: 'here' } },
    { action: 'workers.stop', details: { force: true } },
    { action: 'workers.stop' },
    { action: 'workers.start' },
  ]);
});

describe('while others are at work, a stop', () => {
  beforeEach(async () => {
    await api.database.pool.query('UPDATE sluice.api_keys SET last_used_at = NULL');
    await api.database.pool.query('DELETE FROM sluice.tasks');
  });
  const wish = async () =>
    (await api.database.pool.query<{ wish: string }>('SELECT wish FROM sluice.worker_pool')).rows[0]!.wish;

  it('is refused with who uses the API', async () => {
    const key = await api.keyOf('operator');
    await waitFor(
      async () => {
        await api.app.inject({ url: '/v1/me', headers: bearer(key) });
        const active = (await api.call({ url: '/v1/active-users' })).json<{ data: { role: string }[] }>();
        return active.data.some(({ role }) => role === 'operator');
      },
      { what: 'the operator to be active' },
    );
    const refused = await post('stop', {});
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      code: 'WORKERS_IN_USE',
      users: [{ name: 'operator', role: 'operator', lastUsedAt: expect.stringMatching(/^20.*Z$/) as string }],
      tasks: [],
      running: 0,
      waiting: 0,
    });
    expect(refused.json<{ detail: string }>().detail).toMatch(
      /^Others are at work\. Using the API: operator \(last request 20.*Z\)\. Ask them, or send \{"force": true\}/,
    );
    expect(await wish()).toBe('on-demand');
    expect((await post('stop', { force: true })).statusCode).toBe(202);
    expect(await wish()).toBe('stop');
  });

  it('is refused with what of theirs runs and waits', async () => {
    const { pool } = api.database;
    const mine = await api.call({
      method: 'POST',
      url: '/v1/tasks',
      payload: { name: 'add', args: { a: 1, b: 2 } },
    });
    expect(mine.statusCode).toBe(202);
    const later = await enqueue(pool, 'add', { a: 1, b: 2 }, { delay: '1h' });
    expect((await post('stop', {})).statusCode).toBe(202);
    await api.database.pool.query("UPDATE sluice.worker_pool SET wish = 'on-demand'");

    const [waiting, running] = [
      await enqueue(pool, 'add', { a: 1, b: 2 }),
      await enqueue(pool, 'add', { a: 3, b: 4 }),
    ];
    const { rows } = await pool.query<{ id: string }>(
      `INSERT INTO sluice.users (id, name, email, role) VALUES (gen_random_uuid(), 'Ann', gen_random_uuid() || '@example.com', 'operator') RETURNING id`,
    );
    await pool.query(`UPDATE sluice.tasks SET status = 'running', created_by = $2 WHERE id = $1`, [
      running,
      rows[0]!.id,
    ]);
    const refused = await post('stop', {});
    expect(refused.statusCode).toBe(409);
    expect(refused.json()).toMatchObject({
      users: [],
      tasks: [
        { id: running, name: 'add', status: 'running', createdBy: { id: rows[0]!.id, name: 'Ann' } },
        { id: waiting, name: 'add', status: 'queued', createdBy: null },
      ],
      running: 1,
      waiting: 1,
    });
    expect(refused.json<{ tasks: { id: string }[] }>().tasks.map(({ id }) => id)).not.toContain(later);
    expect(refused.json<{ detail: string }>().detail).toContain(
      'Tasks that are not yours: 1 running, 1 waiting.',
    );
  });
});
