// POST /v1/imports when something is wrong: each its own answer, and nothing is kept.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi } from '../../support/api.ts';
import {
  BOUNDARY,
  form,
  FORM,
  kept,
  listeningApi,
  openSocket,
  rawRequest,
  upload,
  type Upload,
} from '../../support/uploads.ts';
import { waitFor } from '../../support/wait-for.ts';
import { zip } from '../../support/zip.ts';

const LIMIT = 1_000_000;
const CSV = 'name,note\nx,y\n';
/** 山田 in Shift_JIS. */
const SHIFT_JIS_NAME = Buffer.from([0x8e, 0x52, 0x93, 0x63]);

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({
    env: {
      SLUICE_MAX_UPLOAD_BYTES: String(LIMIT),
      SLUICE_MAX_COLUMNS: '10',
      SLUICE_MAX_HEADER_BYTES: '1000',
      // What raises a question is refused as well.
      SLUICE_KEPT_UPLOADS: '0',
    },
  });
});
afterAll(() => api.close());
// A client that is not there any more cannot be answered when all is cleared away.
afterEach(async () => {
  await expect.poll(() => kept(api)).toEqual([]);
});

interface Refusal {
  readonly status: number;
  readonly code: string;
  /** Parts of the problem document. */
  readonly says?: Record<string, unknown>;
}

async function refuses(sent: Upload, { status, code, says = {} }: Refusal): Promise<void> {
  const answer = await upload(api, { query: '?dataset=people', ...sent });
  const problem = answer.json();
  expect(problem).toMatchObject({ code, status, ...says });
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(await kept(api)).toEqual([]);
}

const inForm = (content: string | Buffer) => ({
  headers: FORM,
  body: form([{ name: 'file', fileName: 'a.csv', content }]),
});

const foreign = (name: string): Refusal => ({
  status: 422,
  code: 'FILE_FORMAT',
  says: { detail: expect.stringContaining(name) },
});

type Case = readonly [name: string, content: string | Buffer, refusal: Refusal];

describe('a file that is no CSV file', () => {
  const cases: Case[] = [
    ['empty', '', { status: 422, code: 'FILE_EMPTY' }],
    ['only a BOM', '\ufeff', { status: 422, code: 'FILE_EMPTY' }],
    ['only blank lines', '\n\r\n\n', { status: 422, code: 'FILE_EMPTY' }],
    [
      'more blank lines than a head holds',
      '\n'.repeat(200_000),
      { status: 422, code: 'FILE_EMPTY', says: { detail: expect.stringContaining('blank lines') } },
    ],
    ['only a header', 'name,note', { status: 422, code: 'FILE_HEADER_ONLY' }],
    [
      'a header and blank lines',
      `name,note\n${'\r\n'.repeat(100_000)}`,
      { status: 422, code: 'FILE_HEADER_ONLY' },
    ],
    [
      'Shift_JIS',
      Buffer.concat([Buffer.from('name,note\nx,y\n'), SHIFT_JIS_NAME, Buffer.from(',z\n')]),
      {
        status: 422,
        code: 'FILE_ENCODING',
        says: {
          line: 3,
          likelyEncoding: 'Shift_JIS',
          candidates: expect.arrayContaining([
            { encoding: 'Shift_JIS', confidence: expect.any(Number), sample: 'name,note\n山田,z' },
          ]),
          detail: expect.stringMatching(/Line 3 .*Shift_JIS.*UTF-8/s),
        },
      },
    ],
    [
      'Shift_JIS far behind the head',
      Buffer.concat([
        Buffer.from(`name,note\n${'x,y\n'.repeat(100_000)}`),
        SHIFT_JIS_NAME,
        Buffer.from(',z\n'),
      ]),
      { status: 422, code: 'FILE_ENCODING', says: { line: 100_002, byteOffset: 400_010 } },
    ],
    [
      'half a character at the end',
      Buffer.concat([Buffer.from(CSV), Buffer.from([0xe3, 0x81])]),
      { status: 422, code: 'FILE_ENCODING', says: { line: 3 } },
    ],
    [
      'UTF-16 without BOM',
      Buffer.from(CSV, 'utf16le'),
      { status: 422, code: 'FILE_ENCODING', says: { likelyEncoding: 'UTF-16LE' } },
    ],
    [
      'a NUL character in the header',
      'name,no\0te\nx,ab\n',
      { status: 422, code: 'FILE_NUL_BYTE', says: { line: 1, byteOffset: 7 } },
    ],
    [
      'NUL characters everywhere',
      `name,note\n${'x,\0y\n'.repeat(5000)}`,
      { status: 422, code: 'FILE_NUL_BYTE', says: { line: 2, byteOffset: 12 } },
    ],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), foreign('.xls')],
    ['a web page', '<!DOCTYPE html><html><body>Sign in</body></html>', foreign('HTML')],
    ['JSON, but no list of objects', '[["name","note"],["x","y"]]', foreign('JSON')],
    ['a packed Parquet file', gzipSync('PAR1 and more'), foreign('Parquet')],
    ['a packed tar archive', gzipSync(Buffer.from(`${'a.csv'.padEnd(257, '\0')}ustar\0`)), foreign('tar')],
    ['a Word document', zip([{ name: 'word/document.xml', content: 'x' }]), foreign('Word')],
    [
      'a bad byte in UTF-8',
      Buffer.concat([
        Buffer.from(`name,note\n${'山田,x\n'.repeat(50_000)}M`),
        Buffer.from([0xfc]),
        Buffer.from('ller,y\n'),
      ]),
      {
        status: 422,
        code: 'FILE_ENCODING',
        says: {
          line: 50_002,
          candidates: expect.arrayContaining([
            { encoding: 'UTF-8', confidence: 0.99, rejects: 1, sample: 'name,note\nM\ufffdller,y' },
          ]),
        },
      },
    ],
  ];

  it.each(cases)('raw: %s', (_name, body, refusal) => refuses({ body }, refusal));
  it.each(cases)('form: %s', (_name, content, refusal) => refuses(inForm(content), refusal));
});

describe('a file that is declared in another encoding', () => {
  const utf8 = (name: string): Refusal => ({
    status: 422,
    code: 'FILE_ENCODING',
    says: {
      likelyEncoding: 'UTF-8',
      candidates: [
        expect.objectContaining({ encoding: 'UTF-8' }),
        expect.objectContaining({ encoding: name }),
      ],
      detail: expect.stringContaining('forceEncoding=true'),
    },
  });
  const late = `name,note\n${'x,y\n'.repeat(60_000)}Müller,z\n`;

  it.each(['shift_jis', 'windows-1252'])('UTF-8 as %s, by option', async (encoding) => {
    for (const body of ['氏名,note\n東京,x\n', 'name,note\nMüller,x\n', late])
      await refuses({ query: `?dataset=people&encoding=${encoding}`, body }, utf8(encoding));
  });
  it('by the charset of the body', () =>
    refuses(
      { headers: { 'content-type': 'text/csv; charset=iso-8859-1' }, body: late },
      utf8('windows-1252'),
    ));
  it('by the charset of the part', () => {
    const headers = ['Content-Type: text/csv; charset=shift_jis'];
    const body = form([{ name: 'file', fileName: 'a.csv', content: late, headers }]);
    return refuses({ headers: FORM, body }, utf8('shift_jis'));
  });
  it('a header that fits only as UTF-8 is asked about as the file is', () => {
    const body = `氏名,note\n${'東京,x\n'.repeat(20_000)}`;
    return refuses({ query: '?dataset=people&encoding=shift_jis', body }, utf8('shift_jis'));
  });
  it.each(['utf-16le', 'utf-16'])('UTF-8 as %s', (encoding) =>
    refuses(
      { query: `?dataset=people&encoding=${encoding}`, body: CSV },
      { status: 422, code: 'FILE_ENCODING', says: { likelyEncoding: 'UTF-8' } },
    ),
  );
  it.each(['utf-8', 'windows-1252', 'utf-16be'])('UTF-16 as %s', (encoding) =>
    refuses(
      { query: `?dataset=people&encoding=${encoding}`, body: Buffer.from(CSV, 'utf16le') },
      { status: 422, code: 'FILE_ENCODING', says: { likelyEncoding: 'UTF-16LE' } },
    ),
  );
  it('Shift_JIS by a charset that a client sets without looking', () => {
    const body = Buffer.concat([
      Buffer.from('name,note\n'),
      Buffer.from('8e529363918098592c938c8b9e93738d60e68b0a', 'hex'),
    ]);
    return refuses(
      { headers: { 'content-type': 'text/csv; charset=iso-8859-1' }, body },
      { status: 422, code: 'FILE_ENCODING', says: { line: 2, likelyEncoding: 'Shift_JIS' } },
    );
  });
  it('forceEncoding needs one', () =>
    refuses(
      { query: '?dataset=people&forceEncoding=true', body: CSV },
      { status: 400, code: 'INVALID_REQUEST', says: { option: 'forceEncoding' } },
    ));
});

describe('a header that cannot be used', () => {
  const mismatch = (says: Record<string, unknown>): Refusal => ({
    status: 422,
    code: 'HEADER_MISMATCH',
    says,
  });
  const cases: Case[] = [
    [
      'a required column is missing',
      'note\ny\n',
      mismatch({ missing: ['name'], detail: expect.stringContaining('氏名') }),
    ],
    ['an unknown column', 'name,memo\nx,y\n', mismatch({ unknown: [{ index: 2, name: 'memo' }] })],
    ['__proto__', 'name,__proto__\nx,y\n', mismatch({ unknown: [{ index: 2, name: '__proto__' }] })],
    ['a column twice', 'name,note,氏名\nx,y,z\n', mismatch({ duplicate: [{ index: 3, name: '氏名' }] })],
    ['a column without a name', 'name,,note\nx,y,z\n', mismatch({ blank: [{ index: 2, name: '' }] })],
    [
      'no header at all',
      '山田太郎,41\n佐藤花子,42\n',
      mismatch({ missing: ['name'], header: ['山田太郎', '41'] }),
    ],
    [
      'several things at once',
      'nmae,,note,note\nx,y,z,w\n',
      mismatch({ errors: expect.objectContaining({ length: 4 }) }),
    ],
    [
      'longer than the limit',
      `name,${'x'.repeat(1000)}\nx,y\n`,
      { status: 422, code: 'FILE_HEADER_TOO_LONG', says: { limitBytes: 1000 } },
    ],
    [
      'no line end within a head',
      'x'.repeat(200_000),
      { status: 422, code: 'FILE_HEADER_TOO_LONG', says: { limitBytes: 1000 } },
    ],
    [
      'too many columns',
      `name${',a'.repeat(10)}\nx\n`,
      { status: 422, code: 'FILE_TOO_MANY_COLUMNS', says: { columns: 11, limit: 10 } },
    ],
    [
      'text after a quote',
      'name,"no"te\nx,y\n',
      { status: 422, code: 'FILE_HEADER_QUOTE', says: { line: 1, column: { index: 2, name: '' } } },
    ],
    [
      'an open quote',
      '\nname,"note\nx,y\n',
      { status: 422, code: 'FILE_HEADER_QUOTE', says: { line: 2, column: { index: 2, name: '' } } },
    ],
  ];

  it.each(cases)('%s', (_name, body, refusal) => refuses({ body }, refusal));
});

describe('a file over the limit', () => {
  const refusal: Refusal = {
    status: 413,
    code: 'UPLOAD_TOO_LARGE',
    says: { limitBytes: LIMIT, detail: expect.stringContaining(`${LIMIT} bytes`) },
  };
  const large = Buffer.from(`name,note\n${'x,y\n'.repeat(LIMIT / 4)}`);

  it('with its length told', () => refuses({ body: large }, refusal));
  it('in chunks', () => refuses({ body: Readable.from([large]) }, refusal));
  it('in a form', () => refuses(inForm(large), refusal));
  it('told before a byte of it is sent', async () => {
    const socket = await openSocket(api);
    socket.write(rawRequest(api, { 'content-type': 'text/csv', 'content-length': '10000000' }));
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 413 [^]*UPLOAD_TOO_LARGE/);
    socket.destroy();
  });
  it('not one byte earlier', async () => {
    const csv = `name,note\n${'x,y\n'.repeat(LIMIT)}`.slice(0, LIMIT);
    const answer = await upload(api, { query: '?dataset=people', ...inForm(csv) });
    expect([answer.status, answer.json().bytes]).toEqual([202, LIMIT]);
    await removeAll();
  });
});

describe('a request that is not as it should be', () => {
  const file = { name: 'file', fileName: 'a.csv', content: CSV };
  const dataset = { name: 'dataset', content: 'people' };
  const asForm = (...parts: Parameters<typeof form>[0][number][]): Upload => ({
    query: '',
    headers: FORM,
    body: form(parts),
  });
  const cases: [string, Upload, Refusal][] = [
    [
      'no file part',
      asForm(dataset),
      { status: 400, code: 'UPLOAD_NO_FILE', says: { detail: expect.stringContaining('"file"') } },
    ],
    ['a form of nothing', asForm(), { status: 400, code: 'UPLOAD_NO_FILE' }],
    ['an empty body of a form', { headers: FORM, body: '' }, { status: 400, code: 'UPLOAD_NO_FILE' }],
    [
      'a file part without a file name',
      asForm(dataset, { name: 'file', content: CSV }),
      { status: 400, code: 'UPLOAD_NO_FILE', says: { detail: expect.stringContaining('filename=') } },
    ],
    [
      'a file part with another name',
      asForm(dataset, { ...file, name: 'upload' }),
      { status: 400, code: 'UPLOAD_NO_FILE', says: { part: 'upload' } },
    ],
    [
      'a field after the file',
      asForm(dataset, file, { name: 'delimiter', content: ',' }),
      { status: 400, code: 'UPLOAD_FIELD_AFTER_FILE', says: { field: 'delimiter' } },
    ],
    [
      'the dataset after the file',
      asForm(file, dataset),
      {
        status: 400,
        code: 'INVALID_REQUEST',
        says: { option: 'dataset', detail: expect.stringContaining('before the file') },
      },
    ],
    ['two files', asForm(dataset, file, file), { status: 400, code: 'UPLOAD_TWO_FILES' }],
    [
      'a second file of 900 kB',
      asForm(dataset, file, { ...file, content: 'x'.repeat(900_000) }),
      { status: 400, code: 'UPLOAD_TWO_FILES' },
    ],
    [
      'a file in base64',
      asForm(dataset, {
        ...file,
        content: Buffer.from(CSV).toString('base64'),
        headers: ['Content-Transfer-Encoding: base64'],
      }),
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', says: { coding: 'base64' } },
    ],
    [
      'an unknown dataset',
      { query: '?dataset=poeple', body: CSV },
      { status: 404, code: 'DATASET_NOT_FOUND', says: { dataset: 'poeple' } },
    ],
    [
      'a dataset with a NUL',
      { query: '?dataset=a%00b', body: CSV },
      { status: 400, code: 'INVALID_REQUEST' },
    ],
    [
      'no dataset',
      { query: '', body: CSV },
      { status: 400, code: 'INVALID_REQUEST', says: { option: 'dataset' } },
    ],
    [
      'an unknown option',
      { query: '?dataset=people&delimeter=,', body: CSV },
      {
        status: 400,
        code: 'UPLOAD_UNKNOWN_OPTION',
        says: { option: 'delimeter', detail: expect.stringContaining('unknownColumns') },
      },
    ],
    [
      'an unknown field',
      asForm(dataset, { name: 'note', content: 'hello' }, file),
      { status: 400, code: 'UPLOAD_UNKNOWN_OPTION', says: { option: 'note' } },
    ],
    [
      'a field named __proto__',
      asForm({ name: '__proto__', content: 'x' }, dataset, file),
      { status: 400, code: 'INVALID_REQUEST' },
    ],
    [
      'an option twice in the query',
      { query: '?dataset=people&dataset=people', body: CSV },
      {
        status: 400,
        code: 'INVALID_REQUEST',
        says: { option: 'dataset', detail: expect.stringContaining('once') },
      },
    ],
    [
      'an option twice in the form',
      asForm(dataset, dataset, file),
      { status: 400, code: 'INVALID_REQUEST', says: { option: 'dataset' } },
    ],
    [
      'an option in the query and the form',
      { ...asForm(dataset, file), query: '?dataset=people' },
      { status: 400, code: 'INVALID_REQUEST', says: { option: 'dataset' } },
    ],
    [
      'an option that is JSON',
      asForm({ ...dataset, content: '{"a":1}', headers: ['Content-Type: application/json'] }, file),
      {
        status: 400,
        code: 'INVALID_REQUEST',
        says: { option: 'dataset', detail: expect.stringContaining('text') },
      },
    ],
    [
      'an option that says it is JSON and is none',
      asForm(
        dataset,
        { name: 'mapping', content: '{"a":', headers: ['Content-Type: application/json'] },
        file,
      ),
      {
        status: 400,
        code: 'INVALID_REQUEST',
        says: { detail: expect.stringContaining('application/json') },
      },
    ],
    [
      'an option that is longer than a field may be',
      asForm(dataset, { name: 'mapping', content: `{"${'x'.repeat(1024 * 1024)}":"name"}` }, file),
      {
        status: 400,
        code: 'INVALID_REQUEST',
        says: { option: 'mapping', limitBytes: 1024 * 1024, detail: expect.stringContaining('longer') },
      },
    ],
    [
      'more fields than a form may have',
      asForm(...Array.from({ length: 51 }, () => dataset), file),
      { status: 400, code: 'INVALID_REQUEST' },
    ],
    [
      'a delimiter that is none',
      { query: '?dataset=people&delimiter=x', body: CSV },
      { status: 400, code: 'INVALID_REQUEST', says: { detail: expect.stringContaining('tab') } },
    ],
    [
      'an unknownColumns that is neither',
      { query: '?dataset=people&unknownColumns=drop', body: CSV },
      { status: 400, code: 'INVALID_REQUEST', says: { option: 'unknownColumns' } },
    ],
    [
      'a header that is neither',
      { query: '?dataset=people&header=no', body: CSV },
      { status: 400, code: 'INVALID_REQUEST', says: { option: 'header' } },
    ],
    ...['-1', '1.5', '1001'].map((lines): [string, Upload, Refusal] => [
      `skipLines=${lines}`,
      { query: `?dataset=people&skipLines=${lines}`, body: CSV },
      { status: 400, code: 'INVALID_REQUEST', says: { option: 'skipLines' } },
    ]),
    [
      'more lines to skip than there are',
      { query: '?dataset=people&skipLines=2', body: CSV },
      { status: 422, code: 'FILE_EMPTY', says: { detail: expect.stringContaining('line 2') } },
    ],
    [
      'more lines to skip than a head holds',
      { query: '?dataset=people&skipLines=3', body: `${'x'.repeat(200_000)}\n${CSV}` },
      { status: 422, code: 'FILE_HEADER_TOO_LONG' },
    ],
    [
      'a line sep= with another delimiter',
      { body: 'sep=x\nnamexnote\nxxy\n' },
      { status: 422, code: 'FILE_DELIMITER', says: { line: 1 } },
    ],
    ['a line sep= and nothing else', { body: 'sep=;\n' }, { status: 422, code: 'FILE_EMPTY' }],
    [
      'blank lines without a header',
      { query: '?dataset=people&header=false', body: '\n\n' },
      { status: 422, code: 'FILE_EMPTY' },
    ],
    [
      'fields without end',
      asForm(...Array.from({ length: 60 }, () => dataset), file),
      { status: 400, code: 'INVALID_REQUEST' },
    ],
    [
      'a form without its boundary',
      { headers: { 'content-type': 'multipart/form-data' }, body: form([file]) },
      { status: 400, code: 'UPLOAD_MALFORMED' },
    ],
    [
      'a form with another boundary',
      { headers: { 'content-type': 'multipart/form-data; boundary=other' }, body: form([file]) },
      { status: 400, code: 'UPLOAD_TRUNCATED' },
    ],
    [
      'a form cut inside its file',
      { headers: FORM, body: form([file], '').subarray(0, -8) },
      { status: 400, code: 'UPLOAD_TRUNCATED' },
    ],
    [
      'a form cut inside its field',
      { headers: FORM, body: form([dataset], '').subarray(0, -4) },
      { status: 400, code: 'UPLOAD_TRUNCATED' },
    ],
    [
      'a form cut inside the headers of its file',
      { headers: FORM, body: form([file], '').subarray(0, 60) },
      { status: 400, code: 'UPLOAD_TRUNCATED' },
    ],
    [
      'a form without its end',
      { headers: FORM, body: form([file], '') },
      { status: 400, code: 'UPLOAD_TRUNCATED' },
    ],
    [
      'JSON',
      { headers: { 'content-type': 'application/json' }, body: '{}' },
      { status: 400, code: 'UPLOAD_NO_FILE' },
    ],
    [
      'JSON that is none',
      { headers: { 'content-type': 'application/json' }, body: CSV },
      { status: 400, code: 'INVALID_REQUEST' },
    ],
    [
      'what curl --data-binary says',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: CSV },
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', says: { detail: expect.stringContaining('text/csv') } },
    ],
    [
      'a spreadsheet',
      { headers: { 'content-type': 'application/vnd.ms-excel' }, body: CSV },
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    ],
    [
      'another charset',
      { headers: { 'content-type': 'text/csv; charset=iso-2022-jp' }, body: CSV },
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', says: { charset: 'iso-2022-jp' } },
    ],
    [
      'an encoding that is none',
      { query: '?dataset=people&encoding=klingon', body: CSV },
      { status: 400, code: 'INVALID_REQUEST', says: { option: 'encoding' } },
    ],
    [
      'an encoding and another charset',
      {
        query: '?dataset=people&encoding=euc-jp',
        headers: { 'content-type': 'text/csv; charset=shift_jis' },
        body: CSV,
      },
      { status: 400, code: 'INVALID_REQUEST', says: { option: 'encoding' } },
    ],
    [
      'a header that cannot be decoded',
      {
        query: '?dataset=people&encoding=shift_jis',
        body: Buffer.concat([Buffer.from('name,n'), Buffer.from([0xfd]), Buffer.from('te\nx,y\n')]),
      },
      {
        status: 422,
        code: 'FILE_ENCODING',
        says: { line: 1, byteOffset: 6, encoding: 'shift_jis', detail: expect.stringContaining('header') },
      },
    ],
    [
      'a header in another encoding than declared',
      { query: '?dataset=people&encoding=utf-8', body: Buffer.from('8e8196bc2c6e6f74650a782c790a', 'hex') },
      {
        status: 422,
        code: 'FILE_ENCODING',
        says: {
          encoding: 'utf-8',
          candidates: expect.arrayContaining([expect.objectContaining({ sample: '氏名,note\nx,y' })]),
        },
      },
    ],
    [
      'the BOM of another encoding than declared',
      { query: '?dataset=people&encoding=shift_jis', body: `\ufeff${CSV}` },
      { status: 422, code: 'FILE_ENCODING', says: { likelyEncoding: 'UTF-8' } },
    ],
    [
      'another coding',
      { headers: { 'content-encoding': 'br' }, body: CSV },
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', says: { coding: 'br' } },
    ],
    [
      'text that says it is gzip',
      { headers: { 'content-encoding': 'gzip' }, body: CSV },
      { status: 422, code: 'FILE_GZIP' },
    ],
    [
      'text of type application/gzip',
      { headers: { 'content-type': 'application/gzip' }, body: CSV },
      { status: 422, code: 'FILE_GZIP' },
    ],
    [
      'gzip cut off',
      { body: gzipSync(CSV).subarray(0, -5) },
      { status: 422, code: 'FILE_GZIP', says: { detail: expect.stringContaining('ends early') } },
    ],
    [
      'gzip in a form, with text behind it',
      asForm(dataset, {
        ...file,
        fileName: 'a.csv.gz',
        content: Buffer.concat([gzipSync(CSV), Buffer.from(CSV)]),
      }),
      { status: 422, code: 'FILE_GZIP' },
    ],
    [
      'gzip of what is no text',
      { body: gzipSync(Buffer.concat([Buffer.from(CSV), SHIFT_JIS_NAME, Buffer.from('\n')])) },
      { status: 422, code: 'FILE_ENCODING', says: { line: 3, byteOffset: 14 } },
    ],
    [
      'gzip that inflates beyond the limit',
      { body: gzipSync(`name,note\n${'x,y\n'.repeat(LIMIT)}`) },
      {
        status: 413,
        code: 'UPLOAD_TOO_LARGE',
        says: { detail: expect.stringContaining('inflates to more than') },
      },
    ],
    [
      'a damaged Excel workbook',
      asForm(dataset, {
        ...file,
        fileName: 'a.xlsx',
        content: zip([{ name: '[Content_Types].xml' }, { name: 'xl/workbook.xml' }]),
      }),
      { status: 422, code: 'FILE_WORKBOOK', says: { detail: expect.stringContaining('.xlsx') } },
    ],
    [
      'a form in gzip',
      { headers: { ...FORM, 'content-encoding': 'gzip' }, body: gzipSync(form([file])) },
      { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' },
    ],
  ];

  it.each(cases)('%s', (_name, sent, refusal) => refuses(sent, refusal));

  it('no Content-Type', async () => {
    const socket = await openSocket(api);
    socket.write(rawRequest(api, { 'content-length': '14' }) + CSV);
    const [head] = (await once(socket, 'data')) as [Buffer];
    expect(head.toString()).toMatch(/^HTTP\/1\.1 415 [^]*text\/csv[^]*UNSUPPORTED_MEDIA_TYPE/);
    socket.destroy();
  });
});

describe('a client that is gone in the middle of its file', () => {
  const start = `name,note\n${'x,y\n'.repeat(50_000)}`;
  const formStart = form([{ name: 'file', fileName: 'a.csv', content: start }], '').toString();
  const cases = [
    ['raw, with its length told', { 'content-type': 'text/csv', 'content-length': '900000' }, start],
    [
      'raw, in chunks',
      { 'content-type': 'text/csv', 'transfer-encoding': 'chunked' },
      `${start.length.toString(16)}\r\n${start}\r\n`,
    ],
    ['in a form', { ...FORM, 'content-length': '900000' }, formStart],
    ['in a form, before its file', { ...FORM, 'content-length': '900000' }, `--${BOUNDARY}\r\n`],
  ] as const;

  it.each(cases)('%s', async (name, headers, body) => {
    const answered = nextRequestClosed(api);
    const socket = await openSocket(api);
    socket.write(rawRequest(api, headers) + body);
    if (!name.includes('before'))
      await waitFor(async () => (await kept(api)).some((file) => file.endsWith('.part')), {
        what: 'the file to be begun',
      });
    socket.destroy();
    await answered;
  });

  it('or stands still for too long', async () => {
    const { server } = api.app;
    const usual = server.timeout;
    server.setTimeout(100);
    const answered = nextRequestClosed(api);
    const socket = await openSocket(api);
    socket.write(rawRequest(api, { 'content-type': 'text/csv', 'content-length': '900000' }) + start);
    await once(socket.resume(), 'close');
    await answered;
    server.setTimeout(usual);
  });

  it('ended its side of the connection early: told so', async () => {
    const socket = await openSocket(api);
    socket.end(rawRequest(api, { 'content-type': 'text/csv', 'content-length': '900000' }) + start);
    await once(socket.resume(), 'close');
  });
});

describe('a storage that cannot be written', () => {
  let broken: TestApi;
  beforeAll(async () => {
    broken = await listeningApi({ env: { SLUICE_KEPT_UPLOADS: '0' } });
  });
  afterAll(() => broken.close());

  it('is told as a failure of ours, without its path, and nothing is recorded', async () => {
    const { storageDir } = broken.deps.config;
    await writeFile(storageDir, 'a file where the folder should be');
    const answer = await upload(broken, { query: '?dataset=people', body: CSV });
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(answer.json()).toMatchObject({ requestId: expect.any(String) });
    expect(answer.body.toString()).not.toContain(storageDir);
    expect(await kept(broken)).toEqual([]);
    await rm(storageDir);
  });

  /** Needs root; where there is none, the storage's own tests must do. */
  const mayMount = process.getuid?.() === 0 && process.platform === 'linux';

  it.skipIf(!mayMount)('and when it is full, as that', async ({ skip }) => {
    const { storageDir } = broken.deps.config;
    await mkdir(storageDir);
    const mount = await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', storageDir]).catch(
      () => undefined,
    );
    if (mount === undefined) skip('mounting is not allowed here');
    try {
      const large = `name,note\n${'x,y\n'.repeat(500_000)}`;
      for (const body of [large, Readable.from([large])]) {
        const answer = await upload(broken, { query: '?dataset=people', body });
        expect([answer.status, answer.json().code]).toEqual([507, 'STORAGE_FULL']);
        expect(await kept(broken)).toEqual([]);
      }
      expect((await upload(broken, { query: '?dataset=people', body: CSV })).status).toBe(202);
    } finally {
      await run('umount', [storageDir]);
    }
  });
});

const run = promisify(execFile);

/** Resolves when the next request that comes has been let go, answered or not. */
function nextRequestClosed(api: TestApi): Promise<void> {
  return new Promise((resolve) => {
    api.app.server.once('request', (_request, response) => response.once('close', () => resolve()));
  });
}

async function removeAll(): Promise<void> {
  await api.database.pool.query('DELETE FROM sluice.tasks');
  await api.deps.storage.removeFolder('imports/');
}
