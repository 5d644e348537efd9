// What may be kept of the API's answers.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestApi } from '../support/api.ts';
import { listeningApi, upload } from '../support/uploads.ts';

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi();
});
afterAll(() => api.close());

it('data is not to be kept, nor is an error', async () => {
  const id = '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10';
  for (const path of ['me', 'users', 'keys', 'datasets', 'imports', `imports/${id}`, `users/${id}`]) {
    const answer = await api.call({ url: `/v1/${path}` });
    expect([path, answer.headers['cache-control']]).toEqual([path, 'no-store']);
  }
  const refused = await api.app.inject({ url: '/v1/me' });
  expect([refused.statusCode, refused.headers['cache-control']]).toEqual([401, 'no-store']);
  const board = await api.call({ url: '/dashboard/api/queues' });
  expect(board.headers['cache-control']).toBe('no-store');
});

it('an import has an ETag: 304 until something of it changes', async () => {
  const { id } = (await upload(api, { query: '?dataset=people', body: 'name\na\n' })).json();
  const url = `/v1/imports/${String(id)}`;
  const first = await api.call({ url });
  expect(first.headers).toMatchObject({ etag: expect.any(String), 'cache-control': 'private, no-cache' });
  const ask = () => api.call({ url, headers: { 'if-none-match': String(first.headers.etag) } });
  const same = await ask();
  expect([same.statusCode, same.body, same.headers.etag]).toEqual([304, '', first.headers.etag]);
  await api.database.pool.query("UPDATE sluice.tasks SET status = 'running' WHERE id = $1", [id]);
  const changed = await ask();
  expect(changed.statusCode).toBe(200);
  expect(changed.json()).toMatchObject({ status: 'running' });
});
