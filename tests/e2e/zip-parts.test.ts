// A ZIP archive with several parts of one table: one import, whose errors name the file and its line.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { zip } from '../support/zip.ts';

const PARTS: Dataset = {
  name: 'parts',
  schema: {
    fields: [
      { name: 'key', type: 'integer' },
      { name: 'text', type: 'string' },
    ],
  },
  target: { table: 'parts' },
};
const ARCHIVE = zip([
  { name: 'export/part10.csv', content: 'key,text\n5,"two\nlines"\nx,y\n"7","z\n\n"\ny,\n' },
  { name: 'export/part2.csv', content: 'KEY,text\n2,b\nbad,c\n3,d' },
  { name: 'export/part1.csv', content: 'key,text\n1,a' },
  { name: 'export/README', content: 'no table' },
]);
type Json = Record<string, unknown>;

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice({ datasets: [PARTS] });
  await sluice.startWorker();
});
afterAll(() => sluice.stop());

const rows = async (): Promise<unknown[]> =>
  (await sluice.database.pool.query('SELECT key::int, text FROM parts ORDER BY key')).rows.map(Object.values);

it('is asked about, imported from the kept upload, and told by file and line', async () => {
  const asked = await sluice.send('parts', ARCHIVE);
  const question = (await asked.json()) as Json;
  expect([asked.status, question]).toEqual([422, expect.objectContaining({ code: 'FILE_ZIP' })]);
  expect((question['answers'] as Json[]).at(-1)).toEqual({
    send: { entry: 'all' },
    means: 'all 3 files as one table, in the order of their names',
  });
  const answer = await sluice.fetch('/v1/imports', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dataset: 'parts', uploadId: question['uploadId'], entry: 'all' }),
  });
  const imp = (await answer.json()) as Json;
  expect([answer.status, imp]).toEqual([202, expect.objectContaining({ entryName: null })]);
  expect(imp['dialect']).toMatchObject({
    entries: ['export/part1.csv', 'export/part2.csv', 'export/part10.csv'],
  });
  const id = String(imp['id']);
  expect(await sluice.ended(id)).toMatchObject({ result: { loaded: 5, rejected: 3 } });
  expect(await rows()).toEqual([
    [1, 'a'],
    [2, 'b'],
    [3, 'd'],
    [5, 'two\nlines'],
    [7, 'z\n\n'],
  ]);

  const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: Json[] };
  expect(data.map(({ row, entry, line }) => [row, entry, line])).toEqual([
    [3, 'export/part2.csv', 3],
    [6, 'export/part10.csv', 4],
    [8, 'export/part10.csv', 8],
  ]);
  const seen = (await (await sluice.fetch(`/v1/imports/${id}`)).json()) as Json;
  expect(seen['firstError']).toMatchObject({ entry: 'export/part2.csv', line: 3 });
  const rejects = await (await sluice.fetch(`/v1/imports/${id}/rejects.csv`)).text();
  expect(rejects).toContain('6,"export/part10.csv line 4: Column ""key""');

  const retry = await sluice.fetch(`/v1/imports/${id}/retries`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: rejects
      .replace(',bad,c', ',11,c')
      .replace(',x,y', ',12,y')
      .replace(/,y,\r\n$/, ',13,\r\n'),
  });
  expect(retry.status).toBe(202);
  expect(await sluice.ended(((await retry.json()) as { id: string }).id)).toMatchObject({
    result: { loaded: 3, rejected: 0 },
  });
});

it('sent again is a duplicate, can be rerun after an undo, and forgets the names when it is erased', async () => {
  const twice = await sluice.send('parts', ARCHIVE, '&entry=all&ifDuplicate=refuse');
  expect([twice.status, ((await twice.json()) as Json)['code']]).toEqual([409, 'UPLOAD_DUPLICATE']);
  await sluice.database.pool.query('TRUNCATE parts');
  const sent = await sluice.send('parts', ARCHIVE, '&entry=all&ifDuplicate=allow&onError=abort');
  const { id } = (await sent.json()) as { id: string };
  expect(await sluice.ended(id)).toMatchObject({ status: 'failed' });
  const unprocessed = await (await sluice.fetch(`/v1/imports/${id}/unprocessed.csv`)).text();
  expect(unprocessed.replace('\ufeff', '')).toBe(
    '_row,_errors,key,text\r\n1,,1,a\r\n2,,2,b\r\n4,,3,d\r\n5,,5,"two\nlines"\r\n7,,7,"z\n\n"\r\n',
  );
  const again = await sluice.fetch(`/v1/imports/${id}/rerun`, { method: 'POST' });
  const rerun = (await again.json()) as Json;
  expect([again.status, rerun['dialect']]).toEqual([
    202,
    expect.objectContaining({ entries: expect.arrayContaining(['export/part2.csv']) }),
  ]);
  await sluice.ended(String(rerun['id']));
  const gone = await sluice.fetch(`/v1/imports/${id}`, { method: 'DELETE' });
  expect(gone.status).toBe(200);
  const { rows: left } = await sluice.database.pool.query(
    'SELECT dialect FROM sluice.imports WHERE id = $1',
    [id],
  );
  expect(JSON.stringify(left)).not.toContain('part2');
});

it('a total without a word at the end of a part is rejected, one that is a value is not', async () => {
  await sluice.database.pool.query('TRUNCATE parts');
  const archive = zip([
    { name: 'a.csv', content: 'key,text\n1,a\n2,"b\nc"\n9,d\n12,\n\n' },
    { name: 'b.csv', content: '\ufeffkey,text\r\n4,é\r\n5,d\r\n8,\r\n' },
    { name: 'c.csv', content: 'key,text\n6,f\n7,g\n13,' },
  ]);
  const { id } = (await (await sluice.send('parts', archive, '&entry=all')).json()) as { id: string };
  expect(await sluice.ended(id)).toMatchObject({ result: { loaded: 8, rejected: 2 } });
  const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: Json[] };
  expect(data).toMatchObject([
    { code: 'table-error', entry: 'a.csv', line: 6, value: '12', column: { name: 'key' } },
    { code: 'table-error', entry: 'c.csv', line: 4, value: '13' },
  ]);
  expect(await rows()).toContainEqual([8, null]);
});

it('of other headers is refused with how they differ', async () => {
  const answer = await sluice.send(
    'parts',
    zip([
      { name: 'a.csv', content: 'key,text\n1,a\n' },
      { name: 'b.csv', content: 'key,memo\n1,a\n' },
    ]),
    '&entry=all',
  );
  const problem = (await answer.json()) as Json;
  expect([answer.status, problem]).toEqual([
    422,
    expect.objectContaining({ code: 'FILE_ZIP', differences: ['"b.csv" has "memo" and lacks "text"'] }),
  ]);
});

it('a broken record of several lines is told by the lines of its own file', async () => {
  const archive = zip([
    { name: 'a.csv', content: 'key,text\n1,a\n2,b\n' },
    { name: 'b.csv', content: 'key,text\n3,c\n4,"d" e\nf"\n5,g\n' },
  ]);
  const { id } = (await (await sluice.send('parts', archive, '&entry=all')).json()) as { id: string };
  expect(await sluice.ended(id)).toMatchObject({ result: { loaded: 4, rejected: 1 } });
  const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: Json[] };
  expect(data).toMatchObject([
    {
      row: 4,
      entry: 'b.csv',
      line: 3,
      lineEnd: 4,
      message: expect.stringContaining('Lines 3 to 4 (2 lines)'),
    },
  ]);
});

it('a quote left open at the end of a file takes nothing of the next one', async () => {
  await sluice.database.pool.query('TRUNCATE parts');
  const archive = zip([
    { name: 'a.csv', content: 'key,text\n1,a\n2,"open\n' },
    { name: 'b.csv', content: 'key,text\n3,"\n4,d\n' },
  ]);
  const answer = await sluice.send('parts', archive, '&entry=all');
  const { id } = (await answer.json()) as { id: string };
  expect(await sluice.ended(id)).toMatchObject({ result: { loaded: 2, rejected: 1 } });
  expect(await rows()).toEqual([
    [1, 'a'],
    [4, 'd'],
  ]);
  const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: Json[] };
  expect(data).toMatchObject([
    { entry: 'a.csv', line: 3, code: 'quote-error', message: expect.stringContaining('"b.csv"') },
  ]);
});

/** Rows, and errors as entry, line, code and message. */
async function landed(archive: Buffer, options: string): Promise<{ rows: unknown[]; errors: unknown[][] }> {
  await sluice.database.pool.query('TRUNCATE parts');
  const answer = await sluice.send('parts', archive, `&entry=all&ifDuplicate=allow${options}`);
  const { id } = (await answer.json()) as { id: string };
  await sluice.ended(id);
  const { data } = (await (await sluice.fetch(`/v1/imports/${id}/errors`)).json()) as { data: Json[] };
  const errors = data.map(({ entry, line, code, message }) => [entry, line, code, message]);
  return { rows: await rows(), errors };
}

const wide = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

it('files of UTF-16 land as one table, each without its footer, and what is no text is told by file, line and byte', async () => {
  const lone = wide('key,text\r\n4,d\r\n5,?e\r\nGesamt,2\r\n');
  const byte = lone.indexOf('?');
  lone.writeUInt16LE(0xd800, byte);
  const archive = zip([
    { name: 'a.csv', content: wide('key,text\r\n1,"東\r\n京"\r\nx,b\r\nGesamt,2') },
    { name: 'b.csv', content: wide('Key,Text\r\n\r\n2,Łódź 😀\r\nGesamt,1\r\n\r\n').swap16() },
    { name: 'c.csv', content: lone },
  ]);
  const { rows: found, errors } = await landed(archive, '&skipFooter=1');
  expect(found).toEqual([
    [1, '東\r\n京'],
    [2, 'Łódź 😀'],
    [4, 'd'],
  ]);
  expect(errors).toEqual([
    ['a.csv', 4, 'type-error', expect.any(String)],
    ['c.csv', 3, 'encoding-error', expect.stringContaining(`byte ${byte} of the file`)],
  ]);
});

it('a total at the end of each file is rejected by name, and is a record where the sender says so', async () => {
  const archive = zip([
    { name: 'a.csv', content: 'key,text\n1,a\nTotal,1\n\n' },
    { name: 'b.csv', content: 'key,text\n2,b\nTotal,1' },
  ]);
  const undeclared = await landed(archive, '');
  expect(undeclared.rows).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
  expect(undeclared.errors).toEqual([
    ['a.csv', 3, 'table-error', expect.stringContaining('skipFooter')],
    ['b.csv', 3, 'table-error', expect.stringContaining('skipFooter')],
  ]);
  const asRecords = await landed(archive, '&skipFooter=0');
  expect(asRecords.errors.map(([, , code]) => code)).toEqual(['type-error', 'type-error']);
});

it('what refuses the file as a whole is told by the file in the archive, and its own line and byte', async () => {
  const bad = Buffer.from('key,text\n3,c\n4,M?ller\n');
  bad[bad.indexOf('?')] = 0xfc;
  const archive = zip([
    { name: 'a.csv', content: 'key,text\n1,a\n2,Köln\n' },
    { name: 'b.csv', content: bad },
  ]);
  const problem = (await (await sluice.send('parts', archive, '&entry=all')).json()) as Json;
  expect(problem).toMatchObject({
    code: 'FILE_ENCODING',
    entry: 'b.csv',
    line: 3,
    byteOffset: bad.indexOf(0xfc),
    detail: expect.stringMatching(/^Line 3 \(byte 16\) of "b.csv" is not UTF-8/),
  });
});
