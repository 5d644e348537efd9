// Tasks over HTTP with a worker: from the request to the result, waited for.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestProcess } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { inStatus, taskFolder, taskState } from '../../support/tasks.ts';
import { waitFor } from '../../support/wait-for.ts';

const FILES = {
  'told.ts': `
    import { defineTask, Type, bigInteger } from 'sluice/tasks';
    export default [
      defineTask(
        { name: 'told', queue: 'telling', args: Type.Object({ fail: Type.Integer() }), retries: 2, backoff: { delay: 10 } },
        ({ fail }, ctx) => {
          for (const line of [1, 2, 3]) ctx.log('line ' + line + ' of ' + ctx.attempt, line === 2 ? 'warn' : 'info');
          ctx.progress({ at: ctx.attempt });
          if (ctx.attempt <= fail) throw new RangeError('not yet');
          return ctx.attempt;
        },
      ),
      defineTask({ name: 'twice', args: Type.Object({ big: bigInteger() }) }, ({ big }) => big * 2n),
    ];`,
};

interface TaskJson {
  readonly id: string;
  readonly status: string;
  readonly [key: string]: unknown;
}

let sluice: Sluice;
let worker: TestProcess;
let folder: Awaited<ReturnType<typeof taskFolder>>;

beforeAll(async () => {
  folder = await taskFolder(FILES);
  sluice = await startSluice({ env: { SLUICE_TASKS: folder.path } });
  worker = await sluice.startWorker();
});
afterAll(async () => {
  await sluice.stop();
  await folder.remove();
});

async function post(body: object | string): Promise<TaskJson> {
  const answer = await sluice.fetch('/v1/tasks', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  expect(answer.status).toBe(202);
  return (await answer.json()) as TaskJson;
}
const get = async (path: string) => (await sluice.fetch(path)).json() as Promise<TaskJson>;
const wait = (id: string, seconds = 20) => get(`/v1/tasks/${id}?wait=${seconds}`);
const pool = () => sluice.database.pool;

describe('a task asked for by HTTP', () => {
  it('is run, and waited for', async () => {
    const before = performance.now();
    const { id } = await post({ name: 'add', args: { a: 1, b: 2 } });
    expect(await wait(id)).toMatchObject({
      status: 'succeeded',
      celeryState: 'SUCCESS',
      result: 3,
      attempts: 1,
      worker: { id: expect.any(String), host: expect.any(String) },
      waitingFor: null,
    });
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('gives big integers exactly', async () => {
    const { id } = await post('{"name": "twice", "args": {"big": 4503599627370496000000001}}');
    await wait(id);
    expect(await (await sluice.fetch(`/v1/tasks/${id}`)).text()).toContain(
      '"result":9007199254740992000000002}',
    );
  });

  it('tells its attempts and what it has said, in pages', async () => {
    const { id } = await post({ name: 'told', args: { fail: 2 } });
    expect(await wait(id)).toMatchObject({ status: 'succeeded', attempts: 3, result: 3 });
    const attempts = await get(`/v1/tasks/${id}/attempts`);
    expect(attempts).toMatchObject({
      data: [
        { start: 1, attempt: 1, outcome: 'failed', error: { message: 'not yet', type: 'RangeError' } },
        { start: 2, attempt: 2, outcome: 'failed', worker: { host: expect.any(String) } },
        { start: 3, attempt: 3, outcome: 'succeeded', error: null, endedAt: expect.any(String) },
      ],
      nextCursor: null,
    });
    const first = await get(`/v1/tasks/${id}/attempts?limit=2`);
    expect(first.nextCursor).toBe('2');
    expect(await get(`/v1/tasks/${id}/attempts?limit=2&cursor=2`)).toMatchObject({ data: [{ start: 3 }] });

    await waitFor(
      async () =>
        (await pool().query('SELECT FROM sluice.task_logs WHERE task_id = $1', [id])).rowCount === 9,
      { what: 'all lines' },
    );
    const lines: unknown[] = [];
    for (let cursor: string | null = '0.0'; cursor !== null;) {
      const page = await get(`/v1/tasks/${id}/logs?limit=4&cursor=${cursor}`);
      lines.push(...(page.data as { message: string }[]).map(({ message }) => message));
      cursor = page.nextCursor as string | null;
    }
    expect(lines).toEqual(
      [1, 2, 3].flatMap((attempt) => [1, 2, 3].map((line) => `line ${line} of ${attempt}`)),
    );
    expect((await sluice.fetch(`/v1/tasks/${id}/logs?cursor=x`)).status).toBe(400);
  });

  it('says what it waits for when no worker takes it', async () => {
    await pool().query(
      `INSERT INTO sluice.task_definitions (name, document) SELECT 'gone', document || '{"name": "gone"}' FROM sluice.task_definitions WHERE name = 'add'`,
    );
    const { id } = await post({ name: 'gone', args: { a: 1, b: 2 } });
    expect(await get(`/v1/tasks/${id}`)).toMatchObject({ waitingFor: 'a worker that knows the task "gone"' });
    await pool().query(`UPDATE sluice.workers SET queues = '["other"]'`);
    const { id: second } = await post({ name: 'sleep', args: { ms: 0 }, queue: 'nobody', delay: '1h' });
    expect(await get(`/v1/tasks/${second}`)).toMatchObject({ waitingFor: null });
    await pool().query('UPDATE sluice.tasks SET due = true, name = $2 WHERE id = $1', [second, 'nameless']);
    expect(await get(`/v1/tasks/${second}`)).toMatchObject({
      waitingFor: 'a worker that knows the task "nameless"',
    });
  });
});

describe('?wait', () => {
  it('answers after its time when the task has not ended', async () => {
    const { id } = await post({ name: 'sleep', args: { ms: 60_000 } });
    const before = performance.now();
    const answer = await sluice.fetch(`/v1/tasks/${id}?wait=1`);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([200, '1']);
    expect(performance.now() - before).toBeGreaterThan(990);
    await sluice.fetch(`/v1/tasks/${id}`, { method: 'DELETE' });
    expect(await wait(id)).toMatchObject({ status: 'cancelled', celeryState: 'REVOKED' });
  });

  it('is answered at once for one that has ended, with 404 for none, with 400 for too long', async () => {
    const { id } = await post({ name: 'add', args: { a: 1, b: 1 } });
    await wait(id);
    const before = performance.now();
    await wait(id, 60);
    expect(performance.now() - before).toBeLessThan(1000);
    expect((await sluice.fetch('/v1/tasks/0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10?wait=9')).status).toBe(404);
    expect((await sluice.fetch(`/v1/tasks/${id}?wait=61`)).status).toBe(400);
  });

  it('of many costs few statements, and each gets its own', async () => {
    const tasks = await Promise.all(
      Array.from({ length: 100 }, (_, a) => post({ name: 'sleep', args: { ms: 300 + (a % 3) } })),
    );
    const answers = await Promise.all(tasks.map(({ id }) => wait(id)));
    expect(answers.map(({ id, status, result }) => [id, status, (result as { ms: number }).ms])).toEqual(
      tasks.map(({ id }, a) => [id, 'succeeded', 300 + (a % 3)]),
    );
  });

  it('forgets a client that goes away, and does not hold up a stop of the API', async () => {
    const { api, url } = await sluice.startApi();
    const { id } = await post({ name: 'sleep', args: { ms: 60_000 } });
    const gone = new AbortController();
    const headers = { authorization: `Bearer ${sluice.key}` };
    const left = fetch(`${url}/v1/tasks/${id}?wait=60`, { headers, signal: gone.signal }).catch(() => 'left');
    const stays = fetch(`${url}/v1/tasks/${id}?wait=60`, { headers });
    await inStatus(pool(), id, ['running']);
    // What came before has been read by then.
    for (let round = 0; round < 3; round++) await fetch(`${url}/v1/tasks/${id}`, { headers });
    gone.abort();
    expect(await left).toBe('left');
    const before = performance.now();
    api.kill('SIGTERM');
    expect(await (await stays).json()).toMatchObject({ id, status: 'running' });
    await api.exited;
    expect(performance.now() - before).toBeLessThan(10_000);
    await sluice.fetch(`/v1/tasks/${id}`, { method: 'DELETE' });
    await inStatus(pool(), id, ['cancelled']);
  });
});

it('a batch is run whole', async () => {
  const answer = await sluice.fetch('/v1/tasks/batch', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      tasks: Array.from({ length: 1000 }, (_, a) => ({ name: 'add', args: { a, b: 1 } })),
    }),
  });
  const { data } = (await answer.json()) as { data: TaskJson[] };
  for (const [a, { id }] of data.entries())
    expect((await inStatus(pool(), id, ['succeeded'])).result).toBe(a + 1);
  expect((await taskState(pool(), data[0]!.id)).attempts).toBe(1);
  worker.kill('SIGTERM');
  await worker.exited;
});
