// A dataset that is deleted while files for it come in: each file has its import, or is told that the dataset is gone.
import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../../support/api.ts';

let api: TestApi;
let origin: string;

beforeAll(async () => {
  api = await createApi({ env: { SLUICE_SMALL_FILE_BYTES: '1000' } });
  origin = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api.close());

const document = { schema: { fields: [{ name: 'a' }] }, target: { table: 'goods' } };
const put = () => api.call({ method: 'PUT', url: '/v1/datasets/goods', payload: document });
const remove = () => api.call({ method: 'DELETE', url: '/v1/datasets/goods?table=drop' });
const headers = () => ({ ...bearer(api.adminKey), 'content-type': 'text/csv' });
const imports = async (): Promise<string[]> =>
  (await api.database.pool.query<{ id: string }>('SELECT id FROM sluice.imports')).rows.map(({ id }) => id);

it('a file that is half sent when its dataset is deleted is told so, and nothing is kept', async () => {
  await put();
  const req = request(`${origin}/v1/imports?dataset=goods`, { method: 'POST', headers: headers() });
  req.write('a\n1\n');
  await once(req, 'socket');
  // The dataset was found before the file was read.
  await api.database.pool.query('SELECT pg_sleep(0.3)');
  expect((await remove()).statusCode).toBe(204);
  req.end('2\n');
  const [response] = (await once(req, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  expect([response.statusCode, JSON.parse(body)]).toEqual([
    404,
    expect.objectContaining({ code: 'DATASET_NOT_FOUND', detail: expect.stringContaining('was deleted') }),
  ]);
  expect(await imports()).toEqual([]);
  expect((await api.database.pool.query('SELECT FROM sluice.tasks')).rowCount).toBe(0);
});

it('of files and deletions at the same time none is lost: 202 and the dataset is there, or 404 and no import', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 25; round++) {
    await put();
    const sent = Array.from({ length: 4 }, async (_, at) => {
      const body = `a\n${round}-${at}\n`;
      return fetch(`${origin}/v1/imports?dataset=goods`, { method: 'POST', headers: headers(), body });
    });
    const [removed, ...answers] = await Promise.all([
      new Promise((resolve) => setTimeout(resolve, round % 5)).then(remove),
      ...sent,
    ]);
    const told = await Promise.all(
      answers.map(async (answer) => {
        const { id, code } = (await answer.json()) as { id?: string; code?: string };
        return { id, said: `${answer.status} ${code ?? ''}` };
      }),
    );
    expect(['202 ', '404 DATASET_NOT_FOUND']).toEqual(expect.arrayContaining(told.map(({ said }) => said)));
    const taken = told.flatMap(({ id }) => id ?? []);
    // An import under way keeps its dataset from being deleted.
    expect(removed.statusCode).toBe(taken.length > 0 ? 409 : 204);
    expect((await imports()).sort()).toEqual([...taken].sort());
    seen.add(`${removed.statusCode} ${taken.length > 0}`);
    await api.database.pool.query('DELETE FROM sluice.imports; DELETE FROM sluice.tasks');
  }
  expect(seen.size).toBe(2);
});
