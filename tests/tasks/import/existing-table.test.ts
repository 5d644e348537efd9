import { randomUUID } from 'node:crypto';
import { text as toText } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { applyTables } from '../../../src/db/datasets/dataset-tables.ts';
import { completeDataset } from '../../../src/db/datasets/existing-tables.ts';
import { findImport } from '../../../src/db/imports/imports.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { requestUndo } from '../../../src/db/imports/undos.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import { streamAccepted } from '../../../src/outcome/accepted.ts';
import { undoImport } from '../../../src/tasks/undo/undo-import.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf } from '../../support/staged.ts';

/** An ordinary table of a shop, as its programmers have made it. */
const SHOP = `
  CREATE TYPE order_state AS ENUM ('new', 'paid', 'sent');
  CREATE TABLE shop_orders (
    id bigserial PRIMARY KEY,
    order_no varchar(20) UNIQUE NOT NULL,
    customer text,
    amount numeric(10,2) NOT NULL DEFAULT 0,
    quantity int CHECK (quantity > 0),
    state order_state,
    ordered_on date);
  INSERT INTO shop_orders (order_no, customer, amount) VALUES ('OLD-1', 'Ann', 1.50);`;

let database: TestDatabase;
let slot: TestSlot;

beforeEach(async () => {
  const fresh = await freshSlot([], { chunkBytes: 300 });
  ({ database, slot } = fresh);
  await database.pool.query(SHOP);
  return fresh.close;
});

async function query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await database.pool.query(text, values)).rows as Row[];
}

/** A dataset over a table, its fields read from there, applied. */
async function over(table: string, document: object = {}): Promise<Dataset> {
  const target = { table, existing: true };
  const complete = await completeDataset(
    slot.db,
    parseDataset({ name: table, target, ...document }, 'the test'),
  );
  const dataset = parseDataset(complete, 'the table');
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
  (await listRowErrors(slot.db, importId, {}, { limit: 100 })).errors.map(({ row, column, value, code }) => ({
    row,
    column: column?.name,
    value,
    code,
  }));

const orders = (columns = 'order_no, customer, amount::text, quantity, state::text, ordered_on::text') =>
  query(`SELECT ${columns} FROM shop_orders ORDER BY id`);

async function undone(importId: string): Promise<unknown> {
  const id = randomUUID();
  await requestUndo(slot.db, importId, { id, createdBy: randomUUID() });
  await undoImport(slot, id);
  const task = await findTask(slot.db, id);
  expect(task).toMatchObject({ status: 'succeeded', error: null });
  return task!.result;
}

const FILE = `order_no,customer,amount,quantity,state,ordered_on
A-1,Bob,19.90,2,new,2026-01-31
A-2,Cid,5,1,paid,2026-02-01
A-3,,0.05,,,
`;

describe('a file for a table that exists', () => {
  it('lands, and the table fills what the file does not bring', async () => {
    const dataset = await over('shop_orders');
    const id = await send(dataset, 'order_no,customer\nA-1,Bob\nA-2,Cid\n');
    expect(await countsOf(slot, id)).toMatchObject({ records: 2, inserted: 2 });
    expect(await orders('id::int, order_no, customer, amount::text')).toEqual([
      { id: 1, order_no: 'OLD-1', customer: 'Ann', amount: '1.50' },
      { id: 2, order_no: 'A-1', customer: 'Bob', amount: '0.00' },
      { id: 3, order_no: 'A-2', customer: 'Cid', amount: '0.00' },
    ]);
  });

  it('changes nothing of the table itself', async () => {
    const shape = `
      SELECT (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute
               WHERE attrelid = 'shop_orders'::regclass AND attnum > 0) AS columns,
             (SELECT count(*)::int FROM pg_trigger WHERE tgrelid = 'shop_orders'::regclass) AS triggers,
             (SELECT count(*)::int FROM pg_index WHERE indrelid = 'shop_orders'::regclass) AS indexes`;
    const before = await query(shape);
    await send(await over('shop_orders'), FILE);
    expect(await query(shape)).toEqual(before);
  });

  it('is told of each record that Postgres refuses, with its column and its value', async () => {
    const dataset = await over('shop_orders', {
      schema: {
        fields: [
          { name: 'order_no', type: 'string' },
          { name: 'amount', type: 'number' },
          { name: 'quantity', type: 'integer' },
          { name: 'state', type: 'string' },
        ],
      },
    });
    const id = await send(
      dataset,
      `order_no,amount,quantity,state
A-1,1.00,1,new
OLD-1,1,1,new
A-2,1,0,new
A-3,1.005,1,new
A-4,123456789.5,1,new
A-5,1,99999999999,new
A-6,1,1,lost
A-7-is-much-too-long-for-it,1,1,new
,1,1,new
A-1,2,2,new
A-8,,1,new
A-9,2,2,sent
`,
    );
    expect(await countsOf(slot, id)).toMatchObject({ records: 12, inserted: 2, rejected: 10 });
    expect(await errorsOf(id)).toEqual([
      { row: 2, column: 'order_no', value: 'OLD-1', code: 'unique-error' },
      { row: 3, column: 'quantity', value: '0', code: 'database-error' },
      { row: 4, column: 'amount', value: '1.005', code: 'database-error' },
      { row: 5, column: 'amount', value: '123456789.5', code: 'database-error' },
      { row: 6, column: 'quantity', value: '99999999999', code: 'database-error' },
      { row: 7, column: 'state', value: 'lost', code: 'database-error' },
      { row: 8, column: 'order_no', value: 'A-7-is-much-too-long-for-it', code: 'database-error' },
      { row: 9, column: 'order_no', value: '', code: 'constraint-error' },
      { row: 10, column: 'order_no', value: 'A-1', code: 'unique-error' },
      { row: 11, column: 'amount', value: '', code: 'constraint-error' },
    ]);
    expect(await orders('order_no')).toEqual([
      { order_no: 'OLD-1' },
      { order_no: 'A-1' },
      { order_no: 'A-9' },
    ]);
  });

  it('is taken back as far as nobody has changed its rows or refers to them', async () => {
    const dataset = await over('shop_orders');
    await query('CREATE TABLE invoices (order_id bigint REFERENCES shop_orders)');
    const id = await send(dataset, FILE);
    await query("UPDATE shop_orders SET customer = 'Dan' WHERE order_no = 'A-2'");
    await query("INSERT INTO invoices SELECT id FROM shop_orders WHERE order_no = 'A-3'");
    expect(await undone(id)).toMatchObject({ deleted: 1, changed: 1, held: 0, referenced: 1, gone: 0 });
    expect(await orders('order_no')).toEqual([
      { order_no: 'OLD-1' },
      { order_no: 'A-2' },
      { order_no: 'A-3' },
    ]);
  });

  it('has its rows named by their own key', async () => {
    const dataset = await over('shop_orders');
    const id = await send(dataset, FILE);
    await query("DELETE FROM shop_orders WHERE order_no = 'A-2'");
    const imp = await findImport(slot.db, id);
    expect(await toText(streamAccepted(database.pool, imp!))).toBe('_row,_id\r\n1,2\r\n3,4\r\n');
  });
});
