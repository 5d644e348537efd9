// A file is sent once: its question is answered with the id of the upload, and the records land.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

const DAYS = {
  name: 'days',
  schema: {
    fields: [
      { name: 'day', type: 'date', format: 'any' },
      { name: 'note', type: 'string' },
    ],
  },
  target: { table: 'days' },
} as const;
const RECORDS = 100_000;

let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: [DAYS], env: { SLUICE_MIN_UPLOAD_BYTES_PER_SECOND: '0' } });
  await sluice.startWorker();
}, 60_000);
afterAll(() => sluice.stop());

const file = (note: string): string => `day,note\n${`01/02/2024,${note}\n`.repeat(RECORDS)}`;

const post = (body: object): Promise<Response> =>
  sluice.fetch('/v1/imports', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function ask(note: string): Promise<string> {
  const asked = await sluice.send('days', file(note));
  expect(asked.status).toBe(422);
  return ((await asked.json()) as { uploadId: string }).uploadId;
}

async function landed(note: string): Promise<unknown> {
  const { rows } = await sluice.database.pool.query(
    'SELECT day::text, count(*)::int FROM days WHERE note = $1 GROUP BY 1',
    [note],
  );
  return rows;
}

it('is asked, answered, and lands; first as a dry run', async () => {
  const uploadId = await ask('once');
  const dry = await post({ uploadId, dateOrder: 'dmy', dryRun: true });
  expect(await sluice.ended(((await dry.json()) as { id: string }).id)).toMatchObject({
    status: 'succeeded',
  });
  expect(await landed('once')).toEqual([]);
  const real = await post({ uploadId, dateOrder: 'dmy' });
  expect(real.status).toBe(202);
  expect(await sluice.ended(((await real.json()) as { id: string }).id)).toMatchObject({
    status: 'succeeded',
  });
  expect(await landed('once')).toEqual([{ day: '2024-02-01', count: RECORDS }]);
});

it('is deleted while it is imported: each import is whole or is not there', async () => {
  const uploadId = await ask('race');
  const [deleted, ...imports] = await Promise.all([
    sluice.fetch(`/v1/uploads/${uploadId}`, { method: 'DELETE' }),
    ...['a', 'b', 'c'].map(() => post({ uploadId, dateOrder: 'mdy' })),
  ]);
  expect(deleted.status).toBe(204);
  const taken = imports.filter(({ status }) => status === 202);
  expect(imports.filter(({ status }) => status === 404)).toHaveLength(imports.length - taken.length);
  for (const each of taken)
    expect(await sluice.ended(((await each.json()) as { id: string }).id)).toMatchObject({
      status: 'succeeded',
    });
  const whole = { day: '2024-01-02', count: taken.length * RECORDS };
  expect(await landed('race')).toEqual(taken.length === 0 ? [] : [whole]);
  expect(await readdir(join(sluice.folder, 'storage', 'uploads'))).not.toContain(uploadId);
});

it('whose API is killed while the file comes in leaves no upload, and nothing that the sweep would not find', async () => {
  const stopped = new AbortController();
  const half = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(file('half').slice(0, 500_000))),
  });
  const { url, api } = await sluice.startApi();
  const sending = fetch(`${url}/v1/uploads`, {
    method: 'POST',
    body: half,
    duplex: 'half',
    signal: stopped.signal,
    headers: { authorization: `Bearer ${sluice.key}`, 'content-type': 'text/csv' },
  }).catch(() => 'cut off');
  const folders = () => readdir(join(sluice.folder, 'storage', 'uploads'));
  const before = await folders();
  await waitFor(async () => (await folders()).length > before.length, { what: 'the file to come in' });
  api.kill('SIGKILL');
  expect(await sending).toBe('cut off');
  stopped.abort();
  const { rows } = await sluice.database.pool.query<{ id: string }>('SELECT id FROM sluice.uploads');
  const unknown = (await folders()).filter((id) => !rows.some((row) => row.id === id));
  expect(unknown).toHaveLength(1);
});
