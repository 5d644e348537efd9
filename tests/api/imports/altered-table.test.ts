// A table of others that was changed since its dataset was applied: what is told when a file is sent, and what of each record.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bearer, createApi, type TestApi } from '../../support/api.ts';

let api: TestApi;
let origin: string;

const TABLE = `
  DROP TABLE IF EXISTS notes, orders, kinds CASCADE;
  CREATE TABLE kinds (id int PRIMARY KEY, code text CONSTRAINT kinds_code UNIQUE);
  CREATE TABLE orders (
    id bigserial PRIMARY KEY, order_no varchar(20) UNIQUE NOT NULL, amount numeric(10,2), quantity int, memo text,
    kind_id int REFERENCES kinds, day date)`;
const FIELDS = ['order_no', 'amount', 'quantity', 'kind_id'];

beforeAll(async () => {
  api = await createApi();
  origin = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api.close());

beforeEach(async () => {
  await api.database.pool.query(TABLE);
  const fields = [
    { name: 'order_no' },
    { name: 'amount', type: 'number' },
    { name: 'quantity', type: 'integer' },
    { name: 'kind_id', lookup: { field: 'kind', in: 'kinds', by: 'code' } },
  ];
  const payload = { schema: { fields, primaryKey: ['order_no'] }, target: { table: 'public.orders' } };
  const put = await api.call({ method: 'PUT', url: '/v1/datasets/orders', payload });
  expect([200, 201]).toContain(put.statusCode);
});

const send = (query = '') =>
  fetch(`${origin}/v1/imports?dataset=orders${query}`, {
    method: 'POST',
    headers: { ...bearer(api.adminKey), 'content-type': 'text/csv' },
    body: `order_no,amount,quantity,kind\nA-1,1.50,2,\n`,
  });

const FIELD = (name: string) => `/schema/fields/${FIELDS.indexOf(name)}`;

describe('is told before the file is read', () => {
  it.each<[string, string, string, string]>([
    [
      'a column that is gone',
      'DROP quantity',
      FIELD('quantity'),
      'Column "quantity" of table "orders" is gone.',
    ],
    [
      'another type',
      'ALTER order_no TYPE varchar(10)',
      FIELD('order_no'),
      'Column "order_no" of table "orders" was character varying(20), not null, without a default, and is character varying(10), not null, without a default now.',
    ],
    [
      'fewer digits',
      'ALTER amount TYPE numeric(5,1)',
      FIELD('amount'),
      'Column "amount" of table "orders" was numeric(10,2), and is numeric(5,1) now.',
    ],
    [
      'not null',
      'ALTER amount SET NOT NULL',
      FIELD('amount'),
      'Column "amount" of table "orders" was numeric(10,2), and is numeric(10,2), not null, without a default now.',
    ],
    [
      'a new column to fill',
      'ADD unit text NOT NULL',
      '/schema/fields',
      'Table "orders" has a new column "unit" (text) that each row must fill.',
    ],
    [
      'an old column to fill, which is no field',
      'ALTER memo SET NOT NULL',
      '/schema/fields',
      'Column "memo" of table "orders" (text) must be filled by each row now, and no field of the dataset does.',
    ],
    [
      'another key',
      'DROP CONSTRAINT orders_pkey',
      '/target',
      'Rows of table "orders" were known by (id), and are by (order_no) now.',
    ],
    [
      'no foreign key for a lookup',
      'DROP CONSTRAINT orders_kind_id_fkey',
      `${FIELD('kind_id')}/lookup`,
      'no foreign key of column "kind_id" refers to it',
    ],
  ])('%s', async (_, change, pointer, detail) => {
    await api.database.pool.query(`ALTER TABLE orders ${change}`);
    const answer = await send();
    expect([answer.status, await answer.json()]).toEqual([
      409,
      expect.objectContaining({
        code: 'TABLE_ALTERED',
        dataset: 'orders',
        errors: [{ pointer, detail: expect.stringContaining(detail) }],
      }),
    ]);
    expect((await api.database.pool.query('SELECT FROM sluice.tasks')).rowCount).toBe(0);
  });

  it('a table that is gone, and one that cannot be looked up in', async () => {
    await api.database.pool.query('ALTER TABLE kinds DROP CONSTRAINT kinds_code');
    expect(await (await send()).json()).toMatchObject({
      errors: [
        { pointer: '/schema/fields/3/lookup', detail: expect.stringContaining('has no unique index') },
      ],
    });
    await api.database.pool.query('DROP TABLE orders');
    expect(await (await send()).json()).toMatchObject({
      code: 'TABLE_ALTERED',
      errors: [{ pointer: '/target', detail: 'Table "orders" is gone.' }],
    });
  });

  it('all differences at once; applied again, files are taken again', async () => {
    await api.database.pool.query(
      'ALTER TABLE orders ALTER quantity TYPE bigint, ALTER amount SET DEFAULT 0, ADD x int NOT NULL',
    );
    const told = (await (await send()).json()) as { errors: unknown[] };
    expect(told.errors).toHaveLength(2);
    await api.database.pool.query('ALTER TABLE orders ALTER x SET DEFAULT 1');
    const row = (await api.call({ url: '/v1/datasets/orders' })).json<Record<string, unknown>>();
    const { schema, target } = row;
    expect(
      (await api.call({ method: 'PUT', url: '/v1/datasets/orders', payload: { schema, target } })).statusCode,
    ).toBe(200);
    expect((await send()).status).toBe(202);
    await api.database.pool.query('DELETE FROM sluice.tasks');
  });
});
