import { beforeAll, expect, it } from 'vitest';
import {
  existingImports,
  findImport,
  insertImport,
  markFilesRemoved,
} from '../../../src/db/imports/imports.ts';
import { insertPlan, listWaitingChunks, sumCounts } from '../../../src/db/imports/chunks.ts';
import { findImportView } from '../../../src/db/imports/import-views.ts';
import { listWithFiles } from '../../../src/db/tasks/prune.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { PEOPLE } from '../../support/uploads.ts';

const NOBODY = '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10';

let database: TestDatabase;
let slot: TestSlot;

beforeAll(async () => {
  const fresh = await freshSlot([PEOPLE]);
  ({ database, slot } = fresh);
  return fresh.close;
});

it('an import and its task are recorded both or neither', async () => {
  const id = await addImport(slot, PEOPLE, 'name\na\n');
  const row = (await findImport(slot.db, id))!;
  const other = { ...row, id: NOBODY, sha256: null as never };
  await expect(insertImport(slot.db, other)).rejects.toMatchObject({ cause: { code: '23502' } });
  const { rows } = await database.pool.query('SELECT id FROM sluice.tasks');
  expect(rows).toEqual([{ id }]);
});

it('existingImports tells which of some ids have an import', async () => {
  const id = await addImport(slot, PEOPLE, 'name\na\n');
  expect(await existingImports(slot.db, [NOBODY, id])).toEqual(new Set([id]));
  expect(await existingImports(slot.db, [])).toEqual(new Set());
});

it('a plan is recorded once: another worker’s is dropped', async () => {
  const id = await addImport(slot, PEOPLE, 'name\na\nb\n');
  const chunk = { startByte: 5, endByte: 9, firstRow: 1, firstLine: 2, records: 2, broken: [] };
  await insertPlan(slot.db, id, { chunks: [{ ...chunk, chunkNo: 0 }], records: chunk.records, learnt: {} });
  const other = [
    { ...chunk, chunkNo: 0 },
    { ...chunk, chunkNo: 1 },
  ];
  await insertPlan(slot.db, id, { chunks: other, records: 4, learnt: {} });
  expect(await listWaitingChunks(slot.db, id)).toEqual([0]);
  expect(await sumCounts(slot.db, id)).toEqual({
    records: 2,
    inserted: 0,
    updated: 0,
    unchanged: 0,
    superseded: 0,
    rejected: 0,
    unprocessed: 2,
    loaded: 0,
    deleted: 0,
    errors: 0,
  });
});

it('files are past their retention some days after the end, until they are removed', async () => {
  const [ended, running] = [
    await addImport(slot, PEOPLE, 'name\na\n'),
    await addImport(slot, PEOPLE, 'name\na\n'),
  ];
  await runImport(slot, ended);
  const due = async (): Promise<string[]> =>
    (await listWithFiles(slot.db, PEOPLE.name, 'P1D', 1000, undefined))
      .filter(({ isDue }) => isDue)
      .map(({ id }) => id);
  expect(await due()).toEqual([]);
  await database.pool.query(
    `UPDATE sluice.tasks SET finished_at = now() - interval '25 hours' WHERE id = $1`,
    [ended],
  );
  await database.pool.query(`UPDATE sluice.tasks SET created_at = now() - interval '9 days' WHERE id = $1`, [
    running,
  ]);
  expect(await due()).toEqual([ended]);
  await markFilesRemoved(slot.db, ended);
  expect(await due()).toEqual([]);
  expect((await findImportView(database.pool, ended))?.filesRemovedAt).toBeInstanceOf(Date);
});
