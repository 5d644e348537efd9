import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { addDefinitions } from '../../support/definitions.ts';
import { waitFor } from '../../support/wait-for.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
  await addDefinitions(api);
});
afterAll(() => api.close());

const post = (body: unknown, { url = '/v1/tasks', headers = {} } = {}) =>
  api.call({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  });
const postBatch = (tasks: unknown, headers = {}) => post({ tasks }, { url: '/v1/tasks/batch', headers });
const countTasks = async (): Promise<number> =>
  Number((await api.database.pool.query('SELECT count(*) FROM sluice.tasks')).rows[0].count);

/** Sends what must be refused. @returns the pointers of its errors */
async function refused(body: unknown, url?: string): Promise<[string, string[], string]> {
  const before = await countTasks();
  const answer = await post(body, url === undefined ? {} : { url });
  expect(answer.statusCode).toBe(422);
  expect(await countTasks()).toBe(before);
  const { code, detail, errors = [] } = answer.json();
  return [code, errors.map((each: { pointer: string }) => each.pointer), detail];
}

describe('POST /v1/tasks', () => {
  it('records a task, and says where it is', async () => {
    const answer = await post({ name: 'add', args: { a: 1, b: 2 }, tags: ['x'] });
    expect(answer.statusCode).toBe(202);
    const task = answer.json();
    expect(answer.headers).toMatchObject({ location: `/v1/tasks/${task.id}`, 'retry-after': '1' });
    expect(task).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: 'add',
      args: { a: 1, b: 2 },
      status: 'queued',
      celeryState: 'PENDING',
      queue: 'default',
      priority: 0,
      attempts: 0,
      maxAttempts: 4,
      waitingFor: 'a worker that knows the task "add"',
      runAt: expect.any(String),
      expiresAt: null,
      createdAt: expect.any(String),
      startedAt: null,
      finishedAt: null,
      createdBy: { id: expect.any(String), name: 'admin' },
      worker: null,
      tags: ['x'],
      parentId: null,
      retryOf: null,
      progress: null,
      result: null,
      error: null,
    });
    expect((await api.call({ url: `/v1/tasks/${task.id}` })).json()).toEqual(task);
  });

  it('takes each option', async () => {
    const parentId = randomUUID();
    const answer = await post({
      name: 'add',
      args: { a: 1, b: 2 },
      queue: 'mail',
      priority: -5,
      eta: '2030-01-01T00:00:00+02:00',
      expires: '2031-06-30T12:00:00Z',
      retries: 9,
      backoff: { type: 'fixed', delay: '5s', max: 10_000, jitter: 0 },
      timeLimit: '1m',
      softTimeLimit: 30_000,
      unique: { key: 'only one' },
      tags: ['a', 'b'],
      parentId,
    });
    expect(answer.json()).toMatchObject({
      queue: 'mail',
      priority: -5,
      runAt: '2029-12-31T22:00:00.000Z',
      expiresAt: '2031-06-30T12:00:00.000Z',
      maxAttempts: 10,
      tags: ['a', 'b'],
      parentId,
      waitingFor: null,
    });
    const { rows } = await api.database.pool.query('SELECT * FROM sluice.tasks WHERE id = $1', [
      answer.json().id,
    ]);
    expect(rows[0]).toMatchObject({
      due: false,
      unique_key: 'only one',
      options: {
        backoff: { type: 'fixed', delayMs: 5000, maxMs: 10_000, jitter: 0 },
        timeLimitMs: 60_000,
        softTimeLimitMs: 30_000,
      },
    });
    const second = await post({ name: 'add', args: { a: 3, b: 4 }, unique: { key: 'only one' } });
    expect(second.json()).toMatchObject({ id: answer.json().id, args: { a: 1, b: 2 } });
  });

  it('takes what the definition says where the request says nothing', async () => {
    const answer = await post({ name: 'exact', args: { big: 1 } });
    expect(answer.json()).toMatchObject({ queue: 'slow', priority: 7, maxAttempts: 2 });
  });

  it('keeps integers of any size, and gives them back as they are', async () => {
    const big = '-123456789012345678901234567890';
    const answer = await post(
      `{"name":"exact","args":{"big":${big},"a/b":[9007199254740993,{"x":1.5}],"at":"2026-02-28T12:00:00Z"}}`,
    );
    expect(answer.statusCode).toBe(202);
    for (const body of [answer.body, (await api.call({ url: String(answer.headers.location) })).body]) {
      expect(body).toContain(`"big": ${big}`);
      expect(body).toContain('[9007199254740993, {"x": 1.5}]');
    }
  });

  it.each([
    [{ name: 'ad', args: {} }, 'TASK_UNKNOWN', ['/name'], 'Did you mean "add"?'],
    [
      { name: 'import', args: {} },
      'TASK_INVALID',
      ['/name', '/args/dataset', '/args/fileName'],
      'POST /v1/imports',
    ],
    [{ name: 'undo', args: { importId: 'x' } }, 'TASK_INVALID', ['/name'], 'POST /v1/imports/{id}/undo'],
    [{ name: 'add' }, 'TASK_INVALID', ['/args/a', '/args/b'], 'args.a is required'],
    [
      { name: 'add', args: { a: 'x', b: 1, c: 2 } },
      'TASK_INVALID',
      ['/args/a', '/args/c'],
      'args.a must be number',
    ],
    [{ name: 'add', args: { a: 1, b: 2 }, prio: 1 }, 'TASK_INVALID', ['/prio'], 'prio is not known here'],
    [{ name: 'add', args: { a: 1, b: 2 }, delay: '5 s' }, 'TASK_INVALID', ['/delay'], '"500ms"'],
    [
      { name: 'add', args: { a: 1, b: 2 }, backoff: { max: -1 } },
      'TASK_INVALID',
      ['/backoff/max'],
      'milliseconds',
    ],
    [{ name: 'add', args: { a: 1, b: 2 }, priority: 1e6 }, 'TASK_INVALID', ['/priority'], ''],
    [{ name: 'add', args: { a: 1, b: 2 }, queue: 'imports' }, 'TASK_INVALID', ['/queue'], 'imports'],
    [
      { name: 'add', args: { a: 1, b: 2 }, delay: 1, eta: '2030-01-01T00:00:00Z' },
      'TASK_INVALID',
      ['/eta'],
      'together',
    ],
    [
      { name: 'add', args: { a: 1, b: 2 }, eta: '0000-01-01T00:00:00Z' },
      'TASK_INVALID',
      ['/eta'],
      '100 years',
    ],
    [{ name: 'add', args: { a: 1, b: 2 }, delay: '99999999d' }, 'TASK_INVALID', ['/delay'], '100 years'],
    [{ name: 'add', args: { a: 1, b: 2 }, expires: 'tomorrow' }, 'TASK_INVALID', ['/expires'], 'RFC 3339'],
    [{ name: 'exact', args: { big: 1, 'a/b': 'x\u0000' } }, 'TASK_INVALID', ['/args/a~1b'], 'NUL'],
    [{ name: 'exact', args: { big: 1, 'a/b': ['\ud800'] } }, 'TASK_INVALID', ['/args/a~1b/0'], 'surrogate'],
  ])('refuses %j', async (body, code, pointers, says) => {
    const [told, places, detail] = await refused(body);
    expect([told, places.sort()]).toEqual([code, [...pointers].sort()]);
    expect(detail).toContain(says);
  });

  it('refuses what is too deep, too large a number, or more digits than Postgres counts', async () => {
    const deep = `{"name":"exact","args":{"big":1,"a/b":${'['.repeat(5000)}${']'.repeat(5000)}}}`;
    expect((await refused(deep))[2]).toContain('levels deep');
    expect((await refused('{"name":"exact","args":{"big":1,"a/b":1e999}}'))[2]).toContain('too large');
    const [code, , detail] = await refused(`{"name":"exact","args":{"big":1,"a/b":1${'0'.repeat(140_000)}}}`);
    expect([code, detail]).toEqual(['TASK_INVALID', expect.stringContaining('/args/a~1b'.slice(6))]);
  });

  it('answers a body that is none of its own as other routes do', async () => {
    expect((await post('{"name":')).statusCode).toBe(400);
    expect((await post({ args: {} })).json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect((await post('{"name":"add","__proto__":{}}')).statusCode).toBe(400);
    const twice = '{"name":"exact","args":{"big":12345678901234567890,"big":1}}';
    expect((await post(twice)).json()).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect((await post({ name: 'exact', args: { big: 1, 'a/b': 'x'.repeat(300_000) } })).statusCode).toBe(
      413,
    );
    expect((await post('a', { headers: { 'content-type': 'text/plain' } })).statusCode).toBe(415);
  });

  it('learns of a task that a worker has only just said it knows', async () => {
    expect((await post({ name: 'fresh' })).statusCode).toBe(422);
    await api.database.pool.query(
      `INSERT INTO sluice.task_definitions (name, document) SELECT 'fresh', document || '{"name": "fresh", "args": {"type": "object"}}' FROM sluice.task_definitions WHERE name = 'add'`,
    );
    expect((await post({ name: 'fresh' })).statusCode).toBe(202);
  });

  it('records many at once, each for itself: what Postgres refuses fails no other', async () => {
    await api.database.pool.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON sluice.tasks FOR EACH ROW WHEN (NEW.args ->> 'a' = '13') EXECUTE FUNCTION refuse()`);
    const other = bearer(await api.keyOf('operator'));
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, a) =>
        post({ name: 'add', args: { a: a % 20, b: a } }, { headers: a % 2 === 0 ? {} : other }),
      ),
    );
    const told = answers.map((answer) => answer.json());
    expect(told.map((task) => task.args?.b ?? task.code)).toEqual(
      answers.map((_, a) => (a % 20 === 13 ? 'TASK_INVALID' : a)),
    );
    expect(told[13].detail).toContain('not this one');
    expect([told[10].createdBy.name, told[11].createdBy.name]).toEqual(['admin', 'operator']);
    await api.database.pool.query('DROP TRIGGER refuse ON sluice.tasks');
  });

  it('needs an operator', async () => {
    const viewer = bearer(await api.keyOf('viewer'));
    expect((await post({ name: 'add', args: { a: 1, b: 2 } }, { headers: viewer })).statusCode).toBe(403);
  });

  it('rings for what is due, and for nothing else', async () => {
    const queue = `q${Date.now()}`;
    const now = await post({ name: 'add', args: { a: 1, b: 2 }, queue });
    const later = await post({ name: 'add', args: { a: 1, b: 2 }, queue, delay: '1h' });
    expect(later.statusCode).toBe(202);
    await waitFor(async () => (await api.deps.queues.of(queue).getJobState(now.json().id)) === 'waiting', {
      what: 'its bell',
    });
    expect(await api.deps.queues.of(queue).getJobState(later.json().id)).toBe('unknown');
  });
});

describe('an Idempotency-Key', () => {
  it('has the same request answered with the first task, as it is now', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { name: 'add', args: { a: 1, b: 2 } };
    const first = await post(body, { headers });
    await api.database.pool.query(`UPDATE sluice.tasks SET attempts = 1 WHERE id = $1`, [first.json().id]);
    const again = await post(body, { headers });
    expect([again.statusCode, again.headers['idempotent-replayed']]).toEqual([202, 'true']);
    expect(again.json()).toMatchObject({ id: first.json().id, celeryState: 'RETRY' });
    expect((await post({ ...body, priority: 1 }, { headers })).json()).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('is free again when the request was refused', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    expect((await post({ name: 'add' }, { headers })).statusCode).toBe(422);
    expect((await post({ name: 'add', args: { a: 1, b: 2 } }, { headers })).statusCode).toBe(202);
  });

  it('of a batch gives the same tasks', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const tasks = [1, 2, 3].map((a) => ({ name: 'add', args: { a, b: 0 } }));
    const first = await postBatch(tasks, headers);
    const again = await postBatch(tasks, headers);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json()).toEqual(first.json());
  });
});

describe('POST /v1/tasks/batch', () => {
  it('records a thousand, in their order', async () => {
    const tasks = Array.from({ length: 1000 }, (_, a) => ({
      name: 'add',
      args: { a, b: 0 },
      priority: a % 3,
    }));
    const answer = await postBatch(tasks);
    expect(answer.statusCode).toBe(202);
    expect(answer.json().data.map((task: { args: { a: number } }) => task.args.a)).toEqual(
      tasks.map(({ args }) => args.a),
    );
  });

  it('records none when one is wrong, and says which', async () => {
    const fine = { name: 'add', args: { a: 1, b: 2 } };
    const [code, pointers] = await refused(
      { tasks: [fine, { name: 'addd', args: {} }, fine, { name: 'add', args: { a: 'x', b: 2 } }] },
      '/v1/tasks/batch',
    );
    expect([code, pointers]).toEqual(['TASK_INVALID', ['/tasks/1/name', '/tasks/3/args/a']]);
  });

  it('answers two of one key with one task', async () => {
    const same = { name: 'add', args: { a: 1, b: 2 }, unique: { key: 'batch' } };
    const [one, two] = (await postBatch([same, same])).json().data;
    expect(one).toEqual(two);
  });

  it('refuses none, and more than a thousand', async () => {
    const fine = { name: 'add', args: { a: 1, b: 2 } };
    for (const length of [0, 1001])
      expect((await postBatch(Array.from({ length }, () => fine))).statusCode).toBe(400);
  });
});
