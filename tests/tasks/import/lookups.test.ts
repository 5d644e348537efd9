// Foreign keys by natural key in tables that Sluice makes. Those of tables that exist are in existing-table.test.ts.
import { beforeEach, describe, expect, it } from 'vitest';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { completeDataset } from '../../../src/db/datasets/complete-dataset.ts';
import { applyTables } from '../../../src/db/datasets/dataset-tables.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import { landSmallImports } from '../../../src/tasks/import/land-small.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf } from '../../support/staged.ts';

let database: TestDatabase;
let slot: TestSlot;

beforeEach(async () => {
  const fresh = await freshSlot([], { chunkBytes: 300 });
  ({ database, slot } = fresh);
  await database.pool.query(`
    CREATE TABLE currencies (no int PRIMARY KEY, code char(3) UNIQUE NOT NULL);
    INSERT INTO currencies VALUES (392, 'JPY'), (978, 'EUR');`);
  const countries = await made({
    name: 'countries',
    schema: {
      fields: [
        { name: 'iso2', constraints: { unique: true } },
        { name: 'import_name', title: 'name' },
      ],
    },
    target: { table: 'countries' },
  });
  await send(countries, 'iso2,name\nJP,Japan\nDE,Germany\n');
  return fresh.close;
});

const CITIES = {
  name: 'cities',
  schema: {
    fields: [
      { name: 'name', constraints: { required: true } },
      { name: 'country_id', lookup: { field: 'country_code', in: 'countries', by: 'iso2' } },
      { name: 'currency', normalize: ['uppercase'], lookup: { in: 'currencies', by: 'code' } },
    ],
    primaryKey: ['name'],
  },
  target: { table: 'cities' },
};

async function made(document: object): Promise<Dataset> {
  const dataset = await completeDataset(slot.db, parseDataset(document, 'the test'));
  await applyTables(slot.db, dataset);
  return dataset;
}

async function send(
  dataset: Dataset,
  text: string,
  options: Parameters<typeof addImport>[3] = {},
): Promise<string> {
  const id = await addImport(slot, dataset, text, options);
  await runImport(slot, id);
  expect(await findTask(slot.db, id)).toMatchObject({ status: 'succeeded', error: null });
  return id;
}

const errorsOf = async (importId: string) =>
  (await listRowErrors(slot.db, importId, {}, { limit: 100 })).errors.map(
    ({ row, column, value, code, message }) => ({ row, column: column?.name, value, code, message }),
  );

const cities = async (): Promise<unknown[]> =>
  (
    await database.pool.query(
      `SELECT c.name, iso2, code, currency FROM cities c LEFT JOIN countries o ON o.id = c.country_id
         LEFT JOIN currencies u ON u.no = c.currency ORDER BY c.import_row, c.name`,
    )
  ).rows;

const FILE = `name,country_code,currency
Tokyo,JP,jpy
Atlantis,XX,EUR
Bonn,DE,EUR
Nowhere,,
Moon,DE,XXX
`;
const LANDED = [
  { name: 'Tokyo', iso2: 'JP', code: 'JPY', currency: 392 },
  { name: 'Bonn', iso2: 'DE', code: 'EUR', currency: 978 },
  { name: 'Nowhere', iso2: null, code: null, currency: null },
];
const MISSES = [
  { row: 2, column: 'country_code', value: 'XX', code: 'foreign-key-error' },
  { row: 5, column: 'currency', value: 'XXX', code: 'foreign-key-error' },
];

describe('a lookup in a table that Sluice makes', () => {
  it('makes a column of the type of what it takes, a foreign key and an index', async () => {
    const dataset = await made(CITIES);
    expect(dataset.schema.fields.map(({ lookup }) => lookup)).toEqual([
      undefined,
      { field: 'country_code', in: 'countries', by: 'iso2', takes: 'id', type: 'uuid' },
      { in: 'currencies', by: 'code', takes: 'no', type: 'integer' },
    ]);
    const { rows } = await database.pool.query(
      `SELECT pg_get_constraintdef(oid) AS key FROM pg_constraint WHERE conrelid = 'cities'::regclass AND contype = 'f' ORDER BY conkey`,
    );
    expect(rows).toEqual([
      { key: 'FOREIGN KEY (country_id) REFERENCES countries(id)' },
      { key: 'FOREIGN KEY (currency) REFERENCES currencies(no)' },
    ]);
    // Applied again, nothing is to be done.
    expect(await applyTables(slot.db, await completeDataset(slot.db, dataset))).toEqual({
      created: [],
      altered: [],
    });
  });

  it('gives each record the key of the row that it means; a miss is an error with the value', async () => {
    const id = await send(await made(CITIES), FILE);
    expect(await countsOf(slot, id)).toMatchObject({ records: 5, inserted: 3, rejected: 2 });
    expect(await errorsOf(id)).toEqual(MISSES.map((each) => expect.objectContaining(each)));
    expect((await errorsOf(id))[0]!.message).toContain(
      'no row of table "countries" has this value as "iso2"',
    );
    expect(await cities()).toEqual(LANDED);
  });

  it('does so for small files that land together', async () => {
    const dataset = await made(CITIES);
    const small = { ...slot, limits: { ...slot.limits, smallFileBytes: 16_384 } };
    const first = await addImport(small, dataset, FILE);
    const second = await addImport(small, dataset, 'name,country_code\nKyoto,JP\n');
    expect(await landSmallImports(slot)).toEqual({ taken: 2, left: [] });
    expect(await errorsOf(first)).toEqual(MISSES.map((each) => expect.objectContaining(each)));
    expect(await countsOf(slot, second)).toMatchObject({ inserted: 1 });
    expect(await cities()).toHaveLength(4);
  });

  it('holds in every mode: an upsert compares what was found', async () => {
    const dataset = await made(CITIES);
    await send(dataset, FILE);
    const again = await send(dataset, FILE.replace('Bonn,DE', 'Bonn,JP'), { mode: 'upsert' });
    expect(await countsOf(slot, again)).toMatchObject({ updated: 1, unchanged: 2, rejected: 2 });
    const replaced = await send(dataset, FILE, { mode: 'replace' });
    expect(await countsOf(slot, replaced)).toMatchObject({ inserted: 3, deleted: 3, rejected: 2 });
    expect(await cities()).toEqual(LANDED);
  });

  it('holds over many chunks', async () => {
    const dataset = await made(CITIES);
    const lines = Array.from({ length: 200 }, (_, at) => `c${at},${at % 2 === 0 ? 'JP' : 'DE'},EUR\n`);
    const id = await send(dataset, `name,country_code,currency\n${lines.join('')}last,XX,EUR\n`);
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 200, rejected: 1 });
    const { rows } = await database.pool.query(
      `SELECT iso2, count(*)::int FROM cities c JOIN countries o ON o.id = c.country_id GROUP BY 1 ORDER BY 1`,
    );
    expect(rows).toEqual([
      { iso2: 'DE', count: 100 },
      { iso2: 'JP', count: 100 },
    ]);
  });

  it('works for a field of a linked table', async () => {
    const links = [{ table: 'places', column: 'place_id', fields: ['country_id', 'street'] }];
    const fields = [{ name: 'street' }, ...CITIES.schema.fields];
    const dataset = await made({ ...CITIES, schema: { fields }, target: { table: 'shops', links } });
    const id = await send(dataset, 'name,country_code,street\nA,JP,x\nB,XX,y\nC,,\n');
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 2, rejected: 1 });
    const { rows } = await database.pool.query(
      `SELECT s.name, iso2 FROM shops s LEFT JOIN places p ON p.id = s.place_id LEFT JOIN countries o ON o.id = p.country_id ORDER BY 1`,
    );
    expect(rows).toEqual([
      { name: 'A', iso2: 'JP' },
      { name: 'C', iso2: null },
    ]);
  });
});

describe('what is wrong with a lookup', () => {
  const withLookup = (lookup: object) =>
    made({ name: 'd', schema: { fields: [{ name: 'x', lookup }] }, target: { table: 'd' } });

  it.each([
    [{ in: 'nowhere', by: 'a' }, 'there is no such table'],
    [{ in: 'countries', by: 'import_name' }, 'has no unique index: two rows could be meant'],
    [{ in: 'currencies', by: 'code', takes: 'code' }, 'which is character(3); a lookup can take'],
    [{ in: 'currencies', by: 'code', takes: 'nr' }, 'there is no such column'],
    [{ in: 'd', by: 'y' }, 'is a table of this dataset itself'],
    [{ in: 'currencies', by: 'code', type: 'int; DROP TABLE d' }, 'must be one of uuid, smallint'],
  ])('%j', async (lookup, said) => {
    await expect(withLookup(lookup)).rejects.toThrow(said);
  });
});
