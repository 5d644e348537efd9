// Others hold a lock that the work needs: it is put off, the task says who, and other work goes on.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Dataset } from '../../src/core/dataset/types.ts';
import { isLockTimeout } from '../../src/db/errors.ts';
import { requestUndo } from '../../src/db/imports/undos.ts';
import { findTaskViews } from '../../src/db/tasks/task-views.ts';
import { moveTask } from '../../src/db/tasks/tasks.ts';
import { settleCancel } from '../../src/tasks/import/cancel-import.ts';
import { loadChunk } from '../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../src/tasks/import/plan-import.ts';
import { LockedOut } from '../../src/tasks/locked-out.ts';
import { undoImport } from '../../src/tasks/undo/undo-import.ts';
import type { TestDatabase } from '../support/database.ts';
import { freshSlot } from '../support/fresh-slot.ts';
import { addImport, runImport, type TestSlot } from '../support/slot.ts';
import { startSluice } from '../support/sluice.ts';
import { PEOPLE } from '../support/uploads.ts';
import { waitFor } from '../support/wait-for.ts';

const GOODS: Dataset = {
  name: 'goods',
  schema: { fields: [{ name: 'code', type: 'string' }] },
  target: { table: 'goods' },
};
const people = (records: number): string =>
  `name,age,email,note\n${Array.from({ length: records }, (_, at) => `person ${at + 1},${at},p${at + 1}@x,\n`).join('')}`;

describe('in a slot', () => {
  let database: TestDatabase;
  let slot: TestSlot;
  let other: pg.Client;
  beforeEach(async () => {
    const fresh = await freshSlot([PEOPLE, GOODS], { chunkBytes: 200, lockWaitMs: 50, attempts: 1 });
    ({ database, slot } = fresh);
    other = new pg.Client({ connectionString: database.url, application_name: 'nightly report' });
    await other.connect();
    return async () => {
      await other.end();
      await fresh.close();
    };
  });

  const waitingFor = async (id: string) => (await findTaskViews(database.pool, [id]))[0]!.waitingFor;
  const rows = async () => Number((await database.pool.query('SELECT FROM people')).rowCount);
  /** What others are said to hold. */
  async function heldBy(table = 'people'): Promise<unknown> {
    const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return expect.stringMatching(
      new RegExp(`^a lock on ${table}, held by pid ${rows[0]!.pid} \\(nightly report\\) since \\d{4}-.*Z$`),
    );
  }

  it.each([
    ['the table', 'LOCK TABLE people'],
    ['the table, against writers', 'LOCK TABLE people IN SHARE MODE'],
    ['a key', `INSERT INTO people (id, name, email) VALUES (gen_random_uuid(), 'x', 'p2@x')`],
  ])('chunks that need %s are put off as often as it takes, and count nothing', async (_, statement) => {
    const id = await addImport(slot, PEOPLE, people(20));
    expect(await planImport(slot, id)).toMatchObject({ kind: 'chunks' });
    await other.query(`BEGIN; ${statement}`);
    for (let time = 0; time < 10; time++) {
      const failure = await loadChunk(slot, id, 0).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(LockedOut);
      expect(failure).toSatisfy(isLockTimeout);
    }
    expect(await waitingFor(id)).toEqual(await heldBy());
    await runImport(slot, await addImport(slot, GOODS, 'code\na\n'));
    await other.query('ROLLBACK');
    await loadChunk(slot, id, 0);
    expect(await waitingFor(id)).toBeNull();
    await runImport(slot, id);
    expect(await rows()).toBe(20);
    const { rows: chunks } = await database.pool.query('SELECT DISTINCT starts FROM sluice.import_chunks');
    expect(chunks).toEqual([{ starts: 1 }]);
  });

  it('a chunk that lands in another slot is no other program', async () => {
    const id = await addImport(slot, PEOPLE, people(20));
    await planImport(slot, id);
    await other.query(
      `SET application_name = 'sluice slot'; BEGIN; INSERT INTO people (id, name, email) VALUES (gen_random_uuid(), 'x', 'p2@x')`,
    );
    const failure = await loadChunk(slot, id, 0).catch((error: unknown) => error);
    expect(failure).toSatisfy(isLockTimeout);
    expect(failure).not.toBeInstanceOf(LockedOut);
    expect(await waitingFor(id)).toBeNull();
    await other.query('ROLLBACK');
  });

  it('an import of one chunk is put off too', async () => {
    const id = await addImport(slot, PEOPLE, people(2));
    await other.query('BEGIN; LOCK TABLE people');
    for (let time = 0; time < 10; time++) await expect(runImport(slot, id)).rejects.toThrow(LockedOut);
    expect(await waitingFor(id)).toEqual(await heldBy());
    await other.query('ROLLBACK');
    await runImport(slot, id);
    expect([await rows(), await waitingFor(id)]).toEqual([2, null]);
  });

  it('what is staged is put off, when its tables are made and when it is published', async () => {
    const id = await addImport(slot, PEOPLE, people(20), { mode: 'replace' });
    await other.query('BEGIN; LOCK TABLE people');
    await expect(planImport(slot, id)).rejects.toThrow(LockedOut);
    await other.query(`ROLLBACK; BEGIN; LOCK TABLE people IN ROW EXCLUSIVE MODE`);
    await expect(runImport(slot, id)).rejects.toThrow(LockedOut);
    expect(await waitingFor(id)).toEqual(await heldBy());
    await other.query('ROLLBACK');
    await runImport(slot, id);
    expect([await rows(), await waitingFor(id)]).toEqual([20, null]);
  });

  it.each([
    ['the table', 'LOCK TABLE people', 'people'],
    ['a row', `SELECT FROM people WHERE name = 'person 7' FOR UPDATE`, 'people'],
    ['a table that refers to it', 'LOCK TABLE orders', 'orders'],
  ])('an undo that needs %s is put off', async (_, statement, table) => {
    await database.pool.query('CREATE TABLE orders (person uuid REFERENCES people)');
    const id = await addImport(slot, PEOPLE, people(20));
    await runImport(slot, id);
    const undo = randomUUID();
    await requestUndo(slot.db, id, { id: undo, createdBy: randomUUID() });
    await other.query(`BEGIN; ${statement}`);
    for (let time = 0; time < 3; time++) await expect(undoImport(slot, undo)).rejects.toThrow(LockedOut);
    expect(await waitingFor(undo)).toEqual(await heldBy(table));
    await other.query('ROLLBACK');
    await undoImport(slot, undo);
    expect([await rows(), await waitingFor(undo)]).toEqual([0, null]);
  });

  it('a rollback that needs the table is put off, and the task says so while it is cancelled', async () => {
    const id = await addImport(slot, PEOPLE, people(20));
    await planImport(slot, id);
    await loadChunk(slot, id, 0);
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: 'rollback' } });
    await other.query(`BEGIN; SELECT FROM people FOR UPDATE`);
    await expect(settleCancel(database.db, id)).rejects.toThrow(LockedOut);
    expect(await waitingFor(id)).toEqual(await heldBy());
    await other.query('ROLLBACK');
    expect(await settleCancel(database.db, id)).toBe(true);
    expect([await rows(), await waitingFor(id)]).toEqual([0, null]);
  });

  it('a rollback leaves work alone that still holds a chunk, and is done when that has let go', async () => {
    const id = await addImport(slot, PEOPLE, people(20));
    await planImport(slot, id);
    await loadChunk(slot, id, 0);
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: 'rollback' } });
    // A chunk that is being loaded does not matter; one that is done and changed again does.
    await other.query('BEGIN; SELECT FROM sluice.import_chunks WHERE chunk_no = 1 FOR UPDATE');
    await other.query('SAVEPOINT changed; SELECT FROM sluice.import_chunks WHERE chunk_no = 0 FOR UPDATE');
    expect(await settleCancel(database.db, id)).toBe(false);
    await other.query('ROLLBACK TO SAVEPOINT changed');
    expect(await settleCancel(database.db, id)).toBe(true);
    await other.query('ROLLBACK');
    expect(await rows()).toBe(0);
  });
});

it('a worker with one slot does the work of other tables meanwhile, and says once whom it waits for', async () => {
  const sluice = await startSluice({
    datasets: [PEOPLE, GOODS],
    env: {
      SLUICE_SLOTS: '1',
      SLUICE_CHUNK_BYTES: '200',
      SLUICE_LOCK_WAIT_MS: '200',
      SLUICE_ATTEMPTS: '1',
    },
  });
  const holder = new pg.Client({ connectionString: sluice.database.url, application_name: 'psql' });
  await holder.connect();
  try {
    await holder.query('BEGIN; LOCK TABLE people');
    const { id } = (await (await sluice.send('people', people(200))).json()) as { id: string };
    const worker = await sluice.startWorker();
    await waitFor(async () => ((await sluice.task(id)) as unknown as { waitingFor: string }).waitingFor, {
      what: 'the task to say whom it waits for',
    });
    for (let time = 0; time < 3; time++) {
      const sent = (await (await sluice.send('goods', 'code\na\nb\n')).json()) as { id: string };
      expect(await sluice.ended(sent.id)).toMatchObject({ status: 'succeeded', result: { loaded: 2 } });
    }
    expect(await sluice.task(id)).toMatchObject({
      status: 'running',
      waitingFor: expect.stringMatching(/^a lock on people, held by pid \d+ \(psql\) since /),
    });
    const warnings = worker.output().match(/"level":40[^\n]*waiting for a lock[^\n]*/g);
    expect(warnings).toEqual([
      expect.stringMatching(/The task is waiting for a lock on people, held by pid \d+ \(psql\) since /),
    ]);
    await holder.query('ROLLBACK');
    expect(await sluice.ended(id)).toMatchObject({
      status: 'succeeded',
      result: { loaded: 200 },
      waitingFor: null,
    });
  } finally {
    await holder.end();
    await sluice.stop();
  }
});
