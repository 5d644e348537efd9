import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RowError } from '../../../src/core/imports/row-error.ts';
import { insertRowErrors, listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { databaseOn, inTransaction } from '../../../src/db/transaction.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';

let database: TestDatabase;
const db = () => databaseOn(database.pool);

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const newId = async (): Promise<string> =>
  (await database.pool.query<{ id: string }>('SELECT gen_random_uuid() AS id')).rows[0]!.id;

const error = (row: number, name = 'age', code: RowError['code'] = 'type-error'): RowError => ({
  row,
  line: row + 1,
  column: { index: 2, name },
  code,
  value: 'x',
  message: 'Not good.',
});

async function insert(id: string, chunkNo: number, errors: readonly RowError[], cap: number): Promise<void> {
  const client = await database.pool.connect();
  await inTransaction(databaseOn(client), (tx) => insertRowErrors(tx, id, chunkNo, errors, cap));
  client.release();
}

describe('row errors', () => {
  it('come back as they went in, in file order', async () => {
    const id = await newId();
    const errors: RowError[] = [
      { ...error(1), lineEnd: 4 },
      { ...error(1, 'mail', 'constraint-error'), constraint: 'pattern', value: '' },
      { ...error(2), column: null, code: 'quote-error', value: null },
      { ...error(3), column: { index: 1, name: '' }, value: '\u2028"\\山' },
    ];
    await insert(id, 1, errors.slice(2), 100);
    await insert(id, 0, errors.slice(0, 2), 100);
    expect((await listRowErrors(db(), id, {}, { limit: 10 })).errors).toEqual(errors);
    expect((await listRowErrors(db(), id, {}, { limit: 1 })).errors).toEqual([errors[0]]);
  });

  it('are given in pages that neither repeat nor leave out one', async () => {
    const id = await newId();
    const errors = Array.from({ length: 30 }, (_, at) => error(Math.floor(at / 3) + 1, `column ${at % 3}`));
    await insert(id, 0, errors, 100);
    const seen: RowError[] = [];
    let after: { row: number; line: number; no: number } | undefined;
    do {
      const page = await listRowErrors(db(), id, {}, { limit: 4, ...(after === undefined ? {} : { after }) });
      seen.push(...page.errors);
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(seen).toEqual(errors);
  });

  it('are filtered by code and column', async () => {
    const id = await newId();
    await insert(id, 0, [error(1), error(1, 'mail'), error(2, 'mail', 'unique-error')], 100);
    const rows = async (filter: Parameters<typeof listRowErrors>[2]) =>
      (await listRowErrors(db(), id, filter, { limit: 10 })).errors.map(({ row }) => row);
    expect(await rows({ column: 'mail' })).toEqual([1, 2]);
    expect(await rows({ code: 'unique-error' })).toEqual([2]);
    expect(await rows({ code: 'type-error', column: 'mail' })).toEqual([1]);
    expect(await rows({ column: 'none' })).toEqual([]);
  });

  it('are stored in thousands', async () => {
    const id = await newId();
    await insert(
      id,
      0,
      Array.from({ length: 2500 }, (_, at) => error(at + 1)),
      10_000,
    );
    expect((await listRowErrors(db(), id, {}, { limit: 5000 })).errors).toHaveLength(2500);
  });
});

describe('the cap', () => {
  it('holds to the row also when chunks end at the same time', async () => {
    const id = await newId();
    const chunk = (no: number): RowError[] => Array.from({ length: 8 }, (_, at) => error(no * 8 + at + 1));
    await Promise.all(Array.from({ length: 8 }, (_, no) => insert(id, no, chunk(no), 21)));
    expect((await listRowErrors(db(), id, {}, { limit: 100 })).errors).toHaveLength(21);
  });

  it('a chunk waits for another one’s end, and takes its place when that was rolled back', async () => {
    const id = await newId();
    const first = await database.pool.connect();
    await first.query('BEGIN');
    await insertRowErrors(databaseOn(first), id, 0, [error(1)], 1);
    const second = insert(id, 1, [error(2)], 1);
    await waitFor(
      async () =>
        (
          await database.pool.query(
            `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
          )
        ).rowCount,
      { what: 'the second chunk to wait' },
    );
    await first.query('ROLLBACK');
    first.release();
    await second;
    expect((await listRowErrors(db(), id, {}, { limit: 10 })).errors.map(({ row }) => row)).toEqual([2]);
  });

  it('of 0 stores nothing', async () => {
    const id = await newId();
    await insert(id, 0, [error(1)], 0);
    expect((await listRowErrors(db(), id, {}, { limit: 1 })).errors).toEqual([]);
  });
});
