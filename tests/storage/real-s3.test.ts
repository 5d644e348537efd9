// The storage over an S3 that somebody else runs, by hand: SLUICE_TEST_S3=http://127.0.0.1:8080 (its address, path style, the bucket
// sluice-tests), with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. docs/storage.md says what it has shown.
import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
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
