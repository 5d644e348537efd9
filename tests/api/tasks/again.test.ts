// Lists, what is known, and what is done with tasks that are there: one and many.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beat } from '../../../src/db/workers/workers.ts';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { addDefinitions } from '../../support/definitions.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
  await addDefinitions(api);
});
afterAll(() => api.close());
beforeEach(() => api.database.pool.query('TRUNCATE sluice.tasks CASCADE'));

const get = async (path: string) => (await api.call({ url: `/v1/tasks${path}` })).json();
const post = (path: string, payload?: object | string, headers = {}) =>
  api.call({
    method: 'POST',
    url: `/v1/tasks${path}`,
    headers: { ...(payload === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
const add = async (more: object = {}): Promise<string> =>
  (await post('', { name: 'add', args: { a: 1, b: 2 }, ...more })).json().id;
const end = (ids: readonly string[], status: string) =>
  api.database.pool.query(
    `UPDATE sluice.tasks SET status = $2, finished_at = now() WHERE id = ANY($1::uuid[])`,
    [ids, status],
  );

describe('GET /v1/tasks', () => {
  it('lists tasks newest first, in pages, by filter', async () => {
    const ids: string[] = [];
    for (let no = 0; no < 5; no++) ids.push(await add({ tags: [`t${no % 2}`], args: { a: no, b: 0 } }));
    await end([ids[1]!], 'failed');
    const first = await get('?limit=2');
    expect(first.data.map(({ id }: { id: string }) => id)).toEqual([ids[4], ids[3]]);
    const second = await get(`?limit=2&cursor=${first.nextCursor}`);
    expect(second.data.map(({ id }: { id: string }) => id)).toEqual([ids[2], ids[1]]);
    expect(second.data[1]).toEqual(await get(`/${ids[1]}`));
    const filtered = await get('?status=failed,queued&tag=t1&name=add&queue=default&q=A%22:');
    expect(filtered.data.map(({ id }: { id: string }) => id)).toEqual([ids[3], ids[1]]);
    expect(filtered.nextCursor).toBeNull();
    expect((await get('?createdAfter=2090-01-01')).data).toEqual([]);
  });

  it.each(['status=gone', 'worker=x', 'createdAfter=soon', 'q=', 'cursor=x', 'colour=red'])(
    'answers %s with 400',
    async (query) => {
      expect(await get(`?${query}`)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    },
  );
});

describe('the type of a body that is not there', () => {
  const empty = { headers: { 'content-type': 'application/json' }, payload: '' };

  it('keeps no task from being cancelled or done again', async () => {
    const id = await add();
    const cancelled = await api.call({ method: 'DELETE', url: `/v1/tasks/${id}`, ...empty });
    expect(cancelled.statusCode).toBe(202);
    expect(cancelled.json()).toMatchObject({ status: 'cancelled' });
    const again = await api.call({ method: 'POST', url: `/v1/tasks/${id}/retry`, ...empty });
    expect(again.statusCode).toBe(202);
    expect(again.json()).toMatchObject({ retryOf: id, args: { a: 1, b: 2 } });
  });
});

describe('GET /v1/tasks/registered', () => {
  it('tells each task with its schemas, and who that is online knows it', async () => {
    const worker = { id: randomUUID(), host: 'one', pid: 1, version: '1', queues: [], slots: 1 };
    await beat(api.deps.database.db, { ...worker, concurrency: 1, running: [], tasks: ['add'] });
    const lost = { ...worker, id: randomUUID(), host: 'lost' };
    await beat(api.deps.database.db, { ...lost, concurrency: 1, running: [], tasks: ['add', 'sleep'] });
    await api.database.pool.query(
      `UPDATE sluice.workers SET beat_at = now() - interval '1 hour' WHERE host = 'lost'`,
    );
    const { data, nextCursor } = await get('/registered');
    const names = data.map(({ name }: { name: string }) => name);
    expect(names).toEqual(names.toSorted());
    expect(names).toEqual(expect.arrayContaining(['add', 'exact', 'sleep']));
    expect(nextCursor).toBeNull();
    expect(data[0]).toMatchObject({
      name: 'add',
      args: { type: 'object', properties: { a: { type: 'number' } } },
      result: { type: 'number' },
      queue: 'default',
      run: 'io',
      maxAttempts: 4,
      timeLimitMs: null,
      workers: [{ id: worker.id, host: 'one' }],
    });
    const page = await get('/registered?limit=1&cursor=delete-records');
    expect([page.data[0].name, page.data[0].workers, page.nextCursor]).toEqual(['exact', [], 'exact']);
    await api.database.pool.query('DELETE FROM sluice.workers');
  });
});

describe('POST /v1/tasks/{id}/retry', () => {
  it('records an ended task anew, as it was asked for', async () => {
    const id = (
      await post(
        '',
        `{"name":"exact","args":{"big":12345678901234567890123},"queue":"mail","priority":3,"retries":5,"timeLimit":"1m","backoff":{"delay":"2s"},"tags":["x"],"delay":"1h","expires":"2h"}`,
      )
    ).json().id;
    await end([id], 'failed');
    const answer = await post(`/${id}/retry`);
    expect(answer.statusCode).toBe(202);
    expect(answer.body).toContain('{"big": 12345678901234567890123}');
    const again = answer.json();
    expect(again).toMatchObject({
      retryOf: id,
      status: 'queued',
      attempts: 0,
      queue: 'mail',
      priority: 3,
      maxAttempts: 6,
      tags: ['x'],
      expiresAt: null,
    });
    expect(answer.headers.location).toBe(`/v1/tasks/${again.id}`);
    const { rows } = await api.database.pool.query('SELECT due, options FROM sluice.tasks WHERE id = $1', [
      again.id,
    ]);
    expect(rows[0]).toEqual({
      due: true,
      options: { timeLimitMs: 60_000, backoff: { delayMs: 2000 } },
    });
    expect(await get(`/${id}`)).toMatchObject({ status: 'failed', retryOf: null });
  });

  it('takes other arguments and options', async () => {
    const id = await add();
    await end([id], 'succeeded');
    const answer = await post(`/${id}/retry`, { args: { a: 5, b: 6 }, priority: 9 });
    expect(answer.json()).toMatchObject({ args: { a: 5, b: 6 }, priority: 9, retryOf: id });
    expect((await post(`/${id}/retry`, { args: { a: 'x', b: 6 } })).json()).toMatchObject({
      code: 'TASK_INVALID',
      errors: [{ pointer: '/args/a' }],
    });
    expect((await post(`/${id}/retry`, { name: 'sleep' })).json()).toMatchObject({
      errors: [{ pointer: '/name' }],
    });
  });

  it('is answered once for one Idempotency-Key', async () => {
    const id = await add();
    await end([id], 'cancelled');
    const headers = { 'idempotency-key': randomUUID() };
    const first = await post(`/${id}/retry`, undefined, headers);
    const again = await post(`/${id}/retry`, undefined, headers);
    expect([again.json().id, again.headers['idempotent-replayed']]).toEqual([first.json().id, 'true']);
  });

  it('takes over a key that is unique for a time: another task of the key is that one meanwhile', async () => {
    const unique = { key: 'day', for: '1d' };
    const id = await add({ unique });
    await end([id], 'failed');
    const again = (await post(`/${id}/retry`)).json().id;
    expect(again).not.toBe(id);
    expect(await add({ unique })).toBe(again);
    await end([again], 'succeeded');
    expect(await add({ unique })).toBe(again);
  });

  it('is a 409 while the task has not ended, or another has its unique key; of none a 404', async () => {
    const unique = { key: 'k' };
    const id = await add({ unique });
    expect((await post(`/${id}/retry`)).json()).toMatchObject({
      status: 409,
      code: 'CONFLICT',
      taskStatus: 'queued',
    });
    await end([id], 'failed');
    const other = await add({ unique });
    expect((await post(`/${id}/retry`)).json()).toMatchObject({ status: 409, taskId: other });
    expect((await post(`/${randomUUID()}/retry`)).statusCode).toBe(404);
    expect((await get('')).data).toHaveLength(2);
  });

  it('of an import says which call to use', async () => {
    const { rows } = await api.database.pool.query(
      `INSERT INTO sluice.tasks (id, name, status) VALUES (gen_random_uuid(), 'import', 'failed') RETURNING id`,
    );
    expect((await post(`/${rows[0].id}/retry`)).json()).toMatchObject({
      status: 422,
      code: 'TASK_INVALID',
      detail: expect.stringContaining('/v1/imports'),
    });
  });
});

describe('what is done with many', () => {
  it('touches as many as are expected, and none otherwise', async () => {
    const ids = await Promise.all(Array.from({ length: 7 }, () => add({ tags: ['many'] })));
    await add();
    await api.database.pool.query(`UPDATE sluice.tasks SET status = 'running' WHERE id = $1`, [ids[0]]);
    await end([ids[1]!], 'succeeded');
    for (const body of [{ tag: 'many' }, { tag: 'many', expect: 7 }]) {
      const refused = await post('/cancel', body);
      expect(refused.json()).toMatchObject({ status: 409, code: 'CONFLICT', matching: 6 });
    }
    expect((await get('?status=cancelled')).data).toEqual([]);
    const answer = await post('/cancel', { tag: 'many', expect: 6 });
    expect([answer.statusCode, answer.json()]).toEqual([
      202,
      { cancelled: 5, cancelling: 1, remaining: false },
    ]);
    expect(await get(`/${ids[2]}`)).toMatchObject({ status: 'cancelled', finishedAt: expect.any(String) });
    expect(await get(`/${ids[1]}`)).toMatchObject({ status: 'succeeded' });
    expect((await post('/cancel', { tag: 'many', expect: 0 })).json()).toMatchObject({ cancelled: 0 });
    expect((await post('/cancel', { status: ['failed'], expect: 0 })).statusCode).toBe(400);
  });

  it('does failed ones again, oldest first, each once', async () => {
    const { data } = (
      await post('/batch', {
        tasks: Array.from({ length: 600 }, (_, a) => ({ name: 'add', args: { a, b: 0 } })),
      })
    ).json();
    const ids = data.map(({ id }: { id: string }) => id);
    await end(ids, 'failed');
    expect((await post('/retry', { name: 'add' })).json()).toMatchObject({ status: 409, matching: 600 });
    const answer = await post('/retry', { name: 'add', expect: 600 });
    expect(answer.json()).toEqual({ retried: 600, declined: 0, remaining: false });
    const { rows } = await api.database.pool.query(
      `SELECT retry_of, args FROM sluice.tasks WHERE retry_of IS NOT NULL ORDER BY id`,
    );
    expect(rows.map((row) => row.retry_of)).toEqual(ids);
    expect(rows[77].args).toEqual({ a: 77, b: 0 });
    expect((await post('/retry', { name: 'add', expect: 0 })).json()).toMatchObject({ retried: 0 });
  });

  it('needs an operator', async () => {
    const viewer = bearer(await api.keyOf('viewer'));
    for (const path of ['/cancel', '/retry'])
      expect((await post(path, { expect: 0 }, viewer)).statusCode).toBe(403);
  });
});
