// Files that a slot cannot bear: their import fails with the reason, the worker lives, and what runs beside them is not disturbed.
import { afterEach, expect, it } from 'vitest';
import type { Dataset, Field } from '../../src/core/dataset/types.ts';
import { peopleFile } from '../support/people.ts';
import { startSluice, type Sluice } from '../support/sluice.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** With the datasets `people` and `poison`, whose only field is given. */
async function start(field: Field, env: Readonly<Record<string, string>>): Promise<Sluice> {
  const poison: Dataset = { name: 'poison', schema: { fields: [field] }, target: { table: 'poison' } };
  const sluice = await startSluice({
    datasets: ['bench/people.json', poison],
    env: { SLUICE_ATTEMPTS: '2', SLUICE_RETRY_DELAY_MS: '50', SLUICE_CHUNK_BYTES: '200000', ...env },
  });
  cleanUps.push(() => sluice.stop());
  return sluice;
}

async function send(sluice: Sluice, dataset: string, content: string): Promise<string> {
  return ((await (await sluice.send(dataset, content)).json()) as { id: string }).id;
}

/** The poisoned file fails for `reason` and leaves nothing; people sent before and after it land, by the same process. */
async function expectToFailAlone(sluice: Sluice, content: string, reason: RegExp): Promise<void> {
  const worker = await sluice.startWorker();
  const poisoned = await send(sluice, 'poison', content);
  const beside = await send(sluice, 'people', peopleFile(5000).text);
  const failed = await sluice.ended(poisoned, 120_000);
  expect(failed).toMatchObject({ status: 'failed', error: { code: 'chunk-failed', chunkNo: 0 } });
  expect(failed.error?.message).toMatch(reason);
  expect(await sluice.ended(beside)).toMatchObject({ status: 'succeeded', result: { loaded: 5000 } });
  const after = await send(sluice, 'people', peopleFile(1000).text);
  expect(await sluice.ended(after)).toMatchObject({ status: 'succeeded', result: { loaded: 1000 } });
  const { rows } = await sluice.database.pool.query('SELECT count(*)::int AS rows FROM poison');
  expect(rows).toEqual([{ rows: 0 }]);
  // The process that said it was ready is the one that has done all this.
  expect(worker.output().split('worker ready').length).toBe(2);
  process.kill(worker.pid, 0);
}

it('a slot that needs more memory than it has is ended', async () => {
  const sluice = await start(
    { name: 'list', type: 'array' },
    { SLUICE_SLOT_MEMORY_MB: '24', SLUICE_MAX_CELL_BYTES: '4000000' },
  );
  // Three bytes of text become an object of some sixty in the heap.
  await expectToFailAlone(
    sluice,
    `list\n"[${'{},'.repeat(1_000_000)}{}]"\n`,
    /^Chunk 0 could not be loaded after 2 attempts: its slot was ended: it needed more than 24 MB of memory \(SLUICE_SLOT_MEMORY_MB\)/,
  );
});

it('a slot that computes for long without a pause is ended', async () => {
  // Patterns take time in proportion to the text; of so much text in one chunk they take long.
  const sluice = await start(
    { name: 'code', type: 'string', constraints: { pattern: '((a|aa){1,30}){1,30}b' } },
    { SLUICE_STUCK_MS: '1000', SLUICE_CHUNK_BYTES: '100000000' },
  );
  await expectToFailAlone(
    sluice,
    `code\n${`${'a'.repeat(1_000_000)}cab\n`.repeat(60)}`,
    /^Chunk 0 could not be loaded after 2 attempts: its slot was ended: it computed for 1000 ms without a pause \(SLUICE_STUCK_MS\)/,
  );
});
