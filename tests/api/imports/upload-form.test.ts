// Form fields of POST /v1/imports are judged as they come, and what the file's part says of itself is heard.
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApi } from '../../support/api.ts';
import {
  BOUNDARY,
  form,
  FORM,
  kept,
  listeningApi,
  openSocket,
  rawRequest,
  upload,
  type Part,
} from '../../support/uploads.ts';

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_MAX_COLUMNS: '100' } });
});
afterAll(() => api.close());

/** The answer to a form of which only these fields are sent, and the head of the next part. */
async function answerToFields(parts: readonly Part[], next = 'name="note"', content = ''): Promise<string> {
  const socket = await openSocket(api);
  const more = `--${BOUNDARY}\r\nContent-Disposition: form-data; ${next}\r\n\r\n${content}`;
  socket.write(rawRequest(api, { ...FORM, 'content-length': '5000000' }, ''));
  socket.write(form(parts, more));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

const mapping = (columns: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: columns }, (_, at) => [`c${at}`, null])));

describe('a form field is answered before more is sent', () => {
  it.each([
    ['an unknown option', [{ name: 'delimeter', content: ';' }], 400, 'UPLOAD_UNKNOWN_OPTION'],
    ['a wrong value', [{ name: 'mode', content: 'merge' }], 400, 'INVALID_REQUEST'],
    ['a mapping that is no JSON', [{ name: 'mapping', content: '{' }], 400, 'INVALID_REQUEST'],
    [
      'a mapping of too many columns',
      [{ name: 'mapping', content: mapping(101) }],
      400,
      'SLUICE_MAX_COLUMNS',
    ],
    [
      'fields that are too long together',
      [
        { name: 'fileName', content: 'x'.repeat(600_000) },
        { name: 'encoding', content: 'y'.repeat(600_000) },
      ],
      400,
      'longer than 1048576 bytes in all',
    ],
  ])('%s', async (_name, parts, status, says) => {
    const answer = await answerToFields(parts);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(says);
    expect(await kept(api)).toEqual([]);
  });

  it('an unknown dataset when the file begins: a field "create" could make it known', async () => {
    const answer = await answerToFields(
      [{ name: 'dataset', content: 'none' }],
      'name="file"; filename="a.csv"',
      'name\n' + 'x\n'.repeat(1000),
    );
    expect(answer).toMatch(/^HTTP\/1.1 404 /);
    expect(answer).toContain('DATASET_NOT_FOUND');
    expect(await kept(api)).toEqual([]);
  });

  it('of the query too', async () => {
    const query = `?dataset=people&mapping=${encodeURIComponent(mapping(101))}`;
    const answer = await upload(api, { query, body: 'name\nx\n' });
    expect(answer.json()).toMatchObject({ status: 400, option: 'mapping' });
  });
});

describe('the charset of the file’s part', () => {
  const parts = (type: string, content: Buffer): Part[] => [
    { name: 'dataset', content: 'people' },
    { name: 'file', fileName: 'a.csv', content, headers: [`Content-Type: ${type}`] },
  ];
  const latin = Buffer.from('name\nJos\xe9\n', 'latin1');

  it.each(['text/csv; charset=windows-1252', 'text/csv;charset="windows-1252"'])(
    'is its encoding (%s)',
    async (type) => {
      const answer = await upload(api, { headers: FORM, body: form(parts(type, latin)) });
      expect([answer.status, answer.json().encoding]).toEqual([202, 'windows-1252']);
    },
  );

  it('is not looked for in the file', async () => {
    const text = Buffer.from('name\n"x\r\nContent-Type: text/csv; charset=windows-1252\r\n"\n');
    const answer = await upload(api, { headers: FORM, body: form(parts('text/csv', text)) });
    expect([answer.status, answer.json().encoding]).toEqual([202, 'utf-8']);
  });

  it('that is not taken is refused, and so is one that the option contradicts', async () => {
    const odd = await upload(api, {
      headers: FORM,
      body: form(parts('text/csv; charset=iso-2022-jp', latin)),
    });
    expect(odd.json()).toMatchObject({ status: 415, charset: 'iso-2022-jp' });
    const fields = [
      { name: 'encoding', content: 'utf-8' },
      ...parts('text/csv; charset=windows-1252', latin),
    ];
    const two = await upload(api, { headers: FORM, body: form(fields) });
    expect(two.json()).toMatchObject({ status: 400, option: 'encoding' });
  });
});

describe('the name of the file', () => {
  const send = (disposition: string) => {
    const body = form([
      { name: 'dataset', content: 'people' },
      { name: 'file', fileName: 'a.csv', content: 'name\nx\n' },
    ])
      .toString('latin1')
      .replace('filename="a.csv"', disposition);
    return upload(api, { headers: FORM, body: Buffer.from(body, 'latin1') });
  };
  it.each([
    ['filename="a %22b%22%0D%0A.csv"', 'a "b".csv'],
    ['filename="a%20b%2522.csv"', 'a%20b%2522.csv'],
    ["filename*=UTF-8''100%2522.csv", '100%22.csv'],
  ])('%s is %s', async (disposition, name) =>
    expect((await send(disposition)).json()).toMatchObject({ fileName: name }),
  );
});

describe('the header parameter of text/csv (RFC 4180)', () => {
  const csv = 'x,1,a@b.c,n\n';
  const typed = (type: string): Part[] => [
    { name: 'dataset', content: 'people' },
    { name: 'file', fileName: 'a.csv', content: csv, headers: [`Content-Type: ${type}`] },
  ];

  it.each(['text/csv; header=absent', 'text/csv; charset=utf-8; header="absent"'])(
    'says that there is none, of a part and of a raw body (%s)',
    async (type) => {
      const part = await upload(api, { headers: FORM, body: form(typed(type)) });
      const raw = await upload(api, {
        query: '?dataset=people',
        headers: { 'content-type': type },
        body: csv,
      });
      for (const answer of [part, raw])
        expect([answer.status, answer.json().dialect]).toMatchObject([202, { header: false }]);
    },
  );

  it('is contradicted by the option', async () => {
    const answer = await upload(api, {
      query: '?dataset=people&header=true',
      headers: { 'content-type': 'text/csv; header=absent' },
      body: csv,
    });
    expect(answer.json()).toMatchObject({ status: 400, option: 'header' });
  });
});

it('an optional field that is empty is not given', async () => {
  const empty = Object.entries({ delimiter: '', encoding: '', skipLines: '', mapping: '', header: '' });
  const parts = [
    { name: 'dataset', content: 'people' },
    ...empty.map(([name, content]) => ({ name, content })),
    { name: 'file', fileName: 'a.csv', content: 'name\nx\n' },
  ];
  expect((await upload(api, { headers: FORM, body: form(parts) })).status).toBe(202);
  const none = await upload(api, { query: '?dataset=&quote=', body: 'name\nx\n' });
  expect(none.json()).toMatchObject({ status: 400, option: 'dataset' });
});

describe('nothing that follows the file is dropped in silence', () => {
  const file: Part = { name: 'file', fileName: 'a.csv', content: 'name\nx\n' };
  const open = form([{ name: 'dataset', content: 'people' }, file], '');
  const withPart = (lines: string): Buffer =>
    Buffer.concat([open, Buffer.from(`--${BOUNDARY}\r\n${lines}--${BOUNDARY}--\r\n`)]);

  it.each([
    ['has no Content-Disposition', 'Content-Type: text/csv\r\n\r\nname\r\ny\r\n'],
    ['has no name', 'Content-Disposition: form-data\r\n\r\nx\r\n'],
    ['has an empty name', 'Content-Disposition: form-data; name=""\r\n\r\nx\r\n'],
    ['is no form-data', 'Content-Disposition: attachment; name="a"\r\n\r\nx\r\n'],
    ['has a header that does not end', 'Content-Disposition: form-data; name="a"\r\n'],
    ['has no header', '\r\nx\r\n'],
  ])('a part that %s', async (_name, lines) => {
    const answer = await upload(api, { headers: FORM, body: withPart(lines) });
    expect(answer.json()).toMatchObject({ status: 400, code: 'UPLOAD_MALFORMED' });
    expect(await kept(api)).not.toContainEqual(expect.stringContaining('.part'));
  });

  it('before the file neither', async () => {
    const part = `--${BOUNDARY}\r\nContent-Type: text/plain\r\n\r\nx\r\n`;
    const body = Buffer.concat([Buffer.from(part), form([{ name: 'dataset', content: 'people' }, file])]);
    expect((await upload(api, { headers: FORM, body })).json()).toMatchObject({ code: 'UPLOAD_MALFORMED' });
  });

  it.each<[string, (body: string) => string, string]>([
    [
      'a file that is sent as attachment',
      (body) => body.replace('form-data; name="file"', 'attachment; name="file"'),
      'has "Content-Disposition: attachment". Send form-data in its place',
    ],
    [
      'blanks behind the boundary of the file',
      (body) => body.replace(new RegExp(`--${BOUNDARY}(?=\\r\\n[^;]*; name="file")`), '$& \t'),
      'Blanks stand behind a boundary',
    ],
    [
      'blanks behind the first boundary',
      (body) => body.replace(`--${BOUNDARY}`, '$& '),
      'Blanks stand behind a boundary',
    ],
  ])('%s is told as what it is', async (_name, change, says) => {
    const body = change(form([{ name: 'dataset', content: 'people' }, file]).toString('latin1'));
    const answer = await upload(api, { headers: FORM, body: Buffer.from(body, 'latin1') });
    expect(answer.json()).toMatchObject({
      status: 400,
      code: 'UPLOAD_MALFORMED',
      detail: expect.stringContaining(says),
    });
  });

  it('a file that holds what looks like a boundary is taken', async () => {
    const content = `name\n--${BOUNDARY}\nx\r\n-${BOUNDARY}\n`;
    const body = form([
      { name: 'dataset', content: 'people' },
      { ...file, content },
    ]);
    expect((await upload(api, { headers: FORM, body })).status).toBe(202);
  });
});

describe('the boundary of a form', () => {
  const send = (length: number) => {
    const boundary = 'b'.repeat(length);
    const body = form([
      { name: 'dataset', content: 'people' },
      { name: 'file', fileName: 'a.csv', content: 'name\nx\n' },
    ])
      .toString('latin1')
      .replaceAll(BOUNDARY, boundary);
    return upload(api, { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body });
  };
  it.each([253, 300, 5000])('of %i characters is too long', async (length) => {
    expect((await send(length)).json()).toMatchObject({
      status: 400,
      code: 'UPLOAD_MALFORMED',
      detail: expect.stringContaining(`${length} characters`),
    });
  });
  it('may have 252', async () => expect((await send(252)).status).toBe(202));
});

describe('a Content-Length', () => {
  const body = form([
    { name: 'dataset', content: 'people' },
    { name: 'file', fileName: 'a.csv', content: 'name\nx\n' },
  ]);
  /** The answer to a request whose connection ends behind the body. */
  async function answerTo(contentLength: number): Promise<string> {
    const socket = await openSocket(api);
    socket.end(
      rawRequest(api, { ...FORM, 'content-length': String(contentLength) }, '') + body.toString('latin1'),
    );
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    await once(socket, 'close');
    return Buffer.concat(pieces).toString();
  }
  it('that is too small is told', async () => {
    expect(await answerTo(body.length - 30)).toContain('Its Content-Length may be smaller than its body.');
  });
  it('that is too large is told, where the sender ends the connection', async () => {
    expect(await answerTo(body.length + 30)).toContain('Its Content-Length may be larger than its body');
  });
  it('of a form that was cut off is told to be none', async () => {
    const answer = await upload(api, { headers: FORM, body: body.subarray(0, -30) });
    expect(answer.json()).toMatchObject({
      code: 'UPLOAD_TRUNCATED',
      detail: expect.stringContaining(
        `all ${body.length - 30} bytes have come that Content-Length announces`,
      ),
    });
  });
});

it('a path with a slash too many says what to call', async () => {
  const answer = await upload(api, { query: '/?dataset=people', body: 'name\nx\n' });
  expect(answer.json()).toMatchObject({
    status: 404,
    detail: 'There is nothing at /v1/imports/. Call /v1/imports, without the slash at its end.',
  });
});
