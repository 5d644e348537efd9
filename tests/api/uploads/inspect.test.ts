// POST /v1/uploads and GET /v1/uploads/{id}: a file is looked at before it is imported.
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bearer, type TestApi } from '../../support/api.ts';
import { addDataset, form, FORM, kept, listeningApi, SHOPS, upload } from '../../support/uploads.ts';
import { table, workbook } from '../../support/workbook.ts';
import { zip } from '../../support/zip.ts';

const MIB = 1024 * 1024;
const CSV = 'name,age,memo\nAnn,41,x\nBob,n/a,y\n';

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_INSPECT_BYTES: String(MIB), SLUICE_KEPT_UPLOADS: '3' } });
  await addDataset(api.database.pool, SHOPS);
});
afterAll(() => api.close());
afterEach(async () => {
  const { rows } = await api.database.pool.query<{ id: string }>('SELECT id FROM sluice.uploads');
  for (const { id } of rows) await api.call({ method: 'DELETE', url: `/v1/uploads/${id}` });
  expect((await kept(api)).filter((what) => what.startsWith('upload'))).toEqual([]);
});

async function send(body: string | Buffer, query = '', headers: Record<string, string> = {}) {
  const answer = await upload(api, { path: `/v1/uploads${query}`, body, headers });
  return { ...answer, seen: answer.json() };
}

const look = async (id: unknown, query = '', key = api.adminKey) =>
  api.call({ method: 'GET', url: `/v1/uploads/${String(id)}${query}`, headers: bearer(key) });

it('of a dataset with sensitive fields it shows the columns that feed others, and no more', async () => {
  const fields = [{ name: 'no' }, { name: 'tax_no', sensitive: true }];
  await api.call({
    method: 'PUT',
    url: '/v1/datasets/secret',
    payload: { schema: { fields }, target: { table: 'secret' } },
  });
  const csv = 'no,tax_no,other\n1,SECRET1,SECRET2\n2,,\n3,SECRET3,"SECRET4"x\n';
  const { seen, body } = await send(csv, '?dataset=secret');
  expect(JSON.stringify([seen, body])).not.toContain('SECRET');
  expect(seen).toMatchObject({
    records: [{ cells: ['1', '(not shown)', '(not shown)'] }, { cells: ['2', '', ''] }],
    broken: [{ line: 4, reason: expect.stringContaining('is not shown') }],
    columns: [{ examples: ['1', '2'] }, { examples: [] }, { examples: [] }],
  });
  const again = await look(seen['id'], '?dataset=secret');
  expect(again.body).not.toContain('SECRET');
  expect((await look(seen['id'])).statusCode).toBe(200);
});

describe('a file is kept and looked at', () => {
  it('a workbook: its sheet is named, or asked for', async () => {
    const people = table([
      ['name', 'age'],
      ['Ann', 41],
    ]);
    const { seen, status } = await send(workbook({ sheets: [{ name: 'People', rows: people }] }));
    expect(status, JSON.stringify(seen)).toBe(201);
    expect(seen).toMatchObject({
      packing: 'zip',
      dialect: { sheet: { name: 'People' } },
      header: ['name', 'age'],
      records: [{ line: 2, cells: ['Ann', '41'] }],
      columns: [
        { name: 'name', type: 'string' },
        { name: 'age', type: 'integer' },
      ],
      questions: [],
    });
    const two = workbook({
      sheets: [
        { name: 'People', rows: people },
        { name: 'Old', rows: people },
      ],
    });
    const { seen: asked } = await send(two);
    expect(asked).toMatchObject({
      dialect: null,
      questions: [
        { code: 'FILE_SHEET', answers: [{ send: { sheet: 'People' } }, { send: { sheet: 'Old' } }] },
      ],
    });
    const again = await look(asked['id'], '?sheet=Old');
    expect(again.json()).toMatchObject({ dialect: { sheet: { name: 'Old' } }, questions: [] });
  });

  it('a ZIP archive with several files: one is asked for', async () => {
    const archive = zip([
      { name: 'a.csv', content: CSV },
      { name: 'b.csv', content: 'name\nCid\n' },
    ]);
    const { seen } = await send(archive);
    expect(seen).toMatchObject({
      dialect: null,
      questions: [
        { code: 'FILE_ZIP', answers: [{ send: { entry: 'a.csv' } }, { send: { entry: 'b.csv' } }] },
      ],
    });
    const both = await look(seen['id'], '?entry=all');
    expect(both.json()).toMatchObject({
      questions: [{ code: 'FILE_ZIP', detail: expect.stringContaining('"b.csv" lacks "age", "memo"') }],
    });
    const again = await look(seen['id'], '?entry=b.csv');
    expect(again.json()).toMatchObject({ entryName: 'b.csv', header: ['name'], questions: [] });
  });

  it('NDJSON: its keys are the header', async () => {
    const { seen } = await send('{"name":"Ann","age":41}\n{"age":null,"name":"two\\nlines"}\n');
    expect(seen).toMatchObject({
      dialect: { format: 'ndjson' },
      header: ['name', 'age'],
      records: [{ cells: ['Ann', '41'] }, { cells: ['two\nlines', ''] }],
      columns: [{ type: 'string' }, { type: 'integer' }],
    });
  });

  it('without a dataset: the ones that fit best are proposed', async () => {
    const { seen, status, headers } = await send(CSV, '?fileName=people.csv');
    expect(status).toBe(201);
    expect(headers.location).toBe(`/v1/uploads/${String(seen['id'])}`);
    expect(seen).toMatchObject({
      fileName: 'people.csv',
      bytes: CSV.length,
      encoding: { name: 'utf-8', hadBom: false, certainty: 'utf-8', confidence: 1, undecodableLines: 0 },
      packing: null,
      sampled: { bytes: CSV.length, records: 2, isWhole: true },
      dialect: { delimiter: ',', quote: '"', lineEnd: 'lf', header: true },
      header: ['name', 'age', 'memo'],
      records: [
        { line: 2, cells: ['Ann', '41', 'x'] },
        { line: 3, cells: ['Bob', 'n/a', 'y'] },
      ],
      columns: [
        { index: 1, name: 'name', type: 'string' },
        { name: 'age', type: 'integer', missingValues: ['n/a'] },
        { name: 'memo', type: 'string' },
      ],
      questions: [],
    });
    const [first, ...others] = seen['mappings'] as object[];
    expect(first).toMatchObject({ dataset: 'people', mapping: { name: 'name', age: 'age', memo: null } });
    expect(others).toEqual([]);
  });

  it('with a dataset: what an import would be asked', async () => {
    const { seen } = await send(CSV, '?dataset=people');
    expect(seen).toMatchObject({
      mappings: [{ dataset: 'people', columns: [{ reason: 'name' }, { accepted: 0.5 }, { reason: 'none' }] }],
      questions: [
        {
          code: 'HEADER_MISMATCH',
          option: expect.any(String),
          answers: expect.arrayContaining([
            { send: { unknownColumns: 'ignore' }, means: expect.any(String) },
          ]),
          unknown: [{ index: 3, name: 'memo' }],
        },
      ],
    });
    const asked = await upload(api, { query: '?dataset=people', body: CSV });
    const [question] = seen['questions'] as Record<string, unknown>[];
    expect(asked.json()).toMatchObject({ code: question!['code'], answers: question!['answers'] });
  });

  it.each([
    ['gzip', gzipSync(CSV), 'gzip', null],
    ['ZIP', zip([{ name: 'list.csv', content: CSV }]), 'zip', 'list.csv'],
  ])('packed with %s', async (_name, body, packing, entryName) => {
    const { seen } = await send(body);
    expect(seen).toMatchObject({ packing, entryName, header: ['name', 'age', 'memo'], bytes: body.length });
  });

  it('sent as a form', async () => {
    const body = form([
      { name: 'delimiter', content: ';' },
      { name: 'file', fileName: 'a.csv', content: 'a;b\n1;2\n' },
    ]);
    const { seen } = await send(body, '', FORM);
    expect(seen).toMatchObject({ fileName: 'a.csv', options: { delimiter: ';' }, header: ['a', 'b'] });
  });

  it('whose encoding nobody says: it is read in the likeliest one, and asked', async () => {
    const name = Buffer.from([0x8e, 0x52, 0x93, 0x63, 0x91, 0xbe, 0x98, 0x59]);
    const body = Buffer.concat([Buffer.from('name,age\n'), name, Buffer.from(',41\n')]);
    const { seen } = await send(body);
    expect(seen).toMatchObject({
      encoding: { name: 'shift_jis', certainty: 'guessed' },
      records: [{ cells: ['山田太郎', '41'] }],
      questions: [{ code: 'FILE_ENCODING', option: 'encoding' }],
    });
    expect((await look(seen['id'], '?encoding=shift_jis')).json()).toMatchObject({
      encoding: { certainty: 'declared' },
      questions: [],
    });
  });

  it('of which only the beginning is looked at when it is large', async () => {
    const { seen } = await send(`code,size\n${'abc,1\n'.repeat(400_000)}`, '?dataset=shops');
    expect(seen).toMatchObject({
      bytes: 2_400_010,
      sampled: { bytes: MIB, records: 1000, isWhole: false },
      broken: [],
      questions: [],
    });
    expect(seen['records']).toHaveLength(20);
  });

  it('with titles above its header and no dataset: their blanks and commas are no delimiters', async () => {
    const bank =
      'Kontoutdrag för Ann Svensson, Lund\r\nPeriod 2024-01-01 till 2024-01-31\r\n\r\n' +
      'Datum;Text;Belopp\r\n2024-01-02;Mat;-12,50\r\n2024-01-03;Hyra;-900,00\r\n';
    const { seen } = await send(bank);
    expect(seen).toMatchObject({
      dialect: { delimiter: ';' },
      questions: [{ code: 'HEADER_MISMATCH', answers: [{ send: { skipLines: 3 } }] }],
    });
    const again = await look(seen['id'], '?skipLines=3');
    expect(again.json()).toMatchObject({
      dialect: { delimiter: ';', skipLines: 3 },
      header: ['Datum', 'Text', 'Belopp'],
      questions: [],
    });
  });

  it('with titles above its header, and records that are broken', async () => {
    const { seen } = await send('Report\n\nname,age\nAnn,"4"1\nBob,2\n', '?skipLines=2&dataset=people');
    expect(seen).toMatchObject({
      preamble: ['Report', ''],
      dialect: { skipLines: 2 },
      records: [{ line: 5, cells: ['Bob', '2'] }],
      broken: [{ line: 4, lineEnd: 4, reason: 'text-after-quote' }],
    });
  });
});

describe('it is looked at again', () => {
  it('with other options, and imported with the last answer', async () => {
    const { seen } = await send('name;age\nAnn;41\n', '?dataset=people&delimiter=,');
    const { id } = seen;
    expect(seen).toMatchObject({ header: ['name;age'], questions: [{ code: 'HEADER_MISMATCH' }] });
    const again = await look(id, '?delimiter=;');
    expect(again.json()).toMatchObject({
      header: ['name', 'age'],
      questions: [],
      options: { delimiter: ',' },
    });
    const body = JSON.stringify({ uploadId: id, delimiter: ';' });
    const taken = await upload(api, { headers: { 'content-type': 'application/json' }, body });
    expect(taken.json()).toMatchObject({ dataset: 'people', dialect: { delimiter: ';' } });
  });

  it('by its user or an admin alone, and only with options that there are', async () => {
    const { seen } = await send(CSV);
    const other = await api.keyOf('operator');
    expect((await look(seen['id'], '', other)).json()).toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect((await look(seen['id'], '?colour=1')).json()).toMatchObject({ code: 'UPLOAD_UNKNOWN_OPTION' });
    expect((await look(seen['id'], '?dataset=none')).json()).toMatchObject({ code: 'DATASET_NOT_FOUND' });
    expect((await look('x')).statusCode).toBe(400);
    expect((await look(randomUUID())).statusCode).toBe(404);
    expect((await look(seen['id'], '', await api.keyOf('viewer'))).statusCode).toBe(403);
  });
});

describe('nothing is kept', () => {
  it.each([
    ['an empty file', '', 'FILE_EMPTY'],
    ['many NULs', `name\n${'a\0\0b\n'.repeat(100)}`, 'FILE_NUL_BYTE'],
    ['damaged gzip', gzipSync(CSV).subarray(0, 30), 'FILE_GZIP'],
    ['a ZIP archive without a file', zip([{ name: 'folder/' }]), 'FILE_ZIP'],
  ])('of %s', async (_name, body, code) => {
    expect((await send(body)).seen).toMatchObject({ code });
    expect((await kept(api)).filter((what) => what.startsWith('upload'))).toEqual([]);
  });

  it('of a file with an option that there is not, or the id of another one', async () => {
    expect((await send(CSV, '?order=dmy')).seen).toMatchObject({ code: 'UPLOAD_UNKNOWN_OPTION' });
    expect((await send('', `?uploadId=${randomUUID()}`)).status).toBe(400);
  });

  it('beyond what a user may keep', async () => {
    for (const each of ['a', 'b', 'c']) expect((await send(`name\n${each}\n`)).status).toBe(201);
    const { seen } = await send(CSV);
    expect(seen).toMatchObject({ status: 409, code: 'TOO_MANY_KEPT_UPLOADS', uploads: 3 });
  });
});
