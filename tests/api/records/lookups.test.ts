// Records that refer to rows of other tables by their natural keys.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi, type TestApi } from '../../support/api.ts';
import { readZip } from '../../support/read-zip.ts';

let api: TestApi;
let countries: Record<string, string>;

const CITIES = {
  schema: {
    fields: [
      { name: 'name', constraints: { required: true } },
      {
        name: 'country_id',
        normalize: ['uppercase'],
        lookup: { field: 'country_code', in: 'countries', by: 'iso2' },
        constraints: { required: true },
      },
      { name: 'zone', type: 'integer', sensitive: true, lookup: { in: 'zones', by: 'no' } },
    ],
    primaryKey: ['name'],
  },
  target: { table: 'cities' },
};

beforeAll(async () => {
  api = await createApi();
  await api.database.pool.query(`
    CREATE TABLE zones (code text PRIMARY KEY, no int UNIQUE);
    INSERT INTO zones VALUES ('east', 9), ('west', 1);
    CREATE TABLE lands (no serial PRIMARY KEY, iso2 char(2) UNIQUE);
    INSERT INTO lands (iso2) VALUES ('JP'), ('DE');
    CREATE TABLE towns (id bigserial PRIMARY KEY, name text UNIQUE NOT NULL, land int REFERENCES lands)`);
  await put('countries', {
    schema: { fields: [{ name: 'iso2', constraints: { unique: true } }] },
    target: { table: 'countries' },
  });
  const made = await send('POST', 'countries', [{ iso2: 'JP' }, { iso2: 'DE' }]);
  const { data } = made.json<{ data: { id: string; iso2: string }[] }>();
  countries = Object.fromEntries(data.map(({ id, iso2 }) => [iso2, id]));
  await put('cities', CITIES);
  await put('towns', {
    schema: {
      fields: [{ name: 'name' }, { name: 'land', lookup: { field: 'code', in: 'lands', by: 'iso2' } }],
    },
    target: { table: 'towns', existing: true },
  });
});
afterAll(() => api.close());

async function put(name: string, payload: object): Promise<void> {
  const made = await api.call({ method: 'PUT', url: `/v1/datasets/${name}`, payload });
  expect([made.statusCode, made.json()]).toEqual([201, expect.anything()]);
}
const send = (method: 'POST' | 'PATCH' | 'PUT', path: string, payload: object) =>
  api.call({
    method,
    url: `/v1/datasets/${path.includes('/') ? path.replace('/', '/records/') : `${path}/records`}`,
    payload,
  });
const errorsOf = (answer: { json: () => unknown }) =>
  (answer.json() as { errors?: { pointer: string; code: string; detail: string }[] }).errors?.map(
    ({ pointer, code, detail }) => [pointer, code, detail],
  );

describe('a key by its natural key', () => {
  it('is found for the name that files have, or for an object; the own value is taken too', async () => {
    const made = await send('POST', 'cities', [
      { name: 'Tokyo', country_code: 'jp', zone: { no: 9 } },
      { name: 'Bonn', country_id: { iso2: 'DE' }, zone: null },
      { name: 'Kyoto', country_id: countries['JP'], zone: 'east' },
    ]);
    expect(made.statusCode).toBe(201);
    const { data } = made.json<{ data: { id: string }[] }>();
    expect(data).toMatchObject([
      { name: 'Tokyo', country_id: countries['JP'], zone: 'east' },
      { name: 'Bonn', country_id: countries['DE'], zone: null },
      { name: 'Kyoto', country_id: countries['JP'], zone: 'east' },
    ]);
    const at = `cities/${data[0]!.id}`;
    const changed = await send('PATCH', at, { country_code: 'DE', zone: { no: 1 } });
    expect([changed.statusCode, changed.json()]).toEqual([
      200,
      expect.objectContaining({ name: 'Tokyo', country_id: countries['DE'], zone: 'west' }),
    ]);
    const read = changed.json<object>();
    const replaced = await send('PUT', at, read);
    expect(replaced.headers['etag']).toBe(changed.headers['etag']);
    const upserted = await api.call({
      method: 'POST',
      url: '/v1/datasets/cities/records?onConflict=key',
      payload: [
        { name: 'Bonn', country_code: 'DE' },
        { name: 'Kyoto', country_code: 'DE' },
      ],
    });
    expect(upserted.json()).toMatchObject({ unchanged: 1, updated: 1 });
    const many = await api.call({
      method: 'PATCH',
      url: '/v1/datasets/cities/records?name=in.(Bonn,Kyoto)&maxAffected=2',
      payload: { country_code: 'JP' },
    });
    expect(many.json()).toEqual({ matched: 2, changed: 2 });
  });

  it('that has no row is an error with its pointer and value, and nothing is written', async () => {
    const answer = await send('POST', 'cities', [
      { name: 'A', country_code: 'JP' },
      { name: 'B', country_code: 'xx' },
      { name: 'C', country_id: { iso2: 'DE' }, zone: { no: 77 } },
    ]);
    expect(answer.statusCode).toBe(422);
    expect(errorsOf(answer)).toEqual([
      [
        '/1/country_code',
        'foreign-key-error',
        'Field "country_id": no row of table "countries" has "XX" as "iso2".',
      ],
      ['/2/zone', 'foreign-key-error', 'Field "zone": no row of table "zones" has this value as "no".'],
    ]);
    const list = await api.call({ url: '/v1/datasets/cities/records?name=in.(A,B,C)' });
    expect(list.json()).toMatchObject({ data: [] });
  });

  it('that is given wrongly is told by its own name', async () => {
    const answer = await send('POST', 'cities', [
      { name: 'A', country_code: 'JP', country_id: countries['JP'] },
      { name: 'B' },
      { name: 'C', country_code: '' },
      { name: 'D', country_id: { iso3: 'JPN' } },
    ]);
    expect(errorsOf(answer)).toEqual([
      ['/0/country_code', 'unknown-field', expect.stringContaining('say the same: give one of them')],
      ['/1/country_id', 'constraint-error', expect.stringContaining('is required, but is not given')],
      ['/2/country_code', 'constraint-error', expect.stringContaining('"country_code" is required')],
      ['/3/country_id', 'type-error', expect.stringContaining('got an object')],
    ]);
  });

  it('works for a table that exists', async () => {
    const made = await send('POST', 'towns', { name: 'Bonn', code: 'DE' });
    expect([made.statusCode, made.json()]).toEqual([201, { id: 1, name: 'Bonn', land: 2 }]);
    expect((await send('PATCH', 'towns/1', { land: { iso2: 'JP' } })).json()).toMatchObject({ land: 1 });
    expect(errorsOf(await send('PATCH', 'towns/1', { code: 'XX' }))).toEqual([
      ['/code', 'foreign-key-error', 'Field "land": no row of table "lands" has "XX" as "iso2".'],
    ]);
  });

  it('is what exports have, as an import takes it', async () => {
    const csv = (name: string, form = 'csv?raw=true') =>
      api.call({ url: `/v1/datasets/${name}/records.${form}` });
    expect((await csv('cities', 'csv?select=name,country_id,zone&order=name')).body).toBe(
      'name,country_code,zone\nBonn,JP,\nKyoto,JP,9\nTokyo,DE,1\n',
    );
    expect((await csv('towns')).body).toBe('name,code\nBonn,JP\n');
    const sheet = await csv('cities', 'xlsx');
    expect((await readZip(sheet.rawPayload)).get('xl/worksheets/sheet1.xml')).toContain('country_code');
    const bonn = { name: 'Bonn', country_code: 'JP', zone: null };
    expect((await csv('cities', 'ndjson?name=eq.Bonn')).json()).toEqual(bonn);
    expect((await csv('cities', 'json?name=eq.Bonn')).json()).toEqual([bonn]);
  });

  it('is in the OpenAPI of the dataset', async () => {
    const { components } = (await api.call({ url: '/v1/datasets/cities/openapi.json' })).json<{
      components: { schemas: Record<string, { required?: string[]; properties: Record<string, object> }> };
    }>();
    const { required, properties } = components.schemas['NewRecord']!;
    expect(required).toEqual(['name']);
    expect(properties).toMatchObject({
      country_code: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      country_id: {
        anyOf: [
          { type: 'string', format: 'uuid' },
          { type: 'object', required: ['iso2'] },
        ],
      },
    });
  });
});
