// What an upload says about its dialect, and what it is answered when the file does not say it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApi } from '../../support/api.ts';
import { listeningApi, upload, type Answer } from '../../support/uploads.ts';

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi();
});
afterAll(() => api.close());

const PLAIN_SHAPE = {
  format: 'csv',
  headerRows: 1,
  skipAfterHeader: 0,
  skipFooter: null,
  repeatedHeader: 'table',
  repeatedHeaders: null,
  emptyRecords: 'keep',
  skippedEmptyRecords: 0,
  notesBelow: 0,
  shortRecords: 'reject',
};

const send = (body: string, options: Record<string, string> = {}): Promise<Answer> =>
  upload(api, { query: `?${new URLSearchParams({ dataset: 'people', ...options }).toString()}`, body });

describe('a dialect that is given', () => {
  it('is told in the import', async () => {
    const options = { delimiter: ', ', quote: "'", escape: '\\', comment: '#' };
    const answer = await send("# made\r\nname, 'note'\r\n'it\\'s', x\r\n", options);
    expect([answer.status, answer.json().dialect]).toEqual([
      202,
      {
        ...options,
        header: true,
        skipLines: 0,
        lineEnd: 'crlf',
        tableEnd: null,
        databaseText: null,
        ...PLAIN_SHAPE,
      },
    ]);
  });

  it.each([
    ['NDJSON', '{"name":"x"}\n', {}, 'is for files with a header, and the file is JSON'],
    ['a file without a header', 'x\n', { header: 'false' }, 'header=false says that there is none'],
    ['a header of two records', 'na,no\nme,te\n', { headerRows: '2' }, 'headerRows=2'],
  ])('leaves out no repeated header of %s', async (_name, body, options, message) => {
    const answer = await send(body, { repeatedHeader: 'skip', ...options });
    expect([answer.status, answer.json().code]).toEqual([400, 'INVALID_REQUEST']);
    expect(answer.json().detail).toContain(message);
  });

  it('without quotes has no escape', async () => {
    const answer = await send('name,note\n"x,"y\n', { quote: 'none' });
    expect(answer.json().dialect).toMatchObject({ quote: null, escape: null });
  });

  it.each([
    ['delimiter', '||'],
    ['delimiter', 'é'],
    ['delimiter', '"'],
    ['quote', '`'],
    ['escape', '^'],
    ['comment', 'rem'],
  ])('%s=%s is refused by name', async (option, value) => {
    const answer = await send('name,note\nx,y\n', { [option]: value });
    expect([answer.status, answer.json().code, answer.json().option]).toEqual([
      400,
      'INVALID_REQUEST',
      option,
    ]);
  });
});

describe('a dialect that the file does not tell', () => {
  it('is asked for, with each way to read it', async () => {
    const answer = await send("name,note\nTaro,'x'\nJiro,'y'\n");
    expect([answer.status, answer.json().code]).toEqual([422, 'FILE_DIALECT']);
    expect(answer.json().candidates).toEqual([
      expect.objectContaining({ quote: '"', firstRecord: ['Taro', "'x'"] }),
      expect.objectContaining({ quote: "'", firstRecord: ['Taro', 'x'] }),
    ]);
    const again = await send("name,note\nTaro,'x'\nJiro,'y'\n", { quote: "'" });
    expect(again.status).toBe(202);
  });

  it('may be the text of a database: NULL and escapes are asked for', async () => {
    const body = 'Taro\\\\x\t41\t\\N\ta\\tb\nJiro\t42\tj@example.jp\t\\N\n';
    const answer = await send(body, { header: 'false' });
    expect([answer.status, answer.json().code]).toEqual([422, 'FILE_DIALECT']);
    expect(answer.json().candidates).toMatchObject([
      {
        dialect: 'postgres-text',
        databaseText: 'postgres-text',
        firstRecord: ['Taro\\x', '41', null, 'a\tb'],
      },
      { dialect: 'mysql', databaseText: 'mysql', firstRecord: ['Taro\\x', '41', null, 'a\tb'] },
      { dialect: 'csv', databaseText: null, firstRecord: ['Taro\\\\x', '41', '\\N', 'a\\tb'] },
    ]);
    const { answers } = answer.json() as { answers: { send: Record<string, string> }[] };
    expect(answers.map((each) => each.send)).toEqual([
      { dialect: 'postgres-text', delimiter: 'tab' },
      { dialect: 'mysql', delimiter: 'tab' },
      { dialect: 'csv' },
    ]);
    for (const each of answers)
      expect((await send(body, { header: 'false', ...each.send })).status).toBe(202);
  });

  it('is CSV when the backslashes are those of Windows', async () => {
    const body = 'name\tnote\nTaro\t\\\\server\\docs\nJiro\tC:\\Users\n';
    expect((await send(body)).status).toBe(202);
  });

  it('is not guessed: a delimiter with which nothing fits leaves the header as it is', async () => {
    const answer = await send('name::note\nx::y\n');
    expect([answer.status, answer.json().code]).toEqual([422, 'HEADER_MISMATCH']);
  });
});

describe('a header that is none', () => {
  it('below titles: the answer names its line', async () => {
    const answer = await send('Customers 2026,,\n\n氏名,note\nx,y\n');
    expect([answer.status, answer.json().code, answer.json().headerLine]).toEqual([
      422,
      'HEADER_MISMATCH',
      3,
    ]);
    expect(answer.json().detail).toContain('skipLines=2');
    expect((await send('Customers 2026,,\n\n氏名,note\nx,y\n', { skipLines: '2' })).status).toBe(202);
  });

  it('but records: the answer says how to send them', async () => {
    const answer = await send('Taro,41,taro@example.jp,x\nJiro,42,jiro@example.jp,y\n');
    expect([answer.status, answer.json().code, answer.json().headerLine]).toEqual([
      422,
      'HEADER_MISMATCH',
      null,
    ]);
    expect(answer.json().detail).toContain('header=false');
  });

  it('with a name that is nearly one of the dataset is a header: it is not told to be none', async () => {
    const { code, detail, errors } = (await send('nom,agee,emial,notez\nx,1,a@x.y,y\n')).json();
    expect([code, detail]).toEqual(['HEADER_MISMATCH', expect.not.stringContaining('header=false')]);
    expect(errors).toContainEqual(expect.objectContaining({ suggestion: 'email' }));
  });

  it('may be left out above one record, whose line does not end', async () => {
    const answer = await send('Taro,41,taro@example.jp,x', { header: 'false' });
    expect([answer.status, answer.json().dialect]).toMatchObject([202, { lineEnd: null }]);
  });

  it('with invisible signs fits', async () => {
    expect((await send('氏\u200b名,\u2060n\u00adote\u200e\nx,y\n')).status).toBe(202);
  });

  it('with a delimiter lost before a quoted name is refused as that', async () => {
    const answer = await send('name,age"note, more",email\nx,1,y,z\n');
    expect([answer.status, answer.json().code, answer.json().column]).toEqual([
      422,
      'FILE_HEADER_QUOTE',
      { index: 2, name: '' },
    ]);
  });
});

describe('Ctrl-Z at the end', () => {
  it('is no record and no part of a cell', async () => {
    for (const end of ['\r\n\x1a', '\x1a', '\r\n\x1a\x1a']) {
      const answer = await send(`name,note\r\nx,y${end}`);
      expect([answer.status, answer.json().progress]).toEqual([
        202,
        expect.objectContaining({ bytesTotal: end.startsWith('\r\n') ? 5 : 3 }),
      ]);
    }
    for (const [file, code] of [
      ['name,note\r\n\x1a', 'FILE_HEADER_ONLY'],
      ['\x1a', 'FILE_EMPTY'],
    ] as const)
      expect((await send(file)).json().code).toBe(code);
  });
});
