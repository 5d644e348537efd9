import { drizzle } from 'drizzle-orm/node-postgres';
import { beforeEach, describe, expect, it } from 'vitest';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { findTask, moveTask } from '../../../src/db/tasks/tasks.ts';
import { createLogger } from '../../../src/logger.ts';
import { settleCancel } from '../../../src/tasks/import/cancel-import.ts';
import { loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import { publishImport } from '../../../src/tasks/import/publish-import.ts';
import { removeStaging } from '../../../src/worker/upkeep/remove-staging.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { countsOf, rejectsOf, stagingTables } from '../../support/staged.ts';
import { PEOPLE } from '../../support/uploads.ts';
import { sessionsWaitForLock } from '../../support/waiting-sessions.ts';

let database: TestDatabase;
let folder: string;
let slot: TestSlot;

beforeEach(async () => {
  const fresh = await freshSlot([PEOPLE], { chunkBytes: 200 });
  ({ database, folder, slot } = fresh);
  return fresh.close;
});

const RECORDS = 40;
const people = (rows: number, from = 1): string =>
  Array.from(
    { length: rows },
    (_, at) => `person ${from + at},${from + at},p${from + at}@example.jp,\n`,
  ).join('');
const HEADER = 'name,age,email,note\n';
const FILE = HEADER + people(RECORDS);
const ABORT = { onError: 'abort' };

async function rowsIn(where = ''): Promise<number> {
  const { rows } = await database.pool.query<{ count: string }>(`SELECT count(*) FROM people ${where}`);
  return Number(rows[0]!.count);
}
const task = (id: string) => findTask(slot.db, id);
const errorsOf = async (id: string) => (await listRowErrors(slot.db, id, {}, { limit: 1000 })).errors;

/** Plans and stages all chunks, and leaves the publishing. */
async function stage(content: string, options: Parameters<typeof addImport>[3] = ABORT): Promise<string> {
  const id = await addImport(slot, PEOPLE, content, options);
  const plan = await planImport(slot, id);
  for (const chunkNo of plan.kind === 'chunks' ? plan.chunkNos : []) await loadChunk(slot, id, chunkNo);
  return id;
}

describe('onError=abort', () => {
  it('lands the whole file at once: a reader sees none of it or all', async () => {
    const id = await addImport(slot, PEOPLE, FILE, ABORT);
    const seen = new Set<number>();
    const ended = new AbortController();
    const reader = (async () => {
      while (!ended.signal.aborted) seen.add(await rowsIn());
    })();
    const plan = await planImport(slot, id);
    for (const chunkNo of plan.kind === 'chunks' ? plan.chunkNos : []) {
      await loadChunk(slot, id, chunkNo);
      seen.add(await rowsIn());
    }
    await runImport(slot, id);
    seen.add(await rowsIn());
    ended.abort();
    await reader;
    expect([...seen].sort((a, b) => a - b)).toEqual([0, RECORDS]);
    expect(await task(id)).toMatchObject({
      status: 'succeeded',
      result: { records: RECORDS, inserted: RECORDS, loaded: RECORDS, unprocessed: 0 },
    });
    const { rows } = await database.pool.query(
      'SELECT name, age, email, note, import_id, import_row FROM people ORDER BY import_row OFFSET 6 LIMIT 1',
    );
    expect(rows).toEqual([
      { name: 'person 7', age: '7', email: 'p7@example.jp', note: null, import_id: id, import_row: '7' },
    ]);
    expect(await stagingTables(slot)).toEqual([]);
  });

  it('lands nothing when one record is bad, and says how many were never processed', async () => {
    const id = await addImport(slot, PEOPLE, `${FILE}bad,age,bad@example.jp,\n`, ABORT);
    await runImport(slot, id);
    expect(await task(id)).toMatchObject({
      status: 'failed',
      error: { code: 'too-many-errors', message: expect.stringContaining('Nothing has landed') },
    });
    expect(await rowsIn()).toBe(0);
    expect(await countsOf(slot, id)).toEqual({ records: 41, rejected: 1, unprocessed: 40, errors: 1 });
  });

  it('a file of one chunk lands right away, and one that cannot does not', async () => {
    const roomy = { ...slot, settings: { ...slot.settings, chunkBytes: 1_000_000 } };
    const good = await addImport(roomy, PEOPLE, FILE, ABORT);
    expect(await planImport(roomy, good)).toMatchObject({ kind: 'ended', counts: { inserted: RECORDS } });
    const again = await addImport(roomy, PEOPLE, FILE, ABORT);
    expect(await planImport(roomy, again)).toEqual({ kind: 'ended', counts: null });
    expect(await rowsIn()).toBe(RECORDS);
    expect(await countsOf(slot, again)).toEqual({ records: RECORDS, rejected: RECORDS, errors: RECORDS });
  });

  it('with maxErrors lets so many go, also those that Postgres alone refuses, told among the others', async () => {
    await database.pool.query(
      `INSERT INTO people (id, name, email) VALUES (gen_random_uuid(), 'before', 'p3@example.jp')`,
    );
    const id = await addImport(slot, PEOPLE, `${FILE}bad,age,bad@example.jp,\nlast,1,p40@example.jp,\n`, {
      ...ABORT,
      maxErrors: '3',
    });
    await runImport(slot, id);
    expect((await task(id))?.status).toBe('succeeded');
    expect(await countsOf(slot, id)).toEqual({
      records: 42,
      inserted: 39,
      loaded: 39,
      rejected: 3,
      errors: 3,
    });
    expect(await rowsIn(`WHERE import_id = '${id}'`)).toBe(39);
    expect((await rejectsOf(slot, id)).map(({ row, cells }) => [row, cells[0]])).toEqual([
      [3, 'person 3'],
      [41, 'bad'],
      [42, 'last'],
    ]);
    expect(await errorsOf(id)).toMatchObject([
      {
        row: 3,
        line: 4,
        column: { index: 3, name: 'email' },
        code: 'unique-error',
        value: 'p3@example.jp',
        message: expect.stringContaining('people_email_key'),
      },
      { row: 41, line: 42, code: 'type-error' },
      { row: 42, line: 43, code: 'unique-error', value: 'p40@example.jp' },
    ]);
  });

  it('one more refused by Postgres than maxErrors allows, and nothing lands; its rejects are told', async () => {
    await database.pool.query(
      `INSERT INTO people (id, name, email) VALUES (gen_random_uuid(), 'before', 'p3@example.jp'), (gen_random_uuid(), 'before', 'p30@example.jp')`,
    );
    const id = await addImport(slot, PEOPLE, FILE, { ...ABORT, maxErrors: '1' });
    await runImport(slot, id);
    expect(await task(id)).toMatchObject({ status: 'failed', error: { code: 'too-many-errors' } });
    expect(await rowsIn()).toBe(2);
    expect(await countsOf(slot, id)).toEqual({
      records: RECORDS,
      rejected: 2,
      unprocessed: RECORDS - 2,
      errors: 2,
    });
    expect((await rejectsOf(slot, id)).map(({ row }) => row)).toEqual([3, 30]);
    expect((await errorsOf(id)).map(({ row }) => row)).toEqual([3, 30]);
    expect(await stagingTables(slot)).toEqual([]);
  });

  it('a check of the table speaks of the table', async () => {
    await database.pool.query('ALTER TABLE people ADD CONSTRAINT old_enough CHECK (age > 17)');
    const id = await addImport(slot, PEOPLE, 'name,age\na,18\nb,17\n', { ...ABORT, maxErrors: '1' });
    await runImport(slot, id);
    expect(await countsOf(slot, id)).toMatchObject({ inserted: 1, rejected: 1 });
    expect((await errorsOf(id))[0]?.message).toBe(
      'Postgres refuses the row: new row for relation "people" violates check constraint "old_enough".',
    );
  });

  it('a constraint that is checked at commit is pinned to its row', async () => {
    await database.pool.query(
      'ALTER TABLE people ADD CONSTRAINT one_age UNIQUE (age) DEFERRABLE INITIALLY DEFERRED',
    );
    const id = await addImport(slot, PEOPLE, 'name,age\na,1\nb,2\nc,1\n', { ...ABORT, maxErrors: '1' });
    await runImport(slot, id);
    expect((await rejectsOf(slot, id)).map(({ row }) => row)).toEqual([3]);
    expect(await rowsIn()).toBe(2);
  });

  it('what a table fills by itself is filled when the rows are published', async () => {
    await database.pool.query(
      `ALTER TABLE people ADD COLUMN no serial NOT NULL, ADD COLUMN twice bigint GENERATED ALWAYS AS (age * 2) STORED NOT NULL`,
    );
    const id = await addImport(slot, PEOPLE, 'name,age\na,1\nb,2\n', ABORT);
    await runImport(slot, id);
    const { rows } = await database.pool.query('SELECT name, no, twice FROM people ORDER BY no');
    expect(rows).toEqual([
      { name: 'a', no: 1, twice: '2' },
      { name: 'b', no: 2, twice: '4' },
    ]);
  });
});

describe('publishing happens once', () => {
  it('workers that publish at the same time land the rows once', async () => {
    const id = await stage(FILE);
    const other = await openSlot(database.url, folder);
    const outcomes = await Promise.all([publishImport(slot, id), publishImport(other, id)]);
    await other.close();
    expect(outcomes).toContainEqual({ kind: 'ended', counts: null });
    expect(outcomes).toContainEqual({
      kind: 'ended',
      counts: expect.objectContaining({ inserted: RECORDS }),
    });
    expect(await rowsIn()).toBe(RECORDS);
    expect(await publishImport(slot, id)).toEqual({ kind: 'ended', counts: null });
    expect(await rowsIn()).toBe(RECORDS);
  });

  it('a connection that is cut while it publishes has done nothing; the next one does it', async () => {
    const id = await stage(FILE);
    const holder = await database.pool.connect();
    await holder.query('BEGIN; LOCK TABLE people IN SHARE MODE');
    const publishing = publishImport(slot, id).catch((error: Error) => error);
    await sessionsWaitForLock(database.pool);
    await holder.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sluice test slot'`,
    );
    expect(await publishing).toBeInstanceOf(Error);
    await holder.query('COMMIT');
    holder.release();
    expect(await rowsIn()).toBe(0);
    slot = await openSlot(database.url, folder);
    await runImport(slot, id);
    expect(await rowsIn()).toBe(RECORDS);
    expect(await countsOf(slot, id)).toEqual({ records: RECORDS, inserted: RECORDS, loaded: RECORDS });
  });

  it.each([1, 100])(
    'rows that Postgres has lost in a crash are staged again, of two errors up to %i told',
    async (maxStoredErrors) => {
      slot = { ...slot, settings: { ...slot.settings, maxStoredErrors } };
      const id = await stage(`${HEADER}bad,age,,\n${people(RECORDS)}bad,age,,\n`, {
        ...ABORT,
        maxErrors: '2',
      });
      await database.pool.query(`TRUNCATE sluice_staging."${(await stagingTables(slot))[0]}"`);
      await runImport(slot, id);
      expect(await rowsIn()).toBe(RECORDS);
      expect(await countsOf(slot, id)).toEqual({
        records: RECORDS + 2,
        inserted: RECORDS,
        loaded: RECORDS,
        rejected: 2,
        errors: 2,
      });
      expect(await errorsOf(id)).toHaveLength(Math.min(2, maxStoredErrors));
    },
  );
});

it('workers that both find staging lost land the rows once', async () => {
  const id = await stage(FILE);
  await database.pool.query(`TRUNCATE sluice_staging."${(await stagingTables(slot))[0]}"`);
  const other = await openSlot(database.url, folder);
  expect(await Promise.all([publishImport(slot, id), publishImport(other, id)])).toEqual([
    { kind: 'restage' },
    { kind: 'restage' },
  ]);
  await other.close();
  expect((await task(id))?.status).toBe('running');
  await runImport(slot, id);
  expect(await countsOf(slot, id)).toEqual({ records: RECORDS, inserted: RECORDS, loaded: RECORDS });
});

describe('a cancel', () => {
  it.each(['keep', 'rollback'] as const)('before publishing leaves nothing (%s)', async (cancelRows) => {
    const id = await stage(FILE);
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: cancelRows } });
    await settleCancel(database.db, id);
    await runImport(slot, id);
    expect((await task(id))?.status).toBe('cancelled');
    expect(await rowsIn()).toBe(0);
    expect(await countsOf(slot, id)).toEqual({ records: RECORDS, unprocessed: RECORDS });
  });

  it('while it publishes is answered at once, and nothing lands', async () => {
    const id = await stage(FILE);
    const holder = await database.pool.connect();
    await holder.query('BEGIN; LOCK TABLE people IN SHARE MODE');
    const publishing = publishImport(slot, id);
    await sessionsWaitForLock(database.pool);
    await moveTask(drizzle(database.pool), id, 'cancelling', { cancelOptions: { rows: 'keep' } });
    await settleCancel(database.db, id);
    await holder.query('COMMIT');
    holder.release();
    expect(await publishing).toEqual({ kind: 'ended', counts: null });
    expect((await task(id))?.status).toBe('cancelled');
    expect(await rowsIn()).toBe(0);
  });
});

it('staging tables of imports that ended are swept, those of others stay', async () => {
  const [ended, running] = [await stage(FILE), await stage(HEADER + people(RECORDS, 100))];
  expect(await stagingTables(slot)).toHaveLength(2);
  await moveTask(slot.db, ended, 'failed', { error: { code: 'plan-failed', message: 'y' } });
  const logger = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'test');
  await removeStaging({ db: slot.db, logger }, { sweepIntervalMs: 1, dryRunHours: 24 }).run();
  expect(await stagingTables(slot)).toEqual([`${running.replaceAll('-', '')}_0`]);
  await runImport(slot, running);
  expect(await stagingTables(slot)).toEqual([]);
});
