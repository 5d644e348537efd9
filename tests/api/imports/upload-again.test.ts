// POST /v1/imports with an Idempotency-Key: sent again, it is not taken again.
import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { reserveKey, settleKey } from '../../../src/db/imports/idempotency-keys.ts';
import { createLogger } from '../../../src/logger.ts';
import { removeKeys } from '../../../src/worker/upkeep/remove-keys.ts';
import type { TestApi } from '../../support/api.ts';
import {
  form,
  FORM,
  kept,
  listeningApi,
  openSocket,
  rawRequest,
  upload,
  type Answer,
} from '../../support/uploads.ts';
import { waitFor } from '../../support/wait-for.ts';

const CSV = 'name,note\nx,y\n';
const LEASE_MS = 1000;

let api: TestApi;

beforeAll(async () => {
  api = await listeningApi({
    env: {
      SLUICE_LOCK_MS: String(LEASE_MS),
      SLUICE_MAX_UPLOAD_BYTES: '1000000',
      SLUICE_KEPT_UPLOADS: '0',
    },
  });
});
afterAll(() => api.close());
afterEach(async () => {
  await api.database.pool.query('TRUNCATE sluice.idempotency_keys, sluice.tasks CASCADE');
  await api.deps.storage.removeFolder('imports/');
});

interface Sent {
  readonly key: string;
  readonly body?: string | Buffer | Readable;
  readonly query?: string;
  readonly apiKey?: string;
}

const send = ({ key, body = CSV, query = '', apiKey }: Sent): Promise<Answer> =>
  upload(api, {
    query: `?dataset=people${query}`,
    headers: { 'content-type': 'text/csv', 'idempotency-key': key },
    body,
    ...(apiKey === undefined ? {} : { key: apiKey }),
  });

async function imports(): Promise<number> {
  return (await kept(api)).filter((what) => what.startsWith('import ')).length;
}

interface KeyRow {
  readonly sha256: string | null;
  readonly import_id: string;
  readonly hours: number;
}

async function keyRow(key: string): Promise<KeyRow | undefined> {
  const { rows } = await api.database.pool.query<KeyRow>(
    `SELECT sha256, import_id, extract(epoch FROM expires_at - now())::float / 3600 AS hours
       FROM sluice.idempotency_keys WHERE key = $1`,
    [key],
  );
  return rows[0];
}

/** An upload that stands still after its header. */
async function beginUpload(key: string): Promise<{ file: PassThrough; answer: Promise<Answer> }> {
  const file = new PassThrough();
  file.write('name,note\n');
  const answer = send({ key, body: file });
  await waitFor(() => keyRow(key), { what: 'the key to be reserved' });
  return { file, answer };
}

describe('the same upload again', () => {
  it('gets the same import, and says so; nothing is kept of it', async () => {
    const key = randomUUID();
    const first = await send({ key });
    expect([first.status, first.headers['idempotent-replayed']]).toEqual([202, undefined]);
    const before = await kept(api);
    for (let time = 0; time < 3; time++) {
      const again = await send({ key });
      expect([again.status, again.headers['idempotent-replayed']]).toEqual([202, 'true']);
      expect(again.headers['location']).toBe(first.headers['location']);
      expect(again.headers['retry-after']).toBe('1');
      expect(again.json()).toEqual(first.json());
    }
    expect(await kept(api)).toEqual(before);
    expect((await keyRow(key))!.hours).toBeCloseTo(24, 1);
  });

  it('as a form too, in any order of its fields', async () => {
    const key = randomUUID();
    const fields = [
      { name: 'dataset', content: 'people' },
      { name: 'delimiter', content: ',' },
    ];
    const file = { name: 'file', fileName: 'a.csv', content: CSV };
    const headers = { ...FORM, 'idempotency-key': key };
    const first = await upload(api, { headers, body: form([...fields, file]) });
    const again = await upload(api, { headers, body: form([...fields.toReversed(), file]) });
    expect([first.status, again.status]).toEqual([202, 202]);
    expect([again.headers['idempotent-replayed'], again.json().id]).toEqual(['true', first.json().id]);
    const other = await upload(api, { headers, body: form([...fields, { ...file, fileName: 'b.csv' }]) });
    expect(other.json()).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED', differs: 'options' });
  });

  it('20 times at once is one import, and each answer is 202 of it or 409', async () => {
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send({ key })));
    const taken = answers.filter((answer) => answer.status === 202);
    const busy = answers.filter((answer) => answer.status === 409);
    expect(taken.length + busy.length).toBe(20);
    expect(taken.filter((answer) => answer.headers['idempotent-replayed'] === undefined).length).toBe(1);
    expect(new Set(taken.map((answer) => answer.json().id)).size).toBe(1);
    for (const answer of busy) {
      expect(answer.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_BUSY' });
      expect(answer.headers['retry-after']).toBe('2');
    }
    expect(await imports()).toBe(1);
  });

  it('by another user is another upload', async () => {
    const key = randomUUID();
    const mine = await send({ key });
    const theirs = await send({ key, apiKey: await api.keyOf('operator') });
    expect([theirs.status, theirs.headers['idempotent-replayed']]).toEqual([202, undefined]);
    expect(theirs.json().id).not.toBe(mine.json().id);
  });

  it('without a key, or with another, is a second import', async () => {
    await send({ key: 'a' });
    await send({ key: 'b' });
    await upload(api, { query: '?dataset=people', body: CSV });
    expect(await imports()).toBe(3);
  });
});

describe('another upload with the same key', () => {
  it.each([
    ['another file', { body: 'name,note\nx,z\n' }, 'file'],
    ['a longer file', { body: `${CSV}a,b\n` }, 'file'],
    ['an empty file', { body: '' }, 'file'],
    ['other options', { query: '&unknownColumns=ignore' }, 'options'],
    ['another file name', { query: '&fileName=b.csv' }, 'options'],
  ])('%s is refused and nothing of it kept', async (_name, other, differs) => {
    const key = randomUUID();
    const first = await send({ key });
    const before = await kept(api);
    const answer = await send({ key, ...other });
    expect(answer.json()).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
      differs,
      importId: first.json().id,
    });
    expect(await kept(api)).toEqual(before);
    expect((await send({ key })).json().id).toBe(first.json().id);
  });

  it('is not read beyond the size limit', async () => {
    const key = randomUUID();
    await send({ key });
    const answer = await send({ key, body: Readable.from([Buffer.alloc(1_000_001, 'x')]) });
    expect(answer.json()).toMatchObject({ status: 413, code: 'UPLOAD_TOO_LARGE' });
  });
});

describe('while the first is under way', () => {
  it('the answer is 409, also when it takes longer than a lease', async () => {
    const key = randomUUID();
    const { file, answer } = await beginUpload(key);
    const { rows } = await api.database.pool.query<{ lease: Date }>(
      'SELECT expires_at AS lease FROM sluice.idempotency_keys WHERE key = $1',
      [key],
    );
    const renewed = async () =>
      (
        await api.database.pool.query(
          'SELECT FROM sluice.idempotency_keys WHERE key = $1 AND now() > $2 AND expires_at > now()',
          [key, rows[0]!.lease],
        )
      ).rowCount;
    await waitFor(renewed, { what: 'the lease to be renewed' });
    expect((await send({ key })).json()).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_BUSY' });
    file.end('x,y\n');
    expect((await answer).status).toBe(202);
    expect((await send({ key })).json().id).toBe((await answer).json().id);
    expect(await imports()).toBe(1);
  });

  it('a request whose slot was taken over meanwhile is not taken', async () => {
    const key = randomUUID();
    const { file, answer } = await beginUpload(key);
    // As if its process had been frozen for longer than the lease.
    const other = await api.database.pool.query<{ user_id: string }>(
      'UPDATE sluice.idempotency_keys SET import_id = gen_random_uuid() WHERE key = $1 RETURNING user_id',
      [key],
    );
    expect(other.rowCount).toBe(1);
    file.end('x,y\n');
    expect((await answer).json()).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_BUSY' });
    expect(await kept(api)).toEqual([]);
    expect(await keyRow(key)).toMatchObject({ sha256: null });
  });
});

describe('the key is free again', () => {
  it.each([
    ['a file that does not fit', { body: 'nmae\nx\n' }, 'HEADER_MISMATCH'],
    ['an option given twice', { query: '&dataset=none' }, 'INVALID_REQUEST'],
    [
      'a file that is too large',
      { body: Readable.from([Buffer.from('name\n'), Buffer.alloc(1_000_001, 'x\n')]) },
      'UPLOAD_TOO_LARGE',
    ],
  ])('after %s', async (_name, bad, code) => {
    const key = randomUUID();
    expect((await send({ key, ...bad })).json().code).toBe(code);
    expect(await keyRow(key)).toBeUndefined();
    expect((await send({ key })).status).toBe(202);
  });

  it('after an unknown dataset', async () => {
    const headers = { 'content-type': 'text/csv', 'idempotency-key': 'of-no-dataset' };
    const answer = await upload(api, { query: '?dataset=none', headers, body: CSV });
    expect(answer.json().code).toBe('DATASET_NOT_FOUND');
    expect((await send({ key: 'of-no-dataset' })).status).toBe(202);
  });

  it('after a client that went away in the middle', async () => {
    const key = randomUUID();
    const socket = await openSocket(api);
    const headers = { 'content-type': 'text/csv', 'idempotency-key': key, 'content-length': '1000' };
    socket.write(`${rawRequest(api, headers)}${CSV}`);
    await waitFor(() => keyRow(key), { what: 'the key to be reserved' });
    socket.destroy();
    await expect.poll(() => keyRow(key)).toBeUndefined();
    expect((await send({ key })).status).toBe(202);
  });

  it('when the lease of a dead process has run out; of many who want it, one gets it', async () => {
    const { db } = api.deps.database;
    const slot = { userId: randomUUID(), key: 'k', importId: randomUUID() };
    expect(await reserveKey(db, slot, 'o', LEASE_MS)).toEqual({ kind: 'reserved' });
    expect(await reserveKey(db, { ...slot, importId: randomUUID() }, 'o', LEASE_MS)).toEqual({
      kind: 'busy',
    });
    await waitFor(
      async () =>
        (await api.database.pool.query('SELECT FROM sluice.idempotency_keys WHERE expires_at < now()'))
          .rowCount,
      { what: 'the lease to run out' },
    );
    const takers = Array.from({ length: 20 }, () => ({ ...slot, importId: randomUUID() }));
    const found = await Promise.all(takers.map((taker) => reserveKey(db, taker, 'o', LEASE_MS)));
    expect(found.filter((each) => each.kind === 'reserved').length).toBe(1);
    expect(await settleKey(db, slot, { sha256: 'x', answer: null, keepHours: 24 })).toBe(false);
  });

  it('after the time it is kept for, when the sweep removes it', async () => {
    const key = randomUUID();
    const sweep = () =>
      removeKeys({ db: api.deps.database.db, logger: createLogger(api.deps.config, 'worker') }).run();
    await send({ key });
    await sweep();
    expect(await keyRow(key)).toBeDefined();
    await api.database.pool.query(
      `UPDATE sluice.idempotency_keys SET expires_at = now() - interval '1 second'`,
    );
    await sweep();
    expect(await keyRow(key)).toBeUndefined();
    expect((await send({ key })).headers['idempotent-replayed']).toBeUndefined();
    expect(await imports()).toBe(2);
  });
});

it.each([
  ['empty', ''],
  ['too long', 'x'.repeat(256)],
  ['a space in it', 'a b'],
  ['not ASCII', 'caf\u00e9'],
])('a key that is %s is refused before the body', async (_name, key) => {
  const answer = await send({ key });
  expect(answer.json()).toMatchObject({
    status: 400,
    code: 'INVALID_REQUEST',
    header: 'Idempotency-Key',
    detail: expect.stringContaining('255'),
  });
  expect(await kept(api)).toEqual([]);
});

it('a key may be quoted, as the draft has it, and 255 characters long', async () => {
  for (const key of [`"${randomUUID()}"`, 'x'.repeat(255)]) {
    expect((await send({ key })).status).toBe(202);
    expect((await send({ key })).headers['idempotent-replayed']).toBe('true');
  }
});
