// A table of others that got stricter rules since its dataset was applied: each record that breaks one is rejected by name, the others land.
import { beforeEach, describe, expect, it } from 'vitest';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { completeDataset } from '../../../src/db/datasets/complete-dataset.ts';
import { applyTables } from '../../../src/db/datasets/dataset-tables.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf } from '../../support/staged.ts';

let database: TestDatabase;
let slot: TestSlot;
let dataset: Dataset;

beforeEach(async () => {
  const fresh = await freshSlot([], { chunkBytes: 300 });
  ({ database, slot } = fresh);
  await database.pool.query(`
    CREATE DOMAIN amounts AS numeric(10,2);
    CREATE TABLE states (code text PRIMARY KEY);
    INSERT INTO states VALUES ('new');
    CREATE TABLE orders (id bigserial PRIMARY KEY, order_no text UNIQUE NOT NULL, amount amounts, state text, place int)`);
  const document = parseDataset({ name: 'd', target: { table: 'public.orders' } }, 'the test');
  dataset = await completeDataset(slot.db, document);
  await applyTables(slot.db, dataset);
  return fresh.close;
});

const FILE = 'order_no,amount,state,place\nA-1,1,new,1\nA-2,-1,old,1\nA-3,3,new,3\n';

const CHANGES: [what: string, sql: string, error: { said: string; [name: string]: unknown }][] = [
  [
    'a check',
    'ALTER TABLE orders ADD CONSTRAINT positive CHECK (amount > 0)',
    { row: 2, column: 'amount', value: '-1', code: 'database-error', said: 'positive' },
  ],
  [
    'a check of two columns',
    "ALTER TABLE orders ADD CONSTRAINT paid CHECK (amount > 0 OR state <> 'old')",
    { row: 2, column: undefined, value: null, code: 'database-error', said: 'paid' },
  ],
  [
    'a check of the domain',
    'ALTER DOMAIN amounts ADD CONSTRAINT never_less CHECK (VALUE > 0)',
    { row: 2, column: 'amount', value: '-1', code: 'database-error', said: 'never_less' },
  ],
  [
    'a unique key',
    'ALTER TABLE orders ADD CONSTRAINT one_place UNIQUE (place)',
    { row: 2, column: 'place', value: '1', code: 'unique-error', said: 'one_place' },
  ],
  [
    'a unique index of an expression',
    'CREATE UNIQUE INDEX by_size ON orders (abs(amount))',
    { row: 2, column: 'amount', value: '-1', code: 'unique-error', said: 'by_size' },
  ],
  [
    'a foreign key',
    'ALTER TABLE orders ADD CONSTRAINT known FOREIGN KEY (state) REFERENCES states',
    {
      row: 2,
      column: 'state',
      value: 'old',
      code: 'foreign-key-error',
      said: 'not present in table "states"',
    },
  ],
  [
    'an exclusion constraint',
    'ALTER TABLE orders ADD CONSTRAINT apart EXCLUDE USING btree (place WITH =)',
    { row: 2, column: 'place', value: '1', code: 'database-error', said: 'apart' },
  ],
  [
    'a trigger',
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
       IF NEW.state = 'old' THEN RAISE 'too old'; END IF; RETURN NEW; END $$;
     CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION refuse()`,
    { row: 2, column: undefined, value: null, code: 'database-error', said: 'too old' },
  ],
];

async function sendAndTell(
  text: string,
  mode: 'insert' | 'upsert',
): Promise<{ id: string; errors: object[] }> {
  const id = await addImport(slot, dataset, text, { mode });
  await runImport(slot, id);
  expect(await findTask(slot.db, id)).toMatchObject({ status: 'succeeded', error: null });
  const { errors } = await listRowErrors(slot.db, id, {}, { limit: 10 });
  return {
    id,
    errors: errors.map(({ row, column, value, code, message }) => ({
      row,
      column: column?.name,
      value,
      code,
      said: message,
    })),
  };
}

const orderNos = async () =>
  (await database.pool.query('SELECT order_no, amount::text FROM orders ORDER BY 1')).rows as object[];

describe.each(CHANGES)('%s', (_, sql, { said, ...error }) => {
  const told = { ...error, said: expect.stringContaining(said) as unknown };

  it.each(['insert', 'upsert'] as const)('is told of each record that breaks it (%s)', async (mode) => {
    await database.pool.query(sql);
    const { id, errors } = await sendAndTell(FILE, mode);
    expect(errors).toEqual([told]);
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 2, rejected: 1 });
    expect(await orderNos()).toEqual([
      { order_no: 'A-1', amount: '1.00' },
      { order_no: 'A-3', amount: '3.00' },
    ]);
  });

  it('is told of records that would change a row', async () => {
    await sendAndTell('order_no,amount,state,place\nA-1,5,new,1\nA-2,7,new,2\nA-3,6,new,3\n', 'insert');
    await database.pool.query(sql);
    const { id, errors } = await sendAndTell(FILE, 'upsert');
    expect(errors).toEqual([told]);
    expect(await countsOf(slot, id)).toMatchObject({ updated: 2, rejected: 1 });
    expect(await orderNos()).toEqual([
      { order_no: 'A-1', amount: '1.00' },
      { order_no: 'A-2', amount: '7.00' },
      { order_no: 'A-3', amount: '3.00' },
    ]);
  });
});
