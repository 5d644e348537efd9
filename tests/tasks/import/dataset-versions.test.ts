// A dataset that changes while an import of it is under way.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { changeDataset } from '../../../src/db/datasets/change-dataset.ts';
import { findDataset } from '../../../src/db/datasets/datasets.ts';
import { findImportView } from '../../../src/db/imports/import-views.ts';
import { freshSlot, type FreshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport } from '../../support/slot.ts';
import { PEOPLE } from '../../support/uploads.ts';

let fresh: FreshSlot;

beforeEach(async () => {
  fresh = await freshSlot([PEOPLE]);
});
afterEach(() => fresh.close());

const withField = (field: Dataset['schema']['fields'][number]): Dataset => ({
  ...PEOPLE,
  schema: { fields: [...PEOPLE.schema.fields, field] },
});
const change = (dataset: Dataset) =>
  changeDataset(fresh.slot.db, { dataset, manager: 'file', takesOver: false, by: null });

it('an import ends under the version it began with, and the next one begins with the new version', async () => {
  const { slot, database } = fresh;
  const first = await addImport(slot, PEOPLE, 'name,age\nAnn,3\n');
  const wider = withField({ name: 'city', type: 'string' });
  expect(await change(wider)).toEqual({ outcome: 'changed', created: [], altered: ['people'] });
  await runImport(slot, first);
  const second = await addImport(slot, (await findDataset(slot.db, 'people'))!, 'name,city\nBob,Rome\n');
  await runImport(slot, second);
  const { rows } = await database.pool.query('SELECT name, city FROM people ORDER BY name');
  expect(rows).toEqual([
    { name: 'Ann', city: null },
    { name: 'Bob', city: 'Rome' },
  ]);
  const versions = [];
  for (const id of [first, second]) {
    const view = await findImportView(database.pool, id);
    versions.push([view!.status, view!.datasetVersion]);
  }
  expect(versions).toEqual([
    ['succeeded', 1],
    ['succeeded', 2],
  ]);
});

it.each<[string, Dataset]>([
  ['a column that is required', withField({ name: 'city', type: 'string', constraints: { required: true } })],
  ['a key', withField({ name: 'city', type: 'string', constraints: { unique: true } })],
  [
    'a shorter text',
    {
      ...PEOPLE,
      schema: {
        fields: PEOPLE.schema.fields.map((field) =>
          field.name === 'name' ? { ...field, constraints: { required: true, maxLength: 2 } } : field,
        ),
      },
    },
  ],
])('%s waits for its end', async (_, dataset) => {
  const id = await addImport(fresh.slot, PEOPLE, 'name\n', { emptyFile: 'accept' });
  await expect(change(dataset)).rejects.toMatchObject({
    code: 'DATASET_IN_USE',
    params: { importIds: [id] },
  });
  await runImport(fresh.slot, id);
  expect((await change(dataset)).outcome).toBe('changed');
});
