// A mapping from the request to the table, saved when the import has succeeded, and offered again.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { spawnSluice } from '../support/processes.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { PEOPLE } from '../support/uploads.ts';

/** Leaves open how its values are written. */
const PRICES: Dataset = {
  name: 'prices',
  schema: {
    fields: [
      { name: 'since', type: 'date', format: 'any' },
      { name: 'price', type: 'number' },
    ],
  },
  target: { table: 'prices' },
};

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [PEOPLE, PRICES] });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

interface Json {
  [name: string]: unknown;
}

async function send(
  content: string,
  options: Record<string, string>,
): Promise<{ status: number; body: Json }> {
  const answer = await sluice.send('people', content, `&${new URLSearchParams(options).toString()}`);
  return { status: answer.status, body: (await answer.json()) as Json };
}

async function land(content: string, options: Record<string, string>) {
  const { status, body } = await send(content, options);
  expect(status, JSON.stringify(body)).toBe(202);
  const ended = await sluice.ended(String(body['id']));
  const { rows } = await sluice.database.pool.query<Json>(
    'SELECT name, age::int, email, note FROM people WHERE import_id = $1 ORDER BY import_row',
    [body['id']],
  );
  return { id: String(body['id']), ended, rows, columns: body['columns'] };
}

const saved = async (): Promise<Json[]> =>
  ((await (await sluice.fetch('/v1/datasets/people/mappings')).json()) as { data: Json[] }).data;

const FILE = 'Who,Years,Memo,Memo\nAnn,41,x,y\nBen,old,x,z\n';
const MAPPING = { Who: 'name', Years: 'age', '#3': null, '#4': 'note' };

it('is asked for by an answer that can be sent back', async () => {
  const { status, body } = await send('nmae,Age\nAnn,41\n', {});
  expect(status).toBe(422);
  expect(body).toMatchObject({
    code: 'HEADER_MISMATCH',
    unknown: [{ index: 1, name: 'nmae' }],
    suggestedMapping: { nmae: 'name', Age: 'age' },
  });
  const { rows } = await land('nmae,Age\nAnn,41\n', { mapping: JSON.stringify(body['suggestedMapping']) });
  expect(rows).toEqual([{ name: 'Ann', age: 41, email: null, note: null }]);
});

it('lands the columns it names, is saved, offered, used and forgotten', async () => {
  expect((await send(FILE, { mapping: 'saved' })).body).toMatchObject({
    code: 'MAPPING_NOT_SAVED',
    status: 422,
  });

  const first = await land(FILE, { mapping: JSON.stringify(MAPPING) });
  expect(first.ended).toMatchObject({ status: 'succeeded', result: { records: 2, loaded: 1, rejected: 1 } });
  expect(first.rows).toEqual([{ name: 'Ann', age: 41, email: null, note: 'y' }]);
  expect(first.columns).toEqual([
    { header: 'Who', field: 'name' },
    { header: 'Years', field: 'age' },
    { header: 'Memo', field: null },
    { header: 'Memo', field: 'note' },
  ]);

  // Offered for a header that is the same when folded.
  const folded = 'ＷＨＯ,years,memo,memo\nCid,7,,v\n';
  expect((await send(folded, {})).body).toMatchObject({ code: 'HEADER_MISMATCH', savedMapping: MAPPING });
  expect((await land(folded, { mapping: 'saved' })).rows).toEqual([
    { name: 'Cid', age: 7, email: null, note: 'v' },
  ]);

  // The rejects of the first file, corrected, have the same header behind two columns of ours.
  const rejects = await (await sluice.fetch(`/v1/imports/${first.id}/rejects.csv`)).text();
  expect((await land(rejects.replace('Ben,old', 'Ben,30'), { mapping: 'saved' })).rows).toEqual([
    { name: 'Ben', age: 30, email: null, note: 'z' },
  ]);

  const mapping = (await saved()).find((each) => (each['header'] as string[]).includes('Memo'));
  expect(mapping).toMatchObject({ mapping: MAPPING, createdBy: expect.any(String) });
  const path = `/v1/datasets/people/mappings/${String(mapping!['fingerprint'])}`;
  expect((await sluice.fetch(path, { method: 'DELETE' })).status).toBe(204);
  expect((await sluice.fetch(path, { method: 'DELETE' })).status).toBe(404);
  expect((await send(FILE, {})).body).not.toHaveProperty('savedMapping');
});

it('of a file without a header names every column by its place', async () => {
  const { rows } = await land('x,41,Ann\ny,7,Ben\n', {
    header: 'false',
    mapping: '{"#1":null,"#2":"age","#3":"name"}',
  });
  expect(rows.map(({ name, age }) => [name, age])).toEqual([
    ['Ann', 41],
    ['Ben', 7],
  ]);
  const gap = await send('x,41\n', { header: 'false', mapping: '{"#1":"name","#3":"age"}' });
  expect(gap.body).toMatchObject({ status: 422, blank: [{ index: 2, name: '' }] });
  expect((await send('x\n', { header: 'false', mapping: 'saved' })).body).toMatchObject({ status: 400 });
});

it('is not saved by an import that was refused', async () => {
  const before = await saved();
  const refused = await send('a,b\n1,2\n', { mapping: '{"a":"nmae","b":"age"}' });
  expect(refused.body).toMatchObject({
    status: 422,
    errors: expect.arrayContaining([
      expect.objectContaining({ code: 'mapping-field', key: 'a', suggestion: 'name' }),
    ]),
  });
  expect((await send('a\n1\n', { mapping: '{a:1}' })).body).toMatchObject({ status: 400, option: 'mapping' });
  expect(await saved()).toEqual(before);
});

it('is an option of the command, like the order of dates and the characters of numbers', async () => {
  const path = join(sluice.folder, 'prices.csv');
  await writeFile(path, 'From;Yen\n01/02/2024;1.234,5\n');
  const env = { SLUICE_URL: sluice.url, SLUICE_API_KEY: sluice.key };
  const run = (...options: string[]) =>
    spawnSluice(
      ['import', path, '--dataset', 'prices', '--mapping', '{"From":"since","Yen":"price"}', ...options],
      {
        env,
      },
    );
  const notation = ['--decimal-char', ',', '--group-char', '.'];
  const asked = run(...notation);
  expect((await asked.exited).code).toBe(1);
  expect(asked.output()).toContain('"01/02/2024" (line 2) is 2024-02-01 or 2024-01-02');
  const landed = run(...notation, '--date-order', 'dmy', '--watch');
  await landed.says(/succeeded: 1 record,/);
  expect((await landed.exited).code).toBe(0);
  const { rows } = await sluice.database.pool.query<Json>('SELECT since::text, price::text FROM prices');
  expect(rows).toEqual([{ since: '2024-02-01', price: '1234.5' }]);
});
