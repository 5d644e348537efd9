// POST /v1/imports/{id}/undo as the API answers it; what it does is told in tests/tasks/undo/undo-import.test.ts.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { moveTask } from '../../../src/db/tasks/tasks.ts';
import { undoImport } from '../../../src/tasks/undo/undo-import.ts';
import { bearer, type TestApi } from '../../support/api.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { listeningApi, PEOPLE } from '../../support/uploads.ts';

const FILE = 'name,age\na,1\nb,x\nc,3\n';

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi();
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});
beforeEach(() => api.database.pool.query('TRUNCATE public.people; DELETE FROM sluice.tasks'));

async function done(): Promise<string> {
  const id = await addImport(slot, PEOPLE, FILE);
  await runImport(slot, id);
  return id;
}

async function post(id: string, key = api.adminKey) {
  const answer = await api.call({ method: 'POST', url: `/v1/imports/${id}/undo`, headers: bearer(key) });
  return { status: answer.statusCode, headers: answer.headers, json: answer.json<Record<string, unknown>>() };
}
const importJson = async (id: string): Promise<Record<string, unknown>> =>
  (await api.call({ url: `/v1/imports/${id}` })).json();

it('is a task of its own, told in the import', async () => {
  const id = await done();
  expect(await importJson(id)).toMatchObject({ undo: null });
  const { status, headers, json } = await post(id);
  expect([status, json]).toMatchObject([
    202,
    { name: 'undo', status: 'queued', progress: null, result: null },
  ]);
  const taskId = json['id'] as string;
  expect(headers).toMatchObject({ location: `/v1/tasks/${taskId}`, 'retry-after': '1' });
  expect(await importJson(id)).toMatchObject({
    counts: { inserted: 2, unprocessed: 0 },
    undo: { taskId, status: 'queued', result: null, error: null },
  });
  expect(await api.deps.queues.imports.getJob(taskId)).toMatchObject({
    name: 'undo',
    data: { taskId },
  });
  await undoImport(slot, taskId);
  const result = { deleted: 2, changed: 0, held: 0, referenced: 0, gone: 0, references: [] };
  expect((await api.call({ url: `/v1/tasks/${taskId}` })).json()).toMatchObject({
    status: 'succeeded',
    result,
  });
  expect(await importJson(id)).toMatchObject({
    status: 'succeeded',
    counts: { records: 3, inserted: 0, loaded: 0, rejected: 1, unprocessed: 2 },
    undo: { taskId, status: 'succeeded', result },
  });
});

it('of two at once one is taken', async () => {
  const id = await done();
  const answers = await Promise.all([post(id), post(id), post(id)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([202, 409, 409]);
});

it('is a 409 that says why', async () => {
  const running = await addImport(slot, PEOPLE, FILE);
  await moveTask(slot.db, running, 'running');
  expect(await post(running)).toMatchObject({
    status: 409,
    json: { code: 'CONFLICT', detail: expect.stringContaining('running') },
  });
  const id = await done();
  const taskId = (await post(id)).json['id'] as string;
  expect(await post(id)).toMatchObject({ status: 409, json: { taskId } });
  await undoImport(slot, taskId);
  expect(await post(id)).toMatchObject({ status: 409, json: { detail: expect.stringContaining('already') } });
  const upsert = await done();
  await api.database.pool.query(`UPDATE sluice.imports SET mode = 'upsert' WHERE id = $1`, [upsert]);
  expect(await post(upsert)).toMatchObject({
    status: 409,
    json: { detail: expect.stringContaining('mode=upsert') },
  });
  const dry = await done();
  await api.database.pool.query('UPDATE sluice.imports SET dry_run = true WHERE id = $1', [dry]);
  expect(await post(dry)).toMatchObject({
    status: 409,
    json: { detail: expect.stringContaining('dry run') },
  });
});

it('cancelled while it waits, may be asked for again', async () => {
  const id = await done();
  const { json } = await post(id);
  const cancel = await api.call({ method: 'DELETE', url: `/v1/tasks/${json['id'] as string}` });
  expect(cancel.json()).toMatchObject({ status: 'cancelled' });
  expect((await post(id)).status).toBe(202);
});

it('needs an operator, and an import', async () => {
  expect(await post('0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10')).toMatchObject({ status: 404 });
  expect(await post('x')).toMatchObject({ status: 400 });
  expect(await post(await done(), await api.keyOf('viewer'))).toMatchObject({ status: 403 });
});
