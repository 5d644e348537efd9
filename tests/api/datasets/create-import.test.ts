import { afterAll, beforeAll, expect, it } from 'vitest';
import type { TestApi } from '../../support/api.ts';
import { listeningApi, upload, type Answer } from '../../support/uploads.ts';

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi();
});
afterAll(() => api.close());

type Json = Record<string, unknown>;
const create = (dataset: string, body: string, query = '', key = api.adminKey): Promise<Answer> =>
  upload(api, { query: `?dataset=${dataset}&create=true${query}`, body, key });
const statusOf = async (dataset: string): Promise<number> =>
  (await api.call({ url: `/v1/datasets/${dataset}` })).statusCode;
const hasTable = async (table: string): Promise<boolean> => {
  const { rows } = await api.database.pool.query<{ found: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS found',
    [table],
  );
  return rows[0]!.found;
};
const folders = async (): Promise<number> => {
  let count = 0;
  for await (const _ of api.deps.storage.listFolders('uploads/')) count++;
  return count;
};

it('create=true makes the dataset, its table and the import, and leaves nothing else', async () => {
  const answer = await create('fruit', 'Code,Tel,Tel,Price\n007,1,2,1.50\n');
  expect([answer.status, answer.json()]).toEqual([
    202,
    expect.objectContaining({ dataset: 'fruit', datasetVersion: 1 }),
  ]);
  const columns = answer.json()['columns'] as { field: string }[];
  expect(columns.map(({ field }) => field)).toEqual(['code', 'tel', 'tel_2', 'price']);
  expect((await api.call({ url: '/v1/datasets/fruit' })).json()).toMatchObject({
    managedBy: 'api',
    schema: {
      fields: [
        { name: 'code', type: 'string' },
        { type: 'integer' },
        { type: 'integer' },
        { type: 'number' },
      ],
    },
  });
  expect([await hasTable('fruit'), await folders()]).toEqual([true, 0]);
});

it('a form says it before the dataset or after it', async () => {
  const field = (name: string, value: string) =>
    `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const file =
    '--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\na,b\n1,2\n\r\n--x--\r\n';
  const post = (fields: string) =>
    upload(api, {
      body: `${fields}${file}`,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
  expect((await post(`${field('create', 'true')}${field('dataset', 'formed')}`)).status).toBe(202);
  expect((await post(`${field('dataset', 'after')}${field('create', 'true')}`)).status).toBe(202);
  expect([await statusOf('formed'), await statusOf('after')]).toEqual([200, 200]);
  const none = await post(`${field('dataset', 'nowhere')}${field('create', 'false')}`);
  expect([none.status, none.json()]).toEqual([404, expect.objectContaining({ code: 'DATASET_NOT_FOUND' })]);
});

it('of a kept upload too', async () => {
  const kept = await upload(api, { path: '/v1/uploads', body: 'a,b\n1,2\n' });
  const answer = await upload(api, {
    body: JSON.stringify({ uploadId: kept.json()['id'], dataset: 'kept', create: true }),
    headers: { 'content-type': 'application/json' },
  });
  expect([answer.status, await statusOf('kept'), await folders()]).toEqual([202, 200, 1]);
});

it('an existing dataset is a 409, an operator a 403, a wrong name and a dry run a 400', async () => {
  const codeOf = async (answer: Promise<Answer>): Promise<unknown> => (await answer).json()['code'];
  expect(await codeOf(create('people', 'a,b\n1,2\n'))).toBe('CONFLICT');
  expect(await codeOf(create('other', 'a,b\n1,2\n', '', await api.keyOf('operator')))).toBe('FORBIDDEN');
  expect(await codeOf(create('No%20name', 'a,b\n1,2\n'))).toBe('INVALID_REQUEST');
  expect(await codeOf(create('other', 'a,b\n1,2\n', '&dryRun=true'))).toBe('INVALID_REQUEST');
  expect(await statusOf('other')).toBe(404);
});

it('a key that is limited makes no dataset', async () => {
  const payload = { name: 'limited', datasets: ['limited'] };
  const made = await api.call({ method: 'POST', url: '/v1/keys', payload });
  const { key } = made.json<{ key: string }>();
  expect((await create('limited', 'a,b\n1,2\n', '', key)).json()).toMatchObject({ code: 'FORBIDDEN' });
  expect(await statusOf('limited')).toBe(404);
});

it('a question keeps the file, and its answer goes on with create', async () => {
  const body = Buffer.from('n\xe9e,b\n1,2\n', 'latin1');
  const asked = await upload(api, { query: '?dataset=asked&create=true', body });
  expect(asked.json()).toMatchObject({ code: 'FILE_ENCODING', uploadId: expect.any(String) });
  expect(await statusOf('asked')).toBe(404);
  const { uploadId } = asked.json() as Json;
  const answer = await upload(api, {
    path: `/v1/uploads/${String(uploadId)}/imports`,
    body: JSON.stringify({ encoding: 'windows-1252' }),
    headers: { 'content-type': 'application/json' },
  });
  expect([answer.status, await statusOf('asked')]).toEqual([202, 200]);
});

it('when the import is not taken, neither dataset nor table is left', async () => {
  const answer = await create('unkeyed', 'a,b\n1,1\n1,1\n', '&mode=upsert');
  expect([answer.json()['code'], await statusOf('unkeyed'), await hasTable('unkeyed')]).toEqual([
    'UPSERT_NO_KEY',
    404,
    false,
  ]);
});
