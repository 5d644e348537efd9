// Requests over records that become tasks, as keys that are limited see them.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { apply, people, todos } from './datasets.ts';

let api: TestApi;
beforeAll(async () => {
  api = await createApi({ env: { SLUICE_AFFECTED_AT_ONCE: '0' } });
  await apply(api, todos, people);
});
afterAll(() => api.close());

async function keyWith(scope: object): Promise<string> {
  const made = await api.call({ method: 'POST', url: '/v1/keys', payload: { name: 'limited', ...scope } });
  return made.json<{ key: string }>().key;
}

const call = (key: string, url: string, method: 'GET' | 'DELETE' = 'GET') =>
  api.app.inject({ url, method, headers: bearer(key) });

it('keeps what was asked for out of the arguments of the task', async () => {
  const secret = 'nobody who sees tasks sees this';
  const made = await api.call({
    method: 'PATCH',
    url: `/v1/datasets/todos/records?title=eq.${encodeURIComponent(secret)}&maxAffected=1`,
    payload: { memo: secret },
  });
  expect(made.statusCode).toBe(202);
  const { id } = made.json<{ id: string }>();
  const shown = await api.call({ url: `/v1/tasks/${id}` });
  expect(shown.body).not.toContain(secret);
  const { rows } = await api.database.pool.query('SELECT dataset, request FROM sluice.record_requests');
  expect(rows).toEqual([
    {
      dataset: 'todos',
      request: JSON.stringify({ parameters: { title: `eq.${secret}` }, body: `{"memo":"${secret}"}` }),
    },
  ]);
  // It goes with its task.
  await api.database.pool.query('DELETE FROM sluice.tasks');
  expect((await api.database.pool.query('SELECT FROM sluice.record_requests')).rows).toEqual([]);
});

it('shows and cancels the task to a key that may write the records, and to no other', async () => {
  const writer = await keyWith({ datasets: ['todos'], verbs: ['write'] });
  const made = await call(writer, '/v1/datasets/todos/records?id=not.is.null&maxAffected=1', 'DELETE');
  expect(made.statusCode).toBe(202);
  const task = `/v1/tasks/${made.json<{ id: string }>().id}`;

  expect((await call(writer, task)).statusCode).toBe(200);
  for (const other of [{ datasets: ['people'] }, { datasets: ['todos'], verbs: ['read', 'import'] }])
    expect((await call(await keyWith(other), task, 'DELETE')).statusCode).toBe(403);
  expect((await call(await keyWith({ datasets: ['people'] }), task)).statusCode).toBe(403);
  expect((await call(writer, task, 'DELETE')).json()).toMatchObject({ status: 'cancelled' });
});
