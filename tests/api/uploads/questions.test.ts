// A file that raises a question is sent once: it is kept, and the answer goes on with it.
import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bearer, type TestApi } from '../../support/api.ts';
import {
  addDataset,
  form,
  FORM,
  kept,
  listeningApi,
  PEOPLE,
  portOf,
  upload,
  type Answer,
} from '../../support/uploads.ts';
import { zip } from '../../support/zip.ts';

const DAYS = {
  ...PEOPLE,
  name: 'days',
  schema: {
    fields: [
      { name: 'day', type: 'date' as const, format: 'any' },
      { name: 'price', type: 'number' as const },
      { name: 'note', type: 'string' as const },
    ],
  },
  target: { table: 'days' },
};
const OPEN = 'day,note\n01/02/2024,x\n';

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({ env: { SLUICE_KEPT_UPLOADS: '3', SLUICE_KEPT_UPLOAD_BYTES: '1000000' } });
  await addDataset(api.database.pool, DAYS);
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.pool.query('TRUNCATE sluice.uploads');
});

const ask = (body: string | Buffer, query = '?dataset=days', key?: string): Promise<Answer> =>
  upload(api, { query, body, ...(key === undefined ? {} : { key }) });

/** Sends options as JSON, for a kept upload. */
async function answer(payload: object, path = '/v1/imports', key = api.adminKey, headers: object = {}) {
  const body = JSON.stringify(payload);
  const json = { 'content-type': 'application/json', ...headers };
  return upload(api, { path, headers: json, body, key });
}

async function keptId(body: string | Buffer = OPEN, query?: string, key?: string): Promise<string> {
  return (await ask(body, query, key)).json()['uploadId'] as string;
}

describe('a question', () => {
  const cases: [string, string | Buffer, string, object, object][] = [
    ['dates', OPEN, 'DATE_ORDER_AMBIGUOUS', { dateOrder: 'dmy' }, { encoding: 'utf-8' }],
    [
      'numbers',
      'price,note\n"1.234,5",x\n1.234,y\n',
      'NUMBER_NOTATION_AMBIGUOUS',
      { decimalChar: ',', groupChar: '.' },
      {},
    ],
    [
      'the encoding',
      Buffer.concat([Buffer.from('day,note\n2024-01-31,'), Buffer.from([0x8e, 0x52, 0x93, 0x63, 0x0a])]),
      'FILE_ENCODING',
      { encoding: 'shift_jis' },
      { encoding: 'shift_jis' },
    ],
    [
      'the header',
      'Day,Remark\n2024-01-31,x\n',
      'HEADER_MISMATCH',
      { unknownColumns: 'ignore' },
      { ignoredColumns: ['Remark'] },
    ],
    [
      'the dialect',
      "day,note\n2024-01-31,'x'\n2024-01-31,'y'\n",
      'FILE_DIALECT',
      { quote: "'" },
      { dialect: { quote: "'" } },
    ],
    [
      'the text of a database',
      'day\tnote\n2024-01-31\t\\N\n2024-01-31\ta\n',
      'FILE_DIALECT',
      { dialect: 'postgres-text', delimiter: 'tab' },
      { dialect: { databaseText: 'postgres-text' } },
    ],
    [
      'the file of an archive',
      zip([
        { name: 'new/days.csv', content: 'day,note\n2024-01-31,new\n' },
        { name: 'old.csv', content: 'day,note\n2024-01-31,old\n' },
      ]),
      'FILE_ZIP',
      { entry: 'new/days.csv' },
      { entryName: 'new/days.csv' },
    ],
    [
      'blanks behind delimiters',
      'day, note\n2024-01-31, a\n2024-02-28, b\n2024-03-31, c\n2024-04-30, d\n',
      'FILE_DIALECT',
      { skipInitialSpace: true },
      { dialect: { skipInitialSpace: true } },
    ],
  ];

  it.each(cases)('about %s is answered without the file', async (_name, body, code, send, imp) => {
    const asked = await ask(body);
    expect(asked.json()).toMatchObject({
      status: 422,
      code,
      uploadId: expect.any(String),
      answers: expect.arrayContaining([{ send, means: expect.any(String) }]),
      detail: expect.stringContaining('do not send it again'),
    });
    const until = new Date(asked.json()['uploadExpiresAt'] as string).getTime() - Date.now();
    expect(until / 3_600_000).toBeCloseTo(24, 0);
    const taken = await answer({ uploadId: asked.json()['uploadId'], ...send });
    expect(taken.json()).toMatchObject({ ...imp, dataset: 'days', bytes: Buffer.byteLength(body) });
    expect(taken.status).toBe(202);
  });

  it.each([
    ['gzip', gzipSync(OPEN)],
    ['a BOM', `\ufeff${OPEN}`],
  ])('of a file with %s, whose import has the bytes and the hash that were sent', async (_name, body) => {
    const uploadId = await keptId(body);
    const taken = await answer({ uploadId, dateOrder: 'mdy' });
    const sent = await ask(body, '?dataset=days&dateOrder=mdy');
    const { sha256, bytes } = sent.json();
    expect(taken.json()).toMatchObject({ sha256, bytes });
    expect(sent.json()['duplicateOf']).toBe(taken.json()['id']);
  });

  it('is asked of a form too, and answered by fields of a form or in the query', async () => {
    const body = form([
      { name: 'dataset', content: 'days' },
      { name: 'file', fileName: 'a.csv', content: OPEN },
    ]);
    const asked = await upload(api, { headers: FORM, body });
    const uploadId = asked.json()['uploadId'] as string;
    const byForm = await upload(api, {
      headers: FORM,
      body: form([
        { name: 'uploadId', content: uploadId },
        { name: 'dateOrder', content: 'dmy' },
      ]),
    });
    expect(byForm.json()).toMatchObject({ dataset: 'days', fileName: 'a.csv' });
    const byQuery = await fetch(
      `http://127.0.0.1:${portOf(api)}/v1/imports?uploadId=${uploadId}&dateOrder=dmy`,
      { method: 'POST', headers: bearer(api.adminKey) },
    );
    expect(byQuery.status).toBe(202);
    expect(await byQuery.json()).toMatchObject({ fileName: 'a.csv', duplicateOf: byForm.json()['id'] });
  });

  it('may lead to another, about the same upload', async () => {
    const uploadId = await keptId('Tag,note\n01/02/2024,x\n');
    const mapping = { Tag: 'day' };
    const next = await answer({ uploadId, mapping });
    expect(next.json()).toMatchObject({ status: 422, code: 'DATE_ORDER_AMBIGUOUS', uploadId });
    expect((await answer({ uploadId, mapping, dateOrder: 'dmy' })).status).toBe(202);
  });

  it('is answered alone: what was answered before holds', async () => {
    const text = Buffer.from('Tag;price;note\n01/02/2024;1.234,5;M?ller\n03/04/2024;1.234;x\n');
    text[text.indexOf('?')] = 0xfc;
    const first = await ask(text, '?dataset=days&dryRun=true');
    const { uploadId } = first.json();
    const said = { dataset: 'days', dryRun: 'true' };
    expect(first.json()).toMatchObject({ code: 'FILE_ENCODING', uploadOptions: said });
    const second = await answer({ uploadId, encoding: 'windows-1252', dryRun: false });
    expect(second.json()).toMatchObject({
      code: 'HEADER_MISMATCH',
      uploadId,
      uploadOptions: { ...said, encoding: 'windows-1252', dryRun: 'false' },
    });
    const third = await answer({ mapping: { Tag: 'day' } }, `/v1/uploads/${String(uploadId)}/imports`);
    expect(third.json()).toMatchObject({ code: 'NUMBER_NOTATION_AMBIGUOUS', uploadId });
    // One that is no answer is refused, and changes nothing.
    expect((await answer({ uploadId, dateOrder: 'ddd' })).status).toBe(400);
    const fourth = await answer({ uploadId, decimalChar: ',', groupChar: '.' });
    expect(fourth.json()).toMatchObject({ code: 'DATE_ORDER_AMBIGUOUS', uploadId });
    const changed = await answer({ uploadId, dateOrder: 'dmy', decimalChar: null, groupChar: null });
    expect(changed.json()).toMatchObject({
      code: 'NUMBER_NOTATION_AMBIGUOUS',
      uploadOptions: expect.not.objectContaining({ decimalChar: ',' }),
    });
    const taken = await answer({ uploadId, decimalChar: ',', groupChar: '.' });
    expect([taken.status, taken.json()]).toEqual([
      202,
      expect.objectContaining({ dataset: 'days', encoding: 'windows-1252', dryRun: false }),
    ]);
    expect(taken.json()['columns']).toMatchObject([
      { header: 'Tag', field: 'day', dateOrder: 'dmy' },
      { header: 'price', decimalChar: ',', groupChar: '.' },
      { header: 'note' },
    ]);
  });

  it('is asked with the id of the same upload when the same file is sent again', async () => {
    const first = await keptId();
    expect(await keptId()).toBe(first);
    expect(await keptId(OPEN, '?dataset=days&mode=replace')).not.toBe(first);
    expect((await kept(api)).filter((what) => what.startsWith('upload '))).toHaveLength(2);
  });

  it('takes back an option that the file was sent with', async () => {
    const uploadId = await keptId(OPEN, '?dataset=days&skipLines=0&delimiter=;&unknownColumns=ignore');
    expect((await answer({ uploadId, dateOrder: 'dmy' })).json()).toMatchObject({ code: 'HEADER_MISMATCH' });
    const taken = await answer({ uploadId, dateOrder: 'dmy', delimiter: null });
    expect(taken.json()).toMatchObject({ dialect: { delimiter: ',' } });
  });

  it('of mended rejects is answered at the import they are of, and nowhere else', async () => {
    const { rows } = await api.database.pool.query<{ id: string }>('SELECT id FROM sluice.imports LIMIT 1');
    const [parent] = rows;
    await api.database.pool.query(`UPDATE sluice.tasks SET status = 'succeeded' WHERE id = $1`, [parent!.id]);
    await api.database.pool.query(
      `INSERT INTO sluice.import_chunks (import_id, chunk_no, start_byte, end_byte, first_row, first_line, records, broken, rejected)
       VALUES ($1, 0, 0, 1, 1, 2, 1, '[]', 1)`,
      [parent!.id],
    );
    const path = `/v1/imports/${parent!.id}/retries`;
    const asked = await upload(api, { path, body: '_row,day,note,what\n1,2024-01-31,x,y\n' });
    const uploadId = asked.json()['uploadId'] as string;
    const send = { uploadId, unknownColumns: 'ignore' };
    expect((await answer(send)).json()).toMatchObject({ status: 409, importId: parent!.id });
    expect((await answer(send, path)).json()).toMatchObject({ parentId: parent!.id });
    const direct = await answer({ unknownColumns: 'ignore' }, `/v1/uploads/${uploadId}/imports`);
    expect(direct.json()).toMatchObject({ parentId: parent!.id });
  });
});

describe('nothing is kept', () => {
  it.each([
    ['a file that is full of NULs', `day,note\n${'2024-01-31,\0\0\n'.repeat(50)}`, 422],
    ['a file without records', 'day,note\n', 422],
    ['an unknown dataset', OPEN, 404, '?dataset=none'],
    ['a file that fits', 'day,note\n2024-01-31,x\n', 202],
  ])('of %s', async (_name, body, status, query = '?dataset=days') => {
    const before = (await kept(api)).filter((what) => !/upload\.csv|imports|task|import /.test(what));
    expect((await ask(body, query)).status).toBe(status);
    const after = (await kept(api)).filter((what) => !/upload\.csv|imports|task|import /.test(what));
    expect(after).toEqual(before);
  });

  it('of a form with a question whose second file comes to light', async () => {
    const body = form([
      { name: 'dataset', content: 'days' },
      { name: 'file', fileName: 'a.csv', content: 'other\nx\n' },
      { name: 'file', fileName: 'b.csv', content: 'x' },
    ]);
    const answered = await upload(api, { headers: FORM, body });
    expect(answered.json()).toMatchObject({ code: 'UPLOAD_TWO_FILES' });
    expect((await kept(api)).filter((what) => what.startsWith('upload '))).toEqual([]);
  });

  it('beyond what a user may keep, by number or bytes; the question is asked all the same', async () => {
    const key = await api.keyOf('operator');
    for (const note of ['a', 'b', 'c'])
      expect(await keptId(`${OPEN}01/02/2024,${note}\n`, undefined, key)).toBeDefined();
    const fourth = await ask(`${OPEN}01/02/2024,d\n`, undefined, key);
    expect(fourth.json()).toMatchObject({
      code: 'DATE_ORDER_AMBIGUOUS',
      notKept: expect.stringContaining('SLUICE_KEPT_UPLOADS'),
      answers: expect.any(Array),
    });
    expect(fourth.json()).not.toHaveProperty('uploadId');
    // Of somebody else there is none yet.
    const large = await ask(OPEN + '01/02/2024,y\n'.repeat(100_000));
    expect(large.json()).toMatchObject({ notKept: expect.stringContaining('SLUICE_KEPT_UPLOAD_BYTES') });
    expect(await keptId()).toBeDefined();
  });
});

describe('a kept upload', () => {
  it('is imported as often as wanted, and its imports are copies that stay when it is deleted', async () => {
    const uploadId = await keptId(`${OPEN}01/02/2024,often\n`);
    const dry = await answer({ uploadId, dateOrder: 'dmy', dryRun: true });
    expect(dry.json()).toMatchObject({ dryRun: true });
    const real = await answer({ uploadId, dateOrder: 'dmy' });
    expect(real.json()).toMatchObject({ dryRun: false, duplicateOf: null });
    expect((await api.call({ method: 'DELETE', url: `/v1/uploads/${uploadId}` })).statusCode).toBe(204);
    const { id } = real.json() as { id: string };
    expect(await kept(api)).toContain(`imports/${id}/upload.csv`);
    expect((await kept(api)).filter((what) => what.includes(uploadId))).toEqual([]);
    expect((await answer({ uploadId, dateOrder: 'dmy' })).json()).toMatchObject({
      status: 404,
      code: 'UPLOAD_NOT_FOUND',
    });
  });

  it('is imported by its own path too, where a program has the types of all options', async () => {
    const uploadId = await keptId(`${OPEN}01/02/2024,path\n`);
    const path = `/v1/uploads/${uploadId}/imports`;
    expect((await answer({ uploadId, dateOrder: 'dmy' }, path)).json()).toMatchObject({ option: 'uploadId' });
    const headers = { 'idempotency-key': randomUUID() };
    const send = (): Promise<Answer> =>
      answer({ dateOrder: 'dmy', mode: 'insert' }, path, undefined, headers);
    const first = await send();
    expect(first.json()).toMatchObject({ dataset: 'days', bytes: Buffer.byteLength(OPEN) + 16 });
    await api.call({ method: 'DELETE', url: `/v1/uploads/${uploadId}` });
    expect((await send()).json()).toMatchObject({ id: first.json()['id'] });
    expect((await answer({ dateOrder: 'dmy' }, path)).status).toBe(404);
    expect((await answer({ dateOrder: 'dmy' }, '/v1/uploads/x/imports')).status).toBe(400);
  });

  it('has the answer of its first import for an Idempotency-Key, also when it is gone', async () => {
    const uploadId = await keptId();
    const headers = { 'idempotency-key': randomUUID() };
    const send = (payload: object) => answer(payload, undefined, undefined, headers);
    const first = await send({ uploadId, dateOrder: 'dmy' });
    await api.call({ method: 'DELETE', url: `/v1/uploads/${uploadId}` });
    const again = await send({ uploadId, dateOrder: 'dmy' });
    expect([again.headers['idempotent-replayed'], again.json()['id']]).toEqual(['true', first.json()['id']]);
    expect((await send({ uploadId, dateOrder: 'mdy' })).json()).toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  it('is there for its user and for admins, and not when its time is over', async () => {
    const [mine, other] = [await api.keyOf('operator'), await api.keyOf('operator')];
    const uploadId = await keptId(OPEN, undefined, mine);
    const ids = async (key: string) => {
      const page = await api.call({ method: 'GET', url: '/v1/uploads', headers: bearer(key) });
      return page.json<{ data: { id: string }[] }>().data.map(({ id }) => id);
    };
    expect([await ids(mine), await ids(other), await ids(api.adminKey)]).toEqual([
      [uploadId],
      [],
      [uploadId],
    ]);
    const send = { uploadId, dateOrder: 'dmy' };
    expect((await answer(send, '/v1/imports', other)).status).toBe(404);
    const refused = await api.call({
      method: 'DELETE',
      url: `/v1/uploads/${uploadId}`,
      headers: bearer(other),
    });
    expect(refused.statusCode).toBe(404);
    expect((await answer(send, '/v1/imports', mine)).status).toBe(202);
    await api.database.pool.query(`UPDATE sluice.uploads SET expires_at = now()`);
    expect(await ids(mine)).toEqual([]);
    expect((await answer(send, '/v1/imports', mine)).status).toBe(404);
  });

  it('is listed page by page, newest first', async () => {
    const ids = [await keptId(), await keptId(`${OPEN}\n`), await keptId(`${OPEN}\n\n`)];
    const first = await api.call({ method: 'GET', url: '/v1/uploads?limit=2' });
    const { data, nextCursor } = first.json<{ data: object[]; nextCursor: string }>();
    expect(data).toMatchObject([{ id: ids[2], options: { dataset: 'days' } }, { id: ids[1] }]);
    const second = await api.call({ method: 'GET', url: `/v1/uploads?limit=2&cursor=${nextCursor}` });
    expect(second.json()).toMatchObject({ data: [{ id: ids[0] }], nextCursor: null });
  });

  it.each([
    ['an id that is none', { uploadId: 'x' }, 400],
    ['no id', { dateOrder: 'dmy' }, 400],
    ['an unknown option', { uploadId: randomUUID(), order: 'dmy' }, 400],
    ['no such upload', { uploadId: randomUUID(), dataset: 'days' }, 404],
  ])('is not found by %s', async (_name, payload, status) => {
    expect((await answer(payload)).status).toBe(status);
  });

  it('and a file are not taken together', async () => {
    const answered = await ask(OPEN, `?dataset=days&uploadId=${randomUUID()}`);
    expect(answered.json()).toMatchObject({ status: 400, option: 'uploadId' });
  });
});
