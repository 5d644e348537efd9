import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { peopleFile } from '../support/people.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';
import { waitFor } from '../support/wait-for.ts';

const RECORDS = 15_000;
let sluice: Sluice;

beforeAll(async () => {
  sluice = await startSluice({ datasets: ['bench/people.json'], env: { SLUICE_CHUNK_BYTES: '32768' } });
});
beforeEach(() => sluice.database.pool.query('TRUNCATE people'));
afterAll(() => sluice.stop());

async function send(): Promise<string> {
  const response = await sluice.send('people', peopleFile(RECORDS, 1000).text);
  return ((await response.json()) as { id: string }).id;
}

async function halfDone(id: string): Promise<void> {
  await waitFor(
    async () => {
      const { progress } = await sluice.task(id);
      return progress.chunksTotal !== null && progress.chunksDone >= progress.chunksTotal / 3;
    },
    { what: 'a third of the chunks to be done' },
  );
}

async function rowsIn(table: string): Promise<number> {
  const { rows } = await sluice.database.pool.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
  return Number(rows[0]!.count);
}

const cancel = (id: string, query = ''): Promise<Response> =>
  sluice.fetch(`/v1/tasks/${id}${query}`, { method: 'DELETE' });

describe('without a worker, DELETE /v1/tasks/{id}', () => {
  it('cancels a queued import at once; nothing of it ever lands', async () => {
    const id = await send();
    const answer = await cancel(id);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ id, status: 'cancelled' });
    await sluice.startWorker();
    const next = await send();
    await sluice.ended(next);
    expect((await sluice.task(id)).status).toBe('cancelled');
    expect(await rowsIn('people')).toBe(RECORDS - RECORDS / 1000);
  });
});

describe('with a worker, DELETE /v1/tasks/{id}', () => {
  beforeAll(async () => void (await sluice.startWorker()));

  it('cancels a running import, keeps what had landed, and counts it', async () => {
    const id = await send();
    await halfDone(id);
    const answer = await cancel(id);
    expect(answer.status).toBe(202);
    expect(['cancelling', 'cancelled']).toContain(((await answer.json()) as { status: string }).status);
    const ended = await sluice.ended(id);
    expect(ended.status).toBe('cancelled');
    const kept = await rowsIn('people');
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(RECORDS - RECORDS / 1000);
    expect(ended.result).toMatchObject({ records: RECORDS, loaded: kept, rows: 'keep' });
    const { rejected, unprocessed } = ended.result as { rejected: number; unprocessed: number };
    expect(kept + rejected + unprocessed).toBe(RECORDS);
    // The next import is worked on by the same slots, after which nothing of the cancelled one has landed late.
    await sluice.ended(await send());
    expect(await rowsIn('people')).toBe(kept + RECORDS - RECORDS / 1000);
  });

  it('takes back what had landed with ?rows=rollback', async () => {
    const before = await send();
    await sluice.ended(before);
    const id = await send();
    await halfDone(id);
    expect((await cancel(id, '?rows=rollback')).status).toBe(202);
    const ended = await sluice.ended(id);
    expect(ended).toMatchObject({
      status: 'cancelled',
      result: { loaded: 0, rejected: 0, unprocessed: RECORDS, errors: 0, rows: 'rollback' },
    });
    expect(await rowsIn('people')).toBe(RECORDS - RECORDS / 1000);
    expect(await rowsIn(`people WHERE import_id = '${id}'`)).toBe(0);
  });

  it('answers 409 when the task has ended, 404 when there is none', async () => {
    const id = ((await (await sluice.send('people', peopleFile(3).text)).json()) as { id: string }).id;
    await sluice.ended(id);
    const final = await cancel(id);
    expect(final.status).toBe(409);
    expect(await final.json()).toMatchObject({ code: 'TASK_FINAL' });
    expect((await cancel('0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10')).status).toBe(404);
  });
});
