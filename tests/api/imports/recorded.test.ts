// What was recorded is answered, whatever becomes of Postgres and Redis right after; and a request sent again does its work once.
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { TestApi } from '../../support/api.ts';
import { openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { openTcpGate, type TcpGate } from '../../support/tcp-gate.ts';
import { listeningApi, upload, type Answer } from '../../support/uploads.ts';

const CSV = 'name,note\nx,y\n';
/** The statement that records an upload; by itself it is a transaction. */
const RECORDS = 'INSERT INTO "sluice"."imports"';

let api: TestApi;
let slot: TestSlot;
let postgres: TcpGate;
let redis: TcpGate;

beforeAll(async () => {
  redis = await openTcpGate(inject('redisUrl'));
  api = await listeningApi({
    // So that an upload is rung for, and not taken as a small one.
    env: { REDIS_URL: redis.url, SLUICE_SMALL_FILE_BYTES: '0', SLUICE_LOCK_MS: '1000' },
    databaseUrl: async (url) => (postgres = await openTcpGate(url)).url,
  });
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
  await postgres.shut();
  await redis.shut();
});
beforeEach(() => api.database.pool.query('TRUNCATE sluice.idempotency_keys, sluice.tasks CASCADE'));
// Whether a connection is there is for each test to say.
afterEach(async () => {
  await postgres.shut();
  await postgres.open();
});

const send = (key?: string, query = ''): Promise<Answer> =>
  upload(api, {
    query: `?dataset=people${query}`,
    headers: { 'content-type': 'text/csv', ...(key === undefined ? {} : { 'idempotency-key': key }) },
    body: CSV,
  });
const post = (path: string, key: string) =>
  api.call({ method: 'POST', url: `/v1/imports/${path}`, headers: { 'idempotency-key': key } });
const view = async (id: unknown) => (await api.call({ url: `/v1/imports/${String(id)}` })).json<object>();
const tasks = async (): Promise<{ id: string; name: string }[]> =>
  (
    await api.database.pool.query<{ id: string; name: string }>(
      'SELECT id, name FROM sluice.tasks ORDER BY id',
    )
  ).rows;

async function dryRun(): Promise<string> {
  const { id } = (await send(undefined, '&dryRun=true')).json() as { id: string };
  await runImport(slot, id);
  return id;
}

describe('when Postgres goes away right after the commit', () => {
  it('an upload gets its 202, as it reads later', async () => {
    const cut = postgres.shutAfter(RECORDS, 'answered');
    const answer = await send();
    await cut;
    expect([answer.status, answer.headers['retry-after']]).toEqual([202, '1']);
    await postgres.open();
    expect(await view(answer.json().id)).toEqual(answer.json());
  });

  it('an undo gets its 202', async () => {
    const { id } = (await send()).json() as { id: string };
    await runImport(slot, id);
    const cut = postgres.shutAfter('COMMIT', 'answered');
    const answer = await post(`${id}/undo`, randomUUID());
    await cut;
    await postgres.open();
    expect(answer.statusCode).toBe(202);
    const undo = answer.json<{ id: string }>();
    expect((await api.call({ url: `/v1/tasks/${undo.id}` })).json()).toEqual(undo);
  });
});

describe('when nobody knows whether it was committed', () => {
  it('and Postgres is back, the import is found', async () => {
    const cut = postgres.shutAfter(RECORDS, 'unheard').then(() => postgres.open());
    const answer = await send();
    await cut;
    expect(answer.status).toBe(202);
    expect(await tasks()).toEqual([expect.objectContaining({ id: answer.json().id })]);
  });

  it('and Postgres is away, the answer says so, and a second sending finds it', async () => {
    const key = randomUUID();
    const gone = postgres.shutAfter('COMMIT', 'unheard');
    const answer = await send(key);
    await gone;
    expect(answer.json()).toMatchObject({
      status: 503,
      code: 'UNAVAILABLE',
      detail: expect.stringContaining('not known whether'),
    });
    const { taskId } = answer.json();
    await postgres.open();
    const again = await send(key);
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([202, 'true']);
    expect(again.json().id).toBe(taskId);
    expect(await tasks()).toHaveLength(1);
  });
});

describe('a Redis that takes connections and answers nothing', () => {
  it('does not hold up the answer', async () => {
    redis.hold();
    const started = performance.now();
    const answer = await send();
    expect(answer.status).toBe(202);
    // Commands give up after two seconds.
    expect(performance.now() - started).toBeLessThan(1500);
    await redis.shut();
    await redis.open();
  });
});

describe('an Idempotency-Key', () => {
  it.each(['commit', 'undo', 'rerun'])('is kept by POST …/%s', async (what) => {
    const id = what === 'commit' ? await dryRun() : ((await send()).json().id as string);
    if (what === 'undo') await runImport(slot, id);
    if (what === 'rerun')
      await api.database.pool.query(`UPDATE sluice.tasks SET status = 'failed', finished_at = now()`);
    const before = (await tasks()).length;
    const key = randomUUID();
    const answers = [await post(`${id}/${what}`, key), await post(`${id}/${what}`, key)];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([202, 202]);
    expect(answers.map(({ headers }) => headers['idempotent-replayed'])).toEqual([undefined, 'true']);
    expect(answers[1]!.json()).toEqual(answers[0]!.json());
    expect(await tasks()).toHaveLength(before + 1);
    const other = await post(`${randomUUID()}/${what}`, key);
    expect(other.json()).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED', differs: 'options' });
  });

  it('is free again when the request was refused', async () => {
    const id = (await send()).json().id as string;
    const key = randomUUID();
    expect((await post(`${id}/undo`, key)).statusCode).toBe(409);
    await runImport(slot, id);
    expect((await post(`${id}/undo`, key)).statusCode).toBe(202);
  });
});
