// Sluice with its files in S3: processes of their own, and an S3 in this one that fails when it is told to.
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { peopleFile } from '../support/people.ts';
import { startS3, type TestS3 } from '../support/s3.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { workbook } from '../support/workbook.ts';
import { waitFor } from '../support/wait-for.ts';

/** More bytes than a part has. */
const RECORDS = 50_000;
const file = peopleFile(RECORDS, 1000);

let s3: TestS3;
let sluice: Sluice;
beforeAll(async () => {
  s3 = await startS3();
  sluice = await startSluice({
    datasets: ['bench/people.json'],
    env: { ...s3.env, SLUICE_CHUNK_BYTES: '300000', SLUICE_S3_PART_BYTES: String(5 * 1024 * 1024) },
  });
});
afterAll(async () => {
  await sluice.stop();
  await s3.stop();
});

async function landed(): Promise<Record<string, string>> {
  const { rows } = await sluice.database.pool.query<Record<string, string>>(
    'SELECT count(*) AS rows, count(DISTINCT import_row) AS numbers, sum(points) AS points FROM people',
  );
  return rows[0]!;
}

it('an import is exact when its worker is killed and S3 is away for a while, and so is the retry of its rejects', async () => {
  const sent = await sluice.send('people', file.text);
  expect(sent.status).toBe(202);
  const { id } = (await sent.json()) as { id: string };
  // Larger than a part: it went in several.
  expect(s3.requests.some(({ query }) => query.get('partNumber') === '2')).toBe(true);

  const first = await sluice.startWorker();
  await waitFor(async () => (await sluice.task(id)).progress.chunksDone >= 3, {
    what: 'some chunks to be done',
  });
  first.kill('SIGKILL');
  await first.exited;

  // Everything fails for a while: the next worker waits, and counts nothing of it as an attempt.
  s3.fault(() => ({ kind: 'refused', status: 500, code: 'InternalError' }));
  const second = await sluice.startWorker();
  await second.says(/The storage is away; jobs wait until it is back/);
  const refused = await sluice.send('people', file.text);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await refused.json()).toMatchObject({ code: 'STORAGE_UNAVAILABLE', reason: 'broken' });
  const { rows } = await sluice.database.pool.query('SELECT id FROM sluice.imports');
  expect(rows).toEqual([{ id }]);
  expect((await sluice.fetch('/readyz')).status).toBe(503);
  s3.fault();

  const loaded = RECORDS - file.badRows.length;
  expect(await sluice.ended(id)).toMatchObject({
    status: 'succeeded',
    result: { records: RECORDS, loaded, rejected: file.badRows.length },
  });
  expect(await landed()).toEqual({
    rows: String(loaded),
    numbers: String(loaded),
    points: String(file.points),
  });

  const path = `/v1/imports/${id}/rejects.csv`;
  const rejects = await (await sluice.fetch(path)).text();
  expect([...rejects.matchAll(/^(\d+),/gm)].map((match) => Number(match[1]))).toEqual(file.badRows);
  const elsewhere = await sluice.fetch(`${path}?redirect=true`, { redirect: 'manual' });
  expect(elsewhere.status).toBe(303);
  const linked = await fetch(elsewhere.headers.get('location')!);
  expect(linked.headers.get('content-disposition')).toBe(`attachment; filename="rejects-${id}.csv"`);
  expect(linked.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect((await linked.text()).replace(/^\ufeff/, '')).toBe(rejects.replace(/^\ufeff/, ''));

  const mended = rejects.replaceAll('1990-02-31', '1990-02-28');
  const retried = await sluice.fetch(`/v1/imports/${id}/retries`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: mended,
  });
  expect(retried.status).toBe(202);
  expect(await sluice.ended(((await retried.json()) as { id: string }).id)).toMatchObject({
    status: 'succeeded',
    result: { loaded: file.badRows.length, rejected: 0 },
  });
  expect(await landed()).toMatchObject({ rows: String(RECORDS), numbers: String(RECORDS) });
});

it('what an API that was killed in an upload has left in S3 is swept by a worker', async () => {
  const { url, api } = await sluice.startApi();
  const upload = request(`${url}/v1/imports?dataset=people`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sluice.key}`, 'content-type': 'text/csv' },
  });
  upload.on('error', () => undefined);
  Readable.from([file.text.slice(0, 6 * 1024 * 1024)]).pipe(upload, { end: false });
  await waitFor(() => s3.parts() > 0 || undefined, { what: 'a part of the upload to be in S3' });
  api.kill('SIGKILL');
  await api.exited;
  expect(s3.unfinished()).toHaveLength(1);
  s3.age(25 * 3_600_000);
  // An earlier worker has listed the storage already, and it would be somebody's turn in ten minutes.
  await sluice.database.pool.query('DELETE FROM sluice.duty_turns');
  const sweeper = await sluice.startWorker();
  await waitFor(() => s3.unfinished().length === 0 || undefined, { what: 'the parts to be swept' });
  expect(sweeper.output()).not.toContain('"level":50');
});

it('a workbook, which a thread of its own reads, comes out of S3 too', async () => {
  const cell = (text: string): string => `<c t="inlineStr"><is><t>${text}</t></is></c>`;
  const lines = peopleFile(9).text.trimEnd().split('\n');
  const rows = lines.map((line) => `<row>${line.split(',').map(cell).join('')}</row>`).join('');
  await sluice.database.pool.query('TRUNCATE people');
  const sent = await sluice.send('people', workbook({ sheets: [{ name: 'people', rows }] }));
  expect(sent.status).toBe(202);
  await sluice.startWorker();
  expect(await sluice.ended(((await sent.json()) as { id: string }).id)).toMatchObject({
    status: 'succeeded',
    result: { loaded: 9, rejected: 0 },
  });
  expect(await landed()).toMatchObject({ rows: '9' });
});
