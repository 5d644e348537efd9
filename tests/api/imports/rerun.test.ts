// POST /v1/imports/{id}/rerun and POST /v1/imports/rerun
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestApi } from '../../support/api.ts';
import { openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { kept, listeningApi, upload } from '../../support/uploads.ts';

let api: TestApi;
let slot: TestSlot;
let no = 0;

beforeAll(async () => {
  api = await listeningApi();
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});
beforeEach(async () => {
  await query('TRUNCATE people');
  await query('DELETE FROM sluice.tasks');
});

const query = async <Row>(text: string, values: unknown[] = []): Promise<Row[]> =>
  (await api.database.pool.query(text, values)).rows as Row[];
const rerun = (id: string) => api.call({ method: 'POST', url: `/v1/imports/${id}/rerun` });
const rerunMany = (payload: object, headers: Record<string, string> = {}) =>
  api.call({ method: 'POST', url: '/v1/imports/rerun', payload, headers });
const view = async (id: string) =>
  (await api.call({ url: `/v1/imports/${id}` })).json<Record<string, unknown>>();

/** No two files are alike. */
async function send(options = '', rows = 'a,1\n'): Promise<string> {
  const body = `name,age\n${rows}n${no++},2\n`;
  const answer = await upload(api, { query: `?dataset=people${options}`, body });
  expect([answer.status, answer.json()]).toEqual([202, expect.anything()]);
  return answer.json().id as string;
}

async function end(id: string, status = 'failed'): Promise<string> {
  await query(
    `UPDATE sluice.tasks SET status = $2, finished_at = now(), error = '{"code":"chunk-failed","message":"m"}' WHERE id = $1`,
    [id, status],
  );
  return id;
}

describe('a rerun', () => {
  it.each(['failed', 'cancelled'])('of one that is %s has its file and its options', async (status) => {
    const id = await end(await send('&mode=replace&fileName=a.csv'), status);
    const answer = await rerun(id);
    expect([answer.statusCode, answer.json()]).toEqual([202, expect.objectContaining({ rerunOf: id })]);
    const again = answer.json<{ id: string }>().id;
    expect(answer.headers['location']).toBe(`/v1/tasks/${again}`);
    expect(await view(again)).toEqual(answer.json());
    await runImport(slot, again);
    expect(await view(again)).toMatchObject({
      status: 'succeeded',
      mode: 'replace',
      fileName: 'a.csv',
      counts: { inserted: 2 },
    });
    expect(await query('SELECT FROM people')).toHaveLength(2);
  });

  it('has a file of its own in the storage', async () => {
    const rows = Array.from({ length: 5000 }, (_, at) => `row ${at},1\n`).join('');
    const id = await end(await send('', rows));
    const again = (await rerun(id)).json<{ id: string }>().id;
    expect(await kept(api)).toContain(`imports/${again}/upload.csv`);
    await api.deps.storage.removeFolder(`imports/${id}/`);
    await runImport(slot, again);
    expect(await view(again)).toMatchObject({ status: 'succeeded', counts: { inserted: 5001 } });
  });

  it('is one: of many at once one is taken, and the others name it', async () => {
    const id = await end(await send());
    const answers = await Promise.all(Array.from({ length: 5 }, () => rerun(id)));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([202, 409, 409, 409, 409]);
    const taken = answers.find(({ statusCode }) => statusCode === 202)!.json<{ id: string }>().id;
    const later = await rerun(id);
    expect(later.json()).toMatchObject({ code: 'CONFLICT', importId: taken });
    await end(taken);
    expect((await rerun(taken)).statusCode).toBe(202);
  });

  it('waits until the rows that have landed are taken back', async () => {
    const id = await send();
    await runImport(slot, id);
    await end(id);
    expect((await rerun(id)).json()).toMatchObject({
      status: 409,
      detail: expect.stringContaining(`POST /v1/imports/${id}/undo`),
    });
    await query('UPDATE sluice.imports SET kept = 1 WHERE id = $1', [id]);
    expect((await rerun(id)).json()).toMatchObject({ detail: expect.stringContaining('unprocessed.csv') });
    await query('UPDATE sluice.imports SET kept = 0 WHERE id = $1', [id]);
    expect((await rerun(id)).statusCode).toBe(202);
  });

  it.each([
    ['is queued', async () => send(), 409, 'queued'],
    [
      'has succeeded',
      async () => {
        const id = await send();
        await runImport(slot, id);
        return id;
      },
      409,
      'succeeded',
    ],
    [
      'was sent to another dataset than there is now',
      async () => {
        const id = await end(await send());
        await query(`UPDATE sluice.imports SET document = document || '{"title":"old"}' WHERE id = $1`, [id]);
        return id;
      },
      409,
      'dataset',
    ],
    [
      'has no file any more',
      async () => {
        const id = await end(await send());
        await query('UPDATE sluice.imports SET files_removed_at = now() WHERE id = $1', [id]);
        return id;
      },
      410,
      'SLUICE_FILE_RETENTION_DAYS',
    ],
    ['is not there', async () => randomUUID(), 404, 'no import'],
  ])('of one that %s is refused', async (_name, make, status, says) => {
    const answer = await rerun(await make());
    expect(answer.json()).toMatchObject({ status, detail: expect.stringContaining(says) });
  });
});

describe('a rerun of all that match', () => {
  it('says how many it would be, and runs them oldest first when that was expected', async () => {
    const failed = [await end(await send()), await end(await send())];
    const cancelled = await end(await send(), 'cancelled');
    await send();
    const wrong = await rerunMany({ expect: 5 });
    expect(wrong.json()).toMatchObject({ status: 409, code: 'CONFLICT', matching: 2 });
    const answer = await rerunMany({ expect: 2 });
    expect(answer.statusCode).toBe(202);
    const { data, declined, remaining } = answer.json<{
      data: { rerunOf: string; importId: string }[];
      declined: [];
      remaining: number;
    }>();
    expect([data.map(({ rerunOf }) => rerunOf), declined, remaining]).toEqual([failed, [], 0]);
    for (const { importId, rerunOf } of data)
      expect(await view(importId)).toMatchObject({ rerunOf, status: 'queued' });
    expect((await rerunMany({ expect: 0 })).json()).toMatchObject({ data: [] });
    expect((await rerunMany({ status: 'cancelled', expect: 0 })).json()).toMatchObject({
      detail: expect.stringContaining('would run 1 import again, not 0.'),
    });
    expect((await rerunMany({ status: 'cancelled', expect: 1 })).json()).toMatchObject({
      data: [{ rerunOf: cancelled }],
    });
  });

  it('keeps to dataset and times', async () => {
    await end(await send());
    expect((await rerunMany({ dataset: 'other', expect: 0 })).statusCode).toBe(202);
    expect((await rerunMany({ createdBefore: '2001-01-01', expect: 0 })).statusCode).toBe(202);
    expect((await rerunMany({ createdAfter: 'soon', expect: 1 })).statusCode).toBe(400);
    expect((await rerunMany({ dataset: 'people', createdAfter: '2001-01-01', expect: 1 })).statusCode).toBe(
      202,
    );
  });

  it('sent again with its key is answered as it was', async () => {
    await end(await send());
    const key = { 'idempotency-key': randomUUID() };
    const first = await rerunMany({ expect: 1 }, key);
    const again = await rerunMany({ expect: 1 }, key);
    expect([again.statusCode, again.headers['idempotent-replayed']]).toEqual([202, 'true']);
    expect(again.json()).toEqual(first.json());
  });

  it('names those that were declined', async () => {
    const id = await end(await send('&ifDuplicate=refuse'));
    const [{ sha256 }] = (await query('SELECT sha256 FROM sluice.imports WHERE id = $1', [id])) as [
      { sha256: string },
    ];
    const landed = await send();
    await runImport(slot, landed);
    await query('UPDATE sluice.imports SET sha256 = $2 WHERE id = $1', [landed, sha256]);
    expect((await rerunMany({ expect: 1 })).json()).toMatchObject({
      data: [],
      declined: [{ importId: id, code: 'UPLOAD_DUPLICATE' }],
    });
  });
});

it('a viewer may not', async () => {
  const key = await api.keyOf('viewer');
  const headers = { authorization: `Bearer ${key}` };
  for (const url of [`/v1/imports/${randomUUID()}/rerun`, '/v1/imports/rerun'])
    expect((await api.call({ method: 'POST', url, headers, payload: { expect: 0 } })).statusCode).toBe(403);
});
