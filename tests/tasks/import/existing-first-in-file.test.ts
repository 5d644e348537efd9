// In a table that exists, too, of equal keys the first in file order stands, whichever chunk was quicker.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import { loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf } from '../../support/staged.ts';
import { addDataset } from '../../support/uploads.ts';
import '../../support/seed.ts';
import { runs } from '../../support/random.ts';

let database: TestDatabase;
let slot: TestSlot;

beforeEach(async () => {
  // About two records to a chunk.
  const fresh = await freshSlot([], { chunkBytes: 12 });
  ({ database, slot } = fresh);
  return fresh.close;
});

const query = async <Row>(text: string): Promise<Row[]> => (await database.pool.query(text)).rows as Row[];

async function load(dataset: Dataset, text: string, order: 'last first' | readonly number[]) {
  const id = await addImport(slot, dataset, text);
  const plan = await planImport(slot, id);
  if (plan.kind === 'chunks')
    for (const chunkNo of order === 'last first' ? plan.chunkNos.toReversed() : order)
      await loadChunk(slot, id, plan.chunkNos[chunkNo % plan.chunkNos.length]!);
  await runImport(slot, id);
  expect(await findTask(slot.db, id)).toMatchObject({ status: 'succeeded' });
  const { errors } = await listRowErrors(slot.db, id, {}, { limit: 1000 });
  return {
    rows: await query(
      `SELECT p.import_row, t.code, t.size, t.label FROM things t JOIN sluice_provenance.rows_1 p ON p.key_1::text = t.key::text WHERE p.import_id = '${id}' ORDER BY 1`,
    ),
    noted: await query(
      `SELECT import_row FROM sluice_provenance.rows_1 WHERE import_id = '${id}' ORDER BY 1`,
    ),
    counts: await countsOf(slot, id),
    errors: errors.map(({ row, code, value }) => ({ row, code, value })),
  };
}

describe.each([
  [
    'numbers its rows',
    'key bigserial PRIMARY KEY, code text NOT NULL UNIQUE, size int CHECK (size <> 7), label text',
  ],
  [
    'is keyed by the file',
    'key text GENERATED ALWAYS AS (code) STORED, code text PRIMARY KEY, size int CHECK (size <> 7), label text UNIQUE',
  ],
])('of records with equal keys in several chunks, for a table that %s,', (_what, columns) => {
  it('the first stands, in whatever order the chunks come', async () => {
    await query(`CREATE TABLE things (${columns}); INSERT INTO things (code) VALUES ('f')`);
    const dataset = await addDataset(
      database.pool,
      parseDataset(
        {
          name: 'things',
          schema: {
            fields: [
              { name: 'code', type: 'string' },
              { name: 'size', type: 'integer' },
            ],
          },
          target: { table: 'things', existing: true },
        },
        'the test',
      ),
    );
    const record = fc.record({
      code: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      size: fc.constantFrom('1', '2', '7', 'x', ''),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 4, maxLength: 14 }),
        fc.array(fc.nat(20), { maxLength: 8 }),
        async (records, order) => {
          const text = `code,size\n${records.map(({ code, size }) => `${code},${size}\n`).join('')}`;
          const outcomes = [];
          for (const each of [[], 'last first', order] as const) {
            await query(
              `DELETE FROM things WHERE code <> 'f'; DELETE FROM sluice_provenance.rows_1; DELETE FROM sluice.tasks; DELETE FROM sluice.import_row_errors`,
            );
            outcomes.push(await load(dataset, text, each));
          }
          expect(outcomes[1]).toEqual(outcomes[0]);
          expect(outcomes[2]).toEqual(outcomes[0]);
        },
      ),
      { numRuns: runs(5) },
    );
  }, 120_000);
});
