// A large file is recorded with its plan, so that no worker reads it for that; what cannot be planned so is planned by a worker.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FilePlan } from '../../../src/core/csv/types.ts';
import type { TestApi } from '../../support/api.ts';
import { openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { listeningApi, upload } from '../../support/uploads.ts';

const ROWS = 60_000;
const CSV = Buffer.from(
  `name,note\n${Array.from({ length: ROWS }, (_, no) => `n${no},"a ""note"", and ${no}"`).join('\n')}\n`,
);

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  const chunkBytes = 256 * 1024;
  api = await listeningApi({ env: { SLUICE_CHUNK_BYTES: String(chunkBytes) } });
  slot = await openSlot(api.database.url, api.deps.config.storageDir, { chunkBytes });
});
afterAll(async () => {
  await slot.close();
  await api.close();
});

async function send(body: Buffer, query = '', headers: Record<string, string> = {}): Promise<string> {
  const answer = await upload(api, {
    query: `?dataset=people${query}`,
    headers: { 'content-type': 'text/csv', ...headers },
    body,
  });
  expect(answer.status).toBe(202);
  return (answer.json() as { id: string }).id;
}

async function recordedPlan(id: string): Promise<FilePlan | null> {
  const { rows } = await api.database.pool.query<{ plan: FilePlan | null }>(
    'SELECT plan FROM sluice.imports WHERE id = $1',
    [id],
  );
  return rows[0]!.plan;
}

/** Sends it until its plan is made in time: on a busy machine the thread may be late, and a worker makes the plan. */
async function sendPlanned(body: Buffer, query = '', headers: Record<string, string> = {}): Promise<string> {
  for (let tries = 1; ; tries++) {
    const id = await send(body, query, headers);
    if ((await recordedPlan(id)) !== null || tries === 20) return id;
  }
}

/** By its chunks, after a worker has taken it up. */
async function chunks(id: string) {
  const { rows } = await api.database.pool.query(
    `SELECT chunk_no AS "chunkNo", start_byte::int AS "startByte", end_byte::int AS "endByte", first_row::int AS "firstRow", records
       FROM sluice.import_chunks WHERE import_id = $1 ORDER BY chunk_no`,
    [id],
  );
  return rows;
}

async function counts(id: string) {
  const { rows } = await api.database.pool.query(
    `SELECT count(*)::int AS rows, count(DISTINCT note)::int AS notes, min(import_row)::int AS first, max(import_row)::int AS last
       FROM people WHERE import_id = $1`,
    [id],
  );
  return rows[0];
}

const WHOLE = { rows: ROWS, notes: ROWS, first: 1, last: ROWS };

describe('a large file', () => {
  it('is planned while it comes in, as a worker would plan it, and lands whole', async () => {
    const id = await sendPlanned(CSV);
    const plan = (await recordedPlan(id))!;
    expect(plan.records).toBe(ROWS);
    expect(plan.chunks.length).toBeGreaterThan(4);
    await runImport(slot, id);
    expect(await counts(id)).toEqual(WHOLE);
    expect(await recordedPlan(id)).toBeNull();
    // The same file, planned by a worker.
    await api.database.pool.query('TRUNCATE people');
    const again = await send(CSV, '&mode=insert');
    await api.database.pool.query('UPDATE sluice.imports SET plan = NULL WHERE id = $1', [again]);
    await runImport(slot, again);
    expect(await chunks(again)).toEqual(await chunks(id));
    expect(await counts(again)).toEqual(WHOLE);
  });

  it('may be packed', async () => {
    const id = await sendPlanned(gzipSync(CSV), '', { 'content-encoding': 'gzip' });
    expect((await recordedPlan(id))?.records).toBe(ROWS);
  });

  it('may be staged', async () => {
    await api.database.pool.query('TRUNCATE people');
    const id = await sendPlanned(CSV, '&onError=abort');
    expect((await recordedPlan(id))?.records).toBe(ROWS);
    await runImport(slot, id);
    expect(await counts(id)).toEqual(WHOLE);
  });

  it('may have more records than a worker takes: it says so', async () => {
    const id = await sendPlanned(CSV);
    await runImport({ ...slot, settings: { ...slot.settings, maxRows: ROWS - 1 } }, id);
    const view = (await api.call({ url: `/v1/imports/${id}` })).json<{ status: string; error: object }>();
    expect(view).toMatchObject({ status: 'failed', error: { code: 'too-many-rows' } });
  });
});

describe('a worker makes the plan', () => {
  it('of a small file', async () => {
    expect(await recordedPlan(await send(Buffer.from('name\na\n')))).toBeNull();
  });

  it('of one with a footer, which is found behind the last record', async () => {
    const footed = Buffer.concat([CSV, Buffer.from('Total,60000\n')]);
    const id = await send(footed, '&skipFooter=1');
    expect(await recordedPlan(id)).toBeNull();
    await api.database.pool.query('TRUNCATE people');
    await runImport(slot, id);
    expect(await counts(id)).toEqual(WHOLE);
  });
});
