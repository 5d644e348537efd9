import { randomUUID } from 'node:crypto';
import { text as toText } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from 'vitest';
import { isUnavailable } from '../../../src/db/errors.ts';
import { findImportView } from '../../../src/db/imports/import-views.ts';
import { findTask, moveTask } from '../../../src/db/tasks/tasks.ts';
import { findImport } from '../../../src/db/imports/imports.ts';
import { streamAccepted } from '../../../src/outcome/accepted.ts';
import { requestUndo } from '../../../src/db/imports/undos.ts';
import { settleCancelOf } from '../../../src/tasks/cancel-task.ts';
import { settleCancel } from '../../../src/tasks/import/cancel-import.ts';
import { loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import { undoImport } from '../../../src/tasks/undo/undo-import.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { addDataset, SHOPS } from '../../support/uploads.ts';
import { sessionsWaitForLock } from '../../support/waiting-sessions.ts';

let database: TestDatabase;
let folder: string;
let slot: TestSlot;

beforeEach(async () => {
  const fresh = await freshSlot([SHOPS]);
  ({ database, folder, slot } = fresh);
  return fresh.close;
});

async function query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await database.pool.query(text, values)).rows as Row[];
}

const shops = (rows: number, prefix = 's'): string =>
  `code,size,city\n${Array.from({ length: rows }, (_, at) => `${prefix}${at + 1},${at + 1},city ${at + 1}\n`).join('')}`;

async function landed(text = shops(6)): Promise<string> {
  const id = await addImport(slot, SHOPS, text);
  await runImport(slot, id);
  return id;
}

async function undo(importId: string): Promise<string> {
  const id = randomUUID();
  await requestUndo(slot.db, importId, { id, createdBy: randomUUID() });
  return id;
}

/** Asks for it and does it. @returns its result */
async function undone(importId: string): Promise<unknown> {
  const id = await undo(importId);
  await undoImport(slot, id);
  const task = await findTask(slot.db, id);
  expect(task).toMatchObject({ status: 'succeeded', error: null });
  return task!.result;
}

/** An upsert by `code`. */
async function upserted(text: string): Promise<string> {
  const byCode = { ...SHOPS, schema: { ...SHOPS.schema, primaryKey: ['code'] } };
  const id = await addImport(slot, byCode, text, { mode: 'upsert' });
  await runImport(slot, id);
  return id;
}

const codes = async (): Promise<string[]> =>
  (await query<{ code: string }>('SELECT code FROM shops ORDER BY import_row')).map(({ code }) => code);
const cities = async (): Promise<string[]> =>
  (await query<{ city: string }>('SELECT city FROM places ORDER BY import_row')).map(({ city }) => city);
/** The numbers in accepted.csv. */
async function acceptedOf(id: string): Promise<string[]> {
  const text = await toText(streamAccepted(database.pool, (await findImport(slot.db, id))!));
  return text
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split(',')[0]!);
}
const countsOf = async (id: string) => (await findImportView(database.pool, id))!.counts;

const NOTHING_KEPT = { changed: 0, held: 0, referenced: 0, gone: 0, references: [] };

describe('an undo', () => {
  it('takes the rows back, linked ones too, and no others', async () => {
    await landed(shops(2, 'other '));
    const id = await landed(`${shops(6)}s1,7,again\n`);
    expect(await undone(id)).toEqual({ ...NOTHING_KEPT, deleted: 6 });
    expect(await codes()).toEqual(['other 1', 'other 2']);
    expect(await cities()).toEqual(['city 1', 'city 2']);
    expect(await countsOf(id)).toMatchObject({
      records: 7,
      inserted: 0,
      loaded: 0,
      rejected: 1,
      unprocessed: 6,
    });
  });

  it.each(['', 'ON DELETE CASCADE', 'ON DELETE SET NULL', 'ON DELETE RESTRICT'])(
    'takes rows that refer to each other back together, but for those under a row that stays (%s)',
    async (action) => {
      await query(`ALTER TABLE shops ADD parent text REFERENCES shops (code) ${action}`);
      const id = await landed();
      const [other] = [await landed('code,size,city\nother,1,x\n')];
      // s1 <- s2 <- s3; s4 <- s5, which was changed; s6 <- other, of another import.
      await query(`ALTER TABLE shops DISABLE TRIGGER USER`);
      await query(
        `UPDATE shops SET parent = CASE code WHEN 's2' THEN 's1' WHEN 's3' THEN 's2' WHEN 's5' THEN 's4' WHEN 'other' THEN 's6' END`,
      );
      await query(`ALTER TABLE shops ENABLE TRIGGER USER`);
      await query(`UPDATE shops SET size = 50 WHERE code = 's5'`);
      const restricts = action === 'ON DELETE RESTRICT';
      expect(await undone(id)).toMatchObject(
        restricts
          ? { deleted: 1, changed: 1, referenced: 4 }
          : { deleted: 3, changed: 1, referenced: 2, references: [{ row: 4 }, { row: 6 }] },
      );
      expect(await codes()).toEqual(expect.arrayContaining(['other', 's4', 's5', 's6']));
      expect(await query('SELECT FROM shops WHERE import_id = $1', [other])).toHaveLength(1);
    },
  );

  it('keeps what was changed since, in the row or in the one it is linked to', async () => {
    const id = await landed();
    // Nobody but the trigger of the tables sets updated_at.
    await query(`UPDATE shops SET size = 99 WHERE code = 's2'`);
    await query(`UPDATE places SET city = 'moved' WHERE city = 'city 4'`);
    // These change nothing.
    await query(`UPDATE shops SET size = size`);
    expect(await undone(id)).toEqual({ ...NOTHING_KEPT, deleted: 4, changed: 2 });
    expect(await codes()).toEqual(['s2', 's4']);
    expect(await cities()).toEqual(['city 2', 'moved']);
    expect(await countsOf(id)).toMatchObject({ inserted: 2, loaded: 2, unprocessed: 4 });
  });

  it('keeps a time of change that somebody sets', async () => {
    await landed();
    await query(`UPDATE shops SET size = 1, updated_at = '2030-01-01' WHERE code = 's2'`);
    expect(await query(`SELECT updated_at FROM shops WHERE code = 's2'`)).toEqual([
      { updated_at: new Date('2030-01-01T00:00:00Z') },
    ]);
  });

  it.each(['NO ACTION', 'CASCADE', 'SET NULL'])(
    'keeps what a foreign key with ON DELETE %s refers to, and tells',
    async (action) => {
      await query(`
        CREATE SCHEMA other; CREATE TABLE other.orders (shop uuid REFERENCES shops ON DELETE ${action});
        CREATE TABLE public.notes (code text REFERENCES shops (code) ON DELETE ${action}, place uuid REFERENCES places ON DELETE ${action})`);
      const id = await landed();
      await query(`INSERT INTO other.orders SELECT id FROM shops WHERE code IN ('s5', 's2', 's5')`);
      await query(`INSERT INTO notes SELECT 's3', id FROM places WHERE city = 'city 6'`);
      await query(`UPDATE shops SET size = 0 WHERE code = 's5'`);
      const rows = await query<{ id: string; code: string }>('SELECT id, code FROM shops');
      const idOf = (code: string) => rows.find((row) => row.code === code)!.id;
      expect(await undone(id)).toEqual({
        deleted: 3,
        changed: 1,
        held: 0,
        referenced: 2,
        gone: 0,
        references: [
          { row: 2, id: idOf('s2'), referencedBy: 'other.orders' },
          { row: 3, id: idOf('s3'), referencedBy: 'public.notes' },
        ],
      });
      expect(await codes()).toEqual(['s2', 's3', 's5']);
      // A linked row that something else refers to outlives its own.
      expect(await cities()).toEqual(['city 2', 'city 3', 'city 5', 'city 6']);
      expect(await query('SELECT FROM other.orders WHERE shop IS NOT NULL')).toHaveLength(2);
      expect(await query('SELECT FROM notes WHERE code IS NOT NULL AND place IS NOT NULL')).toHaveLength(1);
    },
  );

  it('keeps a linked row that a row of another import uses', async () => {
    const id = await landed();
    const other = await landed(shops(1, 'other '));
    await query(
      `UPDATE shops SET place_id = (SELECT id FROM places WHERE city = 'city 3') WHERE import_id = $1`,
      [other],
    );
    expect(await undone(id)).toEqual({ ...NOTHING_KEPT, deleted: 6 });
    expect(await codes()).toEqual(['other 1']);
    expect(await cities()).toEqual(['city 1', 'city 3']);
  });

  it('keeps rows that an upsert has found as its file has them, with what they refer to', async () => {
    await query('ALTER TABLE shops ADD parent text REFERENCES shops (code)');
    const id = await landed();
    await query('ALTER TABLE shops DISABLE TRIGGER USER');
    await query(`UPDATE shops SET parent = 's6' WHERE code = 's3'`);
    await query('ALTER TABLE shops ENABLE TRIGGER USER');
    const upsert = await upserted('code,size,city\ns1,9,city 1\ns3,3,city 3\nnew,1,x\n');
    expect(await countsOf(upsert)).toMatchObject({ inserted: 1, updated: 1, unchanged: 1 });
    expect(await undone(id)).toMatchObject({ deleted: 3, changed: 1, held: 1, referenced: 1, gone: 0 });
    expect((await codes()).toSorted()).toEqual(['new', 's1', 's3', 's6']);
    expect(await cities()).toEqual(expect.arrayContaining(['city 1', 'city 3', 'city 6', 'x']));
    expect(await countsOf(id)).toMatchObject({ inserted: 3, unprocessed: 3 });
    expect(await acceptedOf(upsert)).toEqual(['1', '2', '3']);
  });

  it('does not keep what an upsert has found that did not succeed', async () => {
    const id = await landed();
    const dryRun = await addImport(
      slot,
      { ...SHOPS, schema: { ...SHOPS.schema, primaryKey: ['code'] } },
      shops(6),
      { mode: 'upsert', dryRun: 'true' },
    );
    await runImport(slot, dryRun);
    expect(await countsOf(dryRun)).toMatchObject({ unchanged: 6 });
    expect(await undone(id)).toEqual({ ...NOTHING_KEPT, deleted: 6 });
  });

  it('keeps a row whose import_row somebody has emptied, and accepted.csv gives it without a number', async () => {
    const id = await landed();
    await query(`UPDATE shops SET import_row = NULL WHERE code = 's2'`);
    expect(await acceptedOf(id)).toEqual(['1', '3', '4', '5', '6', '']);
    expect(await undone(id)).toEqual({ ...NOTHING_KEPT, deleted: 5, changed: 1 });
    expect(await acceptedOf(id)).toEqual(['']);
    expect(await countsOf(id)).toMatchObject({ inserted: 1, unprocessed: 5 });
  });

  it('counts rows that were no longer there', async () => {
    const id = await landed();
    await query(`DELETE FROM shops WHERE size > 4`);
    expect(await undone(id)).toEqual({ ...NOTHING_KEPT, deleted: 4, gone: 2 });
    expect(await countsOf(id)).toMatchObject({ inserted: 0, unprocessed: 6 });
    expect(await cities()).toEqual([]);
  });

  it('tells the first 100 references', async () => {
    await query('CREATE TABLE orders (shop uuid REFERENCES shops)');
    const id = await landed(shops(130));
    await query('INSERT INTO orders SELECT id FROM shops WHERE size <> 50');
    const result = (await undone(id)) as { references: { row: number }[] };
    expect(result).toMatchObject({ deleted: 1, referenced: 129 });
    expect(result.references.map(({ row }) => row)).toEqual(
      Array.from({ length: 101 }, (_, at) => at + 1).filter((row) => row !== 50),
    );
  });

  it('of the kept rows of a cancelled import', async () => {
    slot = { ...slot, settings: { ...slot.settings, chunkBytes: 40 } };
    const id = await addImport(slot, SHOPS, shops(30));
    await planImport(slot, id);
    await loadChunk(slot, id, 0);
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: 'keep' } });
    await settleCancel(database.db, id);
    const { loaded } = await countsOf(id);
    expect(loaded).toBeGreaterThan(0);
    expect(await undone(id)).toEqual({ ...NOTHING_KEPT, deleted: loaded });
    expect(await countsOf(id)).toMatchObject({ loaded: 0, unprocessed: 30 });
  });
});

describe('an undo and others at the same rows', () => {
  /** Waits until so many sessions wait for a lock. */
  it.each([
    ['changes a row', `UPDATE shops SET size = 0 WHERE code = 's3'`, { changed: 1, referenced: 0 }, ['s3']],
    [
      'changes a linked row',
      `UPDATE places SET city = 'x' WHERE city = 'city 3'`,
      { changed: 1, referenced: 0 },
      ['s3'],
    ],
    [
      'refers to a row',
      `INSERT INTO orders SELECT id FROM shops WHERE code = 's3'`,
      { changed: 0, referenced: 1 },
      ['s3'],
    ],
    ['deletes a row', `DELETE FROM shops WHERE code = 's3'`, { changed: 0, referenced: 0, gone: 1 }, []],
  ])('somebody who %s at this moment is waited for', async (_what, statement, result, left) => {
    await query('CREATE TABLE orders (shop uuid REFERENCES shops ON DELETE CASCADE)');
    const id = await landed();
    const somebody = await database.pool.connect();
    await somebody.query('BEGIN');
    await somebody.query(statement);
    const task = await undo(id);
    const work = undoImport(slot, task);
    await sessionsWaitForLock(database.pool);
    await somebody.query('COMMIT');
    somebody.release();
    await work;
    expect((await findTask(slot.db, task))?.result).toMatchObject({ deleted: 5, ...result });
    expect(await codes()).toEqual(left);
  });

  it('an upsert that is being published is waited for, and what it has found is kept', async () => {
    const id = await landed();
    await query(`
      CREATE TABLE gate ();
      CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN LOCK TABLE gate; RETURN NEW; END $$;
      CREATE TRIGGER gate AFTER INSERT ON shops FOR EACH ROW EXECUTE FUNCTION gate()`);
    const gate = await database.pool.connect();
    await gate.query('BEGIN; LOCK TABLE gate');
    const other = await openSlot(database.url, folder);
    const upsert = upserted('code,size,city\ns3,3,city 3\nnew,1,x\n');
    await sessionsWaitForLock(database.pool);
    const task = randomUUID();
    await requestUndo(other.db, id, { id: task, createdBy: randomUUID() });
    const work = undoImport(other, task);
    await sessionsWaitForLock(database.pool, 2);
    await gate.query('COMMIT');
    gate.release();
    await upsert;
    await work;
    expect((await findTask(other.db, task))?.result).toMatchObject({ deleted: 5, held: 1 });
    expect(await codes()).toEqual(expect.arrayContaining(['s3', 'new']));
    await other.close();
  });

  it('whoever comes later waits, and finds the row gone', async () => {
    await query('CREATE TABLE orders (shop uuid REFERENCES shops ON DELETE CASCADE)');
    await query('CREATE TABLE gate ()');
    await query(`
      CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN LOCK TABLE gate; RETURN OLD; END $$;
      CREATE TRIGGER gate BEFORE DELETE ON shops FOR EACH ROW EXECUTE FUNCTION gate()`);
    const id = await landed();
    const [{ id: shop }] = (await query<{ id: string }>(`SELECT id FROM shops WHERE code = 's3'`)) as [
      { id: string },
    ];
    const gate = await database.pool.connect();
    await gate.query('BEGIN; LOCK TABLE gate');
    const work = undo(id).then((task) => undoImport(slot, task));
    await sessionsWaitForLock(database.pool);
    const late = Promise.allSettled([query('INSERT INTO orders VALUES ($1)', [shop])]);
    await gate.query('COMMIT');
    gate.release();
    await work;
    expect(await late).toMatchObject([
      { status: 'rejected', reason: { message: expect.stringContaining('foreign key') } },
    ]);
    expect(await codes()).toEqual([]);
  });

  it('workers do it once; cut off in the middle it has done nothing, and is done again', async () => {
    await query(`
      CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN OLD; END $$;
      CREATE TRIGGER cut BEFORE DELETE ON places FOR EACH ROW WHEN (OLD.city = 'city 4') EXECUTE FUNCTION cut()`);
    const id = await landed();
    const task = await undo(id);
    await expect(undoImport(slot, task)).rejects.toSatisfy(isUnavailable);
    expect(await codes()).toHaveLength(6);
    expect(await cities()).toHaveLength(6);
    await query('DROP FUNCTION cut CASCADE');
    const others = await Promise.all([1, 2, 3].map(() => openSlot(database.url, folder)));
    await Promise.all(others.map((other) => undoImport(other, task)));
    expect(await findTask(others[0]!.db, task)).toMatchObject({
      status: 'succeeded',
      result: { deleted: 6, gone: 0 },
    });
    expect(await codes()).toEqual([]);
    await Promise.all(others.map((other) => other.close()));
  });

  it('cancelled while it works, it has done nothing, and may be asked for again', async () => {
    const id = await landed();
    const somebody = await database.pool.connect();
    await somebody.query(`BEGIN; SELECT FROM shops WHERE code = 's3' FOR UPDATE`);
    const task = await undo(id);
    const work = undoImport(slot, task);
    await sessionsWaitForLock(database.pool);
    const other = await openSlot(database.url, folder);
    await moveTask(other.db, task, 'cancelling', { cancelOptions: {} });
    await settleCancelOf(database.db, { id: task, name: 'undo' });
    await somebody.query('COMMIT');
    somebody.release();
    await work;
    expect(await findTask(other.db, task)).toMatchObject({ status: 'cancelled', result: null });
    expect(await codes()).toHaveLength(6);
    expect(await countsOf(id)).toMatchObject({ inserted: 6, unprocessed: 0 });
    expect(await undone(id)).toMatchObject({ deleted: 6 });
    await other.close();
  });
});

describe('a cancel that takes rows back', () => {
  it('keeps what an upsert holds', async () => {
    slot = { ...slot, settings: { ...slot.settings, chunkBytes: 40 } };
    const id = await addImport(slot, SHOPS, shops(30));
    await planImport(slot, id);
    await loadChunk(slot, id, 0);
    await upserted('code,size,city\ns1,1,city 1\n');
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: 'rollback' } });
    await settleCancel(database.db, id);
    expect(await codes()).toEqual(['s1']);
    expect(await countsOf(id)).toMatchObject({ inserted: 1, unprocessed: 29 });
  });

  it('keeps what was changed or is referred to, and counts it', async () => {
    await query('CREATE TABLE orders (shop uuid REFERENCES shops)');
    slot = { ...slot, settings: { ...slot.settings, chunkBytes: 40 } };
    const id = await addImport(slot, SHOPS, shops(30));
    await planImport(slot, id);
    await loadChunk(slot, id, 0);
    await query(`UPDATE shops SET size = 0 WHERE code = 's1'`);
    await query(`INSERT INTO orders SELECT id FROM shops WHERE code = 's2'`);
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: 'rollback' } });
    await settleCancel(database.db, id);
    expect(await codes()).toEqual(['s1', 's2']);
    expect(await countsOf(id)).toMatchObject({ records: 30, inserted: 2, rejected: 0, unprocessed: 28 });
    await expect(undo(id)).rejects.toThrow('taken back already');
  });
});

it('tables made before get the trigger when their dataset is applied', async () => {
  await query('DROP TRIGGER sluice_note_update ON shops');
  await addDataset(database.pool, SHOPS);
  const id = await landed();
  await query(`UPDATE shops SET size = 99 WHERE code = 's2'`);
  expect(await undone(id)).toMatchObject({ changed: 1 });
});
