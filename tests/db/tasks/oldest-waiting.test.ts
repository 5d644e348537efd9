import { beforeAll, expect, it } from 'vitest';
import { countChunksLeft } from '../../../src/db/queues/queues.ts';
import { oldestWaiting } from '../../../src/db/tasks/oldest-waiting.ts';
import { loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, type TestSlot } from '../../support/slot.ts';
import { PEOPLE } from '../../support/uploads.ts';

let database: TestDatabase;
let slot: TestSlot;

beforeAll(async () => {
  const fresh = await freshSlot([PEOPLE], { chunkBytes: 64 });
  ({ database, slot } = fresh);
  return fresh.close;
});

it('tells of each queue how long the oldest work has waited: queued tasks, and chunks that nobody does; and how many chunks are left', async () => {
  expect(Object.fromEntries(await oldestWaiting(database.db))).toEqual({ imports: 0, chunks: 0 });
  const text = `name\n${'somebody\n'.repeat(40)}`;
  const [old, running] = [await addImport(slot, PEOPLE, text), await addImport(slot, PEOPLE, `${text}x\n`)];
  await addImport(slot, PEOPLE, 'name\nnew\n');
  await database.pool.query(`UPDATE sluice.tasks SET run_at = now() - interval '1 hour' WHERE id = $1`, [
    old,
  ]);
  await planImport(slot, running);
  await database.pool.query(
    `UPDATE sluice.imports SET planned_at = now() - interval '2 minutes' WHERE id = $1`,
    [running],
  );
  const waited = await oldestWaiting(database.db);
  expect(waited.get('imports')).toBeGreaterThanOrEqual(3600);
  expect(waited.get('imports')).toBeLessThan(3700);
  expect(waited.get('chunks')).toBeGreaterThanOrEqual(120);
  expect(waited.get('chunks')).toBeLessThan(220);
  const chunks = await countChunksLeft(database.db);
  expect(chunks).toBeGreaterThan(5);
  // The chunks' turn comes: one is done.
  await loadChunk(slot, running, 0);
  expect(await countChunksLeft(database.db)).toBe(chunks - 1);
  expect((await oldestWaiting(database.db)).get('chunks')).toBeLessThan(100);
});
