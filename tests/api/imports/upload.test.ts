// POST /v1/imports when all is well.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findImport } from '../../../src/db/imports/imports.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import type { TestApi } from '../../support/api.ts';
import { form, FORM, listeningApi, upload, type Answer } from '../../support/uploads.ts';

const CSV = '氏名,年齢,email,note\n山田太郎,41,taro@example.jp,"a, b"\n佐藤花子,,hanako@example.jp,\n';

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi();
});
afterAll(() => api.close());

const sendRaw = (body: string | Buffer, query = ''): Promise<Answer> =>
  upload(api, { query: `?dataset=people${query}`, body });

async function rowsOf(answer: Answer) {
  expect(answer.body.toString()).toContain('"id"');
  const id = String(answer.json().id);
  return {
    id,
    imp: (await findImport(api.deps.database.db, id))!,
    task: (await findTask(api.deps.database.db, id))!,
  };
}

const storedText = (key: string): Promise<string> => readFile(join(api.deps.config.storageDir, key), 'utf8');

describe('a file is taken', () => {
  it('as the body itself: 202, where to poll, and rows that say what was sent', async () => {
    const answer = await sendRaw(CSV, '&fileName=list.csv');
    expect(answer.status).toBe(202);
    const { id, imp, task } = await rowsOf(answer);
    expect(answer.headers['location']).toBe(`/v1/tasks/${id}`);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toMatchObject({
      dataset: 'people',
      fileName: 'list.csv',
      status: 'queued',
      counts: { records: null, loaded: 0, rejected: 0, unprocessed: null, errors: 0 },
      bytes: Buffer.byteLength(CSV),
      sha256: createHash('sha256').update(CSV).digest('hex'),
      encoding: 'utf-8',
      dialect: { delimiter: ',' },
      columns: [
        { header: '氏名', field: 'name' },
        { header: '年齢', field: 'age' },
        { header: 'email', field: 'email' },
        { header: 'note', field: 'note' },
      ],
      ignoredColumns: [],
      createdBy: { name: expect.any(String) },
      links: { task: `/v1/tasks/${id}`, rejects: `/v1/imports/${id}/rejects.csv` },
    });
    expect(task).toMatchObject({
      name: 'import',
      status: 'queued',
      attempts: 0,
      createdBy: imp.createdBy,
      startedAt: null,
    });
    const header = Buffer.byteLength('氏名,年齢,email,note\n');
    expect(imp).toMatchObject({
      dataStart: header,
      dataLine: 2,
      dataEnd: Buffer.byteLength(CSV),
      hadBom: false,
    });
    expect(await storedText(imp.storageKey)).toBe(CSV);
  });

  it('as a form: fields, then the file', async () => {
    const body = form([
      { name: 'dataset', content: 'people' },
      { name: 'delimiter', content: 'tab' },
      {
        name: 'file',
        fileName: 'list.csv',
        content: CSV.replaceAll(',', '\t'),
        headers: ['Content-Type: text/csv'],
      },
    ]);
    const answer = await upload(api, { headers: FORM, body });
    expect(answer.status).toBe(202);
    const { imp } = await rowsOf(answer);
    expect(imp).toMatchObject({ dataset: 'people', fileName: 'list.csv', dialect: { delimiter: '\t' } });
    expect(imp.bytes).toBe(Buffer.byteLength(CSV));
    expect(await storedText(imp.storageKey)).toBe(CSV.replaceAll(',', '\t'));
  });

  it('as a form with options in the query and a part that has only a type', async () => {
    const body = form([{ name: 'file', content: CSV, headers: ['Content-Type: application/octet-stream'] }]);
    const answer = await upload(api, { query: '?dataset=people', headers: FORM, body });
    expect(answer.status).toBe(202);
    expect((await rowsOf(answer)).imp.fileName).toBeNull();
  });

  it('as a form whose file name the query overrules', async () => {
    const body = form([{ name: 'file', fileName: 'tmp1234', content: CSV }]);
    const answer = await upload(api, { query: '?dataset=people&fileName=list.csv', headers: FORM, body });
    expect(answer.status).toBe(202);
    expect(answer.json()).toMatchObject({ fileName: 'list.csv' });
  });

  it('as text/tab-separated-values with a charset that is ours', async () => {
    const headers = { 'content-type': 'text/tab-separated-values; charset=UTF-8' };
    const answer = await upload(api, { query: '?dataset=people', headers, body: CSV.replaceAll(',', '\t') });
    expect(answer.status).toBe(202);
  });
});

describe('a file name is text, never a path', () => {
  const names = [
    ['名簿 2026年.csv', '名簿 2026年.csv'],
    ['../../x.csv', expect.stringMatching(/x\.csv$/)],
    ['C:\\Users\\x.csv', expect.stringMatching(/x\.csv$/)],
    ['<img src=x onerror=alert(1)>.csv', '<img src=x onerror=alert(1)>.csv'],
    ['a\u0007\u202egnp.csv', 'agnp.csv'],
    ['か\u3099.csv', 'が.csv'],
  ] as const;

  it.each(names)('%s', async (given, shown) => {
    const body = form([{ name: 'file', fileName: given, content: CSV }]);
    const inForm = await upload(api, { query: '?dataset=people', headers: FORM, body });
    expect([inForm.status, inForm.json().fileName]).toEqual([202, shown]);
    const inQuery = await sendRaw(CSV, `&fileName=${encodeURIComponent(given)}`);
    expect([inQuery.status, inQuery.json().fileName]).toEqual([202, shown]);
    const { id, imp } = await rowsOf(inQuery);
    expect(imp.storageKey).toBe(`imports/${id}/upload.csv`);
  });

  it('is cut when it has 5,000 characters', async () => {
    const answer = await sendRaw(CSV, `&fileName=${'x'.repeat(5000)}`);
    expect(answer.json()).toMatchObject({ fileName: 'x'.repeat(255) });
  });
});

describe('encodings', () => {
  const utf16be = Buffer.from(`\ufeff${CSV}`, 'utf16le').swap16();
  const files = [
    ['UTF-8 with BOM', Buffer.from(`\ufeff${CSV}`), 'utf-8', true],
    ['UTF-8', Buffer.from(CSV), 'utf-8', false],
    ['UTF-16LE', Buffer.from(`\ufeff${CSV}`, 'utf16le'), 'utf-16le', true],
    ['UTF-16BE', utf16be, 'utf-16be', true],
  ] as const;

  it.each(files)('%s is stored as UTF-8 without BOM', async (_name, body, encoding, hadBom) => {
    const answer = await sendRaw(body);
    expect(answer.status).toBe(202);
    const { imp } = await rowsOf(answer);
    expect(imp).toMatchObject({
      encoding,
      hadBom,
      bytes: body.length,
      sha256: createHash('sha256').update(body).digest('hex'),
      dataStart: Buffer.byteLength('氏名,年齢,email,note\n'),
      dataEnd: Buffer.byteLength(CSV),
    });
    expect(await storedText(imp.storageKey)).toBe(CSV);
  });
});

describe('declared encodings', () => {
  const csv = Buffer.from('8e8196bc2c6e6f74650aeee08bb42cb10a', 'hex');
  const text = '氏名,note\n髙橋,ｱ\n';
  const ways: [string, { query: string; headers?: Record<string, string> }][] = [
    ['as an option', { query: '&encoding=windows-31j' }],
    ['as a charset', { query: '', headers: { 'content-type': 'text/csv; charset=shift_jis' } }],
    ['as both', { query: '&encoding=CP932', headers: { 'content-type': 'text/csv; charset="Shift_JIS"' } }],
  ];
  it.each(ways)('%s: stored as UTF-8, and the import tells the encoding', async (_name, sent) => {
    const answer = await upload(api, { ...sent, query: `?dataset=people${sent.query}`, body: csv });
    expect([answer.status, answer.json().encoding]).toEqual([202, 'shift_jis']);
    const { imp } = await rowsOf(answer);
    expect(await storedText(imp.storageKey)).toBe(text);
    expect(imp).toMatchObject({
      bytes: csv.length,
      sha256: createHash('sha256').update(csv).digest('hex'),
      undecodable: [],
    });
  });

  it('UTF-16 without BOM', async () => {
    const answer = await sendRaw(Buffer.from(text, 'utf16le'), '&encoding=utf-16le');
    expect([answer.status, answer.json().encoding]).toEqual([202, 'utf-16le']);
    expect(await storedText((await rowsOf(answer)).imp.storageKey)).toBe(text);
  });

  it('undecodable bytes are kept with their place', async () => {
    const answer = await sendRaw(
      Buffer.concat([csv, Buffer.from([0x82, 0xff, 0x0a])]),
      '&encoding=shift_jis',
    );
    expect(answer.status).toBe(202);
    const { imp } = await rowsOf(answer);
    expect(imp.undecodable).toEqual([{ line: 3, byteOffset: csv.length, bytes: '82ff' }]);
  });
});

describe('a file packed with gzip', () => {
  const packed = gzipSync(CSV);
  const ways: [string, Parameters<typeof upload>[1]][] = [
    ['raw, known by its first bytes', { body: packed }],
    ['raw, with Content-Encoding', { body: packed, headers: { 'content-encoding': 'gzip' } }],
    ['raw, with a type of its own', { body: packed, headers: { 'content-type': 'application/gzip' } }],
    [
      'in a form',
      {
        headers: FORM,
        body: form([
          {
            name: 'file',
            fileName: 'list.csv.gz',
            content: packed,
            headers: ['Content-Type: application/gzip'],
          },
        ]),
      },
    ],
  ];
  it.each(ways)('%s: stored inflated, size and hash as sent', async (_name, sent) => {
    const answer = await upload(api, { query: '?dataset=people', ...sent });
    expect(answer.status).toBe(202);
    const { imp } = await rowsOf(answer);
    expect(imp).toMatchObject({
      bytes: packed.length,
      sha256: createHash('sha256').update(packed).digest('hex'),
      dataEnd: Buffer.byteLength(CSV),
    });
    expect(await storedText(imp.storageKey)).toBe(CSV);
  });

  it('in another encoding', async () => {
    const answer = await upload(api, {
      query: '?dataset=people',
      headers: { 'content-type': 'text/csv; charset=utf-16le', 'content-encoding': 'gzip' },
      body: gzipSync(Buffer.from(CSV, 'utf16le')),
    });
    expect([answer.status, answer.json().encoding]).toEqual([202, 'utf-16le']);
    expect(await storedText((await rowsOf(answer)).imp.storageKey)).toBe(CSV);
  });
});

describe('dialects', () => {
  const delimiters = [
    [',', 'comma'],
    [';', ';'],
    ['\t', 'tab'],
    ['|', '|'],
  ] as const;

  it.each(delimiters)('%j is detected', async (delimiter) => {
    const answer = await sendRaw(CSV.replaceAll('a, b', 'c').replaceAll(',', delimiter));
    expect(answer.json()).toMatchObject({ dialect: { delimiter } });
  });

  it.each(delimiters)('%j is taken as given', async (delimiter, name) => {
    const answer = await sendRaw(
      `name${delimiter}"note"\nx${delimiter}a,a;a|a\n`,
      `&delimiter=${encodeURIComponent(name)}`,
    );
    expect([answer.status, answer.json().dialect]).toEqual([
      202,
      {
        delimiter,
        quote: '"',
        escape: '"',
        comment: null,
        header: true,
        skipLines: 0,
        lineEnd: 'lf',
        tableEnd: null,
        databaseText: null,
        format: 'csv',
        headerRows: 1,
        skipAfterHeader: 0,
        skipFooter: null,
        repeatedHeader: 'table',
        repeatedHeaders: null,
        emptyRecords: 'skip',
        skippedEmptyRecords: 0,
        notesBelow: 0,
        shortRecords: 'reject',
      },
    ]);
  });

  it('what was given wins over what would be detected', async () => {
    const answer = await sendRaw('name,note\nx,y\n', '&delimiter=%7C&unknownColumns=ignore');
    expect([answer.status, answer.json().code]).toEqual([422, 'HEADER_MISMATCH']);
    expect(answer.json().header).toEqual(['name,note']);
  });

  it('Excel’s line sep= is no header, and no record', async () => {
    const answer = await sendRaw('\ufeffsep=;\r\nname;note\r\nx,1;y\r\n');
    expect(answer.json()).toMatchObject({
      dialect: { delimiter: ';', header: true, skipLines: 1 },
      columns: [{ header: 'name' }, { header: 'note' }],
    });
    const { imp } = await rowsOf(answer);
    expect(imp).toMatchObject({ dataStart: 'sep=;\r\nname;note\r\n'.length, dataLine: 3 });
  });

  it('lines above the header are passed over when asked to', async () => {
    const above = '"顧客名簿\n2026年11月,\n\n';
    const answer = await sendRaw(`${above}name|note\nx|y\n`, '&skipLines=3');
    expect(answer.json()).toMatchObject({ dialect: { delimiter: '|', header: true, skipLines: 3 } });
    const { imp } = await rowsOf(answer);
    expect(imp).toMatchObject({ dataStart: Buffer.byteLength(`${above}name|note\n`), dataLine: 5 });
  });

  it('a file without a header has the dataset’s fields in order', async () => {
    const answer = await sendRaw('x;1;a@x;y\nz;2;b@x;y\n', '&header=false');
    expect(answer.json()).toMatchObject({
      dialect: { delimiter: ';', header: false, skipLines: 0 },
      columns: [
        { header: '氏名', field: 'name' },
        { header: '年齢', field: 'age' },
        { header: 'email', field: 'email' },
        { header: 'note', field: 'note' },
      ],
    });
    const { imp } = await rowsOf(answer);
    expect(imp).toMatchObject({ dataStart: 0, dataLine: 1, dataEnd: 20 });
  });

  it('undecodable bytes above the header harm nobody', async () => {
    const body = Buffer.concat([Buffer.of(0xff, 0x0a), Buffer.from('name,note\nx,y\n')]);
    const answer = await sendRaw(body, '&skipLines=1&encoding=utf-8');
    expect(answer.status).toBe(202);
  });

  it('CRLF, quoted line ends and blank lines above the header count as an editor counts', async () => {
    const header = '\r\n\r\n"氏名","no\r\nte"\r\n';
    const { imp } = await rowsOf(await sendRaw(`${header}x,y\r\n`, '&unknownColumns=ignore'));
    expect(imp).toMatchObject({ dataStart: Buffer.byteLength(header), dataLine: 5 });
  });
});

describe('columns', () => {
  it('that the dataset does not know pass when asked to, and are named', async () => {
    const answer = await sendRaw('memo,氏名,__proto__\na,x,b\n', '&unknownColumns=ignore');
    expect(answer.status).toBe(202);
    expect(answer.json()).toMatchObject({
      ignoredColumns: ['memo', '__proto__'],
      columns: [
        { header: 'memo', field: null },
        { header: '氏名', field: 'name' },
        { header: '__proto__', field: null },
      ],
    });
  });

  it('match in any order, case and width', async () => {
    const answer = await sendRaw('ＥＭＡＩＬ, Name \na@example.jp,x\n');
    expect(answer.json().columns).toEqual([
      { header: 'ＥＭＡＩＬ', field: 'email' },
      { header: ' Name ', field: 'name' },
    ]);
  });
});

it('a file much longer than its head is stored whole', async () => {
  const line = `x,${'あ'.repeat(100)}\n`;
  const csv = `name,note\n${line.repeat(20_000)}`;
  const { imp } = await rowsOf(await sendRaw(csv));
  expect(imp).toMatchObject({
    bytes: Buffer.byteLength(csv),
    dataEnd: Buffer.byteLength(csv),
    sha256: createHash('sha256').update(csv).digest('hex'),
  });
});

it('without Redis a file is taken all the same; the sweeper rings later', async () => {
  const alone = await listeningApi({ env: { REDIS_URL: 'redis://127.0.0.1:9' } });
  try {
    const answer = await upload(alone, { query: '?dataset=people', body: CSV });
    expect(answer.status).toBe(202);
    const task = await findTask(alone.deps.database.db, String(answer.json().id));
    expect(task?.status).toBe('queued');
  } finally {
    await alone.close();
  }
});

it('a mapping may come as a JSON part of the form, and be as long as many columns make it', async () => {
  const mapping = {
    'who is it?': 'name',
    ...Object.fromEntries(Array.from({ length: 980 }, (_, at) => [`${'列'.repeat(20)}${at}`, null])),
  };
  const header = Object.keys(mapping).join(',');
  const answer = await upload(api, {
    headers: FORM,
    body: form([
      { name: 'dataset', content: 'people' },
      { name: 'mapping', content: JSON.stringify(mapping), headers: ['Content-Type: application/json'] },
      { name: 'dryRun', content: 'true', headers: ['Content-Type: application/json'] },
      { name: 'file', fileName: 'a.csv', content: `${header}\nAda${','.repeat(980)}\n` },
    ]),
  });
  expect([answer.status, answer.json()]).toEqual([202, expect.objectContaining({ dryRun: true })]);
});
