// Keys that are limited to datasets and verbs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bearer, type TestApi } from '../support/api.ts';
import { addDataset, listeningApi, SHOPS, upload } from '../support/uploads.ts';

let api: TestApi;
/** An import of each dataset. */
const imports: Record<string, string> = {};
beforeAll(async () => {
  api = await listeningApi();
  await addDataset(api.database.pool, SHOPS);
  for (const [dataset, body] of [
    ['people', 'name\nann\n'],
    ['shops', 'code,size,city\na,1,Rome\n'],
  ] as const) {
    const answer = await upload(api, { query: `?dataset=${dataset}`, body });
    expect(answer.status).toBe(202);
    imports[dataset] = answer.json()['id'] as string;
  }
});
afterAll(() => api.close());

async function keyWith(scope: object): Promise<string> {
  const made = await api.call({ method: 'POST', url: '/v1/keys', payload: { name: 'limited', ...scope } });
  expect(made.statusCode).toBe(201);
  return made.json<{ key: string }>().key;
}

const call = (key: string, url: string, method: 'GET' | 'POST' | 'DELETE' = 'GET') =>
  api.app.inject({ url, method, headers: bearer(key) });

describe('a key for one dataset', () => {
  let key: string;
  beforeAll(async () => {
    key = await keyWith({ datasets: ['people'] });
  });

  it('says so of itself', async () => {
    expect((await call(key, '/v1/me')).json()).toMatchObject({
      scope: { datasets: ['people'], verbs: null },
    });
  });

  it('sends files into it, and into no other', async () => {
    expect((await upload(api, { key, query: '?dataset=people', body: 'name\nbob\n' })).status).toBe(202);
    const refused = await upload(api, { key, query: '?dataset=shops', body: 'code\nb\n' });
    expect(refused.status).toBe(403);
    expect(refused.json()).toMatchObject({
      code: 'FORBIDDEN',
      detail: 'The key you sent is limited to the datasets people, and this is about "shops".',
    });
    const { rows } = await api.database.pool.query(`SELECT FROM sluice.imports WHERE dataset = 'shops'`);
    expect(rows).toHaveLength(1);
  });

  it('sees imports of it, and no other', async () => {
    for (const url of ['', '/errors', '/rejects.csv', '/accepted.csv', '/unprocessed.csv', '/events'].map(
      (end) => `/v1/imports/ID${end}`,
    )) {
      expect((await call(key, url.replace('ID', imports['shops']!))).statusCode, url).toBe(403);
      if (url.endsWith('/events')) continue;
      expect((await call(key, url.replace('ID', imports['people']!))).statusCode, url).not.toBe(403);
    }
    expect((await call(key, `/v1/tasks/${imports['people']}`)).statusCode).toBe(200);
    expect((await call(key, `/v1/tasks/${imports['shops']}`)).statusCode).toBe(403);
    expect((await call(key, `/v1/tasks/${imports['shops']}`, 'DELETE')).statusCode).toBe(403);
    expect((await call(key, `/v1/imports/${imports['shops']}/undo`, 'POST')).statusCode).toBe(403);
    const listed = (await call(key, '/v1/imports')).json<{ data: { dataset: string }[] }>().data;
    expect(new Set(listed.map(({ dataset }) => dataset))).toEqual(new Set(['people']));
    expect((await call(key, '/v1/imports?dataset=shops')).statusCode).toBe(403);
  });

  it('sees no other dataset', async () => {
    const listed = (await call(key, '/v1/datasets')).json<{ data: { name: string }[] }>().data;
    expect(listed.map(({ name }) => name)).toEqual(['people']);
    for (const end of ['', '/template.csv', '/template.xlsx', '/versions', '/mappings']) {
      expect((await call(key, `/v1/datasets/people${end}`)).statusCode, end).toBe(200);
      expect((await call(key, `/v1/datasets/shops${end}`)).statusCode, end).toBe(403);
    }
    expect((await call(key, '/v1/datasets/people', 'DELETE')).statusCode).toBe(403);
    expect((await call(key, '/v1/datasets/infer', 'POST')).statusCode).toBe(403);
  });

  it('looks at files only for it, and at no upload of another', async () => {
    const send = (query: string, by?: string) =>
      upload(api, { ...(by && { key: by }), path: `/v1/uploads${query}`, body: 'code,name\nb,ann\n' });
    expect((await send('', key)).status).toBe(403);
    expect((await send('?dataset=shops', key)).status).toBe(403);
    const own = (await send('?dataset=people', key)).json()['id'] as string;
    expect((await call(key, `/v1/uploads/${own}`)).statusCode).toBe(200);
    expect((await call(key, `/v1/uploads/${own}?dataset=shops`)).statusCode).toBe(403);
    // The same user's, sent with another key.
    const other = (await send('?dataset=shops')).json()['id'] as string;
    expect((await call(key, `/v1/uploads/${other}`)).statusCode).toBe(403);
    const headers = { 'content-type': 'application/json' };
    const imported = await upload(api, { key, headers, body: JSON.stringify({ uploadId: other }) });
    expect(imported.status).toBe(403);
  });

  it('gets no answer of another dataset by a request that was sent before', async () => {
    const headers = { 'idempotency-key': 'once' };
    const first = await upload(api, { query: '?dataset=shops', body: 'code\nc\n', headers });
    expect(first.status).toBe(202);
    expect((await upload(api, { key, query: '?dataset=shops', body: 'code\nc\n', headers })).status).toBe(
      403,
    );
  });
});

it('a key for some verbs makes no other calls', async () => {
  const reads = await keyWith({ verbs: ['read'] });
  expect((await call(reads, `/v1/imports/${imports['shops']}`)).statusCode).toBe(200);
  const refused = await upload(api, { key: reads, query: '?dataset=people', body: 'name\nbob\n' });
  expect(refused.json()).toMatchObject({
    status: 403,
    detail: 'This call needs the verb import; the key you sent is limited to the verbs read.',
  });
  const sends = await keyWith({ verbs: ['import'] });
  expect((await upload(api, { key: sends, query: '?dataset=people', body: 'name\nbo\n' })).status).toBe(202);
});

it('a key that may only write records cancels no import', async () => {
  const task = `/v1/tasks/${imports['people']!}`;
  const key = await keyWith({ verbs: ['write'] });
  expect((await call(key, task)).statusCode).toBe(200);
  expect((await call(key, task, 'DELETE')).json()).toMatchObject({
    code: 'FORBIDDEN',
    detail: 'This call needs the verb import; the key you sent is limited to the verbs write.',
  });
});

it('a limited key neither sees nor cancels a task that is no import', async () => {
  const { rows } = await api.database.pool.query<{ id: string }>(`SELECT sluice.enqueue('add', '{}') AS id`);
  for (const scope of [{ verbs: ['read', 'import'] }, { datasets: ['people'] }]) {
    const key = await keyWith(scope);
    for (const method of ['GET', 'DELETE'] as const)
      expect((await call(key, `/v1/tasks/${rows[0]!.id}`, method)).statusCode).toBe(403);
  }
});

it('a limited key may call nothing that does not say what it is about, and never the dashboard', async () => {
  const key = await keyWith({ datasets: ['people'], verbs: ['read', 'import', 'write'] });
  for (const url of [
    '/v1/users',
    '/v1/keys',
    '/v1/tasks',
    '/v1/schedules',
    '/v1/workers',
    '/v1/queues',
    '/v1/audit',
  ])
    expect((await call(key, url)).statusCode, url).toBe(403);
  expect((await call(key, '/v1/keys', 'POST')).statusCode).toBe(403);
  expect((await call(key, '/dashboard')).statusCode).toBe(403);
});

it('a key is limited to something: no empty list, and no verb that there is not', async () => {
  for (const scope of [{ datasets: [] }, { verbs: [] }, { verbs: ['fly'] }, { datasets: 'people' }]) {
    const answer = await api.call({ method: 'POST', url: '/v1/keys', payload: { name: 'x', ...scope } });
    expect(answer.statusCode).toBe(400);
  }
});
