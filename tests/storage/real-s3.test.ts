// The storage over an S3 that somebody else runs, by hand: SLUICE_TEST_S3=http://127.0.0.1:8080 (its address, path style, the bucket
// sluice-tests), with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. docs/storage.md says what it has shown.
import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { CreateMultipartUploadCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../../src/config/config.ts';
import { openStorage } from '../../src/storage/open-storage.ts';
import { openS3Storage } from '../../src/storage/s3/open-s3.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { peopleFile } from '../support/people.ts';
import { waitFor } from '../support/wait-for.ts';
import { describeStorage } from './contract.ts';

const MIB = 1024 * 1024;
const PART_BYTES = 5 * MIB;
const RUN = randomBytes(6).toString('hex');

let prefixes = 0;
const environment = (): Record<string, string> => ({
  SLUICE_STORAGE_URL: `s3://sluice-tests/${RUN}/${++prefixes}`,
  SLUICE_S3_ENDPOINT: process.env['SLUICE_TEST_S3']!,
  SLUICE_S3_PATH_STYLE: 'true',
  SLUICE_S3_PART_BYTES: String(PART_BYTES),
});
const open = (): Storage => openStorage(readConfig(environment()));

describeStorage('a bucket of a real S3', async () => open());

it('a large file comes back as it was sent, also after a copy in parts, and from its address', async () => {
  const limits = { largestCopyBytes: 12 * MIB, copyPartBytes: 5 * MIB };
  const storage = openS3Storage(readConfig(environment()), limits);
  const bytes = randomBytes(23 * MIB);
  const hash = (of: Buffer): string => createHash('sha256').update(of).digest('hex');
  await storage.write('imports/a/upload.csv', Readable.from([bytes], { objectMode: false }));
  await storage.copy('imports/a/upload.csv', 'imports/b/upload.csv');
  for (const key of ['imports/a/upload.csv', 'imports/b/upload.csv'] as const)
    expect(hash(await buffer(storage.read(key)))).toBe(hash(bytes));
  const range = { startByte: 5 * MIB - 3, endByte: 5 * MIB + 3 };
  expect(
    (await storage.readBytes('imports/b/upload.csv', range)).equals(
      bytes.subarray(range.startByte, range.endByte),
    ),
  ).toBe(true);
  const address = await storage.link('imports/b/upload.csv', { type: 'text/csv', name: 'a.csv' });
  const answer = await fetch(address!);
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="a.csv"');
  expect(hash(Buffer.from(await answer.arrayBuffer()))).toBe(hash(bytes));
});

it('the parts of an upload whose process died are found and removed', async () => {
  const storage = open();
  const source = new PassThrough();
  const ended = storage.write('imports/c/upload.csv', source).then(
    () => 'written',
    () => 'failed',
  );
  source.write(Buffer.alloc(PART_BYTES + 1, 'x'));
  await waitFor(
    async () => (await storage.removeUnfinished(new Date(Date.now() + 1000))) === 1 || undefined,
    {
      what: 'the part to be found',
    },
  );
  source.end('y');
  expect(await ended).toBe('failed');
});

it('more files and more unfinished uploads than it lists at once are all found', async () => {
  const settings = readConfig(environment());
  const storage = openStorage(settings);
  const client = new S3Client({ endpoint: settings.s3Endpoint, region: 'us-east-1', forcePathStyle: true });
  const [bucket, ...prefix] = settings.storageUrl.slice('s3://'.length).split('/');
  const target = (at: number, name: string) => ({
    Bucket: bucket!,
    Key: `${prefix.join('/')}/imports/${at % 3}/${name}`,
  });
  const MORE = 1005;
  for (let at = 0; at < MORE; at += 67)
    await Promise.all(
      Array.from({ length: 67 }, async (_, more) => {
        await client.send(new PutObjectCommand({ ...target(at + more, `${at + more}.jsonl`), Body: 'x' }));
        await client.send(new CreateMultipartUploadCommand(target(at + more, 'upload.csv')));
      }),
    );
  const folders = async (): Promise<string[]> => {
    const keys = [];
    for await (const { key } of storage.listFolders('imports/')) keys.push(key);
    return keys.sort();
  };
  expect(await folders()).toEqual(['imports/0/', 'imports/1/', 'imports/2/']);
  await storage.removeFolder('imports/0/');
  expect(await folders()).toEqual(['imports/1/', 'imports/2/']);
  expect(await storage.removeUnfinished(new Date(Date.now() + 60_000))).toBe((MORE * 2) / 3);
  for (const folder of await folders()) await storage.removeFolder(folder);
  expect(await folders()).toEqual([]);
});

it.each([
  ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'wrong' }, {}, 'key'],
  ['a key that it does not know', { AWS_ACCESS_KEY_ID: 'nobody' }, {}, 'key'],
  ['no such bucket', {}, { SLUICE_STORAGE_URL: 's3://sluice-tests-none/x' }, 'bucket'],
])('%s is told as what it is', async (_what, variables, settings, reason) => {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    await expect(openStorage(readConfig({ ...environment(), ...settings })).check()).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      params: { reason },
    });
  } finally {
    Object.assign(process.env, before);
  }
});

it('a signed address is good for as long as it says', async () => {
  const storage = openStorage(readConfig({ ...environment(), SLUICE_S3_LINK_SECONDS: '1' }));
  await storage.write('imports/a/x', Readable.from(['text']));
  const address = (await storage.link('imports/a/x', { type: 'text/csv', name: 'a.csv' }))!;
  expect(await (await fetch(address)).text()).toBe('text');
  await waitFor(async () => ((await fetch(address)).status === 403 ? true : undefined), {
    what: 'the address to be refused',
  });
});

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice({
    datasets: ['bench/people.json'],
    env: { ...environment(), SLUICE_SMALL_FILE_BYTES: '0', SLUICE_CHUNK_BYTES: '200000' },
  });
});
afterAll(() => sluice?.stop());

it('an import with rejects lands exactly, and its rejects come by a redirect', async () => {
  await sluice.startWorker();
  const file = peopleFile(20_000, 100);
  const sent = await sluice.send('people', file.text);
  expect(sent.status, sent.ok ? '' : await sent.clone().text()).toBe(202);
  const { id } = (await sent.json()) as { id: string };
  const loaded = file.records - file.badRows.length;
  expect(await sluice.ended(id)).toMatchObject({
    status: 'succeeded',
    result: { records: file.records, loaded, rejected: file.badRows.length },
  });
  const { rows } = await sluice.database.pool.query(
    'SELECT count(*)::int AS rows, sum(points)::int AS points FROM people WHERE import_id = $1',
    [id],
  );
  expect(rows[0]).toEqual({ rows: loaded, points: file.points });
  const rejects = await sluice.fetch(`/v1/imports/${id}/rejects.csv?redirect=true`, { redirect: 'manual' });
  expect(rejects.status).toBe(303);
  const linked = await (await fetch(rejects.headers.get('location')!)).text();
  expect(linked).toBe(await (await sluice.fetch(`/v1/imports/${id}/rejects.csv`)).text());
  expect(linked.length).toBeGreaterThan(file.badRows.length * 10);
});
