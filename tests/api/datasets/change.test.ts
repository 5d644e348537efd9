import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveDataset } from '../../../src/db/datasets/datasets.ts';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import { bearer, createApi, type TestApi } from '../../support/api.ts';
import { listeningApi, upload } from '../../support/uploads.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
});
afterAll(() => api.close());

type Json = Record<string, unknown>;
const documentOf = (table: string, fields: unknown[], more: Json = {}): Json => ({
  schema: { fields, ...more },
  target: { table },
});

const put = (
  name: string,
  payload: unknown,
  { query = '', ...options }: InjectOptions & { query?: string } = {},
): Promise<LightMyRequestResponse> =>
  api.call({ method: 'PUT', url: `/v1/datasets/${name}${query}`, payload: payload as object, ...options });
const get = (path: string): Promise<LightMyRequestResponse> => api.call({ url: `/v1/datasets/${path}` });
const remove = (path: string, headers = {}): Promise<LightMyRequestResponse> =>
  api.call({ method: 'DELETE', url: `/v1/datasets/${path}`, headers });

async function columnsOf(table: string): Promise<string[]> {
  const { rows } = await api.database.pool.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table],
  );
  return rows.map(({ name }) => name);
}

describe('PUT /v1/datasets/{name}', () => {
  it('makes the dataset and its table, and changes them: each is a version', async () => {
    const first = await put('goods', documentOf('goods', [{ name: 'code' }]));
    expect([first.statusCode, first.headers['etag'], first.json()]).toEqual([
      201,
      '"1"',
      expect.objectContaining({ name: 'goods', version: 1, managedBy: 'api' }),
    ]);
    expect(await columnsOf('goods')).toContain('code');

    const same = await put('goods', { name: 'goods', ...documentOf('goods', [{ name: 'code' }]) });
    expect([same.statusCode, same.headers['etag']]).toEqual([200, '"1"']);

    const second = await put(
      'goods',
      documentOf('goods', [{ name: 'code' }, { name: 'price', type: 'number' }]),
    );
    expect([second.statusCode, second.json<Json>()['version']]).toEqual([200, 2]);
    expect(await columnsOf('goods')).toContain('price');

    const versions = await get('goods/versions?limit=1');
    expect(versions.json()).toEqual({
      data: [{ version: 2, managedBy: 'api', createdAt: expect.any(String), createdBy: expect.any(String) }],
      nextCursor: '2',
    });
    expect((await get('goods/versions?cursor=2')).json<{ data: Json[] }>().data).toHaveLength(1);
    const old = await get('goods/versions/1');
    expect(old.json<{ document: Json }>().document).toEqual({
      name: 'goods',
      schema: { fields: [{ name: 'code', type: 'string' }] },
      target: { table: 'goods' },
    });
    expect((await get('goods/versions/3')).statusCode).toBe(404);
    const again = await put('goods', old.json<{ document: Json }>().document);
    expect([again.statusCode, again.json<Json>()['version']]).toEqual([200, 3]);
  });

  it('is for admins', async () => {
    for (const role of ['viewer', 'operator'] as const) {
      const headers = bearer(await api.keyOf(role));
      expect((await put('x', documentOf('x', [{ name: 'a' }]), { headers })).statusCode).toBe(403);
      expect((await remove('x', headers)).statusCode).toBe(403);
    }
  });

  it('says everything that is wrong, and where', async () => {
    const answer = await put('goods', {
      ...documentOf('Goods', [
        { name: 'a', typ: 'integer' },
        { name: 'a' },
        { name: 'b', constraints: { maxLength: 0 } },
      ]),
    });
    expect([answer.statusCode, answer.json<Json>()['code']]).toEqual([422, 'DATASET_INVALID']);
    expect(answer.json<{ errors: { pointer: string }[] }>().errors.map(({ pointer }) => pointer)).toEqual([
      '/schema/fields/0/typ',
      '/schema/fields/2/constraints/maxLength',
      '/schema/fields/1/name',
      '/target/table',
    ]);
    const other = await put('goods', { name: 'good', ...documentOf('goods', [{ name: 'a' }]) });
    expect(other.json()).toMatchObject({ code: 'DATASET_INVALID', errors: [{ pointer: '/name' }] });
  });

  it('refuses what would lose or refuse rows, with each difference and its SQL; plan=true shows it', async () => {
    await put('prices', documentOf('prices', [{ name: 'price', type: 'number' }]));
    const wanted = documentOf('prices', [{ name: 'price', type: 'integer' }, { name: 'note' }]);
    const refused = await put('prices', wanted);
    const change = 'ALTER TABLE "public"."prices" ALTER COLUMN "price" TYPE bigint';
    expect([refused.statusCode, refused.json()]).toEqual([
      409,
      expect.objectContaining({
        code: 'DATASET_INCOMPATIBLE',
        errors: [{ detail: expect.stringContaining(change) }],
      }),
    ]);
    const plan = await put('prices', wanted, { query: '?plan=true' });
    expect([plan.statusCode, plan.json()]).toEqual([
      200,
      {
        outcome: 'changed',
        statements: ['ALTER TABLE "public"."prices" ADD COLUMN "note" text'],
        conflicts: [expect.stringContaining(change)],
        created: [],
        altered: ['prices'],
      },
    ]);
    expect(await columnsOf('prices')).not.toContain('note');
    expect((await get('prices')).json<Json>()['version']).toBe(1);
    const none = await put('unmade', documentOf('unmade', [{ name: 'a' }]), { query: '?plan=true' });
    expect(none.json()).toMatchObject({ outcome: 'created', created: ['unmade'], conflicts: [] });
    expect((await get('unmade')).statusCode).toBe(404);
  });

  it('of two writers with If-Match one is answered 412', async () => {
    await put('shared', documentOf('shared', [{ name: 'a' }]));
    const headers = { 'if-match': String((await get('shared')).headers['etag']) };
    const answers = await Promise.all(
      ['b', 'c'].map((name) => put('shared', documentOf('shared', [{ name: 'a' }, { name }]), { headers })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412]);
    const lost = answers.find(({ statusCode }) => statusCode === 412)!;
    expect(lost.json()).toMatchObject({ code: 'PRECONDITION_FAILED', etag: '"2"' });
    // The loser's column was not made either.
    expect((await columnsOf('shared')).filter((name) => 'bc'.includes(name))).toHaveLength(1);
    const only = await put('shared', documentOf('shared', [{ name: 'a' }]), {
      headers: { 'if-none-match': '*' },
    });
    expect(only.statusCode).toBe(412);
    const gone = await put('never', documentOf('never', [{ name: 'a' }]), { headers: { 'if-match': '*' } });
    expect(gone.statusCode).toBe(412);
    const unchanged = await api.call({ url: '/v1/datasets/shared', headers: { 'if-none-match': '"2"' } });
    expect(unchanged.statusCode).toBe(304);
  });

  it('a dataset belongs to its file or to the API, and is handed over', async () => {
    const document = { name: 'filed', ...documentOf('filed', [{ name: 'a' }]) };
    await saveDataset(api.deps.database.db, parseDataset(document, 'filed.json'));
    const wider = documentOf('filed', [{ name: 'a' }, { name: 'b' }]);
    const refused = await put('filed', wider);
    expect([refused.statusCode, refused.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'DATASET_MANAGED', managedBy: 'file' }),
    ]);
    expect((await remove('filed')).statusCode).toBe(409);
    const taken = await put('filed', wider, { query: '?takeOver=true' });
    expect(taken.json()).toMatchObject({ managedBy: 'api', version: 2 });
    expect((await put('filed', wider)).statusCode).toBe(200);
  });

  it('is in the audit log', async () => {
    await put('noted', documentOf('noted', [{ name: 'a' }]));
    await remove('noted?table=drop');
    const { data } = (await api.call({ url: '/v1/audit?subjectType=dataset&subjectId=noted' })).json<{
      data: Json[];
    }>();
    expect(data.map(({ action, details }) => [action, details])).toEqual([
      ['dataset.delete', { dropped: ['noted'] }],
      ['dataset.apply', { created: ['noted'], altered: [] }],
    ]);
  });
});

describe('hostile documents', () => {
  it('a thousand fields make a table', async () => {
    const fields = Array.from({ length: 1000 }, (_, at) => ({ name: `f${at}`, title: `Title ${at}` }));
    expect((await put('wide', documentOf('wide', fields))).statusCode).toBe(201);
    expect(await columnsOf('wide')).toHaveLength(1007);
    const more = await put('wider', documentOf('wider', [...fields, ...fields]));
    expect([more.statusCode, more.json<{ detail: string }>().detail]).toEqual([
      422,
      expect.stringContaining('holds 2000 entries; there may be 1500 at most'),
    ]);
  });

  it('a document of a megabyte is judged soon, and a larger one is a 413', async () => {
    const pattern = '[\\p{L}\\p{N}]{1,900}'.repeat(250);
    const patterns = Array.from({ length: 50 }, (_, at) => ({ name: `f${at}`, constraints: { pattern } }));
    const refused = await put('patterns', documentOf('patterns', patterns));
    expect([refused.statusCode, refused.json<{ detail: string }>().detail]).toEqual([
      422,
      expect.stringContaining('there may be 100000 at most'),
    ]);
    const junk = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`property${at}`, 1]));
    const before = performance.now();
    const answer = await put('huge', { ...documentOf('huge', [{ name: 'a' }]), ...junk });
    expect([answer.statusCode, answer.json<Json>()['code']]).toEqual([422, 'DATASET_INVALID']);
    expect(performance.now() - before).toBeLessThan(3000);
    const texts = { ...documentOf('huge', [{ name: 'a', description: 'x'.repeat(1024 * 1024) }]) };
    expect((await put('huge', texts)).statusCode).toBe(413);
  });

  it.each<[string, Json, string]>([
    ['quotes in a name', documentOf('t"; DROP TABLE x', [{ name: 'a' }]), '/target/table'],
    ['a name of 64 bytes', documentOf('t', [{ name: 'a'.repeat(64) }]), '/schema/fields/0/name'],
    ['a column of Postgres', documentOf('t', [{ name: 'xmin' }]), '/schema/fields/0/name'],
    [
      'a schema of Sluice',
      { ...documentOf('t', [{ name: 'a' }]), target: { schema: 'sluice', table: 't' } },
      '/target/schema',
    ],
    [
      'two fields of one header',
      documentOf('t', [{ name: 'a', title: 'ＴＥＬ' }, { name: 'tel' }]),
      '/schema/fields/1',
    ],
    ['a NUL', documentOf('t', [{ name: 'a', title: 'a\0b' }]), '/schema/fields/0/title'],
    ['half a character', documentOf('t', [{ name: 'a', title: '\ud800' }]), '/schema/fields/0/title'],
    [
      'a number that JSON rounds',
      documentOf('t', [{ name: 'a', type: 'integer', constraints: { minimum: 2 ** 60 } }]),
      '/schema/fields/0/constraints/minimum',
    ],
    [
      'a pattern that would run for ever',
      documentOf('t', [{ name: 'a', constraints: { pattern: '(a{1000}){1000}' } }]),
      '/schema/fields/0/constraints/pattern',
    ],
    [
      'a value nested a thousand levels deep',
      documentOf('t', [
        { name: 'a', constraints: { enum: JSON.parse('['.repeat(1000) + ']'.repeat(1000)) } },
      ]),
      `/schema/fields/0/constraints/enum${'/0'.repeat(28)}`,
    ],
  ])('%s is a problem with a place', async (_, document, pointer) => {
    const answer = await put('hostile', document);
    expect([answer.statusCode, answer.json<{ errors: Json[] }>().errors[0]!['pointer']]).toEqual([
      422,
      pointer,
    ]);
    expect((await get('hostile')).statusCode).toBe(404);
  });

  it('reserved words and names of 63 bytes that differ only at their end are names like others', async () => {
    const long = 'n'.repeat(62);
    const fields = ['select', 'user', 'order', `${long}1`, `${long}2`].map((name) => ({
      name,
      constraints: { unique: true },
    }));
    expect((await put('table', documentOf('group', fields))).statusCode).toBe(201);
    expect(await columnsOf('"group"')).toEqual(expect.arrayContaining(['select', `${long}1`, `${long}2`]));
  });
});

describe('while an import is under way', () => {
  let live: TestApi;
  beforeAll(async () => {
    live = await listeningApi();
  });
  afterAll(() => live.close());

  it('the dataset changes where its rows still fit, and is not deleted', async () => {
    const url = '/v1/datasets/people?takeOver=true';
    const { body } = await upload(live, { query: '?dataset=people', body: 'name,age\nAnn,3\n' });
    const imp = JSON.parse(body.toString()) as { id: string; datasetVersion: number };
    expect(imp.datasetVersion).toBe(1);
    const document = (await live.call({ url: '/v1/datasets/people/versions/1' })).json<{
      document: { schema: { fields: Json[] } };
    }>().document;

    const required = {
      ...document,
      schema: { fields: [...document.schema.fields, { name: 'x', constraints: { required: true } }] },
    };
    const refused = await live.call({ method: 'PUT', url, payload: required });
    expect([refused.statusCode, refused.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'DATASET_IN_USE', importIds: [imp.id] }),
    ]);
    const wider = { ...document, schema: { fields: [...document.schema.fields, { name: 'x' }] } };
    expect((await live.call({ method: 'PUT', url, payload: wider })).statusCode).toBe(200);

    const deleted = await live.call({ method: 'DELETE', url });
    expect([deleted.statusCode, deleted.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'DATASET_IN_USE', importIds: [imp.id] }),
    ]);
    expect((await live.call({ url: `/v1/imports/${imp.id}` })).json()).toMatchObject({ datasetVersion: 1 });
    const next = await upload(live, { query: '?dataset=people', body: 'name,x\nBob,3\n' });
    expect(next.json()).toMatchObject({ datasetVersion: 2 });
  });
});

describe('DELETE /v1/datasets/{name}', () => {
  it('leaves the table, or drops it when that is said; a new dataset of the name counts on', async () => {
    await put('brief', documentOf('brief', [{ name: 'a' }]));
    expect((await remove('brief')).statusCode).toBe(204);
    expect((await get('brief')).statusCode).toBe(404);
    expect(await columnsOf('brief')).toContain('a');
    expect((await put('brief', documentOf('brief', [{ name: 'a' }]))).json<Json>()['version']).toBe(2);
    expect((await remove('brief?table=drop', { 'if-match': '"1"' })).statusCode).toBe(412);
    expect((await remove('brief?table=drop')).statusCode).toBe(204);
    expect(await columnsOf('brief')).toEqual([]);
    expect((await remove('brief')).statusCode).toBe(404);
    expect((await get('brief/versions/2')).statusCode).toBe(200);
  });

  it('drops linked tables too, and no table that something else needs', async () => {
    const target = { table: 'shops', links: [{ table: 'places', column: 'place_id', fields: ['city'] }] };
    await put('shops', { schema: { fields: [{ name: 'a' }, { name: 'city' }] }, target });
    await api.database.pool.query('CREATE VIEW busy AS SELECT a FROM shops');
    const refused = await remove('shops?table=drop');
    expect([refused.statusCode, refused.json()]).toEqual([
      409,
      expect.objectContaining({
        code: 'CONFLICT',
        detail: expect.stringContaining('view busy depends on table shops'),
      }),
    ]);
    await api.database.pool.query('DROP VIEW busy');
    await put('same', documentOf('places', [{ name: 'city' }]));
    expect((await remove('shops?table=drop')).json<{ detail: string }>().detail).toContain(
      'Dataset "same" lands',
    );
    await remove('same');
    expect((await remove('shops?table=drop')).statusCode).toBe(204);
    expect([await columnsOf('shops'), await columnsOf('places')]).toEqual([[], []]);
  });

  it('drops no table that Sluice has not made', async () => {
    await api.database.pool.query('CREATE TABLE foreign_table (a text)');
    const document = parseDataset({ name: 'foreign', ...documentOf('foreign_table', [{ name: 'a' }]) }, 'd');
    await saveDataset(api.deps.database.db, document, { managedBy: 'api' });
    const refused = await remove('foreign?table=drop');
    expect([refused.statusCode, refused.json<{ detail: string }>().detail]).toEqual([
      409,
      expect.stringContaining('was not made by Sluice'),
    ]);
  });
});

it('GET /v1/datasets/schema.json is the JSON Schema', async () => {
  const answer = await get('schema.json');
  expect(answer.json()).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    anyOf: [
      { required: ['name', 'schema', 'target'] },
      ...Array.from({ length: 3 }, () => ({ required: ['name', 'target'] })),
    ],
  });
});
