// Datasets for the tests of records: a to-do list, one with every type, and one with a linked table.
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { applyTables } from '../../../src/db/datasets/dataset-tables.ts';
import { saveDataset } from '../../../src/db/datasets/datasets.ts';
import type { TestApi } from '../../support/api.ts';

export const todos: Dataset = {
  name: 'todos',
  schema: {
    fields: [
      { name: 'title', type: 'string', constraints: { required: true, maxLength: 100 } },
      { name: 'memo', type: 'string' },
      { name: 'priority', type: 'integer', constraints: { minimum: 1, maximum: 5 } },
      { name: 'completed', type: 'boolean' },
    ],
  },
  target: { table: 'todos' },
};

export const everyType: Dataset = {
  name: 'every type',
  schema: {
    fields: [
      { name: 'code', type: 'string', constraints: { maxLength: 10 } },
      { name: 'text "quoted"', type: 'string' },
      { name: 'uid', type: 'string', format: 'uuid' },
      { name: 'whole', type: 'integer' },
      { name: 'amount', type: 'number', decimalChar: ',', groupChar: '.' },
      { name: 'flag', type: 'boolean', trueValues: ['ja'], falseValues: ['nein'] },
      { name: 'day', type: 'date', format: '%d.%m.%Y' },
      { name: 'at', type: 'datetime' },
      { name: 'clock', type: 'time' },
      { name: 'year', type: 'year' },
      { name: 'month', type: 'yearmonth' },
      { name: 'thing', type: 'object' },
      { name: 'list', type: 'array' },
      { name: 'anything', type: 'any' },
    ],
    missingValues: [],
    primaryKey: ['code'],
  },
  target: { table: 'every_type' },
};

/** Values of `everyType` that a double, a Date or a careless CSV would change. */
export const PRECIOUS = {
  code: '007',
  'text "quoted"': '=1+1, "a"\n\\N\t',
  uid: '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10',
  whole: '9007199254740993',
  amount: '12345678901234567890.10',
  flag: true,
  day: '2024-02-29',
  at: '2024-01-31T13:45:00.123456Z',
  clock: '23:59:59.5',
  year: '2024',
  month: '2024-12',
  thing: '{"a": 1.10, "b": [12345678901234567890]}',
  list: '["x", null]',
  anything: '',
};

export const people: Dataset = {
  name: 'people',
  schema: {
    fields: [
      { name: 'email', type: 'string', format: 'email', constraints: { required: true, unique: true } },
      { name: 'name', type: 'string' },
      { name: 'city', type: 'string' },
      { name: 'zip', type: 'string', normalize: [{ padStart: { length: 7, from: [6] } }] },
    ],
    primaryKey: ['email'],
  },
  target: {
    table: 'people',
    links: [{ table: 'homes', column: 'home_id', fields: ['city', 'zip'] }],
  },
};

export async function apply(api: TestApi, ...datasets: readonly Dataset[]): Promise<void> {
  for (const dataset of datasets) {
    await applyTables(api.deps.database.db, dataset);
    await saveDataset(api.deps.database.db, dataset);
  }
}

export interface Page {
  readonly data: readonly Record<string, unknown>[];
  readonly nextCursor: string | null;
  readonly count?: number;
}
