import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApi } from '../../support/api.ts';
import { listeningApi, upload, type Answer } from '../../support/uploads.ts';

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_INSPECT_BYTES: '262144' } });
});
afterAll(() => api.close());

type Json = Record<string, unknown>;
const infer = (body: string, query = '', headers: Record<string, string> = {}): Promise<Answer> =>
  upload(api, { path: `/v1/datasets/infer${query}`, body, headers });

const FILE = 'Code,Price,Day\n007,1.50,2024-01-31\n008,2,2024-02-01\n';

describe('POST /v1/datasets/infer', () => {
  it('of a file gives a document that PUT takes, with evidence; nothing is kept', async () => {
    const answer = await infer(FILE, '?name=goods');
    expect([answer.status, answer.json()]).toEqual([
      200,
      {
        dataset: {
          name: 'goods',
          schema: {
            fields: [
              { name: 'code', type: 'string', constraints: { required: true } },
              { name: 'price', type: 'number', constraints: { required: true } },
              { name: 'day', type: 'date', constraints: { required: true } },
            ],
          },
          target: { table: 'goods' },
        },
        records: 2,
        passedOver: 0,
        firstPassedOver: null,
        mapping: null,
        columns: expect.arrayContaining([
          expect.objectContaining({
            field: 'code',
            because: '"007" (line 2) begins with a zero, which a number would lose.',
            counterExample: { line: 2, value: '007', reason: expect.any(String) },
          }),
        ]),
      },
    ]);
    const made = await api.call({
      method: 'PUT',
      url: '/v1/datasets/goods',
      payload: answer.json()['dataset'] as object,
    });
    expect(made.statusCode).toBe(201);
    expect((await api.call({ url: '/v1/uploads' })).json<{ data: Json[] }>().data).toEqual([]);
    const folders = [];
    for await (const folder of api.deps.storage.listFolders('uploads/')) folders.push(folder);
    expect(folders).toEqual([]);
  });

  it('looks at all records, far behind the sample', async () => {
    const lines = Array.from({ length: 60_000 }, (_, at) => `${at},${at % 3}\n`).join('');
    const answer = await infer(`no,third\n${lines}x,1\n1,2,3\n`);
    const { columns, records, passedOver, firstPassedOver } = answer.json() as {
      columns: { counterExample: Json; because: string; isUnique: boolean }[];
    } & Json;
    expect([records, passedOver, firstPassedOver]).toEqual([
      60_001,
      1,
      { line: 60_003, reason: expect.any(String) },
    ]);
    expect(columns[0]).toMatchObject({ counterExample: { line: 60_002, value: 'x' }, isUnique: true });
    expect(columns[0]!.because).toContain('The 60000 values before it are whole numbers.');
  });

  it('of a kept upload, with its options and others', async () => {
    const kept = await upload(api, {
      path: '/v1/uploads?delimiter=semicolon&fileName=My%20goods.csv',
      body: 'a;b\n1;x\n',
    });
    const { id } = kept.json() as { id: string };
    const call = (payload: Json, query = '', key = api.adminKey) =>
      upload(api, {
        path: `/v1/datasets/infer${query}`,
        body: JSON.stringify({ uploadId: id, ...payload }),
        headers: { 'content-type': 'application/json' },
        key,
      });
    const answer = await call({});
    expect(answer.json()).toMatchObject({
      dataset: { name: 'my_goods', schema: { fields: [{ name: 'a', type: 'integer' }, { name: 'b' }] } },
    });
    expect((await call({}, '?types=text')).json()).toMatchObject({
      dataset: { schema: { fields: [{ type: 'string' }, { type: 'string' }] } },
    });
    expect((await call({}, '?types=none')).status).toBe(400);
    expect((await call({}, '', await api.keyOf('viewer'))).status).toBe(403);
  });

  it('asks what an import would ask', async () => {
    const answer = await infer('na\xefve,b\n1,2\n'.repeat(3).replaceAll('ï', '\u00ef'), '', {
      'content-type': 'text/csv; charset=shift_jis',
    });
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'FILE_ENCODING' });
    expect((await infer('{"a":1}\n')).json()).toMatchObject({ code: 'FILE_FORMAT' });
    expect((await infer('a,b\n')).json()).toMatchObject({ code: 'FILE_HEADER_ONLY' });
    expect((await infer('Report of May\n\na,b\n1,2\n')).json()).toMatchObject({
      code: 'FILE_HEADER_ONLY',
      detail: expect.stringContaining('say how many lines are above it with skipLines'),
    });
  });

  it('headers that are missing or there twice come with a mapping', async () => {
    const answer = await infer('Tel,Tel,\n1,2,3\n');
    expect(answer.json()).toMatchObject({
      mapping: { '#1': 'tel', '#2': 'tel_2', '#3': 'column_3' },
      dataset: { schema: { fields: [{ name: 'tel' }, { name: 'tel_2' }, { name: 'column_3' }] } },
    });
    // A blank in a name is no delimiter for that.
    const named = await infer('Tel,Tel,First name\n1,2,Ann Lee\n');
    expect(named.json()).toMatchObject({
      dataset: { schema: { fields: [{ name: 'tel' }, { name: 'tel_2' }, { name: 'first_name' }] } },
    });
    expect((await infer('first second\n1 2\n')).json()).toMatchObject({
      dataset: { schema: { fields: [{ name: 'first' }, { name: 'second' }] } },
    });
  });
});
