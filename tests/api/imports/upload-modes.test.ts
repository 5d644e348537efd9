// What an upload may say about how its records land, and what is refused before a worker sees it.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openClient } from '../../../src/cli/client/client.ts';
import { importFile } from '../../../src/cli/client/import-file.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import type { TestApi } from '../../support/api.ts';
import { openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';
import { addDataset, kept, listeningApi, portOf, upload } from '../../support/uploads.ts';

const STOCK: Dataset = {
  name: 'stock',
  schema: {
    fields: [
      { name: 'code', type: 'string' },
      { name: 'amount', type: 'integer' },
    ],
    primaryKey: ['code'],
  },
  target: { table: 'stock' },
};

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_KEPT_UPLOADS: '0' } });
  await addDataset(api.database.pool, STOCK);
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});
beforeEach(() => api.database.pool.query('TRUNCATE public.stock; DELETE FROM sluice.tasks'));

const send = (query: string, body = 'code,amount\na,1\n', headers: Record<string, string> = {}) =>
  upload(api, { query: `?dataset=stock${query}`, body, headers });

async function sent(query: string, body?: string): Promise<string> {
  const answer = await send(query, body);
  expect([answer.status, answer.json()]).toEqual([202, expect.anything()]);
  return String(answer.json()['id']);
}

describe('the options', () => {
  it('are told in the import, with what they are when left out', async () => {
    expect((await send('')).json()).toMatchObject({ mode: 'insert', onError: 'reject', maxErrors: null });
    expect((await send('&mode=upsert&onError=abort')).json()).toMatchObject({
      mode: 'upsert',
      onError: 'abort',
      maxErrors: '0',
    });
    expect((await send('&onError=abort&maxErrors=2.5%25')).json()).toMatchObject({ maxErrors: '2.5%' });
  });

  it.each([
    ['mode=merge', /"mode" must be insert or upsert or replace/],
    ['onError=stop', /"onError" must be reject or abort/],
    ['maxErrors=many', /"maxErrors" must be a number of records such as 100, or a percentage/],
    ['maxErrors=101%25', /"maxErrors"/],
  ])('%s is refused with what may be said', async (option, detail) => {
    const answer = await send(`&${option}`);
    expect(answer.status).toBe(400);
    expect(answer.json()).toMatchObject({
      code: 'INVALID_REQUEST',
      detail: expect.stringMatching(detail) as string,
      option: option.split('=')[0],
    });
  });

  it('are those of the command, too', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'stock.csv');
    await writeFile(path, 'code,amount\na,1\n');
    const client = openClient({
      url: `http://127.0.0.1:${portOf(api)}`,
      apiKey: api.adminKey,
      adminKey: undefined,
      home: folder,
    });
    const out = new PassThrough();
    const options = { mode: 'upsert', onError: 'abort', maxErrors: '5%', dryRun: true };
    await importFile(client, path, { dataset: 'stock', ...options }, out as unknown as NodeJS.WriteStream);
    const { data } = (await api.call({ url: '/v1/imports' })).json<{ data: unknown[] }>();
    expect(data).toMatchObject([options]);
  });

  it('make another request of an upload with the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': 'modes-1' };
    expect((await send('&mode=upsert', undefined, headers)).status).toBe(202);
    expect((await send('&mode=upsert', undefined, headers)).headers['idempotent-replayed']).toBe('true');
    expect((await send('', undefined, headers)).json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });
});

describe('an upsert is refused, and nothing kept,', () => {
  it('for a dataset without a primaryKey', async () => {
    const before = await kept(api);
    const answer = await upload(api, { query: '?dataset=people&mode=upsert', body: 'name\na\n' });
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({
      code: 'UPSERT_NO_KEY',
      detail: expect.stringContaining('no primaryKey') as string,
    });
    expect(await kept(api)).toEqual(before);
  });

  it('for a file that lacks the key', async () => {
    const before = await kept(api);
    const answer = await send('&mode=upsert', 'amount\n1\n');
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'HEADER_MISMATCH', missing: ['code'] });
    expect(await kept(api)).toEqual(before);
  });

  it('for a table where the key is not unique', async () => {
    await api.database.pool.query('ALTER INDEX stock_code_key RENAME TO was_key; DROP INDEX was_key');
    const answer = await send('&mode=upsert');
    await addDataset(api.database.pool, STOCK);
    expect(answer.status).toBe(422);
    expect(answer.json()).toMatchObject({
      code: 'UPSERT_NO_KEY',
      detail: expect.stringContaining('no unique index on code') as string,
    });
    expect((await send('&mode=upsert')).status).toBe(202);
  });
});

it('accepted.csv has the rows that an upsert added, changed and found as they were', async () => {
  await runImport(slot, await sent('', 'code,amount\na,1\nb,2\n'));
  const id = await sent('&mode=upsert', 'code,amount\nb,2\na,0\nc,3\na,9\n');
  await runImport(slot, id);
  const { rows } = await api.database.pool.query<{ code: string; id: string }>('SELECT code, id FROM stock');
  const idOf = new Map(rows.map((row) => [row.code, row.id]));
  const accepted = await api.call({ url: `/v1/imports/${id}/accepted.csv` });
  expect(
    accepted.body
      .replace(/^\ufeff/, '')
      .trim()
      .split('\r\n'),
  ).toEqual(['_row,_id', `1,${idOf.get('b')}`, `3,${idOf.get('c')}`, `4,${idOf.get('a')}`]);
});
