import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { landRows } from '../../../src/db/landing/land-rows.ts';
import type { RowBatch } from '../../../src/db/landing/stage-rows.ts';
import { databaseOn, inTransaction } from '../../../src/db/transaction.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let client: pg.PoolClient;

beforeAll(async () => {
  database = await createDatabase();
  client = await database.pool.connect();
  await client.query('SET search_path TO public');
});
afterAll(async () => {
  client.release();
  await database.drop();
});
beforeEach(async () => {
  await client.query(`
    DROP TABLE IF EXISTS orders, places;
    CREATE TABLE places (id text PRIMARY KEY, city text, import_id text, import_row bigint);
    CREATE TABLE orders ("place" text UNIQUE, "Odd ""name" varchar(5), place_id text REFERENCES places, import_id text, import_row bigint)`);
});

type Line = readonly (string | number)[];

/** `\\N` is NULL, as in COPY. */
function batch(orders: readonly Line[], places: readonly Line[] = []): RowBatch {
  const text = (lines: readonly Line[]): Buffer[] => lines.map((line) => Buffer.from(`${line.join('\t')}\n`));
  return {
    tables: [
      { schema: 'public', table: 'places', columns: ['id', 'city', 'import_id', 'import_row'] },
      {
        schema: 'public',
        table: 'orders',
        columns: ['place', 'Odd "name', 'place_id', 'import_id', 'import_row'],
      },
    ],
    blocks: [text(places), text(orders)],
    rowCounts: [places.length, orders.length],
  };
}

const land = async (rows: RowBatch) =>
  (await inTransaction(databaseOn(client), (tx) => landRows(tx, rows))).refused;
const landedRows = async (): Promise<number[]> =>
  (await client.query<{ import_row: string }>('SELECT import_row FROM orders ORDER BY ctid')).rows.map(
    (row) => Number(row.import_row),
  );

const order = (row: number, place = `p${row}`, name = '\\N', placeId = '\\N'): Line => [
  place,
  name,
  placeId,
  'i',
  row,
];

describe('landRows', () => {
  it('lands all by COPY when nothing is refused', async () => {
    expect(await land(batch([order(1), order(2)]))).toEqual([]);
    expect(await landedRows()).toEqual([1, 2]);
  });

  it('of nothing does nothing', async () => {
    expect(await land(batch([]))).toEqual([]);
  });

  it('tells each refused row with what Postgres says, and lands the others in order', async () => {
    const rows = [
      order(1),
      order(2, 'p1'),
      order(4, 'x', 'too long'),
      order(7, 'y', 'fits'),
      order(8, 'p1'),
      order(9),
    ];
    expect(await land(batch(rows))).toEqual([
      {
        row: 2,
        error: {
          code: '23505',
          message: expect.stringContaining('orders_place_key'),
          detail: 'Key (place)=(p1) already exists.',
          constraint: 'orders_place_key',
          columns: ['place'],
        },
      },
      {
        row: 4,
        error: {
          code: '22001',
          message: expect.stringContaining('character varying(5)'),
          detail: '',
          constraint: '',
          columns: [],
        },
      },
      { row: 8, error: expect.objectContaining({ code: '23505' }) },
    ]);
    expect(await landedRows()).toEqual([1, 7, 9]);
  });

  it('takes a refused row out of every table it would land in', async () => {
    const places: Line[] = [
      ['a', 'Tokyo', 'i', 1],
      ['b', 'Osaka', 'i', 2],
      ['c', 'Kobe', 'i', 3],
    ];
    const refused = await land(
      batch(
        [
          order(1, 'x', '\\N', 'a'),
          order(2, 'x', '\\N', 'b'),
          order(3, 'y', '\\N', 'c'),
          order(4, 'z', '\\N', 'gone'),
        ],
        places,
      ),
    );
    expect(refused.map(({ row, error }) => [row, error.code])).toEqual([
      [2, '23505'],
      [4, '23503'],
    ]);
    expect((await client.query('SELECT id FROM places ORDER BY id')).rows).toEqual([
      { id: 'a' },
      { id: 'c' },
    ]);
  });

  it('names the columns of each rule when rows that are tried one by one break them in turn', async () => {
    await client.query(`
      CREATE OR REPLACE FUNCTION refuse_q() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.place = 'q' THEN RAISE 'no q'; END IF; RETURN NEW; END $$;
      CREATE TRIGGER refuse_q BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse_q();
      ALTER TABLE orders ADD CHECK (place <> "Odd ""name")`);
    const rows = [
      order(1),
      order(2, 'p1'),
      order(3, 'q'),
      order(4, 'a', '\\N', 'gone'),
      order(5, 'p1'),
      order(6, 'q'),
      order(7, 'b', 'b'),
    ];
    const refused = await land(batch(rows));
    expect(refused.map(({ row, error }) => [row, error.columns])).toEqual([
      [2, ['place']],
      [3, []],
      [4, ['place_id']],
      [5, ['place']],
      [6, []],
      [7, ['place', 'Odd "name']],
    ]);
  });

  it('tells what an exclusion refuses in the words of Postgres', async () => {
    await client.query(`
      ALTER TABLE orders ADD CONSTRAINT apart EXCLUDE USING gist (box(point(length(place), 0), point(length(place), length("Odd ""name"))) WITH &&);
      INSERT INTO orders VALUES ('aaa', 'xyz', NULL, 'before', 0)`);
    const own = await client
      .query(`INSERT INTO orders VALUES ('bbb', 'xy')`)
      .catch(({ code, message, detail }: pg.DatabaseError) => ({ code, message, detail }));
    const refused = await land(
      batch([order(1, 'bbb', 'xy'), order(2, 'b', 'x'), order(3, 'c', 'xx'), order(4)]),
    );
    expect(refused).toEqual([
      { row: 1, error: { ...own, constraint: 'apart', columns: ['place', 'Odd "name'] } },
      { row: 3, error: expect.objectContaining({ code: '23P01', constraint: 'apart' }) },
    ]);
    expect(await landedRows()).toEqual([0, 2, 4]);
  });

  it.each([1, 255, 256, 257, 1000, 3000])(
    'of %i rows with one refused in each place lands the others',
    async (count) => {
      for (const bad of new Set([1, Math.ceil(count / 2), count])) {
        await client.query('TRUNCATE orders; ');
        await client.query(`INSERT INTO orders VALUES ('taken', NULL, NULL, 'before', 0)`);
        const rows = Array.from({ length: count }, (_, at) =>
          order(at + 1, at + 1 === bad ? 'taken' : `p${at}`),
        );
        expect((await land(batch(rows))).map(({ row }) => row)).toEqual([bad]);
        expect(await landedRows()).toEqual([
          0,
          ...Array.from({ length: count }, (_, at) => at + 1).filter((row) => row !== bad),
        ]);
      }
    },
  );

  it('a failure that is not about the rows flies, and can be told', async () => {
    await client.query('ALTER TABLE orders RENAME TO gone');
    await expect(land(batch([order(1)]))).rejects.toMatchObject({ code: '42P01' });
    await client.query('ALTER TABLE gone RENAME TO orders');
  });

  it('leaves nothing of its own behind, so that it can be called again in one transaction', async () => {
    await inTransaction(databaseOn(client), async (tx) => {
      expect((await landRows(tx, batch([order(1), order(2, 'p1')]))).refused).toHaveLength(1);
      expect((await landRows(tx, batch([order(3), order(4, 'p1')]))).refused).toHaveLength(1);
      const { rows } = await client.query(
        `SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'`,
      );
      expect(rows).toEqual([]);
    });
    expect(await landedRows()).toEqual([1, 3]);
  });
});
