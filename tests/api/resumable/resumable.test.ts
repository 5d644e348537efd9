import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { deleteExpiredResumable, findResumable } from '../../../src/db/uploads/resumable.ts';
import { appendBytes } from '../../../src/intake/resumable/append-bytes.ts';
import { finishUpload } from '../../../src/intake/resumable/finish-upload.ts';
import type { Storage } from '../../../src/storage/storage.ts';
import { removeLeftovers } from '../../../src/worker/upkeep/remove-leftovers.ts';
import { removeUploads } from '../../../src/worker/upkeep/remove-uploads.ts';
import { bearer, type TestApi } from '../../support/api.ts';
import { kept, listeningApi, portOf } from '../../support/uploads.ts';
import { waitFor } from '../../support/wait-for.ts';

let api: TestApi;
beforeAll(async () => {
  api = await listeningApi({
    env: {
      SLUICE_KEPT_UPLOADS: '6',
      SLUICE_MAX_UPLOAD_BYTES: '1000000',
      SLUICE_CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
    },
  });
});
afterAll(() => api.close());

const FILE = Buffer.from('name,age\nAnn,34\nBob,41\n');
const BYTES = { 'content-type': 'application/offset+octet-stream' };
const base64 = (text: string) => Buffer.from(text).toString('base64');
const metadata = (said: Record<string, string>) =>
  Object.entries(said)
    .map(([name, value]) => `${name} ${base64(value)}`)
    .join(',');

type Method = 'GET' | 'POST' | 'HEAD' | 'PATCH' | 'DELETE' | 'OPTIONS';
interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  json(): { readonly code: string };
}

async function call(
  method: Method,
  url: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<Answer> {
  const answer = await fetch(`http://127.0.0.1:${portOf(api)}${url}`, {
    method,
    headers: { ...bearer(api.adminKey), 'tus-resumable': '1.0.0', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await answer.text();
  return {
    statusCode: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: text,
    json: () => JSON.parse(text) as { readonly code: string },
  };
}

async function begin(
  length: number,
  said: Record<string, string> = { filename: '人々.csv', dataset: 'people' },
): Promise<string> {
  const answer = await call('POST', '/v1/uploads/resumable', {
    'upload-length': String(length),
    'upload-metadata': metadata(said),
  });
  expect(answer.statusCode, answer.body).toBe(201);
  return answer.headers['location']!;
}
const patch = (url: string, offset: number, bytes: Buffer, headers: Record<string, string> = {}) =>
  call('PATCH', url, { ...BYTES, 'upload-offset': String(offset), ...headers }, bytes);
const idOf = (url: string) => url.split('/').at(-1)!;

/** Sends the first bytes of an upload. @returns what cuts the connection; then some of them are being stored */
async function sendSome(url: string, bytes: number): Promise<() => void> {
  const sent = httpRequest({
    port: portOf(api),
    host: '127.0.0.1',
    method: 'PATCH',
    path: url,
    headers: {
      ...bearer(api.adminKey),
      ...BYTES,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-length': String(2 * bytes),
    },
  });
  sent.on('error', () => undefined);
  sent.write(Buffer.alloc(bytes, 'a,b\n'));
  await once(sent, 'drain').catch(() => undefined);
  await waitFor(async () => (await kept(api)).some((name) => name.startsWith(`resumable/${idOf(url)}/0-`)), {
    what: 'the first bytes to be written',
  });
  return () => sent.destroy();
}
const remove = (url: string) => call('DELETE', url);

describe('an upload in pieces', () => {
  it('becomes a kept upload of the same bytes, and an import', async () => {
    const url = await begin(FILE.length);
    const first = await patch(url, 0, FILE.subarray(0, 5));
    expect(first.statusCode, first.body).toBe(204);
    expect(first.headers).toMatchObject({ 'upload-offset': '5', 'tus-resumable': '1.0.0' });
    expect(Date.parse(first.headers['upload-expires']!)).toBeGreaterThan(Date.now() + 3_000_000);
    const head = await call('HEAD', url);
    expect(head.statusCode).toBe(200);
    expect(head.headers).toMatchObject({
      'upload-offset': '5',
      'upload-length': String(FILE.length),
      'cache-control': 'no-store',
    });
    const last = await patch(url, 5, FILE.subarray(5));
    expect(last.statusCode, last.body).toBe(204);
    expect(last.headers['upload-offset']).toBe(String(FILE.length));

    const shown = await api.call({ method: 'GET', url: `/v1/uploads/${idOf(url)}` });
    expect(shown.json()).toMatchObject({
      id: idOf(url),
      fileName: '人々.csv',
      bytes: FILE.length,
      sha256: createHash('sha256').update(FILE).digest('hex'),
      options: { dataset: 'people' },
      header: ['name', 'age'],
    });
    // Asked again, as by a client that has not heard the answer.
    expect((await call('HEAD', url)).headers['upload-offset']).toBe(String(FILE.length));
    const again = await patch(url, FILE.length, Buffer.alloc(0));
    expect(again.statusCode).toBe(204);
    const imported = await call(
      'POST',
      '/v1/imports',
      { 'content-type': 'application/json' },
      Buffer.from(JSON.stringify({ uploadId: idOf(url) })),
    );
    expect(imported.statusCode, imported.body).toBe(202);
    expect((await kept(api)).filter((name) => name.startsWith('resumable/'))).toEqual([]);
    await remove(url);
  });

  it('may come with its beginning, all of it', async () => {
    const answer = await call(
      'POST',
      '/v1/uploads/resumable',
      { ...BYTES, 'upload-length': String(FILE.length), 'upload-metadata': metadata({ dataset: 'people' }) },
      FILE,
    );
    expect(answer.statusCode, answer.body).toBe(201);
    expect(answer.headers['upload-offset']).toBe(String(FILE.length));
    const url = answer.headers['location']!;
    expect((await api.call({ method: 'GET', url: `/v1/uploads/${idOf(url)}` })).statusCode).toBe(200);
    expect((await remove(url)).statusCode).toBe(204);
    expect((await call('HEAD', url)).statusCode).toBe(404);
  });

  it('counts bytes with a checksum only if it fits', async () => {
    const url = await begin(FILE.length);
    const sha1 = (bytes: Buffer) => `sha1 ${createHash('sha1').update(bytes).digest('base64')}`;
    const wrong = await patch(url, 0, FILE, { 'upload-checksum': sha1(Buffer.from('other')) });
    expect(wrong.statusCode).toBe(460);
    expect(wrong.json()).toMatchObject({ code: 'UPLOAD_CHECKSUM' });
    expect((await call('HEAD', url)).headers['upload-offset']).toBe('0');
    expect((await kept(api)).filter((name) => name.includes(`${idOf(url)}/`))).toEqual([]);
    const right = await patch(url, 0, FILE, { 'upload-checksum': sha1(FILE) });
    expect(right.statusCode, right.body).toBe(204);
    await remove(url);
  });

  it('keeps what came before its connection was cut', async () => {
    const url = await begin(300_000);
    const cut = await sendSome(url, 200_000);
    cut();
    const offset = await waitFor(async () => Number((await call('HEAD', url)).headers['upload-offset']), {
      what: 'what came to be written down',
    });
    expect(offset).toBeLessThanOrEqual(200_000);
    await remove(url);
    expect((await kept(api)).filter((name) => name.includes(idOf(url)))).toEqual([]);
  });

  it('tells who asks right behind a cut of all that came before it', async () => {
    const url = await begin(300_000);
    const { storage } = api.deps;
    const write = storage.write.bind(storage);
    let isStored = false;
    let goOn = (): void => undefined;
    const goesOn = new Promise<void>((resolve) => (goOn = resolve));
    const slow = vi.spyOn(storage, 'write').mockImplementation(async (...given) => {
      const bytes = await write(...given);
      isStored = true;
      await goesOn;
      return bytes;
    });
    try {
      const cut = await sendSome(url, 200_000);
      cut();
      await waitFor(() => isStored, { what: 'the piece to be stored' });
      const asked = call('HEAD', url);
      // Time enough for an answer that does not wait.
      setTimeout(goOn, 200);
      expect(Number((await asked).headers['upload-offset'])).toBeGreaterThan(0);
    } finally {
      slow.mockRestore();
    }
    await remove(url);
  });

  it('of two requests from the same byte on, one counts', async () => {
    const url = await begin(FILE.length);
    const half = FILE.subarray(0, 10);
    const answers = await Promise.all([1, 2, 3, 4].map(() => patch(url, 0, half)));
    const statuses = answers.map(({ statusCode }) => statusCode).sort();
    expect(statuses).toEqual([204, 409, 409, 409]);
    expect((await patch(url, 10, FILE.subarray(10))).statusCode).toBe(204);
    const shown = await api.call({ method: 'GET', url: `/v1/uploads/${idOf(url)}` });
    expect(shown.json()).toMatchObject({ sha256: createHash('sha256').update(FILE).digest('hex') });
    await remove(url);
  });

  it('that is no file Sluice takes is answered as such, and is gone', async () => {
    const bytes = Buffer.from('%PDF-1.7\n%âãÏÓ\n');
    const url = await begin(bytes.length);
    const answer = await patch(url, 0, bytes);
    expect(answer.statusCode, answer.body).toBe(422);
    expect(answer.json()).toMatchObject({ code: 'FILE_FORMAT' });
    expect((await call('HEAD', url)).statusCode).toBe(404);
    expect((await kept(api)).filter((name) => name.includes(idOf(url)))).toEqual([]);
  });

  it('says what is spoken here', async () => {
    const answer = await call('OPTIONS', '/v1/uploads/resumable');
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({
      'tus-version': '1.0.0',
      'tus-extension': 'creation,creation-with-upload,termination,checksum,expiration',
      'tus-max-size': '1000000',
      'tus-checksum-algorithm': 'sha256,sha1,md5',
    });
  });

  it.each<[string, number, Record<string, string | undefined>]>([
    ['another version', 412, { 'tus-resumable': '0.2.2' }],
    ['no length', 400, { 'upload-length': undefined }],
    ['a length that is none', 400, { 'upload-length': '12x' }],
    ['a length to come', 400, { 'upload-defer-length': '1' }],
    ['a part of a file that is to be joined with others', 400, { 'upload-concat': 'partial' }],
    ['files that are to be joined', 400, { 'upload-concat': 'final;/v1/uploads/resumable/a /b' }],
    ['a file that is too large', 413, { 'upload-length': '1000001' }],
    ['metadata that is none', 400, { 'upload-metadata': 'dataset people!' }],
    ['an option that is none', 400, { 'upload-metadata': metadata({ datset: 'people' }) }],
    ['a dataset that is not there', 404, { 'upload-metadata': metadata({ dataset: 'nobody' }) }],
    ['a body of another type', 415, { 'content-type': 'text/csv' }],
    ['a checksum that is none', 400, { 'upload-checksum': 'crc32 AAAA' }],
  ])('refuses %s', async (_what, status, headers) => {
    const all = { 'upload-length': '10', ...BYTES, ...headers };
    const given = Object.fromEntries(
      Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined),
    );
    const answer = await call('POST', '/v1/uploads/resumable', given, Buffer.from('x'));
    expect(answer.statusCode, answer.body).toBe(status);
    expect(answer.headers['tus-resumable']).toBe('1.0.0');
  });

  it('refuses another offset, more bytes than there are, and what is not there or not yours', async () => {
    const url = await begin(FILE.length);
    const other = await patch(url, 3, FILE);
    expect([other.statusCode, other.json().code]).toEqual([409, 'UPLOAD_OFFSET']);
    const more = await patch(url, 0, Buffer.concat([FILE, FILE]));
    expect(more.statusCode).toBe(400);
    expect((await call('HEAD', url)).headers['upload-offset']).toBe('0');
    const gone = `/v1/uploads/resumable/${randomUUID()}`;
    expect((await patch(gone, 0, FILE)).statusCode).toBe(404);
    expect((await remove(gone)).statusCode).toBe(404);
    const stranger = bearer(await api.keyOf('operator'));
    for (const answer of [
      await call('HEAD', url, stranger),
      await patch(url, 0, FILE, stranger),
      await call('DELETE', url, stranger),
    ])
      expect(answer.statusCode).toBe(404);
    const viewer = bearer(await api.keyOf('viewer'));
    expect((await call('HEAD', url, viewer)).statusCode).toBe(403);
    await remove(url);
  });
});

describe('a client behind a proxy that lets only GET and POST pass', () => {
  const post = (url: string, method: string | undefined, headers = {}, body?: Buffer) =>
    call(
      'POST',
      url,
      { ...(method === undefined ? {} : { 'x-http-method-override': method }), ...headers },
      body,
    );

  it('names the method in a header', async () => {
    const url = await begin(FILE.length);
    const first = await post(url, 'PATCH', { ...BYTES, 'upload-offset': '0' }, FILE.subarray(0, 5));
    expect(first.statusCode, first.body).toBe(204);
    expect(first.headers['upload-offset']).toBe('5');
    expect((await post(url, 'HEAD')).headers['upload-offset']).toBe('5');
    expect((await post(url, 'DELETE')).statusCode).toBe(204);
    expect((await post(url, 'HEAD')).statusCode).toBe(404);
  });

  it.each([undefined, 'PUT'])('which is one that an upload takes, not %s', async (method) => {
    const url = await begin(FILE.length);
    const answer = await post(url, method, { ...BYTES, 'upload-offset': '0' }, FILE);
    expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'DELETE, HEAD, PATCH']);
    expect((await call('HEAD', url)).headers['upload-offset']).toBe('0');
    await remove(url);
  });
});

describe('a page of another origin', () => {
  const ORIGIN = 'https://app.example.com';
  /** As a browser sends it ahead: without a key. */
  const preflight = (path: string, origin: string, method: string, headers: string) =>
    api.app.inject({
      method: 'OPTIONS',
      url: path,
      headers: {
        origin,
        'access-control-request-method': method,
        ...(headers === '' ? {} : { 'access-control-request-headers': headers }),
      },
    });

  it.each([
    ['/v1/uploads/resumable', 'POST', 'authorization,tus-resumable,upload-length,upload-metadata'],
    ['/v1/uploads/resumable/0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10', 'PATCH', 'authorization,upload-offset'],
    ['/v1/imports', 'POST', 'authorization,idempotency-key'],
    ['/v1/tasks', 'GET', ''],
  ])('that is listed may call %s', async (path, method, headers) => {
    const answer = await preflight(path, ORIGIN, method, headers);
    expect(answer.statusCode).toBe(204);
    expect(answer.headers).toMatchObject({ 'access-control-allow-origin': ORIGIN, vary: 'Origin' });
    expect(answer.headers['access-control-allow-methods']).toContain(method);
    expect(answer.headers['access-control-allow-headers'] ?? '').toBe(headers);
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('sees where its upload is and how far, also what went wrong', async () => {
    const begun = await call('POST', '/v1/uploads/resumable', { origin: ORIGIN, 'upload-length': '10' });
    const exposed = begun.headers['access-control-expose-headers']!.split(', ');
    expect(exposed).toEqual(expect.arrayContaining(['Location', 'Upload-Offset', 'Tus-Resumable']));
    expect(begun.headers['access-control-allow-origin']).toBe(ORIGIN);
    await remove(begun.headers['location']!);
    const refused = await call('GET', '/v1/tasks', { origin: ORIGIN, authorization: 'Bearer none' });
    expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, ORIGIN]);
    const options = await call('OPTIONS', '/v1/uploads/resumable', { origin: ORIGIN });
    expect([options.statusCode, options.headers['tus-version']]).toEqual([204, '1.0.0']);
  });

  it('that is not listed may not, and neither may a listed one outside of the API', async () => {
    const other = await preflight('/v1/imports', 'https://app.example.com.evil.example', 'POST', '');
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
    expect(other.statusCode).toBe(405);
    const page = await api.app.inject({ url: '/dashboard', headers: { origin: ORIGIN } });
    expect(page.headers['access-control-allow-origin']).toBeUndefined();
  });
});

it('whoever stood still while another one made the kept upload leaves it as it is', async () => {
  const url = await begin(FILE.length);
  await patch(url, 0, FILE.subarray(0, 5));
  // The last bytes, without what follows them.
  const { db } = api.deps.database;
  const upload = (await findResumable(db, idOf(url), undefined))!;
  await appendBytes(api.deps, upload, Readable.from([FILE.subarray(5)]), undefined);
  const whole = (await findResumable(db, idOf(url), undefined))!;

  const { storage } = api.deps;
  let isReading = false;
  let goOn = (): void => undefined;
  const goesOn = new Promise<void>((resolve) => (goOn = resolve));
  const read: Storage['read'] = (key) => {
    const bytes = storage.read(key);
    return Readable.from(
      (async function* () {
        for await (const piece of bytes) {
          yield piece as Buffer;
          isReading = true;
          await goesOn;
        }
      })(),
      { objectMode: false },
    );
  };
  const frozen = finishUpload({ ...api.deps, storage: { ...storage, read } }, whole);
  await waitFor(() => isReading, { what: 'the first piece to be read' });
  await api.database.pool.query(
    `UPDATE sluice.resumable_uploads SET finishing_until = now() - interval '1 second' WHERE id = $1`,
    [idOf(url)],
  );
  expect((await call('HEAD', url)).headers['upload-offset']).toBe(String(FILE.length));
  goOn();
  expect(await frozen).toBe(true);
  const shown = await api.call({ method: 'GET', url: `/v1/uploads/${idOf(url)}` });
  expect(shown.json()).toMatchObject({ bytes: FILE.length, header: ['name', 'age'] });
  await remove(url);
});

it('of an API that was killed while it made the kept upload the turn goes to whoever asks, who waits for it', async () => {
  const url = await begin(FILE.length);
  const { db } = api.deps.database;
  await appendBytes(
    api.deps,
    (await findResumable(db, idOf(url), undefined))!,
    Readable.from([FILE]),
    undefined,
  );
  await api.database.pool.query(
    `UPDATE sluice.resumable_uploads SET finishing_until = now() + interval '1 second' WHERE id = $1`,
    [idOf(url)],
  );
  const head = await call('HEAD', url);
  expect([head.statusCode, head.headers['upload-offset']]).toEqual([200, String(FILE.length)]);
  expect((await api.call({ url: `/v1/uploads/${idOf(url)}` })).statusCode).toBe(200);
  await remove(url);
});

describe('what is kept of them', () => {
  it('counts against what a user may keep, from the beginning on', async () => {
    const urls: string[] = [];
    for (let no = 0; no < 6; no++) urls.push(await begin(100));
    const answer = await call('POST', '/v1/uploads/resumable', { 'upload-length': '1' });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'TOO_MANY_KEPT_UPLOADS', uploads: 6 });
    const one = urls[0]!;
    expect((await patch(one, 0, Buffer.from(`${'a'.repeat(98)}\n1`))).statusCode).toBe(204);
    for (const url of urls) expect((await remove(url)).statusCode).toBe(204);
  });

  it('is removed when it has expired, with its bytes; what lies there without an upload goes too', async () => {
    const [url, staying] = [await begin(100), await begin(100)];
    await patch(url, 0, Buffer.from('name\n'));
    await patch(staying, 0, Buffer.from('name\n'));
    await api.database.pool.query(
      `UPDATE sluice.resumable_uploads SET expires_at = now() - interval '1 second' WHERE id = $1`,
      [idOf(url)],
    );
    expect((await call('HEAD', url)).statusCode).toBe(404);
    const deps = { ...api.deps, db: api.deps.database.db };
    await removeUploads(deps).run();
    const later = () => Date.now() + 3_600_000;
    await removeLeftovers(deps, later).run();
    const left = (await kept(api)).filter((name) => name.startsWith('resumable/'));
    expect(left.filter((name) => name.includes(idOf(url)))).toEqual([]);
    expect(left.filter((name) => name.includes(idOf(staying)))).not.toEqual([]);
    await api.database.pool.query('DELETE FROM sluice.resumable_uploads WHERE id = $1', [idOf(staying)]);
    await removeLeftovers(deps, later).run();
    expect((await kept(api)).filter((name) => name.includes(idOf(staying)))).toEqual([]);
    expect(await deleteExpiredResumable(deps.db, 10)).toEqual([]);
  });
});
