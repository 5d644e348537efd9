import { beforeAll, expect, it } from 'vitest';
import { pino } from 'pino';
import { analyzeTables } from '../../../src/worker/upkeep/analyze-tables.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  await query('ALTER TABLE sluice.tasks SET (autovacuum_enabled = false)');
  return () => database.drop();
});

const query = (text: string) => database.pool.query<{ n: number }>(text);

async function putIn(count: number): Promise<void> {
  // The statement and the flush of what it has counted, in one session.
  await query(
    `INSERT INTO sluice.tasks (id, name, args) SELECT sluice.uuid_v7(), 'add', '{}' FROM generate_series(1, ${count});
     SELECT pg_stat_force_next_flush()`,
  );
}

/** How many rows Postgres has found, and how often it has looked. */
async function known(): Promise<{ readonly rows: number; readonly looks: number }> {
  await analyzeTables({ db: database.db, logger: pino({ level: 'silent' }) }).run();
  const { rows } = await query(
    `SELECT reltuples::int AS n FROM pg_class WHERE oid = 'sluice.tasks'::regclass
     UNION ALL SELECT pg_stat_get_analyze_count('sluice.tasks'::regclass)::int`,
  );
  return { rows: rows[0]!.n, looks: rows[1]!.n };
}

it('Postgres looks at a table that has grown to more than it plans for, and not again for little', async () => {
  const before = await known();
  await putIn(100);
  expect(await known()).toEqual(before);
  await putIn(2000);
  const grown = await known();
  expect(grown).toEqual({ rows: 2100, looks: before.looks + 1 });
  await putIn(3000);
  expect(await known()).toEqual(grown);
  await putIn(3000);
  expect(await known()).toEqual({ rows: 8100, looks: grown.looks + 1 });
});
