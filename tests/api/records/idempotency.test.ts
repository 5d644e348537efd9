// Changes of records that are sent again with their Idempotency-Key.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createApi, type TestApi } from '../../support/api.ts';
import { apply, everyType, todos } from './datasets.ts';

const EXACT = '[{"code":"007","amount":12345678901234567890.10,"whole":9007199254740993}]';

let api: TestApi;
beforeAll(async () => {
  api = await createApi();
  await apply(api, todos, everyType);
});
afterAll(() => api.close());
afterEach(() => db().query('DROP TRIGGER IF EXISTS fails ON todos; DELETE FROM todos'));

const db = () => api.database.pool;
const url = (rest = '', dataset = 'todos') => `/v1/datasets/${encodeURIComponent(dataset)}/records${rest}`;

/** @returns what sends the same request, with the same key, as often as it is called */
function sender(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  payload?: unknown,
  more: object = {},
) {
  const key = randomUUID();
  return Object.assign(
    (otherwise: { payload?: unknown; path?: string } = {}) =>
      api.call({
        method,
        url: otherwise.path ?? path,
        ...(payload === undefined
          ? {}
          : {
              payload: typeof payload === 'string' ? payload : JSON.stringify(otherwise.payload ?? payload),
            }),
        headers: {
          ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
          'idempotency-key': key,
          ...more,
        },
      }),
    { key },
  );
}

type Answer = Awaited<ReturnType<TestApi['call']>>;
const answered = ({ statusCode, body, headers }: Answer) => ({
  statusCode,
  body,
  etag: headers['etag'],
  location: headers['location'],
  type: headers['content-type'],
});

async function expectReplayed(first: Answer, again: Answer): Promise<void> {
  expect(first.headers['idempotent-replayed']).toBeUndefined();
  expect(again.headers['idempotent-replayed']).toBe('true');
  expect(answered(again)).toEqual(answered(first));
}

const count = async () => Number((await db().query('SELECT count(*) FROM todos')).rows[0].count);
const audits = async () => Number((await db().query('SELECT count(*) FROM sluice.audit_log')).rows[0].count);

it('a record is created once', async () => {
  const send = sender('POST', url(), { title: 'milk', priority: 2 });
  const before = await audits();
  const first = await send();
  expect(first.statusCode).toBe(201);
  await expectReplayed(first, await send());
  expect(await count()).toBe(1);
  expect(await audits()).toBe(before + 1);
});

it('the answer has every value as it was, to the last digit', async () => {
  const send = sender('POST', url('', 'every type'), EXACT);
  const first = await send();
  expect(first.statusCode).toBe(201);
  expect(first.body).toContain('12345678901234567890.10');
  await expectReplayed(first, await send());
});

it('a change is made once, and its first answer is given again, whatever was changed since', async () => {
  const { id } = (await sender('POST', url(), { title: 'milk' })()).json<{ id: string }>();
  for (const [method, payload] of [
    ['PATCH', { priority: 3 }],
    ['PUT', { title: 'tea' }],
  ] as const) {
    const send = sender(method, url(`/${id}`), payload);
    const first = await send();
    expect(first.statusCode).toBe(200);
    await sender('PATCH', url(`/${id}`), { title: 'coffee', priority: 5 })();
    await expectReplayed(first, await send());
    expect((await api.call({ url: url(`/${id}`) })).json()).toMatchObject({ title: 'coffee', priority: 5 });
  }
});

it('a delete gives the record back again', async () => {
  const { id } = (await sender('POST', url(), { title: 'milk' })()).json<{ id: string }>();
  const send = sender('DELETE', url(`/${id}`));
  const first = await send();
  expect(first.json()).toMatchObject({ id, title: 'milk' });
  await expectReplayed(first, await send());
});

it('all records of a filter are changed once', async () => {
  await sender('POST', url(), [{ title: 'a' }, { title: 'b' }])();
  const send = sender('DELETE', url('?id=not.is.null&maxAffected=5'));
  const first = await send();
  expect(first.json()).toEqual({ matched: 2, changed: 2 });
  await sender('POST', url(), { title: 'c' })();
  await expectReplayed(first, await send());
  expect(await count()).toBe(1);
});

it('another request with the same key is refused', async () => {
  const send = sender('POST', url(), { title: 'milk' });
  expect((await send()).statusCode).toBe(201);
  for (const other of [{ payload: { title: 'tea' } }, { path: url('?onConflict=error') }])
    expect((await send(other)).json()).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
      detail:
        'This Idempotency-Key was sent with another request before. Send another request with a key of its own; nothing was kept.',
    });
  const asDelete = await api.call({
    method: 'DELETE',
    url: url('?title=eq.milk&maxAffected=1'),
    headers: { 'idempotency-key': send.key },
  });
  expect(asDelete.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  expect(await count()).toBe(1);
});

it('a request that was refused has not used its key', async () => {
  const send = sender('POST', url(), { memo: 'no title' });
  expect((await send()).json()).toMatchObject({ code: 'RECORD_INVALID' });
  expect((await send({ payload: { title: 'milk' } })).statusCode).toBe(201);
});

it('a precondition is part of the request', async () => {
  const { id } = (await sender('POST', url(), { title: 'milk' })()).json<{ id: string }>();
  const shown = await api.call({ url: url(`/${id}`) });
  const send = sender('PATCH', url(`/${id}`), { title: 'tea' }, { 'if-match': shown.headers['etag'] });
  const first = await send();
  expect(first.statusCode).toBe(200);
  // By itself it would be 412 now.
  await expectReplayed(first, await send());
});

it('of several at the same time one does the work', async () => {
  const send = sender('POST', url(), { title: 'milk' });
  const answers = await Promise.all(Array.from({ length: 8 }, () => send()));
  expect(await count()).toBe(1);
  const busy = answers.filter(({ statusCode }) => statusCode !== 201);
  expect(busy.map((answer) => answer.json<{ code: string }>().code)).toEqual(
    busy.map(() => 'IDEMPOTENCY_KEY_BUSY'),
  );
  expect(busy.length).toBeLessThan(answers.length);
});

it('a lost connection has done nothing, and the request can be sent again', async () => {
  await db().query(`
    CREATE OR REPLACE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
    CREATE TRIGGER fails AFTER INSERT ON todos EXECUTE FUNCTION fails()`);
  const send = sender('POST', url(), { title: 'milk' });
  expect((await send()).statusCode).toBe(503);
  await db().query('DROP TRIGGER fails ON todos');
  expect(await count()).toBe(0);
  const first = await send();
  expect(first.statusCode).toBe(201);
  await expectReplayed(first, await send());
  expect(await count()).toBe(1);
});
