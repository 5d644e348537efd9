import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { countEnded, readTimes, readTotals } from '../../../src/db/queues/count-ended.ts';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { enqueue } from '../../support/tasks.ts';

interface Depth {
  readonly count: number;
  readonly exact: boolean;
}
interface QueueJson {
  readonly name: string;
  readonly pausedAt: string | null;
  readonly due: Depth;
  readonly toCome: Depth;
  readonly running: Depth;
  readonly oldestSeconds: number;
  readonly endedPerMinute: number;
}

let api: TestApi;
beforeAll(async () => (api = await createApi()));
afterAll(() => api.close());
const db = () => api.database.pool;
beforeEach(async () => {
  await db().query('DELETE FROM sluice.tasks');
  await db().query('DELETE FROM sluice.queues');
});

const queue = async (name: string): Promise<QueueJson> =>
  (await api.call({ url: `/v1/queues/${name}` })).json<QueueJson>();

/** As an expression of KEDA's metrics-api scaler finds it (GJSON: parts with dots between them, a dot of a name with a backslash). */
function valueAt(document: unknown, valueLocation: string): unknown {
  const parts = valueLocation.match(/(\\.|[^.\\])+/g)!.map((part) => part.replaceAll(/\\(.)/g, '$1'));
  return parts.reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], document);
}

describe('a queue', () => {
  it('tells what is due, to come and running, and how old the oldest is', async () => {
    for (const options of [{}, { priority: 5 }, { delay: '1h' }, { queue: 'other' }])
      await enqueue(db(), 'add', { a: 1, b: 1 }, options);
    const running = await enqueue(db(), 'add', { a: 1, b: 1 });
    await db().query("UPDATE sluice.tasks SET status = 'running' WHERE id = $1", [running]);
    await db().query("UPDATE sluice.tasks SET run_at = now() - interval '90 seconds' WHERE priority = 5");
    expect(await queue('default')).toMatchObject({
      name: 'default',
      pausedAt: null,
      due: { count: 2, exact: true },
      toCome: { count: 1, exact: true },
      running: { count: 1, exact: true },
      endedPerMinute: 0,
    });
    expect((await queue('default')).oldestSeconds).toBeCloseTo(90, -1);
    expect(await queue('other')).toMatchObject({ due: { count: 1, exact: true }, running: { count: 0 } });
  });

  it('with very many tasks says that there are at least so many, and does not read them all', async () => {
    await db().query(
      `INSERT INTO sluice.tasks (id, name, queue) SELECT gen_random_uuid(), 'add', 'many' FROM generate_series(1, 30000)`,
    );
    await db().query('ANALYZE sluice.tasks');
    expect((await queue('many')).due).toEqual({ count: 10_000, exact: false });
    expect((await queue('default')).due).toEqual({ count: 0, exact: true });
  });

  it('is listed by name, page by page', async () => {
    for (const name of ['b', 'a.b', 'c']) await enqueue(db(), 'add', {}, { queue: name });
    const names: string[] = [];
    let cursor: string | null = '';
    do {
      const page: { data: QueueJson[]; nextCursor: string | null } = (
        await api.call({ url: `/v1/queues?limit=2${cursor ? `&cursor=${cursor}` : ''}` })
      ).json();
      names.push(...page.data.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(names).toEqual(names.toSorted());
    expect(new Set(names).size).toBe(names.length);
    for (const name of ['a.b', 'b', 'c', 'default', 'imports']) expect(names).toContain(name);
    expect((await api.call({ url: '/v1/queues/nowhere' })).statusCode).toBe(404);
  });

  it('is paused and resumed, by an admin, once each in the audit log', async () => {
    const post = (path: string) => api.call({ method: 'POST', url: `/v1/queues/${path}` });
    const paused = await post('mine/pause');
    expect([paused.statusCode, paused.json<QueueJson>().pausedAt]).toEqual([200, expect.any(String)]);
    await post('mine/pause');
    expect((await post('mine/resume')).json<QueueJson>().pausedAt).toBeNull();
    await post('mine/resume');
    const { data } = (await api.call({ url: '/v1/audit?subjectType=queue&subjectId=mine' })).json<{
      data: { action: string; by: { name: string } }[];
    }>();
    expect(data.map(({ action, by }) => [action, by.name])).toEqual([
      ['queue.resume', 'admin'],
      ['queue.pause', 'admin'],
    ]);
    expect((await post('chunks/pause')).statusCode).toBe(404);
    const operator = await api.keyOf('operator');
    expect(
      (await api.app.inject({ method: 'POST', url: '/v1/queues/mine/pause', headers: bearer(operator) }))
        .statusCode,
    ).toBe(403);
  });
});

describe('what KEDA scales on', () => {
  it('is a number at a stable place for each queue, for the key of a viewer', async () => {
    for (const name of ['q', 'q', 'dots.in.it']) await enqueue(db(), 'add', {}, { queue: name });
    const url = await api.app.listen({ port: 0, host: '127.0.0.1' });
    // authMode: bearer, as the scaler sends it.
    const answer = await fetch(`${url}/v1/queues/metrics`, { headers: bearer(await api.keyOf('viewer')) });
    const document: unknown = await answer.json();
    expect(answer.status).toBe(200);
    expect(valueAt(document, 'queues.q.load')).toBe(2);
    expect(valueAt(document, 'queues.dots\\.in\\.it.load')).toBe(1);
    expect(valueAt(document, 'queues.default.load')).toBe(0);
    expect(valueAt(document, 'total')).toMatchObject({ load: 3, chunks: 0 });
    await api.call({ method: 'POST', url: '/v1/queues/q/pause' });
    expect(valueAt((await api.call({ url: '/v1/queues/metrics' })).json(), 'queues.q.load')).toBe(0);
  });
});

describe('tasks that have ended', () => {
  it('are counted once each, by name and status, with their times, and give the rate', async () => {
    const { db: database } = api.deps.database;
    while (await countEnded(database));
    const before = new Map(
      (await readTotals(database)).map((row) => [`${row.queue} ${row.name} ${row.status}`, row.tasks]),
    );
    await db().query(`
      INSERT INTO sluice.tasks (id, name, queue, status, run_at, claimed_at, finished_at)
      SELECT gen_random_uuid(), 'counted', 'rated', CASE WHEN i > 2 THEN 'succeeded' ELSE 'failed' END,
             at - interval '3 seconds', at - interval '1 second', at
        FROM generate_series(1, 10) i, (SELECT to_timestamp(floor(extract(epoch FROM now()) / 10) * 10) - interval '25 seconds' AS at) t`);
    await db().query("UPDATE sluice.task_counting SET counted_to = now() - interval '1 minute'");
    while (await countEnded(database));
    while (await countEnded(database));
    const after = new Map(
      (await readTotals(database)).map((row) => [`${row.queue} ${row.name} ${row.status}`, row.tasks]),
    );
    expect(before.get('rated counted succeeded')).toBeUndefined();
    expect(after.get('rated counted succeeded')).toBe(8);
    expect(after.get('rated counted failed')).toBe(2);
    const times = (await readTimes(database)).filter(({ name }) => name === 'counted');
    expect(times).toEqual([
      { name: 'counted', what: 'run', bucket: 7, tasks: 10, seconds: expect.closeTo(10) },
      { name: 'counted', what: 'wait', bucket: 8, tasks: 10, seconds: expect.closeTo(20) },
    ]);
    expect((await queue('rated')).endedPerMinute).toBe(10);
  });
});
