import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { saveDataset } from '../../../src/db/datasets/datasets.ts';
import { bearer, createApi, type TestApi } from '../../support/api.ts';

const customers: Dataset = {
  name: 'customers',
  title: 'お客様',
  schema: {
    fields: [
      { name: 'name', type: 'string', title: '氏名', constraints: { required: true, maxLength: 255 } },
      {
        name: 'phone_no',
        type: 'string',
        title: '電話番号',
        normalize: [{ padStart: { length: 11, from: [10] } }],
      },
    ],
    missingValues: ['', '-'],
  },
  target: { table: 'customers' },
};
const orders: Dataset = {
  name: 'orders',
  schema: { fields: [{ name: 'id', type: 'integer' }] },
  target: { table: 'orders' },
};

let api: TestApi;

beforeAll(async () => {
  api = await createApi({ env: { SLUICE_MAX_UPLOAD_BYTES: '1234' } });
  for (const dataset of [orders, customers]) await saveDataset(api.deps.database.db, dataset);
});
afterAll(() => api.close());

it('a dataset is told as its document, with the limits of its files', async () => {
  const answer = await api.call({ url: '/v1/datasets/customers' });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ ...customers, limits: { maxUploadBytes: 1234, maxColumns: 1000 } });
});

it('the list is in the order of names, in pages', async () => {
  const names = async (query: string) => {
    const page = (await api.call({ url: `/v1/datasets${query}` })).json<{
      data: Dataset[];
      nextCursor: string | null;
    }>();
    return [page.data.map((dataset) => dataset.name), page.nextCursor];
  };
  expect(await names('')).toEqual([['customers', 'orders'], null]);
  expect(await names('?limit=1')).toEqual([['customers'], 'customers']);
  expect(await names('?limit=1&cursor=customers')).toEqual([['orders'], null]);
});

it('the template is a CSV file that a spreadsheet opens, and a viewer may have it', async () => {
  const headers = bearer(await api.keyOf('viewer'));
  const answer = await api.call({ url: '/v1/datasets/customers/template.csv', headers });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8');
  expect(answer.headers['content-disposition']).toBe("attachment; filename*=UTF-8''customers.csv");
  expect(answer.body).toContain('氏名,電話番号');
});

it('a dataset that is not there is 404, its template too', async () => {
  for (const url of ['/v1/datasets/nothing', '/v1/datasets/nothing/template.csv']) {
    const answer = await api.call({ url });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({
      code: 'DATASET_NOT_FOUND',
      detail: 'There is no dataset "nothing".',
    });
  }
});
