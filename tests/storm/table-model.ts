// What must stand in the tables, and how it is read from them: independent of Sluice, but for the names of its columns.
import type pg from 'pg';
import { isKeyed, type DatasetName } from './files.ts';

/** One row with what is linked to it, as text. */
export interface StoredRow {
  readonly id: string;
  readonly importId: string;
  readonly row: number;
  readonly values: readonly (string | null)[];
}

/** The rows of a dataset's tables, by `rowKey`. */
export type StoredRows = ReadonlyMap<string, StoredRow>;

export function rowKey(importId: string, row: number): string {
  return `${importId}/${row}`;
}

const SELECT: Readonly<Record<DatasetName, string>> = {
  members: `
    SELECT m.id, m.import_id, m.import_row, m.code, m.name, m.joined::text, m.points::text, p.city, p.post_no
      FROM members m LEFT JOIN places p ON p.id = m.place_id`,
  visits: `SELECT id, import_id, import_row, page, visitor, day::text, seconds::text, note FROM visits`,
  orders: `
    SELECT o.id::text, p.import_id, p.import_row, o.order_no, o.customer, o.amount::text, o.quantity::text, o.state::text, o.ordered_on::text
      FROM shop_orders o JOIN sluice_provenance.rows_1 p ON p.key_1 = o.id`,
};

/** Tables in which rows can be left over: each of their rows belongs to one of the dataset's. */
const ORPHANS: Readonly<Record<DatasetName, string>> = {
  members: `
    SELECT (SELECT count(*) FROM places p WHERE NOT EXISTS (SELECT FROM members m WHERE m.place_id = p.id))
         + (SELECT count(*) FROM members m WHERE NOT EXISTS (SELECT FROM places p WHERE p.id = m.place_id)) AS count`,
  visits: `SELECT 0 AS count`,
  orders: `
    SELECT (SELECT count(*) FROM sluice_provenance.rows_1 p WHERE NOT EXISTS (SELECT FROM shop_orders o WHERE o.id = p.key_1))
         + (SELECT count(*) FROM shop_orders o WHERE NOT EXISTS (SELECT FROM sluice_provenance.rows_1 p WHERE o.id = p.key_1)) AS count`,
};

/** @throws Error when two rows have the same import and row number */
export async function readRows(pool: pg.Pool, dataset: DatasetName): Promise<Map<string, StoredRow>> {
  const { rows } = await pool.query<(string | null)[]>({ text: SELECT[dataset], rowMode: 'array' });
  const stored = new Map<string, StoredRow>();
  for (const [id, importId, row, ...values] of rows as [string, string, string, ...(string | null)[]][]) {
    const key = rowKey(importId, Number(row));
    if (stored.has(key)) throw new Error(`Row ${row} of import ${importId} stands in "${dataset}" twice`);
    stored.set(key, { id, importId, row: Number(row), values });
  }
  return stored;
}

export async function countOrphans(pool: pg.Pool, dataset: DatasetName): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(ORPHANS[dataset]);
  return Number(rows[0]!.count);
}

export async function emptyTables(pool: pg.Pool, dataset: DatasetName): Promise<void> {
  await pool.query(`TRUNCATE ${TABLES[dataset]}`);
}

const TABLES: Readonly<Record<DatasetName, string>> = {
  members: 'members, places',
  visits: 'visits',
  orders: 'shop_orders, sluice_provenance.rows_1',
};

/** The table that exists before Sluice comes. */
export async function makeOrders(pool: pg.Pool): Promise<void> {
  await pool.query(`
    CREATE TYPE order_state AS ENUM ('new', 'paid', 'sent');
    CREATE TABLE shop_orders (
      id bigserial PRIMARY KEY,
      order_no varchar(20) UNIQUE NOT NULL,
      customer text,
      amount numeric(10,2) NOT NULL DEFAULT 0,
      quantity int CHECK (quantity > 0),
      state order_state,
      ordered_on date)`);
}

/** Keys of the rows that stand. */
export function keysOf(dataset: DatasetName, rows: StoredRows): Set<string> {
  if (!isKeyed(dataset)) return new Set();
  return new Set([...rows.values()].map((row) => row.values[0]!));
}

export function sameValues(one: readonly (string | null)[], other: readonly (string | null)[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}
