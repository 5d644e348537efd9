import { afterAll, beforeAll, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { waitFor } from '../../support/wait-for.ts';
import { apply, todos } from './datasets.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
  await apply(api, todos);
});
afterAll(() => api.close());

async function make(title: string): Promise<string> {
  const answer = await api.call({ method: 'POST', url: '/v1/datasets/todos/records', payload: { title } });
  return String(answer.headers['location']);
}

const readsIn = async (path: string): Promise<number> => {
  const { rows } = await api.database.pool.query<{ reads: string }>(
    'SELECT reads FROM sluice.record_reads WHERE dataset = $1 AND record = $2',
    ['todos', path.split('/').at(-1)],
  );
  return Number(rows[0]?.reads ?? 0);
};

it('a record that is read three times has three reads, also at once', async () => {
  const path = await make('robot');
  expect((await api.call({ url: `${path}/stats` })).json()).toEqual({ reads: 0, lastReadAt: null });
  for (let i = 0; i < 3; i++) await api.call({ url: path });
  const { reads, lastReadAt } = (await api.call({ url: `${path}/stats` })).json<{
    reads: number;
    lastReadAt: string;
  }>();
  expect(reads).toBe(3);
  expect(Math.abs(Date.now() - Date.parse(lastReadAt))).toBeLessThan(60_000);
});

it('reads come to Postgres by themselves, however many at once, and are counted once each', async () => {
  const [one, two] = await Promise.all([make('one'), make('two')]);
  await Promise.all(Array.from({ length: 100 }, (_, at) => api.call({ url: at % 2 === 0 ? one : two })));
  const unchanged = { 'if-none-match': '*' };
  expect((await api.call({ url: one, headers: unchanged })).statusCode).toBe(304);
  await api.call({ method: 'HEAD', url: one });
  await waitFor(async () => (await readsIn(one)) === 51 && (await readsIn(two)) === 50, {
    what: 'the reads to be folded',
  });
});

it('what cannot be folded is kept, and folded later', async () => {
  const path = await make('kept');
  const { pool } = api.database;
  await pool.query('ALTER TABLE sluice.record_reads RENAME TO away');
  await api.call({ url: path });
  expect((await api.call({ url: `${path}/stats` })).statusCode).toBe(500);
  await api.call({ url: path });
  await pool.query('ALTER TABLE sluice.away RENAME TO record_reads');
  await waitFor(async () => (await readsIn(path)) === 2, { what: 'the reads to be folded' });
});

it('the reads of a deleted record are forgotten', async () => {
  const path = await make('gone');
  await api.call({ url: path });
  expect((await api.call({ url: `${path}/stats` })).json()).toMatchObject({ reads: 1 });
  await api.call({ method: 'DELETE', url: path });
  expect(await readsIn(path)).toBe(0);
  expect((await api.call({ url: `${path}/stats` })).statusCode).toBe(404);
});

it('a key that is limited reads and writes the records of its datasets alone', async () => {
  const path = await make('limited');
  const keyWith = async (scope: object) => {
    const made = await api.call({ method: 'POST', url: '/v1/keys', payload: { name: 'limited', ...scope } });
    return bearer(made.json<{ key: string }>().key);
  };
  const reads = await keyWith({ datasets: ['todos'], verbs: ['read'] });
  const writes = await keyWith({ datasets: ['todos'], verbs: ['write'] });
  const others = await keyWith({ datasets: ['people'] });
  const statuses = async (headers: { authorization: string }) => [
    (await api.call({ url: path, headers })).statusCode,
    (await api.call({ url: '/v1/datasets/todos/records.csv', headers })).statusCode,
    (await api.call({ url: path, headers, method: 'PATCH', payload: { memo: 'x' } })).statusCode,
  ];
  expect(await statuses(reads)).toEqual([200, 200, 403]);
  expect(await statuses(writes)).toEqual([403, 403, 200]);
  expect(await statuses(others)).toEqual([403, 403, 403]);
});
