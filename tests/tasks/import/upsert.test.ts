import { beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { findTask } from '../../../src/db/tasks/tasks.ts';
import { describeFailedStep } from '../../../src/tasks/import/describe-failure.ts';
import { publishImport } from '../../../src/tasks/import/publish-import.ts';
import { loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf, rejectsOf, stagingTables } from '../../support/staged.ts';
import { sessionsWaitForLock } from '../../support/waiting-sessions.ts';

/** One column of each type whose equality is not that of its text, and a link. */
const PRODUCTS: Dataset = {
  name: 'products',
  schema: {
    fields: [
      { name: 'code', type: 'string' },
      { name: 'region', type: 'integer' },
      { name: 'price', type: 'number' },
      { name: 'attrs', type: 'object' },
      { name: 'seen', type: 'datetime' },
      { name: 'label', type: 'string', constraints: { unique: true } },
      { name: 'maker', type: 'string' },
      { name: 'city', type: 'string' },
    ],
    primaryKey: ['code', 'region'],
  },
  target: { table: 'products', links: [{ table: 'makers', column: 'maker_id', fields: ['maker', 'city'] }] },
};

let database: TestDatabase;
let folder: string;
let slot: TestSlot;

beforeEach(async () => {
  const fresh = await freshSlot([PRODUCTS], { chunkBytes: 200 });
  ({ database, folder, slot } = fresh);
  return fresh.close;
});

async function send(text: string, options: Parameters<typeof addImport>[3] = {}): Promise<string> {
  const id = await addImport(slot, PRODUCTS, text, { mode: 'upsert', ...options });
  await runImport(slot, id);
  return id;
}

interface Product {
  id: string;
  code: string;
  price: string | null;
  label: string | null;
  maker_id: string | null;
  import_id: string;
  import_row: string;
  created_at: Date;
  updated_at: Date;
  updated_by: string | null;
  xmin: string;
}
async function products(): Promise<Product[]> {
  const { rows } = await database.pool.query<Product>('SELECT *, xmin FROM products ORDER BY code, region');
  return rows;
}
const query = async (text: string): Promise<unknown[]> => (await database.pool.query(text)).rows as unknown[];
const makers = () =>
  query(
    'SELECT p.code, m.maker, m.city FROM products p LEFT JOIN makers m ON m.id = p.maker_id ORDER BY p.code, p.region',
  );

describe('an upsert', () => {
  it('updates the rows that have a key, adds the others, and does not write those that are the same', async () => {
    const first = await send('code,region,price\na,1,1.50\nb,1,2\na,2,3\n');
    const before = await products();
    const user = '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10';
    const second = await send('region,code,price\n1,b,2.00\n1,a,9\n3,a,4\n', { createdBy: user });
    expect((await findTask(slot.db, second))?.status).toBe('succeeded');
    expect(await countsOf(slot, second)).toEqual({
      records: 3,
      inserted: 1,
      updated: 1,
      unchanged: 1,
      loaded: 3,
    });
    const [a1, a2, a3, b1] = await products();
    expect(a1).toMatchObject({
      id: before[0]!.id,
      price: '9',
      import_id: first,
      import_row: '1',
      created_at: before[0]!.created_at,
      updated_by: user,
    });
    expect(a1!.updated_at.getTime()).toBeGreaterThan(before[0]!.updated_at.getTime());
    expect([a2, b1]).toEqual([before[1], before[2]]);
    expect(a3).toMatchObject({ price: '4', import_id: second, import_row: '3' });
    expect(
      await query(`SELECT row, id FROM sluice.import_matches WHERE import_id = '${second}' ORDER BY row`),
    ).toEqual([
      { row: '1', id: b1!.id },
      { row: '2', id: a1!.id },
    ]);
    expect(await stagingTables(slot)).toEqual([]);
  });

  it.each([
    ['a collation', 'text COLLATE any_case'],
    ['a type', 'public.citext'],
  ])('takes another spelling for a change, though %s calls both equal', async (_, type) => {
    await query(`
      CREATE EXTENSION IF NOT EXISTS citext SCHEMA public;
      CREATE COLLATION IF NOT EXISTS any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      ALTER TABLE products ALTER label TYPE ${type}; ALTER TABLE makers ALTER maker TYPE ${type}`);
    await send('code,region,label,maker\na,1,smith,acme\nb,1,jones,acme\nc,1,brown,acme\n');
    const id = await send('code,region,label,maker\na,1,Smith,acme\nb,1,jones,Acme\nc,1,brown,acme\n');
    expect(await countsOf(slot, id)).toMatchObject({ updated: 2, unchanged: 1 });
    expect((await products()).map(({ label }) => label)).toEqual(['Smith', 'jones', 'brown']);
    expect(await makers()).toMatchObject([{ maker: 'acme' }, { maker: 'Acme' }, { maker: 'acme' }]);
  });

  it('of a key that comes more than once takes the last, also across chunks, and counts the others', async () => {
    await send('code,region,price\na,1,1\n');
    const many = Array.from({ length: 60 }, (_, at) => `${'abc'[at % 3]},1,${at}\n`).join('');
    const id = await send(`code,region,price\n${many}`);
    expect(await countsOf(slot, id)).toEqual({
      records: 60,
      inserted: 2,
      updated: 1,
      superseded: 57,
      loaded: 3,
    });
    expect((await products()).map(({ code, price, import_row }) => [code, price, import_row])).toEqual([
      ['a', '57', '1'],
      ['b', '58', '59'],
      ['c', '59', '60'],
    ]);
  });

  it('leaves columns that the file lacks as they are, and sets empty cells to null', async () => {
    await send('code,region,price,label\na,1,1,one\nb,1,2,two\n');
    const id = await send('code,region,label\na,1,\nb,1,two\n');
    expect(await countsOf(slot, id)).toMatchObject({ updated: 1, unchanged: 1 });
    expect((await products()).map(({ price, label }) => [price, label])).toEqual([
      ['1', null],
      ['2', 'two'],
    ]);
  });

  it('a file with nothing but the key changes nothing and adds what is new', async () => {
    await send('code,region,price\na,1,1\n');
    const id = await send('code,region\na,1\nb,1\n');
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 1, unchanged: 1 });
  });

  it('compares by type: numbers, JSON, instants and nulls', async () => {
    await send(
      'code,region,price,attrs,seen\na,1,1.5,"{""x"":1,""y"":[2]}",2024-01-31T09:00:00+09:00\nb,1,,,\n',
    );
    const same = await send(
      'code,region,price,attrs,seen\na,01,1.500,"{ ""y"" : [2], ""x"" : 1 }",2024-01-31T00:00:00Z\nb,1,,,\n',
    );
    expect(await countsOf(slot, same)).toEqual({ records: 2, unchanged: 2, loaded: 2 });
    const other = await send(
      'code,region,price,attrs,seen\na,1,1.5,"{""x"":1,""y"":[3]}",2024-01-31T00:00:00Z\nb,1,0,,\n',
    );
    expect(await countsOf(slot, other)).toEqual({ records: 2, updated: 2, loaded: 2 });
  });

  it('rejects bad records and takes the last good one of their key', async () => {
    await send('code,region,price\na,1,1\n');
    const id = await send('code,region,price\na,1,2\na,1,x\n,1,3\n');
    expect(await countsOf(slot, id)).toMatchObject({ updated: 1, rejected: 2 });
    expect((await products())[0]?.price).toBe('2');
  });

  it('tells updates that Postgres refuses by their records; the others are done', async () => {
    await send('code,region,label\na,1,A\nb,1,B\nc,1,C\n');
    await query('ALTER TABLE products ADD CONSTRAINT dear CHECK (price < 100)');
    const id = await send('code,region,price,label\na,1,5,A\nb,1,500,B\nc,1,7,A\nd,1,1,D\ne,1,1,B\n');
    expect(await countsOf(slot, id)).toEqual({
      records: 5,
      inserted: 1,
      updated: 1,
      loaded: 2,
      rejected: 3,
      errors: 3,
    });
    expect((await products()).map(({ code, price, label }) => [code, price, label])).toEqual([
      ['a', '5', 'A'],
      ['b', null, 'B'],
      ['c', null, 'C'],
      ['d', '1', 'D'],
    ]);
    expect((await rejectsOf(slot, id)).map(({ row }) => row)).toEqual([2, 3, 5]);
    const { errors } = await listRowErrors(slot.db, id, {}, { limit: 10 });
    expect(errors).toMatchObject([
      { row: 2, code: 'database-error', message: expect.stringContaining('"dear"') },
      { row: 3, code: 'unique-error', value: 'A' },
      { row: 5, code: 'unique-error', value: 'B' },
    ]);
  });

  it('holds a check against the row as it becomes, with the columns that the file lacks', async () => {
    await send('code,region,price,label\na,1,1,A\nb,1,1,\n');
    await query('ALTER TABLE products ADD CONSTRAINT told CHECK (num_nonnulls(price, label) > 0)');
    const id = await send('code,region,price\na,1,\nb,1,\n');
    expect(await countsOf(slot, id)).toMatchObject({ updated: 1, rejected: 1 });
    expect((await rejectsOf(slot, id)).map(({ row }) => row)).toEqual([2]);
  });

  it('takes what a trigger fills in', async () => {
    await query(`
      ALTER TABLE products ALTER price SET NOT NULL;
      CREATE FUNCTION fill_price() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.price := coalesce(NEW.price, 7); RETURN NEW; END $$;
      CREATE TRIGGER fill_price BEFORE INSERT ON products FOR EACH ROW EXECUTE FUNCTION fill_price()`);
    const id = await send('code,region,price\na,1,\nb,1,2\n');
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 2 });
    expect((await products()).map(({ price }) => price)).toEqual(['7', '2']);
  });

  it('with onError=abort changes nothing when a record is refused', async () => {
    await send('code,region,label\na,1,A\nb,1,B\n');
    const before = await products();
    const id = await send('code,region,label\na,1,X\nc,1,B\nd,1,D\n', { onError: 'abort' });
    expect(await findTask(slot.db, id)).toMatchObject({
      status: 'failed',
      error: { code: 'too-many-errors' },
    });
    expect(await countsOf(slot, id)).toEqual({ records: 3, rejected: 1, errors: 1, unprocessed: 2 });
    expect(await products()).toEqual(before);
    expect(await query('SELECT FROM sluice.import_matches')).toEqual([]);
  });

  it('a trigger that leaves an update out rejects its record', async () => {
    await send('code,region,price\na,1,1\nb,1,1\n');
    await query(`
      CREATE FUNCTION keep_a() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.code = 'a' THEN RETURN NULL; END IF; RETURN NEW; END $$;
      CREATE TRIGGER keep_a BEFORE UPDATE ON products FOR EACH ROW EXECUTE FUNCTION keep_a()`);
    const id = await send('code,region,price\na,1,2\nb,1,2\n');
    expect(await countsOf(slot, id)).toMatchObject({ updated: 1, rejected: 1 });
    expect((await rejectsOf(slot, id)).map(({ row }) => row)).toEqual([1]);
  });
});

it('does nothing to a table where the key has lost its index and is not unique', async () => {
  await send('code,region,price\na,1,1\n');
  await query(`DROP INDEX products_code_region_key`);
  await query(`INSERT INTO products (id, code, region, price) VALUES (gen_random_uuid(), 'a', 1, 2)`);
  const before = await products();
  await expect(send('code,region,price\na,1,3\n')).rejects.toThrow('several rows with the same code, region');
  expect(await products()).toEqual(before);
});

describe('linked rows', () => {
  it('are changed in place, and only they count as a change', async () => {
    await send('code,region,maker,city\na,1,Acme,Oslo\nb,1,Beta,Bern\n');
    const before = await query('SELECT id FROM makers ORDER BY maker');
    const id = await send('code,region,maker,city\na,1,Acme,Paris\nb,1,Beta,Bern\n');
    expect(await countsOf(slot, id)).toMatchObject({ updated: 1, unchanged: 1 });
    expect(await query('SELECT id FROM makers ORDER BY maker')).toEqual(before);
    expect(await makers()).toEqual([
      { code: 'a', maker: 'Acme', city: 'Paris' },
      { code: 'b', maker: 'Beta', city: 'Bern' },
    ]);
  });

  it('are added and linked where there was none; columns that the file lacks stay', async () => {
    await send('code,region,maker,city\na,1,,\nb,1,Beta,Bern\n');
    const id = await send('code,region,city\na,1,Oslo\nb,1,Rome\nc,1,Lima\nd,1,\n');
    expect(await countsOf(slot, id)).toMatchObject({ updated: 2, inserted: 2 });
    expect(await makers()).toEqual([
      { code: 'a', maker: null, city: 'Oslo' },
      { code: 'b', maker: 'Beta', city: 'Rome' },
      { code: 'c', maker: null, city: 'Lima' },
      { code: 'd', maker: null, city: null },
    ]);
  });

  it('whose cells are all empty keep their place, empty; a second time they are unchanged', async () => {
    await send('code,region,maker,city\na,1,Acme,Oslo\n');
    const emptied = 'code,region,maker,city\na,1,,\n';
    expect(await countsOf(slot, await send(emptied))).toMatchObject({ updated: 1 });
    expect(await makers()).toEqual([{ code: 'a', maker: null, city: null }]);
    expect(await countsOf(slot, await send(emptied))).toMatchObject({ unchanged: 1 });
  });

  it('that others share are left to them: the updated row gets one of its own', async () => {
    await send('code,region,maker,city\na,1,Acme,Oslo\nb,1,,\nc,1,,\n');
    await query(`UPDATE products SET maker_id = (SELECT id FROM makers)`);
    const id = await send('code,region,city\na,1,Paris\nb,1,Oslo\n');
    expect(await countsOf(slot, id)).toMatchObject({ updated: 1, unchanged: 1 });
    expect(await makers()).toEqual([
      { code: 'a', maker: 'Acme', city: 'Paris' },
      { code: 'b', maker: 'Acme', city: 'Oslo' },
      { code: 'c', maker: 'Acme', city: 'Oslo' },
    ]);
  });
});

describe('others at the table', () => {
  /** Stages and leaves the publishing. */
  async function stage(text: string): Promise<string> {
    const id = await addImport(slot, PRODUCTS, text, { mode: 'upsert' });
    const plan = await planImport(slot, id);
    for (const chunkNo of plan.kind === 'chunks' ? plan.chunkNos : []) await loadChunk(slot, id, chunkNo);
    return id;
  }
  const long = (price: number): string =>
    `code,region,price\n${Array.from({ length: 40 }, (_, at) => `code ${at},1,${price}\n`).join('')}`;

  it('two upserts of the same new keys at once land each key once', async () => {
    const other = await openSlot(database.url, folder);
    const [first, second] = [await stage(long(1)), await stage(long(2))];
    await Promise.all([publishImport(slot, first), publishImport(other, second)]);
    await other.close();
    const counts = await Promise.all([countsOf(slot, first), countsOf(slot, second)]);
    expect(counts).toContainEqual({ records: 40, inserted: 40, loaded: 40 });
    expect(counts).toContainEqual({ records: 40, updated: 40, loaded: 40 });
    expect(await products()).toHaveLength(40);
  });

  it('a row that another transaction is adding is waited for, then updated', async () => {
    const id = await stage(long(7));
    const other = await database.pool.connect();
    await other.query(
      `BEGIN; INSERT INTO products (id, code, region, price) VALUES (gen_random_uuid(), 'code 3', 1, 1)`,
    );
    const publishing = publishImport(slot, id);
    await sessionsWaitForLock(database.pool);
    await other.query('COMMIT');
    other.release();
    await publishing;
    expect(await countsOf(slot, id)).toEqual({ records: 40, inserted: 39, updated: 1, loaded: 40 });
  });
});

it('a failure of the only chunk is told as that', async () => {
  await query(`
    CREATE FUNCTION broken(price numeric) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM nowhere; RETURN true; END $$;
    ALTER TABLE products ADD CHECK (broken(price))`);
  await expect(send('code,region,price\na,1,1\n')).rejects.toThrow(/nowhere/);
  const [{ id }] = (await query('SELECT id FROM sluice.tasks')) as [{ id: string }];
  expect(await describeFailedStep(slot.db, id)).toMatchObject({ code: 'chunk-failed', chunkNo: 0 });
});
