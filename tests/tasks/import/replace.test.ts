import { beforeEach, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf, rejectsOf, stagingTables } from '../../support/staged.ts';

const STAFF: Dataset = {
  name: 'staff',
  schema: {
    fields: [
      { name: 'no', type: 'integer' },
      { name: 'name', type: 'string' },
      { name: 'city', type: 'string' },
    ],
    primaryKey: ['no'],
  },
  target: { table: 'staff', links: [{ table: 'homes', column: 'home_id', fields: ['city'] }] },
};

let database: TestDatabase;
let slot: TestSlot;

beforeEach(async () => {
  const fresh = await freshSlot([STAFF], { chunkBytes: 200 });
  ({ database, slot } = fresh);
  return fresh.close;
});

const query = async <Row>(text: string): Promise<Row[]> => (await database.pool.query(text)).rows as Row[];
const staff = () =>
  query('SELECT s.no, s.name, h.city FROM staff s LEFT JOIN homes h ON h.id = s.home_id ORDER BY s.no');
const file = (rows: number, from = 1): string =>
  `no,name,city\n${Array.from({ length: rows }, (_, at) => `${from + at},name ${from + at},city ${from + at}\n`).join('')}`;

async function replace(text: string, options: Parameters<typeof addImport>[3] = {}): Promise<string> {
  const id = await addImport(slot, STAFF, text, { mode: 'replace', ...options });
  await runImport(slot, id);
  return id;
}

it('puts the file in the place of all rows and of their linked rows', async () => {
  await replace(file(50));
  const id = await replace('no,name,city\n7,seven,Rome\n99,new,\n');
  expect(await countsOf(slot, id)).toEqual({ records: 2, inserted: 2, loaded: 2, deleted: 50 });
  expect(await staff()).toEqual([
    { no: '7', name: 'seven', city: 'Rome' },
    { no: '99', name: 'new', city: null },
  ]);
  expect(await query('SELECT city FROM homes')).toEqual([{ city: 'Rome' }]);
  expect(await stagingTables(slot)).toEqual([]);
});

it('a reader sees the rows of one file or of the other, never a mixture or none', async () => {
  await replace(file(40));
  const id = await addImport(slot, STAFF, file(60, 1000), { mode: 'replace' });
  const seen = new Set<string>();
  const look = async (): Promise<void> => {
    const [row] = await query<{ rows: string; files: string }>(
      'SELECT count(*) AS rows, count(DISTINCT s.import_id) AS files FROM staff s JOIN homes h ON h.id = s.home_id',
    );
    seen.add(`${row!.rows} of ${row!.files}`);
  };
  const ended = new AbortController();
  const reader = (async () => {
    while (!ended.signal.aborted) await look();
  })();
  await runImport(slot, id);
  await look();
  ended.abort();
  await reader;
  expect([...seen].sort()).toEqual(['40 of 1', '60 of 1']);
});

it('rejects bad and repeated records, and replaces the rows by the others', async () => {
  await replace(file(3));
  const id = await replace('no,name,city\n1,a,x\nz,b,x\n1,c,x\n2,d,x\n');
  expect(await countsOf(slot, id)).toEqual({
    records: 4,
    inserted: 2,
    loaded: 2,
    rejected: 2,
    errors: 2,
    deleted: 3,
  });
  expect((await rejectsOf(slot, id)).map(({ row }) => row)).toEqual([2, 3]);
});

it('leaves the table as it is when no record is good', async () => {
  await replace(file(3));
  const before = await staff();
  const id = await replace('no,name,city\nx,a,\ny,b,\n');
  expect(await findTask(slot.db, id)).toMatchObject({
    status: 'failed',
    error: { code: 'nothing-to-load' },
  });
  expect(await countsOf(slot, id)).toEqual({ records: 2, rejected: 2, errors: 2 });
  expect(await staff()).toEqual(before);
});

it('leaves the table as it is with onError=abort and a bad record', async () => {
  await replace(file(3));
  const before = await staff();
  const id = await replace(`${file(5, 10)}x,bad,\n`, { onError: 'abort' });
  expect(await findTask(slot.db, id)).toMatchObject({ status: 'failed', error: { code: 'too-many-errors' } });
  expect(await countsOf(slot, id)).toEqual({ records: 6, rejected: 1, errors: 1, unprocessed: 5 });
  expect(await staff()).toEqual(before);
});

it('fails with the reason when other tables refer to rows, and changes nothing', async () => {
  await replace(file(3));
  const before = await staff();
  await query(
    'CREATE TABLE badges (staff_id uuid REFERENCES staff (id) DEFERRABLE INITIALLY DEFERRED); INSERT INTO badges SELECT id FROM staff WHERE no = 2',
  );
  const id = await replace(file(2, 10));
  expect(await findTask(slot.db, id)).toMatchObject({
    status: 'failed',
    error: { code: 'not-replaced', message: expect.stringContaining('"badges"') },
  });
  expect(await countsOf(slot, id)).toEqual({ records: 2, unprocessed: 2 });
  expect(await staff()).toEqual(before);
});

it('leaves linked rows that others refer to', async () => {
  await replace(file(2));
  await query(
    `CREATE TABLE parcels (home_id uuid REFERENCES homes (id)); INSERT INTO parcels SELECT id FROM homes WHERE city = 'city 2'`,
  );
  await replace('no,name,city\n1,a,Rome\n');
  expect(await query('SELECT city FROM homes ORDER BY city')).toEqual([{ city: 'Rome' }, { city: 'city 2' }]);
});

it('fails when a trigger keeps rows', async () => {
  await replace(file(2));
  await query(`
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
    CREATE TRIGGER keep BEFORE DELETE ON staff FOR EACH ROW EXECUTE FUNCTION keep()`);
  const id = await replace(file(1, 10));
  expect(await findTask(slot.db, id)).toMatchObject({
    status: 'failed',
    error: { code: 'not-replaced', message: expect.stringContaining('keeps rows') },
  });
  expect(await staff()).toHaveLength(2);
});
