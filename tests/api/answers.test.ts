// What the API answers is what its OpenAPI document says: real answers are checked against the schemas of their routes.
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bearer, type TestApi } from '../support/api.ts';
import { addDefinitions } from '../support/definitions.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../support/slot.ts';
import { addDataset, listeningApi, PEOPLE, portOf } from '../support/uploads.ts';
import { undoImport } from '../../src/tasks/undo/undo-import.ts';

type Json = Record<string, unknown>;
interface Operation {
  operationId: string;
  responses: Record<string, { content?: Record<string, { schema: Json }> }>;
}

let api: TestApi;
let slot: TestSlot;
let document: { paths: Record<string, Record<string, Operation>>; components: { schemas: Json } };

beforeAll(async () => {
  api = await listeningApi();
  await addDataset(api.database.pool, {
    ...PEOPLE,
    name: 'days',
    schema: { fields: [{ name: 'day', type: 'date', format: 'any' }] },
    target: { table: 'days' },
  });
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
  document = (await api.app.inject({ url: '/openapi.json' })).json();
});
afterAll(async () => {
  await slot.close();
  await api.close();
});

/** A schema with all it refers to written out. Objects hold what is described and nothing else, but for problems. */
function whole(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(whole);
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...own } = value as { $ref?: string };
  if ($ref !== undefined)
    return whole({ ...(document.components.schemas[$ref.split('/').at(-1)!] as Json), ...own });
  const schema = Object.fromEntries(Object.entries(own).map(([key, inner]) => [key, whole(inner)]));
  const isClosed = 'properties' in own && 'required' in own && !('code' in (own.properties as Json));
  return isClosed && !('additionalProperties' in own) ? { ...schema, additionalProperties: false } : schema;
}

/** What is wrong with an answer, by the schema of its operation and status. */
function misfits(operationId: string, status: number, body: unknown): string[] {
  const operation = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .find((each) => each.operationId === operationId);
  const content = operation?.responses[String(status)]?.content;
  if (content === undefined) return [`${operationId} says nothing of ${status}`];
  const check = Compile(whole(Object.values(content)[0]!.schema) as never);
  return check.Check(body) ? [] : check.Errors(body).map((error) => `${error.instancePath} ${error.message}`);
}

interface Asked {
  readonly method?: string;
  readonly csv?: string | Buffer;
  readonly json?: unknown;
  readonly key?: string;
}

/** Asks, checks the answer against the document, and gives it. */
async function ask(operationId: string, status: number, url: string, asked: Asked = {}): Promise<Json> {
  const { method = 'GET', csv, json, key = api.adminKey } = asked;
  const type = csv === undefined ? 'application/json' : 'text/csv';
  const body = csv ?? (json === undefined ? undefined : JSON.stringify(json));
  const answer = await fetch(`http://127.0.0.1:${portOf(api)}${url}`, {
    method,
    headers: { ...bearer(key), ...(body === undefined ? {} : { 'content-type': type }) },
    ...(body === undefined ? {} : { body }),
  });
  const got = (await answer.json()) as Json;
  expect([answer.status, got]).toEqual([status, expect.any(Object)]);
  expect(misfits(operationId, status, got)).toEqual([]);
  return got;
}

const send = (status: number, csv: string | Buffer, query = '?dataset=people'): Promise<Json> =>
  ask('createImport', status, `/v1/imports${query}`, { method: 'POST', csv });

it('an import, its errors, its task and its undo, before and after', async () => {
  const sent = await send(202, 'name,age,email\na,1,x\nb,oops,y\n,3,z\n');
  const url = `/v1/imports/${String(sent['id'])}`;
  await ask('getTask', 200, `/v1/tasks/${String(sent['id'])}`);
  await runImport(slot, String(sent['id']));
  const ended = await ask('getImport', 200, url);
  expect(ended['firstError']).toMatchObject({ row: 2, column: { index: 2, name: 'age' } });
  await ask('getTask', 200, `/v1/tasks/${String(sent['id'])}`);
  await ask('listImports', 200, '/v1/imports?status=succeeded,queued');
  await ask('listRowErrors', 200, `${url}/errors`);
  const undo = await ask('undoImport', 202, `${url}/undo`, { method: 'POST' });
  await ask('undoImport', 409, `${url}/undo`, { method: 'POST' });
  await undoImport(slot, String(undo['id']));
  const done = await ask('getTask', 200, `/v1/tasks/${String(undo['id'])}`);
  expect(done).toMatchObject({ name: 'undo', status: 'succeeded', result: { deleted: 1 } });
  await ask('getImport', 200, url);
  const conflict = await ask('cancelTask', 409, `/v1/tasks/${String(sent['id'])}`, { method: 'DELETE' });
  expect(conflict).toMatchObject({ status: 409, code: 'TASK_FINAL', taskStatus: 'succeeded' });
});

it('a failed and a cancelled import', async () => {
  const failed = await addImport(slot, PEOPLE, 'name,age\na,x\n', { onError: 'abort' });
  await runImport(slot, failed);
  const task = await ask('getTask', 200, `/v1/tasks/${failed}`);
  expect(task).toMatchObject({ status: 'failed', error: { code: 'too-many-errors' } });
  const cancelled = await addImport(slot, PEOPLE, 'name,age\na,1\n');
  await ask('cancelTask', 202, `/v1/tasks/${cancelled}`, { method: 'DELETE' });
  await ask('getTask', 200, `/v1/tasks/${cancelled}`);
});

it.each([
  [422, 'name,memo,nmae,name,\nx,y,z,a,b\n', '', 'HEADER_MISMATCH'],
  [422, 'name,age\n\x93\x9a\x91\xbe,1\n', '', 'FILE_ENCODING'],
  [422, 'name,age"note, more",email\nx,1,y,z\n', '', 'FILE_HEADER_QUOTE'],
  [422, 'name\n', '', 'FILE_HEADER_ONLY'],
  [400, 'name\na\n', '&mode=merge', 'INVALID_REQUEST'],
  [400, 'name\na\n', '&nmoe=1', 'UPLOAD_UNKNOWN_OPTION'],
])('a refused upload: %i %j%s', async (status, file, query, code) => {
  const problem = await send(status, Buffer.from(file, 'latin1'), `?dataset=people${query}`);
  expect(problem['code']).toBe(code);
});

it('an ambiguous date, an unknown dataset, a missing task, a role that may not', async () => {
  const dates = await send(422, 'day\n01/02/2024\n', '?dataset=days');
  expect(dates).toMatchObject({
    dateOrders: ['dmy', 'mdy', 'ymd'],
    errors: [{ column: { index: 1, name: 'day' } }],
  });
  await send(404, 'a\n1\n', '?dataset=none');
  await ask('getTask', 404, '/v1/tasks/0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10');
  await ask('listUsers', 403, '/v1/users', { key: await api.keyOf('viewer') });
});

it('users, keys, datasets, me', async () => {
  // The check sees what does not fit.
  expect(
    misfits('getMe', 200, { id: 'x', name: 'x', email: 'x', role: 'king', keyId: 1, scope: 1, more: 1 }),
  ).toHaveLength(6);
  await ask('listUsers', 200, '/v1/users');
  await ask('listApiKeys', 200, '/v1/keys');
  await ask('listDatasets', 200, '/v1/datasets');
  await ask('getDataset', 200, '/v1/datasets/people');
  await ask('listMappings', 200, '/v1/datasets/people/mappings');
  await ask('getMe', 200, '/v1/me');
  await ask('createApiKey', 201, '/v1/keys', { method: 'POST', json: { name: 'k' } });
  await ask('createUser', 400, '/v1/users', { method: 'POST', json: { name: 'x' } });
});

it('a schedule, its runs, and what is refused', async () => {
  await addDefinitions(api);
  const task = { name: 'add', args: { a: 1, b: 2 } };
  const path = '/v1/schedules';
  const json = { name: 'daily', cron: '30 2 * * *', timeZone: 'Europe/Berlin', task };
  const { id } = await ask('createSchedule', 201, path, { method: 'POST', json });
  const url = `${path}/${String(id)}`;
  await ask('createSchedule', 409, path, { method: 'POST', json });
  await ask('createSchedule', 422, path, { method: 'POST', json: { ...json, cron: '0 3 * *' } });
  await ask('runSchedule', 202, `${url}/run`, { method: 'POST' });
  await ask('getSchedule', 200, url);
  await ask('listSchedules', 200, path);
  await ask('listScheduleRuns', 200, `${url}/runs`);
  await ask('putSchedule', 200, url, { method: 'PUT', json });
  await ask('putSchedule', 201, `${path}/often`, { method: 'PUT', json: { every: 60_000, task } });
  await ask('putSchedule', 200, `${path}/often`, {
    method: 'PUT',
    json: { at: '2999-01-01T00:00:00Z', task },
  });
  await ask('changeSchedule', 200, url, { method: 'PATCH', json: { enabled: false } });
  await ask('changeSchedule', 404, `${path}/nobody`, { method: 'PATCH', json: { enabled: false } });
  await ask('previewSchedule', 200, `${path}/preview`, { method: 'POST', json: { every: '1h' } });
  await ask('previewSchedule', 400, `${path}/preview`, { method: 'POST', json: { evry: '1h' } });
});
