import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { AppError } from '../../src/errors.ts';
import { passesByItself } from '../../src/storage/s3/failures.ts';
import { openS3Storage } from '../../src/storage/s3/open-s3.ts';
import { Silence } from '../../src/storage/s3/silence.ts';
import type { Storage, StorageKey } from '../../src/storage/storage.ts';
import { startS3, type Fault, type TestS3 } from '../support/s3.ts';
import { waitFor } from '../support/wait-for.ts';
import { describeStorage } from './contract.ts';

const MIB = 1024 * 1024;
const PART_BYTES = 5 * MIB;
const KEY = 'imports/a/upload.csv';

let s3: TestS3;
beforeAll(async () => {
  s3 = await startS3();
});
afterEach(() => s3.fault());
afterAll(() => s3.stop());

const open = (more: Partial<Config> = {}): Storage =>
  openStorage(s3.settings({ s3PartBytes: PART_BYTES, ...more }));

describeStorage('a bucket of S3', async () => open());

/** Each number tells its place. */
function bytesOf(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(at, at);
  return bytes;
}

function pieces(bytes: Buffer, size: number): Readable {
  function* all(): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  return Readable.from(all(), { objectMode: false });
}

/** Begins an upload whose first part is sent; the test goes on with it. */
async function begin(storage: Storage, key: StorageKey) {
  const source = new PassThrough();
  const ended = storage.write(key, source).then(
    () => 'written',
    (error: Error) => error.message,
  );
  source.write(bytesOf(PART_BYTES + 1));
  await waitFor(() => s3.parts() === 1 || undefined, { what: 'the first part to be there' });
  return { source, ended };
}

async function foldersOf(storage: Storage): Promise<{ key: string; changedAt: Date }[]> {
  const folders = [];
  for await (const folder of storage.listFolders('imports/')) folders.push(folder);
  return folders;
}

it('sends a large file in parts, and nobody sees it before the last one is in', async () => {
  const storage = open();
  const { source, ended } = await begin(storage, KEY);
  await expect(buffer(storage.read(KEY))).rejects.toMatchObject({ code: 'FILE_GONE' });
  source.end('the end');
  expect(await ended).toBe('written');
  const read = await buffer(storage.read(KEY));
  expect(read.equals(Buffer.concat([bytesOf(PART_BYTES + 1), Buffer.from('the end')]))).toBe(true);
  expect(s3.unfinished()).toEqual([]);
});

it('keeps no part of an upload whose sender goes', async () => {
  const { source, ended } = await begin(open(), KEY);
  source.destroy(new Error('the client is gone'));
  expect(await ended).toBe('the client is gone');
  expect(s3.unfinished()).toEqual([]);
});

it('keeps no part of an upload that is given up', async () => {
  const given = new AbortController();
  const source = new PassThrough();
  const ended = open().write(KEY, source, given.signal);
  source.write(bytesOf(PART_BYTES + 1));
  await waitFor(() => s3.parts() === 1 || undefined, { what: 'the first part to be there' });
  given.abort();
  await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
  expect(s3.unfinished()).toEqual([]);
});

it('takes no more of a file than the parts on their way and the one that is gathered', async () => {
  const FILE_BYTES = 40 * MIB;
  let [taken, sent, most] = [0, 0, 0];
  s3.fault(({ query }) => {
    if (query.has('partNumber')) sent += PART_BYTES;
    return undefined;
  });
  function* file(): Generator<Buffer> {
    const piece = Buffer.alloc(64 * 1024, 'x');
    for (; taken < FILE_BYTES; taken += piece.length) {
      most = Math.max(most, taken - sent);
      yield piece;
    }
  }
  await open().write(KEY, Readable.from(file(), { objectMode: false }));
  expect(sent).toBe(FILE_BYTES);
  // A part counts as sent when its request comes; one more is complete before that.
  expect(most).toBeLessThan(3 * PART_BYTES);
});

describe('an upload whose process died', () => {
  it('counts as being written until it is removed', async () => {
    const storage = open();
    const { source, ended } = await begin(storage, KEY);
    s3.age(3_600_000);
    const [folder, ...others] = await foldersOf(storage);
    expect([folder?.key, others]).toEqual(['imports/a/', []]);
    expect(Date.now() - folder!.changedAt.getTime()).toBeLessThan(60_000);
    const before = new Date(Date.now() - 1_800_000);
    expect(await storage.removeUnfinished(before)).toBe(1);
    expect(s3.unfinished()).toEqual([]);
    expect(await storage.removeUnfinished(before)).toBe(0);
    expect(await foldersOf(storage)).toEqual([]);
    source.destroy();
    await ended;
  });

  it('is left alone while it grows', async () => {
    const storage = open();
    const { source, ended } = await begin(storage, KEY);
    s3.age(3_600_000);
    source.write(bytesOf(PART_BYTES));
    await waitFor(() => s3.parts() === 2 || undefined, { what: 'the second part to be there' });
    expect(await storage.removeUnfinished(new Date(Date.now() - 1_800_000))).toBe(0);
    source.end();
    expect(await ended).toBe('written');
  });

  it('is found on whatever page of the list it is', async () => {
    const settings = s3.settings();
    const storage = openStorage(settings);
    const bucket = settings.storageUrl.replace('s3:/', settings.s3Endpoint);
    // Two of one key too: the second page begins in the middle of it.
    for (const key of ['a', 'b', 'b', 'b', 'c'])
      await (await fetch(`${bucket}/imports/${key}/upload.csv?uploads`, { method: 'POST' })).arrayBuffer();
    expect((await foldersOf(storage)).map(({ key }) => key).sort()).toEqual(
      ['a', 'b', 'c'].map((key) => `imports/${key}/`),
    );
    expect(await storage.removeUnfinished(new Date(Date.now() + 60_000))).toBe(5);
    expect(s3.unfinished()).toEqual([]);
  });

  it('goes with its folder', async () => {
    const storage = open();
    const { source, ended } = await begin(storage, KEY);
    await storage.removeFolder('imports/a/');
    expect(s3.unfinished()).toEqual([]);
    source.destroy();
    await ended;
  });
});

it('an upload that fails is told soon, although S3 does not end it: that is left to the sweep', async () => {
  const storage = open();
  s3.fault(({ method, query }) => {
    if (!query.has('uploadId')) return undefined;
    return method === 'DELETE' ? { kind: 'silent' } : { kind: 'refused', status: 403, code: 'AccessDenied' };
  });
  // S3 is given up after three times SLUICE_S3_TIMEOUT_MS, a minute.
  await expect(storage.write(KEY, pieces(bytesOf(2 * PART_BYTES), MIB))).rejects.toMatchObject({
    message: expect.stringContaining('S3 denies access') as unknown,
  });
  expect(s3.unfinished()).toHaveLength(1);
  s3.fault();
  s3.age(3_600_000);
  expect(await storage.removeUnfinished(new Date(Date.now() - 1_800_000))).toBe(1);
}, 30_000);

it('an upload that fails because S3 is silent is cleaned up later: nobody waits for that too', async () => {
  const storage = open({ s3TimeoutMs: 200 });
  s3.fault(() => ({ kind: 'silent' }));
  const silent = { code: 'STORAGE_UNAVAILABLE', params: { reason: 'silent' } };
  await expect(storage.write(KEY, pieces(bytesOf(2 * PART_BYTES), MIB))).rejects.toMatchObject(silent);
  const asked = s3.requests.length;
  await expect(storage.removeFolder('imports/a/')).rejects.toMatchObject(silent);
  await expect(storage.remove(KEY)).rejects.toMatchObject(silent);
  expect(s3.requests).toHaveLength(asked);
});

it('what is not removed from a silent S3 makes its silence no longer', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const silence = new Silence();
    const failure = new AppError('STORAGE_UNAVAILABLE', 'silent', { reason: 'silent' });
    silence.note(failure);
    vi.advanceTimersByTime(9000);
    expect(() => silence.refuse()).toThrow(failure);
    silence.note(failure);
    vi.advanceTimersByTime(2000);
    expect(() => silence.refuse()).not.toThrow();
  } finally {
    vi.useRealTimers();
  }
});

it('copies in parts what is too large for one copy', async () => {
  const storage = openS3Storage(s3.settings(), {
    largestCopyBytes: 6 * MIB,
    copyPartBytes: 5 * MIB,
  });
  const bytes = bytesOf(11 * MIB);
  await storage.write(KEY, pieces(bytes, MIB));
  const before = s3.requests.length;
  await storage.copy(KEY, 'imports/b/upload.csv');
  const parts = s3.requests.slice(before).filter(({ query }) => query.has('partNumber'));
  expect(parts).toHaveLength(3);
  expect((await buffer(storage.read('imports/b/upload.csv'))).equals(bytes)).toBe(true);
});

it('removes more files than S3 lists or removes at once', async () => {
  const settings = s3.settings();
  const storage = openStorage(settings);
  const bucket = settings.storageUrl.replace('s3:/', settings.s3Endpoint);
  // Straight to the server, which asks for no signature: a thousand writes as Sluice does them take seconds.
  const put = async (at: number): Promise<void> => {
    const url = `${bucket}/imports/a/rejects/${at}.jsonl`;
    await (await fetch(url, { method: 'PUT', body: 'x' })).arrayBuffer();
  };
  for (let at = 0; at < 1005; at += 67)
    await Promise.all(Array.from({ length: 67 }, (_, more) => put(at + more)));
  expect((await foldersOf(storage)).map(({ key }) => key)).toEqual(['imports/a/']);
  const before = s3.requests.length;
  await storage.removeFolder('imports/a/');
  expect(await foldersOf(storage)).toEqual([]);
  const removals = s3.requests.slice(before).filter(({ query }) => query.has('delete'));
  expect(removals.map(({ md5 }) => md5?.length)).toEqual([24, 24]);
});

it('gives an address from which a file comes with its type and name', async () => {
  const storage = open();
  await storage.write(KEY, Readable.from(['a,b\n']));
  const address = await storage.link(KEY, { type: 'text/csv; charset=utf-8', name: 'rejects-a.csv' });
  const answer = await fetch(address!);
  expect([answer.status, await answer.text()]).toEqual([200, 'a,b\n']);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="rejects-a.csv"');
  expect(new URL(address!).searchParams.get('X-Amz-Expires')).toBe('300');
});

it('signs addresses for where clients reach it', async () => {
  const storage = open({ s3PublicEndpoint: 'https://files.example.com' });
  const address = await storage.link(KEY, { type: 'text/csv', name: 'a.csv' });
  expect(new URL(address!).host).toBe('files.example.com');
});

it('tells in the log what S3 said, and not what was sent to it', async () => {
  s3.fault(() => ({ kind: 'refused', status: 403, code: 'AccessDenied' }));
  const error: unknown = await open()
    .check()
    .catch((reason: unknown) => reason);
  const told = inspect(error, { depth: 20, showHidden: true });
  expect(told).toContain('as the test wants it');
  expect(told).not.toMatch(/authorization|signature/i);
});

it('tells why an upload has failed, also when its parts cannot be removed', async () => {
  const storage = open();
  s3.fault(({ method, query }) => {
    if (method === 'DELETE') return { kind: 'refused', status: 404, code: 'NoSuchUpload' };
    return query.get('partNumber') === '2'
      ? { kind: 'refused', status: 403, code: 'AccessDenied' }
      : undefined;
  });
  await expect(storage.write(KEY, pieces(bytesOf(3 * PART_BYTES), MIB))).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
    message: expect.stringContaining('denies access') as unknown,
  });
  s3.fault();
  expect(await storage.removeUnfinished(new Date(Date.now() + 1000))).toBe(1);
});

describe('when S3 fails', () => {
  const refused = (status: number, code: string): Fault => ({ kind: 'refused', status, code });
  const CASES: readonly [string, Fault, string, string][] = [
    ['asks to slow down', refused(503, 'SlowDown'), 'STORAGE_UNAVAILABLE', 'S3 asks to slow down'],
    ['answers 500', refused(500, 'InternalError'), 'STORAGE_UNAVAILABLE', 'an error of its own'],
    ['has no such bucket', refused(404, 'NoSuchBucket'), 'STORAGE_UNAVAILABLE', 'its bucket does not exist'],
    ['denies access', refused(403, 'AccessDenied'), 'STORAGE_UNAVAILABLE', 'S3 denies access'],
    ['does not know our key', refused(403, 'InvalidAccessKeyId'), 'STORAGE_UNAVAILABLE', 'credentials'],
    ['has another clock', refused(403, 'RequestTimeTooSkewed'), 'STORAGE_UNAVAILABLE', 'set the clock'],
    ['has the bucket elsewhere', refused(301, 'PermanentRedirect'), 'STORAGE_UNAVAILABLE', 'another region'],
    ['is full', refused(507, 'XMinioStorageFull'), 'STORAGE_FULL', 'no room'],
    ['is silent', { kind: 'silent' }, 'STORAGE_UNAVAILABLE', 'did not answer in time'],
  ];

  it.each(CASES)('because it %s, each answer says so', async (_, fault, code, says) => {
    const storage = open({ s3TimeoutMs: 100 });
    s3.fault(() => fault);
    const message = expect.stringContaining(says) as unknown;
    await Promise.all([
      expect(storage.write(KEY, Readable.from(['x']))).rejects.toMatchObject({ code, message }),
      expect(buffer(storage.read(KEY))).rejects.toMatchObject({ code, message }),
      expect(storage.readBytes(KEY, { startByte: 0, endByte: 1 })).rejects.toMatchObject({ code, message }),
      expect(storage.copy(KEY, 'imports/b/x')).rejects.toMatchObject({ code, message }),
      expect(storage.remove(KEY)).rejects.toMatchObject({ code, message }),
      expect(storage.removeFolder('imports/a/')).rejects.toMatchObject({ code, message }),
      expect(foldersOf(storage)).rejects.toMatchObject({ code, message }),
      expect(storage.check()).rejects.toMatchObject({ code, message }),
    ]);
  });

  it('is not there at all', async () => {
    const storage = open({ s3Endpoint: 'http://127.0.0.1:1' });
    await expect(storage.check()).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringContaining('S3 cannot be reached') as unknown,
    });
  });

  it('by a word to slow down now and then, the work goes on', async () => {
    const storage = open();
    let count = 0;
    s3.fault(() => (count++ % 2 === 0 ? refused(503, 'SlowDown') : undefined));
    await storage.write(KEY, Readable.from(['hello']));
    expect((await buffer(storage.read(KEY))).toString()).toBe('hello');
  });

  it('by cutting answers, the rest is asked for, and each byte comes once', async () => {
    const storage = open();
    const bytes = bytesOf(300_000);
    await storage.write(KEY, pieces(bytes, 100_000));
    let count = 0;
    s3.fault(({ method }) =>
      method === 'GET' && count++ < 6 ? { kind: 'cut', afterBytes: 40_000 } : undefined,
    );
    expect((await buffer(storage.read(KEY))).equals(bytes)).toBe(true);
    count = 0;
    const range = { startByte: 10_000, endByte: 290_000 };
    expect((await storage.readBytes(KEY, range)).equals(bytes.subarray(10_000, 290_000))).toBe(true);
  });

  it('by cutting every answer before its first byte, it is told', async () => {
    const storage = open();
    await storage.write(KEY, Readable.from(['hello']));
    s3.fault(({ method }) => (method === 'GET' ? { kind: 'cut', afterBytes: 0 } : undefined));
    await expect(buffer(storage.read(KEY))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  });

  it('by losing the answer to the last request of an upload, it is told as what passes, and the next one is taken', async () => {
    const storage = open();
    let lost = 0;
    s3.fault(({ method, query }) =>
      method === 'POST' && query.has('uploadId') && lost++ === 0 ? { kind: 'cut', afterBytes: 0 } : undefined,
    );
    const bytes = bytesOf(2 * PART_BYTES);
    const failure = await storage.write(KEY, pieces(bytes, MIB)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'STORAGE_UNAVAILABLE', params: { reason: 'ended' } });
    expect(passesByItself(failure as AppError)).toBe(true);
    await storage.write(KEY, pieces(bytes, MIB));
    expect((await buffer(storage.read(KEY))).equals(bytes)).toBe(true);
    expect(s3.unfinished()).toEqual([]);
  });

  it('in the middle of an upload, no part stays', async () => {
    const storage = open();
    s3.fault(({ query }) => (query.get('partNumber') === '2' ? refused(503, 'SlowDown') : undefined));
    await expect(storage.write(KEY, pieces(bytesOf(3 * PART_BYTES), MIB))).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    expect(s3.unfinished()).toEqual([]);
  });
});
