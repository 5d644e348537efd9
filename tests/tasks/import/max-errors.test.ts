import { beforeEach, expect, it } from 'vitest';
import { sumCounts } from '../../../src/db/imports/chunks.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import { loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { PEOPLE } from '../../support/uploads.ts';

const CHUNK_BYTES = 100;
const RECORDS = 40;

let database: TestDatabase;
let slot: TestSlot;

beforeEach(async () => {
  const fresh = await freshSlot([PEOPLE], { chunkBytes: CHUNK_BYTES });
  ({ database, slot } = fresh);
  return fresh.close;
});

/** Every tenth record is bad: four of forty. */
const FILE = `name,age\n${Array.from({ length: RECORDS }, (_, at) => `person ${at},${at % 10 === 9 ? 'x' : at}\n`).join('')}`;

const rowsLanded = async (): Promise<number> =>
  Number((await database.pool.query<{ count: string }>('SELECT count(*) FROM people')).rows[0]!.count);

it.each(['4', '10%'])('maxErrors=%s lets so many pass', async (maxErrors) => {
  const id = await addImport(slot, PEOPLE, FILE, { maxErrors });
  await runImport(slot, id);
  expect(await findTask(slot.db, id)).toMatchObject({
    status: 'succeeded',
    result: { records: RECORDS, inserted: 36, loaded: 36, rejected: 4, unprocessed: 0 },
  });
});

it.each([
  { maxErrors: '3', rejected: 4 },
  { maxErrors: '9.9%', rejected: 4 },
  { maxErrors: '0', rejected: 1 },
])(
  'maxErrors=$maxErrors fails the import; what had landed stays, the rest is unprocessed',
  async ({ maxErrors, rejected }) => {
    const id = await addImport(slot, PEOPLE, FILE, { maxErrors });
    await runImport(slot, id);
    expect(await findTask(slot.db, id)).toMatchObject({
      status: 'failed',
      error: { code: 'too-many-errors', message: expect.stringContaining(`maxErrors=${maxErrors}`) },
    });
    const landed = await rowsLanded();
    expect(await sumCounts(slot.db, id)).toMatchObject({
      inserted: landed,
      loaded: landed,
      rejected,
      unprocessed: RECORDS - landed - rejected,
    });
    expect(landed).toBeGreaterThan(0);
  },
);

it('a worker that dies between a chunk’s commit and the look at the limit does not make it succeed', async () => {
  const id = await addImport(slot, PEOPLE, FILE, { maxErrors: '1' });
  // As if the limit had not been there when the chunks were committed.
  await database.pool.query('UPDATE sluice.imports SET max_errors = NULL WHERE id = $1', [id]);
  const plan = await planImport(slot, id);
  for (const chunkNo of plan.kind === 'chunks' ? plan.chunkNos : []) await loadChunk(slot, id, chunkNo);
  await database.pool.query(`UPDATE sluice.imports SET max_errors = '1' WHERE id = $1`, [id]);
  expect(await planImport(slot, id)).toEqual({ kind: 'ended', counts: null });
  expect(await findTask(slot.db, id)).toMatchObject({ status: 'failed', error: { code: 'too-many-errors' } });
});
