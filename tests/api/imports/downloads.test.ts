// unprocessed.csv and accepted.csv. The work is done by a slot in this process.
import Papa from 'papaparse';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImportCounts } from '../../../src/core/imports/import-counts.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { markFilesRemoved } from '../../../src/db/imports/imports.ts';
import { moveTask } from '../../../src/db/tasks/tasks.ts';
import { settleCancel } from '../../../src/tasks/import/cancel-import.ts';
import { loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import { undoImport } from '../../../src/tasks/undo/undo-import.ts';
import type { TestApi } from '../../support/api.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { listeningApi, PEOPLE } from '../../support/uploads.ts';

const CHUNK_BYTES = 200;

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi();
  slot = await openSlot(api.database.url, api.deps.config.storageDir, { chunkBytes: CHUNK_BYTES });
});
afterAll(async () => {
  await slot.close();
  await api.close();
});
beforeEach(() =>
  api.database.pool.query(
    'TRUNCATE public.people; DELETE FROM sluice.tasks; DELETE FROM sluice.import_row_errors',
  ),
);

async function download(id: string, name: string, status = 200): Promise<string> {
  const answer = await api.call({ url: `/v1/imports/${id}/${name}` });
  expect([answer.statusCode, answer.body]).toEqual([status, expect.any(String)]);
  return answer.body;
}

/** As a reader that knows nothing of us sees it, without the header. */
async function cellsOf(id: string, name: string): Promise<string[][]> {
  const text = (await download(id, name)).replace(/^\ufeff/, '');
  return Papa.parse<string[]>(text, { skipEmptyLines: true, delimiter: ',' }).data.slice(1);
}

/** As a spreadsheet would write it back. */
function edit(text: string, change: (cells: string[]) => string[]): string {
  const { data } = Papa.parse<string[]>(text.replace(/^\ufeff/, ''), {
    skipEmptyLines: true,
    delimiter: ',',
  });
  return `\ufeff${Papa.unparse(data.map(change))}\r\n`;
}

const rowsOf = async (id: string, name: string): Promise<number[]> =>
  (await cellsOf(id, name)).map(([row]) => Number(row));

const RECORDS = 30;
/** Every seventh record is bad. */
const text = `name,age,email,note\n${Array.from({ length: RECORDS }, (_, at) => `"person ${at + 1}",${(at + 1) % 7 === 0 ? 'x' : at + 1},p${at + 1}@example.jp,"line 1\r\nline ""2"""\n`).join('')}`;
const all = Papa.parse<string[]>(text, { header: false, skipEmptyLines: true }).data.slice(1);

/** Plans an import and loads its first and third chunk. */
async function begun(): Promise<string> {
  const id = await addImport(slot, PEOPLE, text);
  await planImport(slot, id);
  await loadChunk(slot, id, 0);
  await loadChunk(slot, id, 2);
  return id;
}

async function cancel(id: string, cancelRows: 'keep' | 'rollback'): Promise<void> {
  await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: cancelRows } });
  await settleCancel(api.database.db, id);
}

/** Everything the file holds is in exactly one place, as it was sent. */
async function expectWholeFile(id: string): Promise<{ landed: number; rejected: number; left: number }> {
  const { rows: landed } = await api.database.pool.query<Record<string, string | null>>(
    'SELECT import_row, name, age, email, note FROM public.people WHERE import_id = $1',
    [id],
  );
  const rejected = await cellsOf(id, 'rejects.csv');
  const left = await cellsOf(id, 'unprocessed.csv');
  const found = [
    ...landed.map(({ import_row: row, name, age, email, note }) => [row, name, age, email, note]),
    ...[...rejected, ...left].map(([row, _errors, ...cells]) => [row, ...cells]),
  ].sort((a, b) => Number(a[0]) - Number(b[0]));
  expect(found).toEqual(all.map((cells, at) => [String(at + 1), ...cells]));
  const { counts } = (await api.call({ url: `/v1/imports/${id}` })).json<{ counts: ImportCounts }>();
  // Null when the file was never scanned.
  const unprocessed = counts.records === null ? null : left.length;
  expect(counts).toMatchObject({ loaded: landed.length, rejected: rejected.length, unprocessed });
  return { landed: landed.length, rejected: rejected.length, left: left.length };
}

describe('unprocessed.csv', () => {
  it('of a file that was to land whole or not at all has all but its rejects', async () => {
    const id = await addImport(slot, PEOPLE, text, { onError: 'abort', maxErrors: '3' });
    await runImport(slot, id);
    expect(await expectWholeFile(id)).toEqual({ landed: 0, rejected: 4, left: RECORDS - 4 });
    const landed = await addImport(slot, PEOPLE, text, { onError: 'abort', maxErrors: '4' });
    await runImport(slot, landed);
    expect(await expectWholeFile(landed)).toEqual({ landed: RECORDS - 4, rejected: 4, left: 0 });
  });

  it('has the chunks that a cancel has left, and nothing else', async () => {
    const id = await begun();
    await cancel(id, 'keep');
    const { landed, left } = await expectWholeFile(id);
    expect(landed).toBeGreaterThan(0);
    expect(left).toBeGreaterThan(0);
    const head = (await download(id, 'unprocessed.csv')).split('\r\n')[0];
    expect(head).toBe('\ufeff_row,_errors,name,age,email,note');
  });

  it('has every record after a rollback, and of an import that was never planned', async () => {
    const id = await begun();
    await cancel(id, 'rollback');
    expect(await expectWholeFile(id)).toEqual({ landed: 0, rejected: 0, left: RECORDS });
    const queued = await addImport(slot, PEOPLE, text);
    await moveTask(slot.db, queued, 'cancelled');
    expect(await expectWholeFile(queued)).toEqual({ landed: 0, rejected: 0, left: RECORDS });
  });

  it('has what an undo has taken back, and not what it kept', async () => {
    const id = await addImport(slot, PEOPLE, text);
    await runImport(slot, id);
    await api.database.pool.query('UPDATE public.people SET age = age WHERE import_row < 3');
    await api.database.pool.query(`UPDATE public.people SET updated_at = now() WHERE import_row IN (4, 29)`);
    const undo = await api.call({ method: 'POST', url: `/v1/imports/${id}/undo` });
    await undoImport(slot, undo.json<{ id: string }>().id);
    expect(await expectWholeFile(id)).toEqual({ landed: 2, rejected: 4, left: RECORDS - 6 });
  });

  describe('when another program has been at the rows, before', () => {
    const spoilt = [
      [
        'their import_row was emptied',
        'UPDATE public.people SET import_row = NULL WHERE import_row IN (2, 20)',
      ],
      [
        'their import_id was emptied',
        'UPDATE public.people SET import_id = NULL WHERE import_row IN (2, 20)',
      ],
      ['they were deleted', 'DELETE FROM public.people WHERE import_row IN (2, 20)'],
    ] as const;
    const without = (...rows: number[]): number[] =>
      all.map((_, at) => at + 1).filter((row) => !rows.includes(row));
    const REJECTED = [7, 14, 21, 28];

    it.each(spoilt)('an undo: the records that had landed are not in it (%s)', async (_, statement) => {
      const id = await addImport(slot, PEOPLE, text);
      await runImport(slot, id);
      await api.database.pool.query(statement);
      const undo = await api.call({ method: 'POST', url: `/v1/imports/${id}/undo` });
      await undoImport(slot, undo.json<{ id: string }>().id);
      expect(await rowsOf(id, 'unprocessed.csv')).toEqual(without(2, 20, ...REJECTED));
    });

    it.each(spoilt)('a rollback: the records that had landed are not in it (%s)', async (_, statement) => {
      const id = await addImport(slot, PEOPLE, text);
      await planImport(slot, id);
      for (const chunkNo of [0, 1, 2, 3, 4]) await loadChunk(slot, id, chunkNo);
      expect(await rowsOf(id, 'accepted.csv')).toContain(20);
      await api.database.pool.query(statement);
      await cancel(id, 'rollback');
      expect(await rowsOf(id, 'unprocessed.csv')).toEqual(without(2, 20));
    });

    it('an undo takes no row back of which it does not know the record, even if no trigger noted the change', async () => {
      const id = await addImport(slot, PEOPLE, text);
      await runImport(slot, id);
      await api.database.pool.query(
        'UPDATE public.people SET import_row = NULL, updated_at = created_at WHERE import_row = 2; ALTER TABLE public.people DISABLE TRIGGER USER',
      );
      await api.database.pool.query('UPDATE public.people SET import_row = NULL WHERE import_row = 20');
      await api.database.pool.query('ALTER TABLE public.people ENABLE TRIGGER USER');
      const undo = await api.call({ method: 'POST', url: `/v1/imports/${id}/undo` });
      await undoImport(slot, undo.json<{ id: string }>().id);
      const { rows } = await api.database.pool.query('SELECT name FROM public.people ORDER BY name');
      expect(rows).toEqual([{ name: 'person 2' }, { name: 'person 20' }]);
      expect(await rowsOf(id, 'unprocessed.csv')).toEqual(without(2, 20, ...REJECTED));
    });
  });

  it('has every record that was not rejected when the import was all or nothing', async () => {
    const id = await addImport(slot, PEOPLE, text, { onError: 'abort', maxErrors: '1' });
    await runImport(slot, id);
    const { landed, rejected, left } = await expectWholeFile(id);
    expect([landed, rejected + left]).toEqual([0, RECORDS]);
    expect(rejected).toBeGreaterThan(1);
    const good = await addImport(slot, PEOPLE, text, { onError: 'abort', maxErrors: '10' });
    await runImport(slot, good);
    expect(await expectWholeFile(good)).toEqual({ landed: RECORDS - 4, rejected: 4, left: 0 });
    const undo = await api.call({ method: 'POST', url: `/v1/imports/${good}/undo` });
    await undoImport(slot, undo.json<{ id: string }>().id);
    expect(await expectWholeFile(good)).toEqual({ landed: 0, rejected: 4, left: RECORDS - 4 });
  });

  it('has what is left when there were too many errors', async () => {
    const id = await addImport(slot, PEOPLE, text, { maxErrors: '1' });
    await runImport(slot, id);
    const { landed, left } = await expectWholeFile(id);
    expect(landed).toBeGreaterThan(0);
    expect(left).toBeGreaterThan(0);
  });

  it('has what a failed chunk has left', async () => {
    const id = await begun();
    await moveTask(slot.db, id, 'failed', { error: { code: 'chunk-failed', message: 'x', chunkNo: 1 } });
    expect((await expectWholeFile(id)).left).toBeGreaterThan(0);
  });

  it('has only its header when nothing is left', async () => {
    const id = await addImport(slot, PEOPLE, text);
    await runImport(slot, id);
    expect(await download(id, 'unprocessed.csv')).toBe('\ufeff_row,_errors,name,age,email,note\r\n');
    expect((await expectWholeFile(id)).left).toBe(0);
  });

  it('sent again lands what was left, each record once and as it was, guards and all', async () => {
    const notes = [
      '=1+1',
      `'=1`,
      `''-x`,
      '@',
      '\t=x',
      'plain',
      `'plain`,
      '"quoted"',
      'two\r\nlines',
      'a,b;c',
      '',
    ];
    const file = `name;note;email\n${notes.map((note, at) => `n${at};"${note.replaceAll('"', '""')}";e${at}\n`).join('')}`;
    for (const query of ['', '?raw=true']) {
      await api.database.pool.query('TRUNCATE public.people');
      const id = await addImport(slot, PEOPLE, file);
      await moveTask(slot.db, id, 'cancelled');
      const left = await download(id, `unprocessed.csv${query}`);
      const withoutErrors = edit(left, ([row, _errors, ...cells]) => [row!, ...cells]);
      for (const sent of [left, withoutErrors]) {
        await api.database.pool.query('TRUNCATE public.people');
        await runImport(slot, await addImport(slot, PEOPLE, sent));
        const { rows } = await api.database.pool.query('SELECT note FROM public.people ORDER BY import_row');
        expect(rows.map(({ note }: { note: string | null }) => note ?? '')).toEqual(notes);
      }
    }
  });

  it('does not make records good that could not be read or decoded', async () => {
    const bytes = Buffer.concat([
      Buffer.from('name,age,email,note\na,1,a@x,\ufffd\nb,2,b@x,"q" r\nc'),
      Buffer.from([0xff]),
      Buffer.from(',3,c@x,\nd,4,d@x,\n'),
    ]);
    const id = await addImport(slot, PEOPLE, bytes, { encoding: 'utf-8' });
    await moveTask(slot.db, id, 'cancelled');
    expect(await cellsOf(id, 'unprocessed.csv')).toEqual([
      ['1', '', 'a', '1', 'a@x', '\ufffd'],
      ['2', expect.stringContaining('[quote-error]'), 'b', '2', 'b@x', '"q" r'],
      ['3', expect.stringContaining('[encoding-error]'), 'c\ufffd', '3', 'c@x', ''],
      ['4', '', 'd', '4', 'd@x', ''],
    ]);
    const left = await download(id, 'unprocessed.csv');
    const again = await addImport(slot, PEOPLE, left);
    await runImport(slot, again);
    expect((await cellsOf(again, 'accepted.csv')).map(([row]) => row)).toEqual(['1', '4']);
    expect((await cellsOf(again, 'rejects.csv')).map(([row, errors]) => [row, errors])).toEqual([
      ['2', expect.stringContaining('[quote-error]')],
      ['3', expect.stringContaining('[encoding-error]')],
    ]);
    // Meant as it stands, or mended, they land.
    const mended = edit(left, ([row, errors, ...cells]) => [row!, row === '2' ? '' : errors!, ...cells]);
    await api.database.pool.query('TRUNCATE public.people');
    const last = await addImport(slot, PEOPLE, mended.replace('c\ufffd', 'c'));
    await runImport(slot, last);
    expect(await rowsOf(last, 'accepted.csv')).toEqual([1, 2, 3, 4]);
  });

  it('does not make records good that belong to another table below', async () => {
    const file = 'name,age,email,note\na,1,a@x,\nname,age,email,note\nb,,b@x,\n';
    const whole = await addImport(slot, PEOPLE, file);
    await runImport(slot, whole);
    const refused = await rowsOf(whole, 'rejects.csv');
    expect(refused.length).toBeGreaterThan(0);
    await api.database.pool.query('TRUNCATE public.people');
    const id = await addImport(slot, PEOPLE, file);
    await moveTask(slot.db, id, 'cancelled');
    const told = (await cellsOf(id, 'unprocessed.csv')).filter(([, errors]) =>
      errors!.includes('[table-error]'),
    );
    expect(told.map(([row]) => Number(row))).toEqual(refused);
    const again = await addImport(slot, PEOPLE, await download(id, 'unprocessed.csv'));
    await runImport(slot, again);
    expect(await rowsOf(again, 'rejects.csv')).toEqual(refused);
  });

  it('is a 409 until the import has ended, and a 410 when its file is gone', async () => {
    const id = await begun();
    const problem = JSON.parse(await download(id, 'unprocessed.csv', 409)) as { detail: string };
    expect(problem).toMatchObject({ code: 'CONFLICT', status: 409 });
    expect(problem.detail).toContain('running');
    await cancel(id, 'keep');
    await api.deps.storage.removeFolder(`imports/${id}/`);
    await download(id, 'unprocessed.csv', 410);
    await api.database.pool.query('UPDATE sluice.imports SET files_removed_at = now() WHERE id = $1', [id]);
    await download(id, 'unprocessed.csv', 410);
  });
});

describe('accepted.csv', () => {
  it('has every record in the table and the id it got, in file order', async () => {
    const id = await addImport(slot, PEOPLE, text);
    await planImport(slot, id);
    // Chunks land in another order than the file's.
    await loadChunk(slot, id, 3);
    await runImport(slot, id);
    const { rows } = await api.database.pool.query<{ row: string; id: string }>(
      'SELECT import_row AS row, id FROM public.people ORDER BY import_row',
    );
    expect(rows).toHaveLength(RECORDS - 4);
    expect(await download(id, 'accepted.csv')).toBe(
      `_row,_id\r\n${rows.map((each) => `${each.row},${each.id}\r\n`).join('')}`,
    );
  });

  it('leaves out rows that are no longer there, and other imports’', async () => {
    const id = await addImport(slot, PEOPLE, text);
    await runImport(slot, id);
    await runImport(slot, await addImport(slot, PEOPLE, 'name\nother\n'));
    await api.database.pool.query('DELETE FROM public.people WHERE import_row > 3');
    expect(await rowsOf(id, 'accepted.csv')).toEqual([1, 2, 3]);
    await api.database.pool.query('DELETE FROM public.people');
    expect(await download(id, 'accepted.csv')).toBe('_row,_id\r\n');
  });

  it('is a 410 for an upsert when what tells of the rows it has found is removed with its files', async () => {
    const byEmail: Dataset = { ...PEOPLE, schema: { ...PEOPLE.schema, primaryKey: ['email'] } };
    await runImport(slot, await addImport(slot, PEOPLE, 'name,email\na,a@x\n'));
    const id = await addImport(slot, byEmail, 'name,email\na,a@x\nb,b@x\n', { mode: 'upsert' });
    await runImport(slot, id);
    expect(await rowsOf(id, 'accepted.csv')).toEqual([1, 2]);
    await markFilesRemoved(slot.db, id);
    const problem = JSON.parse(await download(id, 'accepted.csv', 410)) as { detail: string };
    expect(problem).toMatchObject({ code: 'FILE_GONE', detail: expect.stringContaining('upsert') });
  });

  it('comes in several fetches', async () => {
    const many = `name\n${'a\n'.repeat(12_345)}`;
    const id = await addImport(slot, PEOPLE, many);
    await runImport({ ...slot, settings: { ...slot.settings, chunkBytes: 10_000 } }, id);
    expect(await rowsOf(id, 'accepted.csv')).toEqual(Array.from({ length: 12_345 }, (_, at) => at + 1));
  });
});

it.each(['unprocessed.csv', 'accepted.csv'])('%s of an import that is not there is a 404', async (name) => {
  await download('0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10', name, 404);
});

describe('a HEAD', () => {
  const head = (path: string) => api.call({ method: 'HEAD', url: `/v1/imports/${path}` });

  it('of a download makes no file: it needs none of the connections that they hold', async () => {
    const id = await addImport(slot, PEOPLE, text);
    const clients = await Promise.all(
      Array.from({ length: api.deps.config.downloads }, () => api.deps.downloads.pool.connect()),
    );
    try {
      const answer = await head(`${id}/accepted.csv`);
      expect([answer.statusCode, answer.body]).toEqual([200, '']);
      expect(answer.headers).toMatchObject({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="accepted-${id}.csv"`,
      });
    } finally {
      for (const client of clients) client.release();
    }
  });

  it('is told what a GET would be told', async () => {
    const id = await addImport(slot, PEOPLE, text);
    expect((await head(`${id}/unprocessed.csv`)).statusCode).toBe(409);
    await markFilesRemoved(slot.db, id);
    expect((await head(`${id}/rejects.csv`)).statusCode).toBe(410);
  });

  it('of events does not wait for the end of the import', async () => {
    const id = await addImport(slot, PEOPLE, text);
    const answer = await head(`${id}/events`);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
  });
});
