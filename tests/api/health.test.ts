import { rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../support/api.ts';
import { openTcpGate, type TcpGate } from '../support/tcp-gate.ts';
import { waitFor } from '../support/wait-for.ts';

/** Nothing listens there: port 9 is "discard", which nobody runs. */
const NOWHERE = '127.0.0.1:9';

describe('with everything there', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createApi();
  });
  afterAll(() => api.close());

  it('lives and is ready, and needs no key to say so', async () => {
    expect((await api.app.inject({ url: '/healthz' })).json()).toEqual({ status: 'ok' });
    const ready = await api.app.inject({ url: '/readyz' });
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toEqual({ status: 'ready', postgres: 'ok', redis: 'ok', storage: 'ok' });
  });

  it('metrics tell of the process, requests, tasks and queues', async () => {
    await api.deps.queues.imports.add('import', { taskId: 'x' });
    await api.database.pool.query(
      "INSERT INTO sluice.tasks (id, name, status, finished_at) VALUES (gen_random_uuid(), 'import', 'failed', clock_timestamp())",
    );
    await api.call({ url: '/v1/users/0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10' });
    const answer = await api.app.inject({ url: '/metrics' });
    expect(answer.headers['content-type']).toContain('text/plain');
    for (const line of [
      'sluice_up{part="postgres"} 1',
      'sluice_up{part="redis"} 1',
      'sluice_up{part="storage"} 1',
      'sluice_tasks{status="failed"} 1',
      'sluice_tasks{status="running"} 0',
      'sluice_queue_jobs{queue="imports",state="waiting"} 1',
      'http_request_duration_seconds_count{method="GET",route="/v1/users/:id",status="404"} 1',
      'process_cpu_seconds_total',
    ])
      expect(answer.body).toContain(line);
  });

  it('metrics are collected once for all who ask within a second', async () => {
    let looks = 0;
    const look = (): void => void looks++;
    api.deps.database.pool.on('acquire', look);
    await Promise.all(Array.from({ length: 30 }, () => api.app.inject({ url: '/metrics' })));
    await api.app.inject({ url: '/metrics' });
    api.deps.database.pool.off('acquire', look);
    // One collection asks Postgres twice; the second of it may end in between.
    expect(looks).toBeLessThanOrEqual(4);
  });

  it('tables of another version make it not ready, with both versions', async () => {
    await api.database.pool.query("INSERT INTO sluice.migrations (hash, created_at) VALUES ('newer', 1)");
    const ready = await api.app.inject({ url: '/readyz' });
    expect(ready.statusCode).toBe(503);
    expect(ready.json<{ postgres: string }>().postgres).toMatch(
      /^The database has version \d+ of Sluice's tables, and this Sluice knows only version \d+/,
    );
    await api.database.pool.query("DELETE FROM sluice.migrations WHERE hash = 'newer'");
    expect((await api.app.inject({ url: '/readyz' })).statusCode).toBe(200);
  });

  it('a storage that cannot be written is named', async () => {
    const folder = api.deps.config.storageDir;
    await rm(folder, { recursive: true, force: true });
    await writeFile(folder, 'a file where the folder was');
    try {
      const ready = await api.app.inject({ url: '/readyz' });
      expect(ready.statusCode).toBe(503);
      expect(ready.json()).toMatchObject({ status: 'not ready', postgres: 'ok', redis: 'ok' });
      expect(ready.json<{ storage: string }>().storage).not.toBe('ok');
    } finally {
      await rm(folder);
    }
  });

  it('the root shows a browser the documentation and a program the links', async () => {
    const page = await api.app.inject({ url: '/', headers: { accept: 'text/html,*/*' } });
    expect(page.headers.location).toBe('/docs');
    expect((await api.app.inject({ url: '/' })).json()).toMatchObject({
      docs: '/docs',
      openapi: '/openapi.json',
    });
  });
});

describe('without Redis', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await createApi({ env: { REDIS_URL: `redis://${NOWHERE}` } });
  });
  afterAll(() => api.close());

  it('starts, lives, answers what Postgres knows, and is ready for all that needs no Redis', async () => {
    expect((await api.app.inject({ url: '/healthz' })).statusCode).toBe(200);
    expect((await api.call({ url: '/v1/me' })).statusCode).toBe(200);
    const ready = await api.app.inject({ url: '/readyz' });
    expect(ready.statusCode).toBe(200);
    expect(ready.json()).toMatchObject({ status: 'degraded', postgres: 'ok', storage: 'ok' });
    expect(ready.json<{ redis: string }>().redis).toMatch(/^does not answer/);
  });

  it('metrics have every series of the queues, and say that Redis is away', async () => {
    const answer = await api.app.inject({ url: '/metrics' });
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain('sluice_up{part="redis"} 0');
    expect(answer.body).toContain('sluice_tasks{status="queued"} 0');
    expect(answer.body).toContain('sluice_queue_jobs{queue="imports",state="waiting"} 0');
  });
});

describe('when Postgres goes away', () => {
  let api: TestApi;
  let gate: TcpGate;
  beforeAll(async () => {
    api = await createApi({ databaseUrl: async (url) => (gate = await openTcpGate(url)).url });
  });
  afterAll(async () => {
    await gate.shut();
    await api.close();
  });

  it('requests get 503 and when to try again, and are answered when it is back', async () => {
    expect((await api.call({ url: '/v1/users' })).statusCode).toBe(200);
    await api.database.pool.query(
      "INSERT INTO sluice.tasks (id, name, status, finished_at) VALUES (gen_random_uuid(), 'import', 'failed', clock_timestamp())",
    );
    expect((await api.app.inject({ url: '/metrics' })).body).toContain('sluice_tasks{status="failed"} 1');
    await gate.shut();
    const answer = await api.call({ url: '/v1/users' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.json()).toMatchObject({ code: 'UNAVAILABLE', status: 503 });
    expect(answer.body).not.toContain('127.0.0.1');

    expect((await api.app.inject({ url: '/healthz' })).statusCode).toBe(200);
    const ready = await api.app.inject({ url: '/readyz' });
    expect(ready.statusCode).toBe(503);
    expect(ready.json()).toMatchObject({
      redis: 'ok',
      storage: 'ok',
      postgres: expect.stringMatching(/^does not/),
    });
    const metrics = await waitFor(
      async () => {
        const answer = await api.app.inject({ url: '/metrics' });
        return answer.body.includes('sluice_up{part="postgres"} 0') ? answer : undefined;
      },
      { what: 'metrics to see that Postgres is away' },
    );
    expect(metrics.statusCode).toBe(200);
    // The last count that is known: without its series there would seem to be nothing to count.
    expect(metrics.body).toContain('sluice_tasks{status="failed"} 1');

    await gate.open();
    await waitFor(async () => (await api.call({ url: '/v1/users' })).statusCode === 200, { what: 'a 200' });
    expect((await api.app.inject({ url: '/readyz' })).statusCode).toBe(200);
  });
});

it('metrics want the key of SLUICE_METRICS_KEY when it is set', async () => {
  const key = 'a-key-for-prometheus';
  const guarded = await createApi({ env: { SLUICE_METRICS_KEY: key } });
  try {
    const get = (headers: Record<string, string>) => guarded.app.inject({ url: '/metrics', headers });
    for (const headers of [{}, bearer('wrong'), bearer(guarded.adminKey)] as Record<string, string>[]) {
      const answer = await get(headers);
      expect(answer.statusCode).toBe(401);
      expect(answer.json()).toMatchObject({ code: 'UNAUTHENTICATED' });
    }
    expect((await get(bearer(key))).body).toContain('sluice_up{part="postgres"} 1');
  } finally {
    await guarded.close();
  }
});
