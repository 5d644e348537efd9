import { randomUUID } from 'node:crypto';
import { text as toText } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { applyTables } from '../../../src/db/datasets/dataset-tables.ts';
import { completeDataset } from '../../../src/db/datasets/complete-dataset.ts';
import { findImport } from '../../../src/db/imports/imports.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { requestUndo } from '../../../src/db/imports/undos.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import { streamAccepted } from '../../../src/outcome/accepted.ts';
import { landSmallImports } from '../../../src/tasks/import/land-small.ts';
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
async function over(table: string, more: object = {}): Promise<Dataset> {
  const target = { table, existing: true };
  const document = parseDataset({ name: 'd', target, ...more }, 'the test');
  const dataset = await completeDataset(slot.db, document);
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

describe('small files for a table that exists', () => {
  it('land together, and each is taken back by itself', async () => {
    const dataset = await over('shop_orders');
    const small = { ...slot, limits: { ...slot.limits, smallFileBytes: 16_384 } };
    const first = await addImport(small, dataset, 'order_no\nA-1\nA-2\n');
    const second = await addImport(small, dataset, 'order_no,quantity\nB-1,1\nOLD-1,2\n');
    const third = await addImport(small, dataset, 'order_no\nA-3\nA-1\n');
    expect(await landSmallImports(slot)).toEqual({ taken: 3, left: [] });
    expect(await countsOf(slot, first)).toMatchObject({ inserted: 2 });
    expect(await countsOf(slot, second)).toMatchObject({ inserted: 1, rejected: 1 });
    expect(await countsOf(slot, third)).toMatchObject({ inserted: 1, rejected: 1 });
    expect(await undone(third)).toMatchObject({ deleted: 1 });
    expect(await orders('order_no')).toEqual(
      ['OLD-1', 'A-1', 'A-2', 'B-1'].map((order_no) => ({ order_no })),
    );
  });

  it('fail with what has changed of the table', async () => {
    const dataset = await over('shop_orders');
    const small = { ...slot, limits: { ...slot.limits, smallFileBytes: 16_384 } };
    const id = await addImport(small, dataset, 'order_no\nA-1\n');
    await query('ALTER TABLE shop_orders ALTER order_no TYPE varchar(30)');
    expect((await landSmallImports(slot)).left).toHaveLength(1);
    await runImport(slot, id);
    expect(await findTask(slot.db, id)).toMatchObject({ status: 'failed', error: { code: 'table-altered' } });
  });
});

describe('modes over a table that exists', () => {
  it('upserts by a unique key, and finds rows that nobody has imported', async () => {
    const dataset = await over('shop_orders');
    await send(dataset, FILE);
    const before = await query<{ xmin: string }>("SELECT xmin FROM shop_orders WHERE order_no = 'A-1'");
    const id = await send(
      dataset,
      'order_no,customer,amount\nOLD-1,Eve,1.5\nA-1,Bob,19.900\nA-3,Dan,0.05\nB-1,Fay,3\nB-1,Gus,4\n',
      { mode: 'upsert' },
    );
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 1, updated: 2, unchanged: 1, superseded: 1 });
    expect(await orders('order_no, customer, amount::text')).toEqual([
      { order_no: 'OLD-1', customer: 'Eve', amount: '1.50' },
      { order_no: 'A-1', customer: 'Bob', amount: '19.90' },
      { order_no: 'A-2', customer: 'Cid', amount: '5.00' },
      { order_no: 'A-3', customer: 'Dan', amount: '0.05' },
      { order_no: 'B-1', customer: 'Gus', amount: '4.00' },
    ]);
    expect(await query("SELECT xmin FROM shop_orders WHERE order_no = 'A-1'")).toEqual(before);
    const imp = await findImport(slot.db, id);
    const ids = await query<{ id: string }>("SELECT id FROM shop_orders WHERE order_no = 'B-1'");
    expect(await toText(streamAccepted(database.pool, imp!))).toBe(
      `_row,_id\r\n1,1\r\n2,2\r\n3,4\r\n5,${ids[0]!.id}\r\n`,
    );
  });

  it('refuses updates that break a rule, and makes the others', async () => {
    const dataset = await over('shop_orders');
    const id = await send(dataset, 'order_no,quantity,amount\nOLD-1,0,2\nB-1,1,2\nB-2,0,2\nB-3,1,2.345\n', {
      mode: 'upsert',
    });
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 1, rejected: 3 });
    expect(await errorsOf(id)).toEqual([
      { row: 1, column: 'quantity', value: '0', code: 'constraint-error' },
      { row: 3, column: 'quantity', value: '0', code: 'constraint-error' },
      { row: 4, column: 'amount', value: '2.345', code: 'database-error' },
    ]);
  });

  it('follows a row whose own key the file changes', async () => {
    const fields = [
      { name: 'id', type: 'integer' },
      { name: 'order_no', type: 'string' },
    ];
    const dataset = await over('shop_orders', { schema: { fields, primaryKey: ['order_no'] } });
    const first = await send(dataset, 'id,order_no\n100,A-1\n101,A-2\n');
    const id = await send(dataset, 'id,order_no\n200,A-1\n101,A-2\n', { mode: 'upsert' });
    expect(await countsOf(slot, id)).toMatchObject({ updated: 1, unchanged: 1 });
    const imp = await findImport(slot.db, first);
    expect(await toText(streamAccepted(database.pool, imp!))).toBe('_row,_id\r\n1,200\r\n2,101\r\n');
  });

  it('keeps the rows that an upsert holds from an undo', async () => {
    const dataset = await over('shop_orders');
    const id = await send(dataset, FILE);
    await send(dataset, FILE.split('\n').slice(0, 2).join('\n'), { mode: 'upsert' });
    expect(await undone(id)).toMatchObject({ deleted: 2, changed: 0, held: 1, gone: 0 });
  });

  it('replaces all rows, or says why not and changes nothing', async () => {
    const dataset = await over('shop_orders');
    const id = await send(dataset, FILE, { mode: 'replace' });
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 3, deleted: 1 });
    await query('CREATE TABLE invoices (order_id bigint REFERENCES shop_orders)');
    await query("INSERT INTO invoices SELECT id FROM shop_orders WHERE order_no = 'A-3'");
    const again = await addImport(slot, dataset, FILE, { mode: 'replace' });
    await runImport(slot, again);
    expect(await findTask(slot.db, again)).toMatchObject({
      status: 'failed',
      error: { code: 'not-replaced' },
    });
    expect(await orders('order_no')).toHaveLength(3);
  });

  it('lands all or nothing with onError=abort, over many chunks', async () => {
    const dataset = await over('shop_orders');
    const lines = Array.from({ length: 200 }, (_, at) => `N-${at},Bob,${at}.25,1,new,2026-01-31\n`).join('');
    const header = 'order_no,customer,amount,quantity,state,ordered_on\n';
    const bad = await addImport(slot, dataset, `${header}${lines}OLD-1,,1,1,new,\n`, { onError: 'abort' });
    await runImport(slot, bad);
    expect(await findTask(slot.db, bad)).toMatchObject({ status: 'failed' });
    expect(await orders('order_no')).toHaveLength(1);
    const id = await send(dataset, header + lines, { onError: 'abort' });
    expect(await countsOf(slot, id)).toMatchObject({ records: 200, inserted: 200 });
    expect(await undone(id)).toMatchObject({ deleted: 200 });
    expect(await orders('order_no')).toHaveLength(1);
  });

  it('lands many chunks directly, each row with the record that brought it', async () => {
    const dataset = await over('shop_orders');
    const lines = Array.from({ length: 300 }, (_, at) => `N-${at + 1},${at + 1}\n`).join('');
    const id = await send(dataset, `order_no,quantity\n${lines}OLD-1,1\n`);
    expect(await countsOf(slot, id)).toMatchObject({ records: 301, inserted: 300, rejected: 1 });
    expect(
      await query(
        `SELECT count(*)::int AS rows FROM shop_orders o JOIN sluice_provenance.rows_1 p ON p.key_1 = o.id
          WHERE p.import_id = $1 AND p.import_row = o.quantity AND o.order_no = 'N-' || p.import_row`,
        [id],
      ),
    ).toEqual([{ rows: 300 }]);
  });

  it('tells by a dry run what an upsert would do', async () => {
    const dataset = await over('shop_orders');
    const id = await send(dataset, 'order_no,customer\nOLD-1,Eve\nA-1,Bob\n', {
      mode: 'upsert',
      dryRun: 'true',
    });
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 1, updated: 1 });
    expect(await orders('customer')).toEqual([{ customer: 'Ann' }]);
  });
});

describe('tables of all sorts', () => {
  it('has fields for all that a file may fill, with what the table says of them', async () => {
    await query(`
      CREATE DOMAIN sku AS varchar(8) CHECK (VALUE ~ '^[A-Z]');
      COMMENT ON TABLE shop_orders IS 'What people have ordered';
      CREATE TABLE everything (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        code sku NOT NULL, small smallint CHECK (small >= 1 AND small <= 9), big bigint, price numeric(6,2) CHECK (price >= 0),
        ratio float8, is_on boolean DEFAULT true, day date, at timestamptz, at_local timestamp, clock time, token uuid UNIQUE,
        doc jsonb, raw json, letter char(3), ip inet, state order_state NOT NULL, "Odd ""name" text,
        doubled bigint GENERATED ALWAYS AS (big * 2) STORED)`);
    const { schema } = await over('everything');
    expect(Object.fromEntries(schema.fields.map(({ name, ...field }) => [name, field]))).toMatchObject({
      code: { type: 'string', constraints: { required: true, maxLength: 8 } },
      small: { type: 'integer', constraints: { minimum: '1', maximum: '9' } },
      big: { type: 'integer', constraints: { maximum: '9223372036854775807' } },
      price: { type: 'number', constraints: { minimum: '0' } },
      ratio: { type: 'number' },
      is_on: { type: 'boolean', title: 'is on' },
      day: { type: 'date', format: 'any' },
      at: { type: 'datetime', format: 'any' },
      at_local: { type: 'datetime' },
      clock: { type: 'time' },
      token: { type: 'string', format: 'uuid', constraints: { unique: true } },
      doc: { type: 'object' },
      letter: { type: 'string', constraints: { maxLength: 3 } },
      ip: { type: 'string' },
      state: { type: 'string', constraints: { required: true, enum: ['new', 'paid', 'sent'] } },
      'Odd "name': { type: 'string' },
    });
    expect(schema.fields.map(({ name }) => name)).not.toContain('id');
    expect(schema.fields.map(({ name }) => name)).not.toContain('doubled');
    expect((await over('shop_orders')).description).toBe('What people have ordered');
  });

  it('takes values of every type as they are', async () => {
    await query(`
      CREATE DOMAIN sku AS varchar(8) CHECK (VALUE ~ '^[A-Z]');
      CREATE DOMAIN money2 AS numeric(8,2) CHECK (VALUE >= 0);
      CREATE TABLE everything (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        code sku, price money2, big bigint, exact numeric, at timestamptz, at_local timestamp, clock time, token uuid,
        doc jsonb, letter char(3), ip inet, "Odd ""name" text)`);
    const dataset = await over('everything');
    const id = await send(
      dataset,
      `code,price,big,exact,at,at_local,clock,token,doc,letter,ip,"Odd ""name"
AB,1.5,9223372036854775807,123456789012345678901234567890.000000000000000000010,2026-01-31T10:00:00+09:00,2026-01-31T10:00:00,10:30:00,0190a6c2-7b1e-7c3d-9f00-1234567890ab,"{""n"":12345678901234567890}",ab,10.0.0.1,x
AC,1,1,1,,2026-01-31T10:00:00+09:00,,,,,,
ab,1,1,1,,,,,,,,
AD,1.555,1,1,,,,,,,,
AE,-1,1,1,,,,,,,,
AF,1,1,1,,,,,,,10.0.0.300,
`,
    );
    expect(await errorsOf(id)).toEqual([
      { row: 3, column: 'code', value: 'ab', code: 'database-error' },
      { row: 4, column: 'price', value: '1.555', code: 'database-error' },
      expect.objectContaining({ row: 5, code: 'database-error' }),
      { row: 6, column: 'ip', value: '10.0.0.300', code: 'database-error' },
    ]);
    expect(
      await query(
        `SELECT code, price::text, big::text, exact::text, at = '2026-01-31 01:00Z' AS at, at_local::text, clock::text, doc::text, letter, ip::text, "Odd ""name" AS odd
           FROM everything ORDER BY id`,
      ),
    ).toEqual([
      {
        code: 'AB',
        price: '1.50',
        big: '9223372036854775807',
        exact: '123456789012345678901234567890.000000000000000000010',
        at: true,
        at_local: '2026-01-31 10:00:00',
        clock: '10:30:00',
        doc: '{"n": 12345678901234567890}',
        letter: 'ab ',
        ip: '10.0.0.1/32',
        odd: 'x',
      },
      expect.objectContaining({ code: 'AC', at_local: '2026-01-31 01:00:00' }),
    ]);
  });

  it('knows rows by a key of several columns that the file brings', async () => {
    await query(`
      CREATE TABLE prices (region text, sku text, price int, code text UNIQUE, PRIMARY KEY (region, sku))`);
    const dataset = await over('prices');
    expect(dataset.schema.primaryKey).toEqual(['region', 'sku']);
    const id = await send(
      dataset,
      'region,sku,price,code\neu,a,1,x\neu,b,2,x\neu,b,3,y\nus,a,4,z\nus,a,5,w\n',
    );
    expect(await errorsOf(id)).toEqual([
      { row: 2, column: 'code', value: 'x', code: 'unique-error' },
      { row: 5, column: 'region', value: 'us', code: 'unique-error' },
    ]);
    const imp = await findImport(slot.db, id);
    expect(await toText(streamAccepted(database.pool, imp!))).toBe(
      '_row,_id\r\n1,"eu,a"\r\n3,"eu,b"\r\n4,"us,a"\r\n',
    );
    expect(await undone(id)).toMatchObject({ deleted: 3 });
  });

  it('compares texts as the columns do, and does not round times', async () => {
    await query(`
      CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      CREATE TABLE kinds (code text COLLATE "C" PRIMARY KEY, name text COLLATE any_case UNIQUE NOT NULL);
      INSERT INTO kinds VALUES ('k1', 'Apple');
      CREATE TABLE goods (
        code text COLLATE "C" PRIMARY KEY, name varchar(10) COLLATE any_case UNIQUE, at timestamptz(0),
        kind text COLLATE "C" REFERENCES kinds)`);
    const fields = [
      { name: 'code', type: 'string' },
      { name: 'name', type: 'string' },
      { name: 'at', type: 'datetime' },
      { name: 'kind', type: 'string', lookup: { in: 'kinds', by: 'name' } },
    ];
    const dataset = await over('goods', { schema: { fields, primaryKey: ['code'] } });
    const file = `code,name,at,kind
a,One,2026-01-31T10:00:00Z,apple
A,Two,,
b,ONE,,
c,Three,2026-01-31T10:00:00.5Z,
d,Four,,pear
`;
    const id = await send(dataset, file);
    expect(await errorsOf(id)).toEqual([
      { row: 3, column: 'name', value: 'ONE', code: 'unique-error' },
      { row: 4, column: 'at', value: '2026-01-31T10:00:00.5Z', code: 'database-error' },
      { row: 5, column: 'kind', value: 'pear', code: 'foreign-key-error' },
    ]);
    const again = await send(dataset, 'code,name\na,one\nA,Two\nb,Five\n', { mode: 'upsert' });
    expect(await countsOf(slot, again)).toMatchObject({ updated: 1, unchanged: 1, inserted: 1 });
    expect(await query('SELECT code, name, kind FROM goods ORDER BY code')).toEqual([
      { code: 'A', name: 'Two', kind: null },
      { code: 'a', name: 'one', kind: 'k1' },
      { code: 'b', name: 'Five', kind: null },
    ]);
  });

  it('lands in a table whose names are hard to quote', async () => {
    const long = 'x'.repeat(63);
    await query(`
      CREATE SCHEMA "Shop ""s""";
      CREATE TABLE "Shop ""s"""."Order; DROP TABLE ""x"" --" (
        "Id" bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, "select" text UNIQUE NOT NULL, "a""b" int CHECK ("a""b" > 0),
        "$1" text, ${long} text, "row" text DEFAULT 'r', "日本" text)`);
    const target = { schema: 'Shop "s"', table: 'Order; DROP TABLE "x" --', existing: true };
    const dataset = await over('', { target });
    const file = `select,"a""b",$1,${long},row,日本\nk1,1,a,b,c,d\nk2,0,a,b,c,d\nk1,1,a,b,c,d\n`;
    const id = await send(dataset, file);
    expect(await errorsOf(id)).toEqual([
      { row: 2, column: 'a"b', value: '0', code: 'database-error' },
      { row: 3, column: 'select', value: 'k1', code: 'unique-error' },
    ]);
    const again = await send(dataset, file, { mode: 'upsert' });
    expect(await countsOf(slot, again)).toMatchObject({ unchanged: 1, superseded: 1, rejected: 1 });
    expect(await undone(id)).toMatchObject({ deleted: 0, held: 1 });
  });

  it('passes over a key that an expression makes', async () => {
    await query(
      'CREATE TABLE pairs (a int NOT NULL, b int UNIQUE NOT NULL, id int GENERATED ALWAYS AS (a * 10) STORED PRIMARY KEY)',
    );
    const id = await send(await over('pairs'), 'a,b\n1,2\n1,3\n2,4\n');
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 2, rejected: 1 });
    expect(await undone(id)).toMatchObject({ deleted: 2, changed: 0 });
  });

  it('lands rows whose key a trigger makes up', async () => {
    await query(`
      CREATE FUNCTION other_id() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := NEW.id + 1000; RETURN NEW; END $$;
      CREATE TRIGGER others BEFORE INSERT ON shop_orders FOR EACH ROW EXECUTE FUNCTION other_id()`);
    const id = await send(await over('shop_orders'), FILE);
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 3 });
    expect(await undone(id)).toMatchObject({ deleted: 3, changed: 0 });
  });

  it('lands in partitions', async () => {
    await query(`
      CREATE TABLE events (id bigint GENERATED BY DEFAULT AS IDENTITY, day date NOT NULL, what text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
      CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
      CREATE TABLE events_2026 (what text, day date NOT NULL, id bigint NOT NULL);
      ALTER TABLE events ATTACH PARTITION events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')`);
    const dataset = await over('events');
    const id = await send(dataset, 'day,what\n2025-05-05,a\n2026-06-06,b\n2027-01-01,c\n');
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 2, rejected: 1 });
    expect(await undone(id)).toMatchObject({ deleted: 2, changed: 0 });
  });

  it('lands what triggers change, and rejects what they leave out', async () => {
    await query(`
      CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.customer = 'drop' THEN RETURN NULL; END IF;
        IF NEW.customer = 'raise' THEN RAISE 'not this one'; END IF;
        NEW.customer := upper(NEW.customer); RETURN NEW; END $$;
      CREATE TRIGGER stamps BEFORE INSERT ON shop_orders FOR EACH ROW EXECUTE FUNCTION stamp()`);
    const dataset = await over('shop_orders');
    const id = await send(dataset, 'order_no,customer\nA-1,bob\nA-2,drop\nA-3,raise\nA-4,eve\n');
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 2, rejected: 2 });
    expect(await undone(id)).toMatchObject({ deleted: 2, changed: 0 });
  });

  it.each([
    ['a view', 'CREATE VIEW other AS SELECT * FROM shop_orders', 'is a view'],
    ['a table without a key', 'CREATE TABLE other (a text)', 'has no primary key'],
    [
      'a table under row security',
      'CREATE TABLE other (id int PRIMARY KEY); ALTER TABLE other ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
      'row level security',
    ],
    ['no table', 'SELECT 1', 'There is no table "other"'],
  ])('refuses %s and says why', async (_what, statement, message) => {
    await query(statement);
    await expect(over('other')).rejects.toThrow(message);
  });

  it('says of each field that does not fit what would', async () => {
    const fields = [
      { name: 'order_no', type: 'integer' },
      { name: 'amount', type: 'string' },
      { name: 'oops', type: 'string' },
    ];
    await expect(over('shop_orders', { schema: { fields } })).rejects.toThrow(
      /"order_no" .* is character varying\(20\).*Make the field "type": "string".*"amount".*"type": "number".*has no column "oops"/s,
    );
  });

  it('does not forget who brought rows when the table gets another key', async () => {
    const dataset = await over('shop_orders');
    await send(dataset, FILE);
    await query(
      'ALTER TABLE shop_orders DROP CONSTRAINT shop_orders_pkey; ALTER TABLE shop_orders ADD PRIMARY KEY (order_no)',
    );
    await expect(over('shop_orders')).rejects.toThrow(
      /were known by \(id\), and are by \(order_no\) now.*DROP TABLE "sluice_provenance"."rows_1"/s,
    );
    await query('DROP TABLE sluice_provenance.rows_1');
    await send(await over('shop_orders'), 'order_no\nA-9\n');
    expect(await query('SELECT key_1 FROM sluice_provenance.rows_1')).toEqual([{ key_1: 'A-9' }]);
  });

  it('tells how the table has changed since, and lands nothing', async () => {
    const dataset = await over('shop_orders');
    await query(
      `ALTER TABLE shop_orders ALTER amount TYPE numeric(12,4), DROP customer, ADD shop int NOT NULL DEFAULT 1, ADD till int;
       ALTER TABLE shop_orders ALTER shop DROP DEFAULT; ALTER TYPE order_state ADD VALUE 'lost'`,
    );
    const id = await addImport(slot, dataset, FILE);
    await runImport(slot, id);
    const task = await findTask(slot.db, id);
    expect(task).toMatchObject({ status: 'failed', error: { code: 'table-altered' } });
    expect(task!.error!.message).toContain(
      'Column "customer" of table "shop_orders" is gone. Column "amount" of table "shop_orders" was numeric(10,2), not null, and is numeric(12,4), not null now. ' +
        'Column "state" of table "shop_orders" was order_state (new, paid, sent), and is order_state (new, paid, sent, lost) now. ' +
        'Table "shop_orders" has a new column "shop" (integer) that each row must fill.',
    );
    expect(await query('SELECT FROM shop_orders')).toHaveLength(1);
  });
});

describe('a lookup', () => {
  const LOOKUP = {
    schema: {
      fields: [
        { name: 'name', type: 'string' },
        {
          name: 'country_id',
          type: 'string',
          lookup: { field: 'country_code', in: 'countries', by: 'iso2' },
        },
      ],
    },
  };
  beforeEach(async () => {
    await query(`
      CREATE TABLE countries (id int PRIMARY KEY, iso2 char(2) UNIQUE, name text);
      INSERT INTO countries VALUES (1, 'JP', 'Japan'), (2, 'DE', 'Germany');
      CREATE TABLE cities (id serial PRIMARY KEY, name text UNIQUE, country_id int REFERENCES countries)`);
  });

  it('puts the key of the row in the place of what the file has', async () => {
    const dataset = await over('cities', LOOKUP);
    const id = await send(dataset, 'name,country_code\nTokyo,JP\nBonn,DE\nAtlantis,XX\nNowhere,\n');
    expect(await errorsOf(id)).toEqual([
      { row: 3, column: 'country_code', value: 'XX', code: 'foreign-key-error' },
    ]);
    expect(await query('SELECT name, country_id FROM cities ORDER BY id')).toEqual([
      { name: 'Tokyo', country_id: 1 },
      { name: 'Bonn', country_id: 2 },
      { name: 'Nowhere', country_id: null },
    ]);
  });

  it('is looked up before an upsert compares', async () => {
    const dataset = await over('cities', { schema: { ...LOOKUP.schema, primaryKey: ['name'] } });
    await send(dataset, 'name,country_code\nTokyo,JP\nBonn,DE\n');
    const id = await send(dataset, 'name,country_code\nTokyo,JP\nBonn,JP\nParis,FR\n', { mode: 'upsert' });
    expect(await countsOf(slot, id)).toMatchObject({ unchanged: 1, updated: 1, rejected: 1 });
  });

  it('must find one row', async () => {
    await query('ALTER TABLE countries DROP CONSTRAINT countries_iso2_key');
    await expect(over('cities', LOOKUP)).rejects.toThrow('has no unique index: two rows could be meant');
  });
});
