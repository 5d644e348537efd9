import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApi, type TestApi } from '../../support/api.ts';

let api: TestApi;

beforeAll(async () => {
  api = await createApi();
  await api.database.pool.query(
    `CREATE TABLE stock (id bigserial PRIMARY KEY, sku varchar(8) UNIQUE NOT NULL, pieces int CHECK (pieces >= 0));
     CREATE VIEW stock_view AS SELECT * FROM stock`,
  );
});
afterAll(() => api.close());

const put = (name: string, payload: object, query = ''): Promise<LightMyRequestResponse> =>
  api.call({ method: 'PUT', url: `/v1/datasets/${name}${query}`, payload });
const target = { table: 'stock', existing: true };

describe('PUT /v1/datasets/{name} of a table that exists', () => {
  it('needs no more than the name of the table', async () => {
    const plan = await put('stock', { target }, '?plan=true');
    expect([plan.statusCode, plan.json()]).toEqual([
      200,
      expect.objectContaining({
        outcome: 'created',
        statements: [
          'CREATE TABLE "sluice_provenance"."rows_1" AS SELECT "id" AS key_1 FROM "public"."stock" WITH NO DATA',
          expect.stringContaining('ADD UNIQUE (key_1)'),
          expect.stringContaining('USING brin (import_id)'),
          expect.stringContaining('Who brought the rows of'),
        ],
        conflicts: [],
      }),
    ]);
    const made = await put('stock', { target });
    expect([made.statusCode, made.json()]).toEqual([
      201,
      expect.objectContaining({
        version: 1,
        target,
        schema: {
          fields: [
            { name: 'sku', type: 'string', constraints: { required: true, unique: true, maxLength: 8 } },
            { name: 'pieces', type: 'integer', constraints: { minimum: '0', maximum: '2147483647' } },
          ],
          primaryKey: ['sku'],
        },
      }),
    ]);
    expect((await put('stock', { target })).statusCode).toBe(200);
    expect((await put('stock', { target }, '?plan=true')).json()).toMatchObject({ statements: [] });
  });

  it('is the same document in its short forms', async () => {
    const [short, bare] = [{ table: 'public.stock' }, { table: 'stock' }];
    const made = await put('short', { target: short });
    expect([made.statusCode, made.json()]).toEqual([
      201,
      expect.objectContaining({ target: { schema: 'public', table: 'stock', existing: true } }),
    ]);
    expect((await put('short', { target: short })).json()).toMatchObject({ version: 1 });
    // What is read is sent back as it is.
    const { schema, target: kept } = made.json<{ schema: object; target: object }>();
    expect((await put('short', { schema, target: kept })).json()).toMatchObject({ version: 1 });
    expect((await put('bare', { target: bare })).json()).toMatchObject({
      target: { ...bare, existing: true },
    });
    for (const name of ['short', 'bare']) await api.call({ method: 'DELETE', url: `/v1/datasets/${name}` });
  });

  it('says what to write when fields are named for a table of others', async () => {
    const fields = [{ name: 'sku' }, { name: 'pieces', type: 'integer' }];
    const refused = await put('mine', { schema: { fields }, target: { table: 'stock' } });
    expect([refused.statusCode, refused.json<{ errors: unknown }>().errors]).toEqual([
      409,
      [{ detail: expect.stringContaining('name it "public.stock" in "target"') }],
    ]);
    expect((await put('mine', { schema: { fields }, target: { table: 'public.stock' } })).statusCode).toBe(
      201,
    );
    await api.call({ method: 'DELETE', url: '/v1/datasets/mine' });
  });

  it('says why it cannot be', async () => {
    const view = await put('view', { target: { ...target, table: 'stock_view' } });
    expect([view.statusCode, view.json()]).toEqual([
      409,
      expect.objectContaining({ code: 'DATASET_INCOMPATIBLE', detail: expect.stringContaining('is a view') }),
    ]);
    const none = await put('none', { target: { ...target, table: 'none' } });
    expect(none.json()).toMatchObject({ code: 'DATASET_INCOMPATIBLE' });
  });

  it('never drops such a table; the one beside it goes when nothing would be lost, or it is said', async () => {
    const side = async () =>
      (await api.database.pool.query("SELECT to_regclass('sluice_provenance.rows_1')::text AS side")).rows[0];
    const remove = (name: string, query = '') =>
      api.call({ method: 'DELETE', url: `/v1/datasets/${name}${query}` });
    await put('other', { target });
    expect((await remove('other', '?table=drop')).json()).toMatchObject({
      detail: expect.stringContaining('Dataset "stock" lands in one of them too'),
    });
    expect((await remove('other')).statusCode).toBe(204);
    expect(await side()).toEqual({ side: 'sluice_provenance.rows_1' });
    const record = { sku: 'A', pieces: 1 };
    await api.call({ method: 'POST', url: '/v1/datasets/stock/records', payload: record });

    // Who brought its rows is known again when it is made again.
    expect((await remove('stock')).statusCode).toBe(204);
    expect((await put('stock', { target })).statusCode).toBe(201);
    const origin = await api.call({ url: '/v1/datasets/stock/records/1/origin' });
    expect(origin.json()).toMatchObject({ createdBy: { id: expect.anything() } });

    expect((await remove('stock', '?table=drop')).statusCode).toBe(204);
    expect(await side()).toEqual({ side: null });
    expect((await api.database.pool.query('SELECT sku, pieces FROM stock')).rows).toEqual([record]);
    // One that knows of no rows goes by itself.
    await put('stock', { target });
    expect((await remove('stock')).statusCode).toBe(204);
    const left = await api.database.pool.query(
      "SELECT FROM pg_class WHERE relnamespace = 'sluice_provenance'::regnamespace AND relkind = 'r'",
    );
    expect(left.rowCount).toBe(0);
  });
});
