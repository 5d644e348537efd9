// Records as a user has them: the to-do walk over HTTP, and a table that is exported and imported again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../support/sluice.ts';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { everyType, PRECIOUS, todos } from '../api/records/datasets.ts';

type Json = Record<string, unknown>;

/** Names as documents may have them. */
const types = {
  ...everyType,
  name: 'types',
  schema: {
    ...everyType.schema,
    fields: everyType.schema.fields.map((field) =>
      field.name === 'text "quoted"' ? { ...field, name: 'words' } : field,
    ),
  },
};

/** In a workbook NULL is a blank cell. */
const sheets = {
  ...types,
  name: 'sheets',
  schema: { ...types.schema, missingValues: [''] },
  target: { table: 'sheets' },
};

/** It names no missing values, as most datasets do. */
const usual: Dataset = {
  name: 'usual',
  schema: {
    fields: [
      { name: 'no', type: 'integer' },
      { name: 'words', type: 'string' },
      { name: 'mail', type: 'string', format: 'email' },
      { name: 'ratio', type: 'number', nonFinite: true, decimalChar: ',' },
      { name: 'thing', type: 'object' },
    ],
    primaryKey: ['no'],
  },
  target: { table: 'usual' },
};

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [todos, types, sheets, usual] });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await sluice.fetch(path, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Json };
}

const records = '/v1/datasets/todos/records';

it('the to-do walk: seed, list, get, create, a missing field, change one field, delete and get it back', async () => {
  const seed = await sluice.send(
    'todos',
    'title,memo,priority,completed\n\nmilk,"fresh,\nand cold",2,false\nbread,,1,true\n',
  );
  const imported = ((await seed.json()) as { id: string }).id;
  await sluice.ended(imported);

  const { data } = (await call('GET', `${records}?order=priority`)).json as { data: Json[] };
  expect(data).toMatchObject([
    { title: 'bread', memo: null, priority: 1, completed: true, import_id: imported, import_row: 2 },
    { title: 'milk', memo: 'fresh,\nand cold', priority: 2, completed: false },
  ]);
  const one = await call('GET', `${records}/${String(data[1]!['id'])}`);
  expect(one.json).toEqual(data[1]);

  const origin = await call('GET', `${records}/${String(data[1]!['id'])}/origin`);
  expect(origin.json).toMatchObject({
    import: { importId: imported, row: 1, line: 3, by: { name: 'admin' } },
    matchedBy: [],
    createdBy: { name: 'admin' },
  });

  const second = await call('GET', `${records}/${String(data[0]!['id'])}/origin`);
  expect(second.json).toMatchObject({ import: { row: 2, line: 5 } });

  const missing = await call('POST', records, { memo: 'no title' });
  expect(missing).toMatchObject({
    status: 422,
    json: { detail: 'Field "title" is required, but is not given.' },
  });
  const made = await call('POST', records, { title: 'tea', priority: 3 });
  expect(made).toMatchObject({
    status: 201,
    json: { title: 'tea', memo: null, priority: 3, import_id: null },
  });
  const path = made.headers.get('location')!;

  const changed = await call('PATCH', path, { completed: true }, { 'if-match': made.headers.get('etag')! });
  expect(changed).toMatchObject({ status: 200, json: { title: 'tea', priority: 3, completed: true } });
  expect(
    (await call('PATCH', path, { completed: false }, { 'if-match': made.headers.get('etag')! })).status,
  ).toBe(412);

  const deleted = await call('DELETE', path);
  expect(deleted.json).toEqual(changed.json);
  expect((await call('GET', path)).status).toBe(404);
});

describe('export, then import by upsert', () => {
  it('leaves all as it was, for every type', async () => {
    const { 'text "quoted"': words, thing, list, ...rest } = PRECIOUS;
    const row = { ...rest, words, year: 2024 };
    const nulls = { code: 'nulls' };
    const negative = {
      code: 'minus',
      amount: -0.5,
      whole: -1,
      flag: false,
      words: ',";\r\n\'',
      anything: '\\N',
      list: [],
    };
    const sent =
      `[${JSON.stringify(row).slice(0, -1)},"thing":${thing},"list":${list}},${JSON.stringify(nulls)},${JSON.stringify(negative)}]`
        .replace('"9007199254740993"', '9007199254740993')
        .replace('"12345678901234567890.10"', '12345678901234567890.10');
    expect(await call('POST', '/v1/datasets/types/records', sent)).toMatchObject({
      status: 201,
      json: { inserted: 3 },
    });
    const table = async () =>
      (await sluice.database.pool.query('SELECT t::text FROM every_type AS t ORDER BY id')).rows;
    const before = await table();

    const csv = await (await sluice.fetch('/v1/datasets/types/records.csv?raw=true')).text();
    const again = await sluice.send('types', csv, '&mode=upsert&dialect=postgres-csv');
    const { id } = (await again.json()) as { id: string };
    expect(await sluice.ended(id)).toMatchObject({
      status: 'succeeded',
      result: { inserted: 0, updated: 0, unchanged: 3, rejected: 0 },
    });
    expect(await table()).toEqual(before);
    const { data } = (await call('GET', '/v1/datasets/types/records?code=eq.007')).json as { data: Json[] };
    const origin = await call('GET', `/v1/datasets/types/records/${String(data[0]!['id'])}/origin`);
    expect(origin.json).toMatchObject({ import: null, matchedBy: [{ importId: id, row: 1 }] });
  });

  it('leaves all as it was by way of a workbook, for every type', async () => {
    await sluice.database.pool.query(
      `INSERT INTO sheets (id, code, words, uid, whole, amount, flag, day, at, clock, year, month, thing, list, anything)
       VALUES (gen_random_uuid(), '007', E'=1+1, "a"\\n\\\\N\\t', '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10', 9007199254740993, 12345678901234567890.10, true,
         '2024-02-29', '2024-01-31T13:45:00.123456Z', '23:59:59.5', 2024, '2024-12', '{"a": 1.10, "b": [12345678901234567890]}', '["x", null]', '_x000D_'),
       (gen_random_uuid(), 'early', E'a\\r\\nb', NULL, 999999999999999, 0.10, false, '1900-03-01', '0001-01-01T00:00:00Z', '00:00:00', 1000, '0001-01', NULL, NULL, NULL),
       (gen_random_uuid(), 'late', '''x', NULL, -1, -1234567890.12, NULL, '9999-12-31', '9999-12-31T23:59:59Z', '12:30:45', NULL, NULL, '{}', '[]', '<&>')`,
    );
    const table = async () =>
      (await sluice.database.pool.query('SELECT t::text FROM sheets AS t ORDER BY id')).rows;
    const before = await table();
    const answer = await sluice.fetch('/v1/datasets/sheets/records.xlsx');
    expect(answer.headers.get('content-type')).toContain('spreadsheetml');
    const again = await sluice.send('sheets', await answer.blob(), '&mode=upsert');
    const { id } = (await again.json()) as { id: string };
    expect(await sluice.ended(id)).toMatchObject({
      status: 'succeeded',
      result: { inserted: 0, updated: 0, unchanged: 3, rejected: 0 },
    });
    expect(await table()).toEqual(before);
  });

  it.each([
    ['csv', '?raw=true', '&dialect=postgres-csv'],
    ['ndjson', '', ''],
    ['json', '', ''],
    ['xlsx', '', ''],
  ])(
    'as %s, empty texts beside NULL, and numbers that are none, stay what they are',
    async (form, query, said) => {
      const { pool } = sluice.database;
      await pool.query('TRUNCATE usual');
      const rows = [
        { no: 1, words: '', mail: '', ratio: 'NaN', thing: { a: '' } },
        { no: 2, words: null, ratio: 'Infinity' },
        { no: 3, words: ' ', mail: 'a@example.com', ratio: '-INF' },
        { no: 4, words: '""', ratio: 1.5, thing: {} },
      ];
      const made = await call('POST', '/v1/datasets/usual/records', rows);
      expect([made.status, made.json['data']]).toMatchObject([
        201,
        [
          { words: '', mail: null, ratio: 'NaN', thing: { a: '' } },
          { words: null, mail: null, ratio: 'Infinity', thing: null },
          { words: ' ', mail: 'a@example.com', ratio: '-Infinity' },
          { words: '""', ratio: 1.5, thing: {} },
        ],
      ]);
      const table = async () => (await pool.query('SELECT t::text FROM usual AS t ORDER BY no')).rows;
      const before = await table();
      const file = await (await sluice.fetch(`/v1/datasets/usual/records.${form}${query}`)).blob();
      const { id } = (await (await sluice.send('usual', file, `&mode=upsert${said}`)).json()) as {
        id: string;
      };
      expect(await sluice.ended(id)).toMatchObject({
        status: 'succeeded',
        result: { inserted: 0, updated: 0, unchanged: 4, rejected: 0 },
      });
      expect(await table()).toEqual(before);
      // Into an empty table it brings all of them.
      await pool.query('TRUNCATE usual');
      const anew = (await (await sluice.send('usual', file, `&ifDuplicate=allow${said}`)).json()) as {
        id: string;
      };
      expect(await sluice.ended(anew.id)).toMatchObject({ result: { loaded: 4, rejected: 0 } });
      const { rows: landed } = await pool.query('SELECT no::int, words, ratio::text FROM usual ORDER BY no');
      expect(landed).toEqual([
        { no: 1, words: '', ratio: 'NaN' },
        { no: 2, words: null, ratio: 'Infinity' },
        { no: 3, words: ' ', ratio: '-Infinity' },
        { no: 4, words: '""', ratio: '1.5' },
      ]);
    },
  );
});
