// POST /v1/imports/{id}/retries: corrected rejects. The work is done by slots in this process.
import { randomUUID } from 'node:crypto';
import Papa from 'papaparse';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImportCounts } from '../../../src/core/imports/import-counts.ts';
import { moveTask } from '../../../src/db/tasks/tasks.ts';
import { settleCancel } from '../../../src/tasks/import/cancel-import.ts';
import { loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import { undoImport } from '../../../src/tasks/undo/undo-import.ts';
import type { TestApi } from '../../support/api.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { addDataset, listeningApi, PEOPLE, upload, type Answer } from '../../support/uploads.ts';

const CHUNK_BYTES = 200;

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi();
  await addDataset(api.database.pool, {
    name: 'keyed',
    schema: {
      fields: [
        { name: 'code', type: 'string', constraints: { required: true } },
        { name: 'size', type: 'integer' },
      ],
      primaryKey: ['code'],
    },
    target: { table: 'keyed' },
  });
  slot = await openSlot(api.database.url, api.deps.config.storageDir, { chunkBytes: CHUNK_BYTES });
});
afterAll(async () => {
  await slot.close();
  await api.close();
});
beforeEach(() =>
  api.database.pool.query(
    'TRUNCATE public.people, public.keyed; DELETE FROM sluice.tasks; DELETE FROM sluice.import_row_errors',
  ),
);

interface ImportJson {
  id: string;
  status: string;
  dataset: string;
  mode: string;
  counts: ImportCounts;
  parentId: string | null;
  retries: string[];
  duplicateOf: string | null;
}

const RECORDS = 40;
/** Records 3, 6, 9, … are bad. */
const text = `name,age,email,note\n${Array.from({ length: RECORDS }, (_, at) => `n${at + 1},${(at + 1) % 3 === 0 ? 'x' : at + 1},e${at + 1}@x,"=note, ${at + 1}"\n`).join('')}`;
const bad = Array.from({ length: 13 }, (_, at) => (at + 1) * 3);

async function landed(content = text, options = {}): Promise<string> {
  const id = await addImport(slot, PEOPLE, content, options);
  await runImport(slot, id);
  return id;
}

const importJson = async (id: string): Promise<ImportJson> =>
  (await api.call({ url: `/v1/imports/${id}` })).json();
const download = async (id: string, name: string): Promise<string> =>
  (await api.call({ url: `/v1/imports/${id}/${name}` })).body;

function cells(csv: string): string[][] {
  return Papa.parse<string[]>(csv.replace(/^\ufeff/, ''), { skipEmptyLines: true, delimiter: ',' }).data;
}
const rowsOf = async (id: string, name: string): Promise<number[]> =>
  cells(await download(id, name))
    .slice(1)
    .map(([row]) => Number(row));

const errorsOf = async (id: string) =>
  (await api.call({ url: `/v1/imports/${id}/errors?limit=200` })).json<{
    data: { row: number; line: number; code: string; message: string; column: unknown }[];
  }>().data;

/** The reject file with its ages mended, records changed by `edit`. */
async function mended(
  id: string,
  edit: (records: string[][]) => string[][] = (records) => records,
): Promise<string> {
  const [head, ...records] = cells(await download(id, 'rejects.csv'));
  const ageAt = head!.indexOf('age');
  const fixed = records.map((record) =>
    record.with(ageAt, record[ageAt] === 'x' ? record[0]! : record[ageAt]!),
  );
  return `\ufeff${Papa.unparse([head!, ...edit(fixed)])}\r\n`;
}

const post = (
  id: string,
  body: string,
  more: { query?: string; headers?: Record<string, string> } = {},
): Promise<Answer> =>
  upload(api, { path: `/v1/imports/${id}/retries${more.query ?? ''}`, body, headers: more.headers ?? {} });

async function retry(id: string, body: string, query = ''): Promise<ImportJson> {
  const answer = await post(id, body, { query });
  expect([answer.status, answer.json()]).toEqual([202, expect.anything()]);
  return answer.json() as unknown as ImportJson;
}

async function retried(id: string, body: string, query = ''): Promise<string> {
  const child = await retry(id, body, query);
  await runImport(slot, child.id);
  return child.id;
}

/** name, note and place in the file of every row. */
const people = async () =>
  (
    await api.database.pool.query<{ name: string; note: string; row: number; import_id: string }>(
      'SELECT name, note, import_row::int AS row, import_id FROM public.people ORDER BY import_row',
    )
  ).rows;

async function expectAllLanded(): Promise<void> {
  expect((await people()).map(({ name, note, row }) => [name, note, row])).toEqual(
    Array.from({ length: RECORDS }, (_, at) => [`n${at + 1}`, `=note, ${at + 1}`, at + 1]),
  );
}

describe('corrected rejects', () => {
  it('land under their original numbers, as an import of its own', async () => {
    const id = await landed();
    const child = await retry(id, await mended(id));
    expect(child).toMatchObject({ status: 'queued', dataset: 'people', parentId: id, retries: [] });
    expect(await importJson(id)).toMatchObject({ parentId: null, retries: [child.id] });
    await runImport(slot, child.id);
    await expectAllLanded();
    expect(await importJson(child.id)).toMatchObject({
      status: 'succeeded',
      counts: { records: 13, inserted: 13, rejected: 0, unprocessed: 0 },
    });
    expect(await rowsOf(child.id, 'accepted.csv')).toEqual(bad);
    expect((await people()).filter((row) => row.import_id === child.id).map(({ row }) => row)).toEqual(bad);
  });

  it('can be tried first: a dry run tells what Postgres would refuse, and leaves the records free', async () => {
    const id = await landed();
    const taken = (records: string[][]) =>
      records.map((record, at) => (at === 0 ? record.with(4, 'e1@x') : record));
    const body = await mended(id, taken);
    const dry = await retried(id, body, '?dryRun=true');
    expect(await importJson(dry)).toMatchObject({
      status: 'succeeded',
      dryRun: true,
      counts: { records: 13, inserted: 12, rejected: 1 },
    });
    const child = await retried(id, body);
    expect(await importJson(child)).toMatchObject({
      status: 'succeeded',
      counts: { records: 13, inserted: 12, rejected: 1 },
    });
  });

  it('may come without _errors, without some records, in another order', async () => {
    const id = await landed();
    const file = cells(await mended(id, (records) => records.toReversed().filter(([row]) => row !== '9')));
    const child = await retried(id, `${Papa.unparse(file.map(([row, _errors, ...own]) => [...own, row]))}\n`);
    expect(await importJson(child)).toMatchObject({ counts: { inserted: 12, rejected: 0 } });
    expect(await rowsOf(child, 'accepted.csv')).toEqual(bad.filter((row) => row !== 9));
    expect((await people()).find(({ row }) => row === 12)?.note).toBe('=note, 12');
  });

  it('that are still wrong are rejected by their original numbers and the lines of the file sent', async () => {
    const id = await landed();
    const child = await retried(
      id,
      await mended(id, (records) =>
        records.map((record) =>
          record[0] === '9' ? record.with(3, 'y') : record[0] === '12' ? record.with(4, 'e1@x') : record,
        ),
      ),
    );
    expect(await errorsOf(child)).toMatchObject([
      { row: 9, line: 4, code: 'type-error' },
      { row: 12, line: 5, code: 'unique-error' },
    ]);
    expect(await rowsOf(child, 'rejects.csv')).toEqual([9, 12]);
    expect(await importJson(child)).toMatchObject({ counts: { records: 13, inserted: 11, rejected: 2 } });
    // A retry of the retry.
    const file = await mended(child, (records) =>
      records.map((record) => record.with(3, record[0]!).with(4, `e${record[0]}@x`)),
    );
    const grandchild = await retried(child, file);
    expect(await importJson(grandchild)).toMatchObject({
      parentId: child,
      counts: { inserted: 2, rejected: 0 },
    });
    await expectAllLanded();
    // What it has landed cannot be landed by another retry of the first.
    const late = await retried(id, await mended(id));
    expect(await importJson(late)).toMatchObject({ counts: { inserted: 0, rejected: 13 } });
    await expectAllLanded();
  });
});

describe('records that must not land', () => {
  it('are those that were not rejected, are there twice, say no number, or have landed', async () => {
    const id = await landed();
    await retried(id, await mended(id, (records) => records.filter(([row]) => row === '6')));
    const odd = ['4', '41', '3', '6', '', 'x', '-3', '3.0', '0', '99999999999999999999', ' 15 '];
    const child = await retried(
      id,
      await mended(id, ([first]) => [
        first!,
        ...odd.map((row, at) => first!.with(0, row).with(4, `o${at}@x`)),
      ]),
    );
    const errors = await errorsOf(child);
    const told = (row: number, line: number, says: string) => ({
      row,
      line,
      code: 'retry-error',
      column: { index: 1, name: '_row' },
      message: expect.stringContaining(says),
    });
    expect(errors).toMatchObject(
      [
        ...[7, 8, 9, 10, 11, 12].map((line) => told(0, line, 'must hold')),
        told(3, 5, 'more than once'),
        told(4, 3, 'not among the rejects'),
        told(6, 6, 'Another retry'),
        told(41, 4, 'not among the rejects'),
      ].toSorted((a, b) => a.row - b.row || a.line - b.line),
    );
    expect(await rowsOf(child, 'accepted.csv')).toEqual([3, 15]);
    expect(await importJson(child)).toMatchObject({ counts: { records: 12, inserted: 2, rejected: 10 } });
    const rejects = cells(await download(child, 'rejects.csv')).slice(1);
    expect(rejects.map(([row]) => row!.replace(/^'/, '')).toSorted()).toEqual(
      odd.filter((row) => row !== ' 15 ').toSorted(),
    );
    // None of them is a reject that could be retried.
    const again = await retried(child, await download(child, 'rejects.csv'));
    expect(await importJson(again)).toMatchObject({ counts: { inserted: 0, rejected: 10 } });
  });

  it('are told from each other across chunks', async () => {
    const id = await landed();
    const child = await retried(id, await mended(id, (records) => [...records, ...records, ...records]));
    const { counts } = await importJson(child);
    expect(counts).toMatchObject({ records: 39, inserted: 13, rejected: 26 });
    expect((await errorsOf(child)).every(({ code }) => code === 'retry-error')).toBe(true);
    await expectAllLanded();
  });

  it('with equal keys the one with the least number lands, whichever chunk is quicker, and the other may be retried', async () => {
    const id = await landed();
    // Columns: _row, _errors, name, age, email, note.
    const file = await mended(id, (records) =>
      records.map((record) => (record[0] === '36' ? record.with(4, 'e3@x') : record)).toReversed(),
    );
    const child = (await retry(id, file)).id;
    const plan = await planImport(slot, child);
    if (plan.kind !== 'chunks') throw new Error('one chunk is not enough');
    for (const chunkNo of plan.chunkNos) await loadChunk(slot, child, chunkNo);
    await runImport(slot, child);
    expect(await rowsOf(child, 'accepted.csv')).toEqual(bad.filter((row) => row !== 36));
    expect(await rowsOf(child, 'rejects.csv')).toEqual([36]);
    expect(await errorsOf(child)).toMatchObject([{ row: 36, code: 'unique-error', value: 'e3@x' }]);
    expect(await importJson(child)).toMatchObject({ counts: { records: 13, inserted: 12, rejected: 1 } });
    const again = await mended(child, (records) => records.map((record) => record.with(4, 'e36@x')));
    expect(await importJson(await retried(child, again))).toMatchObject({ counts: { inserted: 1 } });
  });

  it('with two retries of the same records at once: each lands once', async () => {
    const id = await landed();
    const file = await mended(id, (records) => records.map((record) => record.with(4, '')));
    const children = await Promise.all([1, 2, 3].map(async () => (await retry(id, file)).id));
    const slots = await Promise.all(
      children.map(() => openSlot(api.database.url, api.deps.config.storageDir, { chunkBytes: 100 })),
    );
    await Promise.all(children.map((child, at) => runImport(slots[at]!, child)));
    const jsons = await Promise.all(children.map(importJson));
    expect(jsons.map(({ status }) => status)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(jsons.reduce((sum, { counts }) => sum + counts.inserted, 0)).toBe(13);
    expect(jsons.every(({ counts }) => counts.inserted + counts.rejected === 13)).toBe(true);
    expect((await people()).map(({ row }) => row)).toEqual(
      Array.from({ length: RECORDS }, (_, at) => at + 1),
    );
    await Promise.all(slots.map((each) => each.close()));
  });

  it('are not made good by the loss of _errors when they could not be decoded', async () => {
    const bytes = Buffer.concat([Buffer.from('name,age\na'), Buffer.from([0xff]), Buffer.from(',1\nb,x\n')]);
    const id = await addImport(slot, PEOPLE, bytes, { encoding: 'utf-8' });
    await runImport(slot, id);
    const child = await retried(id, '_row,name,age\n1,a\ufffd,1\n2,b,2\n');
    expect(await errorsOf(child)).toMatchObject([{ row: 1, line: 2, code: 'encoding-error' }]);
    expect((await people()).map(({ row }) => row)).toEqual([2]);
  });
});

describe('rows that a retry has landed', () => {
  it('may be retried again when they were taken back', async () => {
    const id = await landed();
    const file = await mended(id);
    const child = await retried(id, file);
    await api.database.pool.query(`UPDATE public.people SET note = 'kept' WHERE import_row = 9`);
    const undo = await api.call({ method: 'POST', url: `/v1/imports/${child}/undo` });
    await undoImport(slot, undo.json<{ id: string }>().id);
    expect(await rowsOf(child, 'unprocessed.csv')).toEqual(bad.filter((row) => row !== 9));
    const again = await retried(id, file);
    expect(await importJson(again)).toMatchObject({ counts: { inserted: 12, rejected: 1 } });
    expect(await errorsOf(again)).toMatchObject([{ row: 9, code: 'retry-error' }]);
  });

  it('are not retried again when an undo no longer found their rows as its own', async () => {
    const id = await landed();
    const fixed = await mended(id);
    const { id: child } = await retry(id, fixed);
    await runImport(slot, child);
    await api.database.pool.query('UPDATE people SET import_id = NULL WHERE import_row = 6');
    const undo = await api.call({ method: 'POST', url: `/v1/imports/${child}/undo` });
    await undoImport(slot, undo.json<{ id: string }>().id);
    const { id: again } = await retry(id, fixed);
    await runImport(slot, again);
    expect(await errorsOf(again)).toMatchObject([{ row: 6, code: 'retry-error' }]);
    const { rows } = await api.database.pool.query(
      'SELECT count(*)::int AS rows FROM people WHERE import_row = 6',
    );
    expect(rows).toEqual([{ rows: 1 }]);
  });

  it('are the retry’s: what a cancel has left of it can be sent as a retry again', async () => {
    const id = await landed();
    const child = await retry(id, await mended(id));
    await planImport(slot, child.id);
    await loadChunk(slot, child.id, 1);
    await moveTask(slot.db, child.id, 'cancelling', { cancelOptions: { rows: 'keep' } });
    await settleCancel(api.database.db, child.id);
    const left = await download(child.id, 'unprocessed.csv');
    const { counts } = await importJson(child.id);
    expect(counts.inserted).toBeGreaterThan(0);
    expect(cells(left)).toHaveLength(1 + (counts.unprocessed ?? 0));
    const rest = await retried(id, left);
    expect(await importJson(rest)).toMatchObject({ counts: { inserted: counts.unprocessed, rejected: 0 } });
    await expectAllLanded();
  });
});

describe('a retry', () => {
  it('of an upsert updates and inserts; a failed one leaves its records free', async () => {
    await api.database.pool.query(
      `INSERT INTO public.keyed (id, code, size) VALUES ('${randomUUID()}', 'a', 1), ('${randomUUID()}', 'b', 2)`,
    );
    const dataset = (await api.call({ url: '/v1/datasets/keyed' })).json<typeof PEOPLE>();
    const id = await addImport(slot, { ...PEOPLE, ...dataset }, 'code,size\na,10\nb,x\nc,x\nd,x\n', {
      mode: 'upsert',
    });
    await runImport(slot, id);
    const fixed = '_row,code,size\n2,b,20\n3,c,30\n4,d,y\n';
    const failed = await retried(id, fixed, '?onError=abort');
    expect(await importJson(failed)).toMatchObject({
      status: 'failed',
      mode: 'upsert',
      counts: { loaded: 0 },
    });
    const child = await retried(id, fixed);
    expect(await importJson(child)).toMatchObject({
      status: 'succeeded',
      mode: 'upsert',
      counts: { inserted: 1, updated: 1, rejected: 1 },
    });
    expect(await rowsOf(child, 'accepted.csv')).toEqual([2, 3]);
    expect(await rowsOf(child, 'rejects.csv')).toEqual([4]);
    const late = await retried(id, fixed.replace('y', '40'));
    expect(await importJson(late)).toMatchObject({ counts: { inserted: 1, updated: 0, rejected: 2 } });
    expect((await api.database.pool.query('SELECT code, size FROM public.keyed ORDER BY code')).rows).toEqual(
      [
        { code: 'a', size: '10' },
        { code: 'b', size: '20' },
        { code: 'c', size: '30' },
        { code: 'd', size: '40' },
      ],
    );
  });

  it('of a replace adds to what it has put in the table', async () => {
    await landed('name\nold\n');
    const id = await landed('name,age\na,1\nb,x\n', { mode: 'replace' });
    const child = await retried(id, '_row,name,age\n2,b,2\n');
    expect(await importJson(child)).toMatchObject({ mode: 'insert', counts: { inserted: 1, deleted: 0 } });
    expect((await people()).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('all or nothing: rows that Postgres refuses at the end are told by their numbers, and free', async () => {
    const id = await landed();
    const file = await mended(id, (records) =>
      records.toReversed().map((record) => (record[0] === '9' ? record.with(4, 'e1@x') : record)),
    );
    const child = await retried(id, file, '?onError=abort&maxErrors=1');
    expect(await importJson(child)).toMatchObject({
      status: 'succeeded',
      counts: { inserted: 12, rejected: 1 },
    });
    expect(await errorsOf(child)).toMatchObject([{ row: 9, line: 12, code: 'unique-error' }]);
    const rest = await retried(id, await mended(id, (records) => records.filter(([row]) => row === '9')));
    expect(await importJson(rest)).toMatchObject({ counts: { inserted: 1, rejected: 0 } });
    await expectAllLanded();
  });

  it('needs the column _row', async () => {
    const id = await landed();
    for (const query of ['', '?header=false'])
      expect(await post(id, text, { query })).toMatchObject({ status: 422 });
    const answer = await post(id, text);
    expect(answer.json()).toMatchObject({ code: 'RETRY_NO_ROW', detail: expect.stringContaining('"_row"') });
    expect((await importJson(id)).retries).toEqual([]);
  });

  it('is a 409 while the import is under way or has no rejects, a 410 when they are gone, else 404 and 400', async () => {
    const running = await addImport(slot, PEOPLE, text);
    expect(await post(running, '_row,name\n1,a\n')).toMatchObject({ status: 409 });
    const clean = await landed('name\nclean\n');
    expect(await post(clean, '_row,name\n1,a\n')).toMatchObject({ status: 409 });
    const id = await landed('name,age\na,x\n');
    expect(await post(id, '_row,name\n1,a\n', { query: '?dataset=keyed' })).toMatchObject({ status: 400 });
    expect(await post(id, '_row,name\n1,a\n', { query: '?mode=upsert' })).toMatchObject({ status: 400 });
    await api.database.pool.query('UPDATE sluice.imports SET files_removed_at = now() WHERE id = $1', [id]);
    expect(await post(id, '_row,name\n1,a\n')).toMatchObject({ status: 410 });
    expect(await post(randomUUID(), '_row,name\n1,a\n')).toMatchObject({ status: 404 });
    expect(await post('x', '_row,name\n1,a\n')).toMatchObject({ status: 400 });
  });

  it('is safe to send again with an Idempotency-Key, which is its own', async () => {
    const id = await landed();
    const other = await landed('name,age\na,x\n');
    const headers = { 'idempotency-key': randomUUID() };
    const file = await mended(id);
    const [first, second] = [await post(id, file, { headers }), await post(id, file, { headers })];
    expect(second.json()['id']).toBe(first.json()['id']);
    expect(await post(other, file, { headers })).toMatchObject({ status: 422 });
  });
});
