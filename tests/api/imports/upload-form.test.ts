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
async function answerToFields(parts: readonly Part[]): Promise<string> {
  const socket = await openSocket(api);
  const more = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="note"\r\n\r\n`;
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
    ['an unknown dataset', [{ name: 'dataset', content: 'none' }], 404, 'DATASET_NOT_FOUND'],
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
