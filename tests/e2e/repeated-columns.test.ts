// Columns of one meaning land as a list: from CSV, NDJSON and Excel, with each wrong cell named, and by upsert.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import type { RowError } from '../../src/core/imports/row-error.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { table, workbook } from '../support/workbook.ts';

const CONTACTS: Dataset = {
  name: 'contacts',
  schema: {
    primaryKey: ['key'],
    fields: [
      { name: 'key', type: 'integer' },
      {
        name: 'phones',
        type: 'array',
        title: 'Phone',
        repeated: true,
        normalize: ['trim'],
        missingValues: ['', 'none'],
        constraints: { required: true, maxLength: 2 },
      },
      { name: 'note', type: 'string' },
    ],
  },
  target: { table: 'contacts' },
};

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice({ datasets: [CONTACTS], env: { SLUICE_MAX_CELL_BYTES: '1000' } });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());
beforeEach(() => sluice.database.pool.query('TRUNCATE contacts'));

async function sent(content: string | Buffer, query = ''): Promise<string> {
  const answer = await sluice.send('contacts', content, query);
  const told = (await answer.json()) as { id: string };
  expect([answer.status, told]).toEqual([202, expect.anything()]);
  await sluice.ended(told.id);
  return told.id;
}
const rows = async (): Promise<unknown[]> =>
  (await sluice.database.pool.query('SELECT key::int, phones, note FROM contacts ORDER BY key')).rows.map(
    Object.values,
  );
const errors = async (id: string): Promise<RowError[]> =>
  ((await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: RowError[] }).data;

it.each<[string, () => string | Buffer, string]>([
  ['CSV', () => 'Phone,key,Phone,note,Phone\n 1 ,1,,x,"2""\\"\nnone,2,0049,y,\n', ''],
  ['CSV of Postgres', () => 'Phone 1,key,Phone 2,note\n1,1,"2""\\",x\n,2,0049,y\n', '&dialect=postgres-csv'],
  [
    'NDJSON of several keys',
    () =>
      '{"key":1,"phone_1":"1","phone_2":"2\\"\\\\","note":"x"}\n{"key":2,"phone_1":null,"phone_2":"0049","note":"y"}\n',
    '',
  ],
  [
    'NDJSON of one key',
    () => '{"key":1,"phones":["1","2\\"\\\\"],"note":"x"}\n{"key":2,"phones":["0049"],"note":"y"}\n',
    '',
  ],
  [
    'Excel',
    () =>
      workbook({
        sheets: [
          {
            name: 'Data',
            rows: table([
              ['key', 'Phone', 'Phone', 'note'],
              [1, 1, '2"\\', 'x'],
              [2, 'none', '0049', 'y'],
            ]),
          },
        ],
      }),
    '',
  ],
])('from %s', async (_what, content, query) => {
  const id = await sent(content(), query);
  expect(await errors(id)).toEqual([]);
  expect(await rows()).toEqual([
    [1, ['1', '2"\\'], 'x'],
    [2, ['0049'], 'y'],
  ]);
});

it('each wrong cell is named, and a list as a whole by its first column', async () => {
  const long = 'x'.repeat(1001);
  const id = await sent(
    `key,Phone,Phone,Phone,note\n1,1,2,3,a\n2,,none,,b\n3,\\N,${long},1,c\n4,1,,2,d\n`,
    '&dialect=csv',
  );
  expect(
    (await errors(id)).map(({ row, column, code, constraint }) => [row, column?.index, code, constraint]),
  ).toEqual([
    [1, 2, 'constraint-error', 'maxLength'],
    [2, 2, 'constraint-error', 'required'],
    [3, 3, 'size-error', undefined],
  ]);
  const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv`)).text();
  expect(rejects).toContain(',key,Phone,Phone,Phone,note\r\n');
  expect(rejects).toContain(',1,1,2,3,a\r\n');
  const answer = await sluice.fetch(`/v1/imports/${id}/retries`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: rejects.split('\r\n').slice(0, 2).join('\r\n').replace(',1,1,2,3,a', ',1,,2,3,a'),
  });
  await sluice.ended(((await answer.json()) as { id: string }).id);
  expect(await rows()).toEqual([
    [1, ['2', '3'], 'a'],
    [4, ['1', '2'], 'd'],
  ]);
});

it('by upsert the list is replaced', async () => {
  await sent('key,Phone,Phone\n1,a,b\n');
  await sent('key,Phone,Phone\n1,,c\n2,d,\n', '&mode=upsert');
  expect(await rows()).toEqual([
    [1, ['c'], null],
    [2, ['d'], null],
  ]);
});

it('\\N that nobody has declared is refused', async () => {
  const far = Array.from({ length: 5000 }, (_, at) => `${at},${'9'.repeat(20)},\n`).join('');
  const id = await sent(`key,Phone,Phone\n${far}5000,\\N,1\n`);
  expect(await errors(id)).toMatchObject([{ row: 5001, column: { index: 2 }, value: '\\N' }]);
});
