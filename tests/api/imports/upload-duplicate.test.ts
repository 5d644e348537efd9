// POST /v1/imports of bytes that were sent before: the import says so, or with ifDuplicate=refuse it is not taken.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moveTask } from '../../../src/db/tasks/tasks.ts';
import { undoImport } from '../../../src/tasks/undo/undo-import.ts';
import type { TestApi } from '../../support/api.ts';
import { openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import {
  addDataset,
  form,
  FORM,
  kept,
  listeningApi,
  PEOPLE,
  upload,
  type Answer,
} from '../../support/uploads.ts';

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi();
  await addDataset(api.database.pool, { ...PEOPLE, name: 'others', target: { table: 'others' } });
  await addDataset(api.database.pool, {
    ...PEOPLE,
    name: 'keyed',
    schema: { ...PEOPLE.schema, primaryKey: ['email'] },
    target: { table: 'keyed' },
  });
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});

const freshFile = (): string => `name\n${randomUUID().slice(0, 18)}\n`;
const send = (body: string, query = '', dataset = 'people'): Promise<Answer> =>
  upload(api, { query: `?dataset=${dataset}${query}`, body });

async function take(
  body: string,
  query = '',
  dataset = 'people',
): Promise<{ id: string; duplicateOf: unknown }> {
  const answer = await send(body, query, dataset);
  expect(answer.status).toBe(202);
  return answer.json() as never;
}

describe('duplicateOf', () => {
  it('is the newest earlier import of the same bytes into the same dataset', async () => {
    const file = freshFile();
    const first = await take(file);
    const second = await take(file, '&fileName=again.csv');
    const third = await take(file);
    expect([first.duplicateOf, second.duplicateOf, third.duplicateOf]).toEqual([null, first.id, second.id]);
    const one = await api.call({ url: `/v1/imports/${third.id}` });
    expect(one.json()).toMatchObject({ duplicateOf: second.id });
  });

  it('is null for other bytes, and for another dataset', async () => {
    const file = freshFile();
    await take(file);
    expect((await take(`${file}x\n`)).duplicateOf).toBeNull();
    expect((await take(file, '', 'others')).duplicateOf).toBeNull();
  });

  it('counts an import under way and one that has landed; not one that failed, was cancelled or taken back', async () => {
    const { db } = api.deps.database;
    const file = freshFile();
    const first = await take(file);
    await runImport(slot, first.id);
    const second = await take(file);
    expect(second.duplicateOf).toBe(first.id);
    await moveTask(db, second.id, 'running');
    const third = await take(file);
    expect(third.duplicateOf).toBe(second.id);
    await moveTask(db, third.id, 'failed');
    await moveTask(db, second.id, 'cancelling');
    await moveTask(db, second.id, 'cancelled');
    const fourth = await take(file);
    expect(fourth.duplicateOf).toBe(first.id);
    await moveTask(db, fourth.id, 'failed');
    await runImport(slot, first.id);
    const undo = await api.call({ method: 'POST', url: `/v1/imports/${first.id}/undo` });
    await undoImport(slot, undo.json<{ id: string }>().id);
    expect((await take(file, '&ifDuplicate=refuse')).duplicateOf).toBeNull();
  });
});

describe('an import that failed or was cancelled', () => {
  const BAD = `${'x'.repeat(21)}\n`;

  it('counts as long as rows of it stand', async () => {
    const file = `${freshFile()}${BAD}`;
    const { id } = await take(file, '&maxErrors=0');
    await runImport(slot, id);
    expect((await api.call({ url: `/v1/imports/${id}` })).json()).toMatchObject({
      status: 'failed',
      counts: { loaded: 1 },
    });
    expect((await send(file, '&ifDuplicate=refuse')).json()).toMatchObject({ status: 409, duplicateOf: id });
    const undo = await api.call({ method: 'POST', url: `/v1/imports/${id}/undo` });
    await undoImport(slot, undo.json<{ id: string }>().id);
    expect((await take(file, '&ifDuplicate=refuse')).duplicateOf).toBeNull();
  });

  it.each(['&onError=abort', '&mode=upsert&maxErrors=0'])(
    'does not count when none has landed (%s)',
    async (options) => {
      const file = `name,email\n${randomUUID().slice(0, 18)},${randomUUID()}\n${BAD.trim()},b\n`;
      const { id } = await take(file, options, options.includes('upsert') ? 'keyed' : 'people');
      await runImport(slot, id);
      expect((await api.call({ url: `/v1/tasks/${id}` })).json()).toMatchObject({ status: 'failed' });
      expect((await take(file, '', options.includes('upsert') ? 'keyed' : 'people')).duplicateOf).toBeNull();
    },
  );
});

describe('ifDuplicate=refuse', () => {
  it('answers 409 that names the earlier import, and keeps nothing', async () => {
    const file = freshFile();
    const first = await take(file, '&ifDuplicate=refuse');
    const before = await kept(api);
    const body = form([
      { name: 'dataset', content: 'people' },
      { name: 'ifDuplicate', content: 'refuse' },
      { name: 'file', fileName: 'a.csv', content: file },
    ]);
    for (const answer of [
      await send(file, '&ifDuplicate=refuse'),
      await upload(api, { headers: FORM, body }),
    ])
      expect(answer.json()).toMatchObject({
        status: 409,
        code: 'UPLOAD_DUPLICATE',
        duplicateOf: first.id,
        detail: expect.stringContaining(first.id),
      });
    expect(await kept(api)).toEqual(before);
    expect((await take(file, '&ifDuplicate=allow')).duplicateOf).toBe(first.id);
  });

  it('takes exactly one of many equal uploads at once', async () => {
    const file = freshFile();
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(file, '&ifDuplicate=refuse')));
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, ...Array(9).fill(409)]);
    const taken = answers.find((answer) => answer.status === 202)!.json().id;
    for (const answer of answers.filter((each) => each.status === 409))
      expect(answer.json()).toMatchObject({ duplicateOf: taken });
  });

  it('beside uploads that allow: each that was taken later names one taken before', async () => {
    const file = freshFile();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => send(file, `&ifDuplicate=${at % 2 ? 'refuse' : 'allow'}`)),
    );
    const taken = answers.filter((answer) => answer.status === 202).map((answer) => answer.json());
    expect(taken.filter((imp) => imp.duplicateOf === null).length).toBe(1);
  });

  it('frees an Idempotency-Key, and a repeated request is no duplicate of itself', async () => {
    const file = freshFile();
    const keyed = (key: string): Promise<Answer> =>
      upload(api, {
        query: '?dataset=people&ifDuplicate=refuse',
        headers: { 'content-type': 'text/csv', 'idempotency-key': key },
        body: file,
      });
    const [first, again, other] = [await keyed('one'), await keyed('one'), await keyed('two')];
    expect([first.status, again.status, other.status]).toEqual([202, 202, 409]);
    expect(again.json().id).toBe(first.json().id);
    await moveTask(api.deps.database.db, String(first.json().id), 'failed');
    expect((await keyed('two')).status).toBe(202);
  });

  it('must be allow or refuse', async () => {
    expect((await send(freshFile(), '&ifDuplicate=no')).json()).toMatchObject({
      status: 400,
      code: 'INVALID_REQUEST',
      detail: expect.stringContaining('allow or refuse'),
    });
  });
});
