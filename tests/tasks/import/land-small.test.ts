import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { claimSmallImports } from '../../../src/db/imports/small-imports.ts';
import { findTask, moveTask } from '../../../src/db/tasks/tasks.ts';
import { landSmallImports } from '../../../src/tasks/import/land-small.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { rejectsOf } from '../../support/staged.ts';
import { addDataset, PEOPLE } from '../../support/uploads.ts';
import { waitFor } from '../../support/wait-for.ts';
import { runs } from '../../support/random.ts';

const SMALL = { smallFileBytes: 16_384 };
const VISITS: Dataset = {
  name: 'visits',
  schema: { fields: [{ name: 'place', type: 'string' }] },
  target: { table: 'visits' },
};

let database: TestDatabase;
let folder: string;
let slot: TestSlot;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-small-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  database = await createDatabase();
  await addDataset(database.pool, PEOPLE);
  await addDataset(database.pool, VISITS);
  slot = await openSlot(database.url, folder, SMALL);
  return async () => {
    await slot.close().catch(() => undefined);
    await database.drop();
  };
});

const add = (content: string, dataset = PEOPLE): Promise<string> => addImport(slot, dataset, content);
const statusOf = async (id: string) => (await findTask(database.db, id))?.status;
const resultOf = async (id: string) => (await findTask(database.db, id))?.result;
const names = async (): Promise<string[]> =>
  (
    await database.pool.query<{ name: string }>('SELECT name FROM people ORDER BY import_id, import_row')
  ).rows.map(({ name }) => name);

describe('small imports that wait', () => {
  it('land in one call, each with its own counts, errors and rejects', async () => {
    const good = await add('name,age\nAnn,30\nBob,40\n');
    const mixed = await add('name,age\nCid,x\nDee,50\n');
    const other = await add('place\nKyoto\n', VISITS);
    expect(await landSmallImports(slot)).toEqual({ taken: 3, left: [] });

    expect(await resultOf(good)).toMatchObject({ records: 2, inserted: 2, rejected: 0, errors: 0 });
    expect(await resultOf(mixed)).toMatchObject({ records: 2, inserted: 1, rejected: 1, errors: 1 });
    expect(await resultOf(other)).toMatchObject({ records: 1, inserted: 1 });
    expect(await names()).toEqual(['Ann', 'Bob', 'Dee']);
    expect((await listRowErrors(slot.db, mixed, {}, { limit: 10 })).errors).toMatchObject([
      { row: 1, code: 'type-error' },
    ]);
    expect(await rejectsOf(slot, mixed)).toMatchObject([{ row: 1 }]);
    expect(await rejectsOf(slot, good)).toEqual([]);
    expect(await landSmallImports(slot)).toEqual({ taken: 0, left: [] });
  });

  it('whose rows Postgres refuses reject these alone, and the others of the group land', async () => {
    await database.pool.query('CREATE UNIQUE INDEX ON people (name)');
    const first = await add('name\nAnn\n');
    const again = await add('name\nBob\nAnn\n');
    const last = await add('name\nCid\n');
    expect(await landSmallImports(slot)).toEqual({ taken: 3, left: [] });
    expect(await resultOf(first)).toMatchObject({ inserted: 1, rejected: 0 });
    expect(await resultOf(again)).toMatchObject({ inserted: 1, rejected: 1 });
    expect(await resultOf(last)).toMatchObject({ inserted: 1, rejected: 0 });
    expect(await rejectsOf(slot, again)).toMatchObject([{ row: 2, cells: ['Ann'] }]);
    expect(await names()).toEqual(['Ann', 'Bob', 'Cid']);
  });

  it('are each landed once by several who look at the same time', async () => {
    const ids = [];
    for (let at = 0; at < 40; at++) ids.push(await add(`name\nperson ${at}\n`));
    const others = await Promise.all([1, 2, 3].map(() => openSlot(database.url, folder, SMALL)));
    const landed = await Promise.all(others.map(landSmallImports));
    await Promise.all(others.map((other) => other.close()));
    expect(landed.reduce((sum, { taken }) => sum + taken, 0)).toBe(40);
    for (const id of ids) expect(await statusOf(id)).toBe('succeeded');
    expect(await names()).toHaveLength(40);
  });

  it('that are cancelled, or that another worker has planned meanwhile, are not landed', async () => {
    const cancelled = await add('name\nAnn\n');
    const cancelling = await add('name\nBob\n');
    const planned = await add('name\nCid\n');
    await moveTask(database.db, cancelled, 'cancelled', {}, ['queued']);
    const { imports } = await claimSmallImports(database.db, 10);
    expect(imports.map(({ id }) => id)).toEqual([cancelling, planned]);
    // What was claimed and not ended is the queue's: see the sweep.
    await runImport(slot, planned);
    await moveTask(database.db, cancelling, 'cancelling');
    expect(await landSmallImports(slot)).toEqual({ taken: 0, left: [] });
    expect(await names()).toEqual(['Cid']);
  });

  it('are claimed up to the limit, oldest first, at one time of the clock of Postgres', async () => {
    const ids = [];
    for (let at = 0; at < 12; at++) ids.push(await add(`name\nperson ${at}\n`));
    await database.pool.query('ANALYZE sluice.tasks');
    const { imports, at } = await claimSmallImports(database.db, 5);
    expect(imports.map(({ id }) => id)).toEqual(ids.slice(0, 5));
    const { rows } = await database.pool.query<{ id: string }>(
      `SELECT id FROM sluice.tasks WHERE status = 'running' AND started_at = $1::timestamptz(3) ORDER BY id`,
      [at],
    );
    expect(rows.map(({ id }) => id)).toEqual(ids.slice(0, 5));
  });

  it('land without those that are cancelled while they land', async () => {
    const kept = await add('name\nAnn\n');
    const cancelled = await add('name\nBob\n');
    // Taken back with the group, so it is cancelled each time it lands.
    await database.pool.query(`
      CREATE FUNCTION cancel() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN UPDATE sluice.tasks SET status = 'cancelling' WHERE id = NEW.import_id; RETURN NEW; END $$;
      CREATE TRIGGER cancel BEFORE INSERT ON people FOR EACH ROW WHEN (NEW.name = 'Bob') EXECUTE FUNCTION cancel()`);
    expect(await landSmallImports(slot)).toEqual({ taken: 2, left: [] });
    expect([await statusOf(kept), await statusOf(cancelled)]).toEqual(['succeeded', 'running']);
    expect(await names()).toEqual(['Ann']);
  });

  it('are left to the queue when their table is locked; those of other tables land', async () => {
    const locked = await add('name\nAnn\n');
    const other = await add('place\nKyoto\n', VISITS);
    const client = await database.pool.connect();
    try {
      await client.query('BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE');
      expect(await landSmallImports(slot)).toMatchObject({ taken: 2, left: [{ importId: locked }] });
      await client.query('ROLLBACK');
    } finally {
      client.release();
    }
    expect([await statusOf(locked), await statusOf(other)]).toEqual(['running', 'succeeded']);
    await runImport(slot, locked);
    expect([await statusOf(locked), await names()]).toEqual(['succeeded', ['Ann']]);
  });

  it('land whole or not at all when the connection goes in the middle, and the queue lands them then', async () => {
    const ids = [await add('name\nAnn\n'), await add('name\nBob\n')];
    await database.pool.query(`
      CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(600); RETURN NEW; END $$;
      CREATE TRIGGER wait BEFORE INSERT ON people FOR EACH ROW WHEN (NEW.name = 'Bob') EXECUTE FUNCTION wait()`);
    const landing = landSmallImports(slot).catch((error: unknown) => error);
    await waitFor(
      async () => {
        const { rows } = await database.pool.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'`,
        );
        return rows.length > 0;
      },
      { what: 'the second row' },
    );
    expect(await landing).toBeInstanceOf(Error);
    await database.pool.query('DROP TRIGGER wait ON people');
    expect(await names()).toEqual([]);
    const next = await openSlot(database.url, folder, SMALL);
    for (const id of ids) {
      expect(await statusOf(id)).toBe('running');
      await runImport(next, id);
    }
    await next.close();
    expect(await names()).toEqual(['Ann', 'Bob']);
  });
});

it('what becomes of a file is what becomes of it alone', async () => {
  await database.pool.query('CREATE UNIQUE INDEX ON people (name)');
  const cell = fc.constantFrom('Ann', 'Bob', 'Cid', 'Dee', '', '"a,b"', '"x', '30', '=1');
  const record = fc.tuple(cell, fc.constantFrom('1', '22', 'x', '')).map((cells) => cells.join(','));
  const file = fc
    .array(record, { minLength: 1, maxLength: 6 })
    .map((records) => `name,age\n${records.join('\n')}\n`);
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 5 }), async (files) => {
      const outcomes = [];
      for (const land of ['together', 'alone'] as const) {
        await database.pool.query('TRUNCATE people');
        const ids = [];
        for (const content of files) ids.push(await add(content));
        if (land === 'together') await landSmallImports(slot);
        else for (const id of ids) await runImport(slot, id);
        const { rows } = await database.pool.query(
          'SELECT name, age::text, import_row::int FROM people ORDER BY import_id, import_row',
        );
        const each = [];
        for (const id of ids)
          each.push({
            result: await resultOf(id),
            rejects: await rejectsOf(slot, id),
            errors: (await listRowErrors(slot.db, id, {}, { limit: 100 })).errors,
          });
        outcomes.push({ rows, each });
      }
      expect(outcomes[0]).toEqual(outcomes[1]);
    }),
    { numRuns: runs(8) },
  );
});
