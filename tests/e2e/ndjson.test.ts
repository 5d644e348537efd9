// A file of JSON objects, from the socket to the table.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import type { RowError } from '../../src/core/imports/row-error.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';

const ORDERS: Dataset = {
  name: 'orders',
  schema: {
    fields: [
      { name: 'no', type: 'string', title: 'Order', constraints: { required: true } },
      { name: 'total', type: 'number', decimalChar: ',', groupChar: '.' },
      { name: 'paid', type: 'boolean' },
      { name: 'lines', type: 'array' },
      { name: 'note', type: 'string', missingValues: [] },
    ],
  },
  target: { table: 'orders' },
};

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [ORDERS] });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

type Json = Record<string, unknown>;

const send = async (content: string, query = ''): Promise<{ status: number; json: Json }> => {
  const answer = await sluice.send('orders', content, query);
  return { status: answer.status, json: (await answer.json()) as Json };
};

it('lands with each value as it is written, and each bad line named', async () => {
  const lines = [
    '{"Order":"00123","total":1234.50,"paid":true,"lines":[{"sku":"a","n":1}],"note":"two\\nlines, \\"quoted\\""}',
    '{"note":"","Order":"2","total":"1.234,5","paid":"false"}',
    '',
    '{"Order":"3","total":null,"lines":"[1]","note":null}',
    '{"Order":"4","total":1,"total":2}',
    '{"Order":null}',
    '{"Order":"6","total":"12.34"}',
    '{"Order":"7"',
    '{"Order":"9","total":12345678901234567890.123456789}',
  ];
  const { status, json } = await send(lines.join('\n'));
  expect([status, (json['dialect'] as Json)['format']]).toEqual([202, 'ndjson']);
  const id = String(json['id']);
  expect(await sluice.ended(id)).toMatchObject({ status: 'succeeded', result: { loaded: 4, rejected: 4 } });
  const { rows } = await sluice.database.pool.query<unknown[]>({
    text: 'SELECT no, total::text, paid, lines::text, note FROM orders WHERE import_id = $1 ORDER BY import_row',
    values: [id],
    rowMode: 'array',
  });
  expect(rows).toEqual([
    ['00123', '1234.50', true, '[{"n": 1, "sku": "a"}]', 'two\nlines, "quoted"'],
    ['2', '1234.5', false, null, ''],
    ['3', null, null, '[1]', null],
    ['9', '12345678901234567890.123456789', null, null, null],
  ]);
  const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: RowError[] };
  expect(data).toMatchObject([
    { row: 4, line: 5, column: { name: 'total' }, code: 'json-error' },
    { row: 5, line: 6, column: { name: 'Order' }, code: 'constraint-error', value: null },
    { row: 6, line: 7, column: { name: 'total' }, code: 'type-error', value: '12.34' },
    { row: 7, line: 8, column: null, code: 'json-error', value: '{"Order":"7"' },
  ]);

  // Mended rejects are CSV, as they are of any file.
  const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv?raw=true`)).text();
  expect(rejects.split('\r\n')[0]).toBe('_row,_errors,Order,total,paid,lines,note');
  const retry = await sluice.fetch(`/v1/imports/${id}/retries`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: '_row,Order,total\r\n6,6,"12,34"\r\n',
  });
  expect(retry.status).toBe(202);
  const retried = (await retry.json()) as { id: string };
  expect(await sluice.ended(retried.id)).toMatchObject({ result: { loaded: 1 } });
});

it('asks for what it cannot read before anything lands', async () => {
  expect((await send('{"Order":"1","colour":"red"}\n')).json).toMatchObject({ code: 'HEADER_MISMATCH' });
  expect((await send('{"Order":"1","colour":"red"}\n', '&unknownColumns=ignore')).status).toBe(202);
  const broken = await send('{"Order":"1"\n{"Order":"2"\n', '&format=ndjson');
  expect(broken.json).toMatchObject({ code: 'FILE_NDJSON', line: 1 });
  // Nobody has said what it is, and it shows it.
  const { status, json } = await send('{"Order":"1", NaN}\n{"Order":"2"}\n{"Order":"3"}\n');
  expect([status, (json['dialect'] as Json)['format']]).toEqual([202, 'ndjson']);
  expect(await sluice.ended(String(json['id']))).toMatchObject({ result: { loaded: 2, rejected: 1 } });
  expect((await send('{\n"rows": [\n{"Order":"1"},\n{"Order":"2"}\n]\n}\n')).json).toMatchObject({
    code: 'FILE_FORMAT',
  });
  const typed = await sluice.fetch('/v1/imports?dataset=orders', {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: '{"Order":"1"},\n{"Order":"2"},\n',
  });
  expect(await typed.json()).toMatchObject({ code: 'FILE_NDJSON', line: 1 });
  expect((await send('[{"Order":"1"}]\n', '&format=ndjson')).json).toMatchObject({ code: 'FILE_NDJSON' });
  expect((await send('{"Order":"1"}\n', '&format=csv')).json).toMatchObject({ code: 'HEADER_MISMATCH' });
});

describe('a list of objects', () => {
  const shown = async (id: string) =>
    (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: RowError[] };

  it('lands like the same objects as lines, with the lines of the file', async () => {
    const text = `[
  {"Order":"00123","total":12345678901234567890.10,"lines":[{"sku":"a]"}],
   "note":""},
  {"Order":"2","total":1,"total":2},
  {"Order":"3","total":{"a":1}},
  7,
  {"Order":"4","note":null}
]
`;
    const { status, json } = await send(text);
    expect([status, (json['dialect'] as Json)['format']]).toEqual([202, 'json']);
    const id = String(json['id']);
    expect(await sluice.ended(id)).toMatchObject({ result: { loaded: 2, rejected: 3 } });
    const { rows } = await sluice.database.pool.query<unknown[]>({
      text: 'SELECT no, total::text, lines::text, note FROM orders WHERE import_id = $1 ORDER BY import_row',
      values: [id],
      rowMode: 'array',
    });
    expect(rows).toEqual([
      ['00123', '12345678901234567890.10', '[{"sku": "a]"}]', ''],
      ['4', null, null, null],
    ]);
    expect((await shown(id)).data).toMatchObject([
      { row: 2, line: 4, code: 'json-error', message: expect.stringContaining('twice') },
      { row: 3, line: 5, code: 'type-error', column: { name: 'total' } },
      { row: 4, line: 6, code: 'json-error', message: expect.stringContaining('In the list each element') },
    ]);
  });

  it('that is cut off, or is none, lands nothing', async () => {
    const cut = `[${'{"Order":"1"},'.repeat(20_000)}{"Order":"2"`;
    for (const text of [cut, '[{"Order":"1"},{"Order":"2"', '[{"Order":"1"}] []'])
      expect((await send(text)).json).toMatchObject({ code: 'FILE_JSON', line: 1 });
    expect((await send('{"Order":"1"}', '&format=json')).json).toMatchObject({ code: 'FILE_JSON' });
    expect((await send('[[1]]')).json).toMatchObject({ code: 'FILE_FORMAT' });
    expect((await send('[]')).json).toMatchObject({ code: 'FILE_EMPTY' });
  });

  it('may be the body, where the query says so', async () => {
    const post = (query: string) =>
      sluice.fetch(`/v1/imports?dataset=orders${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '[{"Order":"9"}]',
      });
    expect((await post('&format=json')).status).toBe(202);
    const unsaid = await post('');
    expect([unsaid.status, ((await unsaid.json()) as Json)['detail']]).toEqual([
      400,
      expect.stringContaining('format=json'),
    ]);
  });
});
