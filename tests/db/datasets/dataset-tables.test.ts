import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDataset } from '../../../src/core/dataset/document/parse-dataset.ts';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { copyInto } from '../../../src/db/landing/copy.ts';
import { qualifiedName } from '../../../src/db/identifiers.ts';
import { applyTables, planChanges } from '../../../src/db/datasets/dataset-tables.ts';
import { fillTimes, readTables } from '../../../src/db/datasets/read-tables.ts';
import { AppError } from '../../../src/errors.ts';
import { AT, CUSTOMERS, IMPORT_ID, land } from '../../core/dataset/customers.ts';
import { uuidV7Block } from '../../../src/core/uuid.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';
import { randomFillSync } from 'node:crypto';
import { databaseOn } from '../../../src/db/transaction.ts';
import { transactionOn } from '../../support/transaction.ts';

let database: TestDatabase;
let client: pg.PoolClient;
beforeAll(async () => {
  database = await createDatabase();
  client = await database.pool.connect();
});
afterAll(async () => {
  client.release();
  await database.drop();
});

let tables = 0;
/** A dataset with a table of its own. */
function datasetOf(
  fields: unknown[],
  more: { schema?: object; target?: object; table?: string } = {},
): Dataset {
  const { table = `t${++tables}` } = more;
  return parseDataset(
    { name: 'd', schema: { fields, ...more.schema }, target: { table, ...more.target } },
    'test',
  );
}

async function conflictsOf(dataset: Dataset): Promise<string[]> {
  const error = await applyTables(databaseOn(client), dataset).catch((thrown: unknown) => thrown);
  if (!(error instanceof AppError)) throw error;
  expect(error.code).toBe('DATASET_INCOMPATIBLE');
  return error.errors!.map(({ detail }) => detail);
}

async function insertRow(table: string, more: Record<string, unknown> = {}): Promise<void> {
  const values = { id: '0190a6c2-7b1e-7c3d-9f00-1234567890ab', created_at: AT, updated_at: AT, ...more };
  const names = Object.keys(values);
  await client.query(
    `INSERT INTO public."${table}" (${names.map((name) => `"${name}"`).join(', ')}) VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})`,
    Object.values(values),
  );
}

describe('a dataset that is new', () => {
  test('gets its tables once; rows land in them and are found by their import', async () => {
    expect(await applyTables(databaseOn(client), CUSTOMERS)).toEqual({
      created: ['addresses', 'customers'],
      altered: [],
    });
    expect(await applyTables(databaseOn(client), CUSTOMERS)).toEqual({ created: [], altered: [] });

    const header = CUSTOMERS.schema.fields.map((field) => field.title!);
    const good = ['山田\\\t"太郎"\n', '', '1980/4/1', '', '9001234567', '東京都', '', '', '', '600001'];
    const landed = land(CUSTOMERS, [header, good, ['佐藤', ...Array<string>(9).fill('')]], {
      nextId: uuidV7Block(Date.now(), randomFillSync),
    });
    for (const [at, table] of landed.tables.entries())
      await copyInto(transactionOn(client), qualifiedName(table), table, [Buffer.from(landed.out[at]!)]);
    const { rows } = await client.query(
      `SELECT c.name, c.birthday::text, c.phone_no, c.import_row::int, a.prefecture, a.post_no, c.created_at, a.import_id
         FROM public.customers c LEFT JOIN public.addresses a ON a.id = c.address_id WHERE c.import_id = $1 ORDER BY c.import_row`,
      [IMPORT_ID],
    );
    expect(rows).toEqual([
      {
        name: good[0],
        birthday: '1980-04-01',
        phone_no: '09001234567',
        import_row: 1,
        prefecture: '東京都',
        post_no: '0600001',
        created_at: new Date(AT),
        import_id: IMPORT_ID,
      },
      {
        name: '佐藤',
        birthday: null,
        phone_no: null,
        import_row: 2,
        prefecture: null,
        post_no: null,
        created_at: new Date(AT),
        import_id: null,
      },
    ]);
  });

  test('may bring a schema and any names that are identifiers', async () => {
    const dataset = datasetOf([{ name: 'select' }, { name: 'order', type: 'integer' }], {
      table: 'table',
      target: { schema: 'user' },
    });
    expect(await applyTables(databaseOn(client), dataset)).toEqual({ created: ['table'], altered: [] });
    expect(await applyTables(databaseOn(client), dataset)).toEqual({ created: [], altered: [] });
  });

  test('is made once when many processes start together', async () => {
    const dataset = datasetOf([{ name: 'a', constraints: { unique: true } }]);
    const results = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const other = await database.pool.connect();
        return applyTables(databaseOn(other), dataset).finally(() => other.release());
      }),
    );
    expect(results.flatMap(({ created }) => created)).toHaveLength(1);
  });
});

describe('a dataset that has changed', () => {
  test('alters what loses nothing, whatever rows there are', async () => {
    const before = datasetOf([
      { name: 'a', constraints: { maxLength: 5, required: true } },
      { name: 'b', constraints: { maxLength: 5 } },
    ]);
    const { table } = before.target;
    await applyTables(databaseOn(client), before);
    await insertRow(table, { a: 'x' });
    const after = datasetOf(
      [{ name: 'a', constraints: { maxLength: 9 } }, { name: 'b' }, { name: 'c', type: 'object' }],
      { table },
    );
    expect(await applyTables(databaseOn(client), after)).toEqual({ created: [], altered: [table] });
    expect(await applyTables(databaseOn(client), after)).toEqual({ created: [], altered: [] });
    const [actual] = await readTables(transactionOn(client), [{ schema: 'public', name: table }]);
    expect(actual!.columns.filter(({ name }) => 'abc'.includes(name))).toEqual([
      { name: 'a', type: 'varchar(9)', nullable: true, hasDefault: false },
      { name: 'b', type: 'text', nullable: true, hasDefault: false },
      { name: 'c', type: 'jsonb', nullable: true, hasDefault: false },
    ]);
  });

  test('is refused with every difference that a person must decide, and nothing is altered', async () => {
    const before = datasetOf([{ name: 'a' }, { name: 'b' }]);
    const { table } = before.target;
    await applyTables(databaseOn(client), before);
    await insertRow(table);
    const after = datasetOf(
      [
        { name: 'a', type: 'date' },
        { name: 'b', constraints: { unique: true } },
        { name: 'c' },
        { name: 'd', constraints: { required: true } },
      ],
      { table },
    );
    const conflicts = await conflictsOf(after);
    expect(conflicts.map((sentence) => /"[abd]"|\([abd]\)/.exec(sentence)?.[0])).toEqual([
      '"a"',
      '"d"',
      '(b)',
    ]);
    expect(await applyTables(databaseOn(client), before)).toEqual({ created: [], altered: [] });
  });
});

describe('a table that others made', () => {
  const COLUMNS =
    'id uuid PRIMARY KEY, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, created_by uuid, updated_by uuid, import_id uuid, import_row bigint';

  test('may have more columns that fill themselves', async () => {
    const dataset = datasetOf([{ name: 'a' }]);
    await client.query(
      `CREATE TABLE public.${dataset.target.table} (${COLUMNS}, a text, n int, d int NOT NULL DEFAULT 1, s int GENERATED ALWAYS AS IDENTITY, g int NOT NULL GENERATED ALWAYS AS (1) STORED)`,
    );
    expect((await applyTables(databaseOn(client), dataset)).created).toEqual([]);
  });

  test('fills the times by itself once applied, unless it fills them in its own way', async () => {
    const dataset = datasetOf([{ name: 'a' }]);
    const { table } = dataset.target;
    const tables = [{ schema: 'public', table }];
    expect(await fillTimes(transactionOn(client), tables)).toBe(false);
    await client.query(`CREATE TABLE public.${table} (${COLUMNS}, a text)`);
    expect(await fillTimes(transactionOn(client), tables)).toBe(false);
    expect(await applyTables(databaseOn(client), dataset)).toEqual({ created: [], altered: [table] });
    expect(await fillTimes(transactionOn(client), tables)).toBe(true);
    await client.query(`ALTER TABLE public.${table} ALTER created_at SET DEFAULT '2000-01-01'`);
    expect(await applyTables(databaseOn(client), dataset)).toEqual({ created: [], altered: [] });
    expect(await fillTimes(transactionOn(client), tables)).toBe(false);
  });

  test('must not ask for what no field gives', async () => {
    const dataset = datasetOf([{ name: 'a' }]);
    await client.query(
      `CREATE TABLE public.${dataset.target.table} (${COLUMNS}, a text, tenant int NOT NULL)`,
    );
    expect(await conflictsOf(dataset)).toEqual([expect.stringContaining('"tenant"')]);
  });

  test('keeps unique what is wanted only by a whole, valid index', async () => {
    const dataset = datasetOf([{ name: 'a', constraints: { unique: true } }]);
    const { table } = dataset.target;
    await client.query(
      `CREATE TABLE public.${table} (${COLUMNS}, a text); CREATE UNIQUE INDEX ON public.${table} (a) WHERE a > 'm'; CREATE UNIQUE INDEX ON public.${table} (lower(a))`,
    );
    await insertRow(table);
    expect(await conflictsOf(dataset)).toEqual([expect.stringContaining('no unique index on (a)')]);
    await client.query(`ALTER TABLE public.${table} ADD UNIQUE (a)`);
    expect(await applyTables(databaseOn(client), dataset)).toEqual({ created: [], altered: [table] });
  });

  test('is no view', async () => {
    const dataset = datasetOf([{ name: 'a' }]);
    await client.query(`CREATE VIEW public.${dataset.target.table} AS SELECT 1 AS a`);
    await expect(applyTables(databaseOn(client), dataset)).rejects.toThrow('is not a table');
  });

  test.each([
    ['n bigint GENERATED ALWAYS AS IDENTITY', 'SET GENERATED BY DEFAULT'],
    ['n bigint GENERATED ALWAYS AS (1) STORED', 'DROP EXPRESSION'],
  ])('fills a column of a field by itself, and no import can: %s', async (column, change) => {
    const dataset = datasetOf([
      { name: 'a' },
      { name: 'n', type: 'integer', constraints: { required: true } },
    ]);
    const { table } = dataset.target;
    await client.query(`CREATE TABLE public.${table} (${COLUMNS}, a text, ${column})`);
    await client.query(`ALTER TABLE public.${table} ALTER COLUMN n SET NOT NULL`);
    const [conflict] = await conflictsOf(dataset);
    expect(conflict).toContain(`Column "n" of table "${table}" is GENERATED ALWAYS`);
    await client.query(/ \((ALTER TABLE [^)]*)\)\.$/.exec(conflict!)![1]!);
    expect(conflict).toContain(change);
    expect((await planChanges(databaseOn(client), dataset)).conflicts).toEqual([]);
  });
});

describe('a table that others read', () => {
  async function readTable(table: string): Promise<pg.PoolClient> {
    const reader = await database.pool.connect();
    await reader.query(`BEGIN; SELECT FROM public.${table}`);
    return reader;
  }
  /** Two datasets of one table, of which the second wants a column more. */
  async function changing(): Promise<{ table: string; dataset: Dataset }> {
    const before = datasetOf([{ name: 'a' }]);
    const { table } = before.target;
    await applyTables(databaseOn(client), before);
    return { table, dataset: datasetOf([{ name: 'a' }, { name: 'b' }], { table }) };
  }

  test('is changed when they are done, and nobody queues behind the change meanwhile', async () => {
    const { table, dataset } = await changing();
    const reader = await readTable(table);
    const changer = await database.pool.connect();
    const change = applyTables(databaseOn(changer), dataset, { lockMs: 50, attempts: 10_000 });
    try {
      for (let times = 0; times < 3; times++) {
        // The change waits for the reader …
        await waitFor(
          async () => {
            const { rows } = await client.query(
              `SELECT FROM pg_locks WHERE relation = 'public.${table}'::regclass AND NOT granted`,
            );
            return rows.length > 0 || undefined;
          },
          { what: 'the change to wait for its lock' },
        );
        // … and a third session reads, though the reader goes on.
        const third = await database.pool.connect();
        await third.query(`SELECT FROM public.${table}`).finally(() => third.release());
      }
    } finally {
      await reader.query('COMMIT');
      reader.release();
    }
    expect(await change).toEqual({ created: [], altered: [table] });
    changer.release();
  });

  test('is not changed as long as they hold it; who that is, is said', async () => {
    const { table, dataset } = await changing();
    const reader = await readTable(table);
    const { pid } = (await reader.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!;
    try {
      const error = await applyTables(databaseOn(client), dataset, { lockMs: 20, attempts: 3 }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ code: 'UNAVAILABLE', params: { heldBy: [pid] } });
      expect((error as Error).message).toMatch(
        new RegExp(`process ${pid} of Postgres .* has used table "${table}" since \\d{4}-`),
      );
    } finally {
      await reader.query('COMMIT');
      reader.release();
    }
    expect(await applyTables(databaseOn(client), dataset)).toEqual({ created: [], altered: [table] });
  });
});

describe('a plan', () => {
  test('has the SQL that applying runs, and changes nothing', async () => {
    const dataset = datasetOf([{ name: 'a', constraints: { unique: true } }]);
    const { statements, created } = await planChanges(databaseOn(client), dataset);
    expect(created).toEqual([dataset.target.table]);
    expect(statements.join('\n')).toContain(`CREATE TABLE "public"."${dataset.target.table}"`);
    expect((await applyTables(databaseOn(client), dataset)).created).toEqual([dataset.target.table]);
    expect((await planChanges(databaseOn(client), dataset)).statements).toEqual([]);
  });
});
