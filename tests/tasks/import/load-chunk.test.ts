import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import { isUnavailable } from '../../../src/db/errors.ts';
import { beginChunk } from '../../../src/db/imports/chunk-starts.ts';
import { listRowErrors } from '../../../src/db/imports/row-errors.ts';
import { failTask, findTask, moveTask } from '../../../src/db/tasks/tasks.ts';
import { inTransaction } from '../../../src/db/transaction.ts';
import { importFolder } from '../../../src/storage/keys.ts';
import { settleCancel } from '../../../src/tasks/import/cancel-import.ts';
import { ChunkBusy, loadChunk } from '../../../src/tasks/import/load-chunk.ts';
import { planImport } from '../../../src/tasks/import/plan-import.ts';
import type { TestDatabase } from '../../support/database.ts';
import { freshSlot } from '../../support/fresh-slot.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { rejectsOf } from '../../support/staged.ts';
import { PEOPLE } from '../../support/uploads.ts';
import { waitFor } from '../../support/wait-for.ts';
import { sessionsWaitForLock } from '../../support/waiting-sessions.ts';

/** Small enough for many chunks of a small file. */
const CHUNK_BYTES = 200;

let database: TestDatabase;
let folder: string;
let slot: TestSlot;

beforeEach(async () => {
  const fresh = await freshSlot([PEOPLE]);
  ({ database, folder, slot } = fresh);
  return fresh.close;
});

async function query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
  return (await database.pool.query(text, values)).rows as Row[];
}

interface Landed {
  name: string;
  age: string | null;
  email: string | null;
  note: string | null;
  import_row: string;
}

const landed = (): Promise<Landed[]> =>
  query('SELECT name, age, email, note, import_row FROM people ORDER BY import_row');
const names = async (): Promise<string[]> => (await landed()).map((row) => row.name);
const errorsOf = async (id: string) => (await listRowErrors(slot.db, id, {}, { limit: 1000 })).errors;

interface ChunkState {
  status: string;
  starts: number;
  loaded: number;
  rejected: number;
  errors: number;
}

const chunksOf = (id: string): Promise<ChunkState[]> =>
  query(
    'SELECT status, starts, loaded, rejected, errors FROM sluice.import_chunks WHERE import_id = $1 ORDER BY chunk_no',
    [id],
  );

const people = (rows: number, from = 1): string =>
  Array.from(
    { length: rows },
    (_, at) => `person ${from + at},${from + at},p${from + at}@example.jp,\n`,
  ).join('');
const file = (...records: string[]): string => `name,age,email,note\n${records.join('')}`;

describe('a chunk and its checkpoint', () => {
  it('are one: rows land with their place in the file, and the chunk is done', async () => {
    const id = await addImport(
      slot,
      PEOPLE,
      file('山田,41,a@example.jp,"x\ny"\n', 'bad,age,b@example.jp,\n', '佐藤,,,\n'),
    );
    await runImport(slot, id);
    expect(await landed()).toEqual([
      { name: '山田', age: '41', email: 'a@example.jp', note: 'x\ny', import_row: '1' },
      { name: '佐藤', age: null, email: null, note: null, import_row: '3' },
    ]);
    expect(await chunksOf(id)).toEqual([{ status: 'done', starts: 1, loaded: 2, rejected: 1, errors: 1 }]);
    expect(await findTask(slot.db, id)).toMatchObject({
      status: 'succeeded',
      result: { records: 3, loaded: 2, rejected: 1, errors: 1 },
    });
  });

  it('an import that ends together with its rows says when that was, not when it began', async () => {
    await query(
      `CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END $$`,
    );
    await query(`CREATE TRIGGER slow AFTER INSERT ON people EXECUTE FUNCTION take_time()`);
    const id = await addImport(slot, PEOPLE, file(people(3)));
    await runImport(slot, id);
    const { startedAt, finishedAt } = (await findTask(slot.db, id))!;
    expect(finishedAt!.getTime() - startedAt!.getTime()).toBeGreaterThanOrEqual(200);
  });

  it.each([
    // Not 440, 440 and 220: each of two or four slots has as many.
    [440, [275, 275, 275, 275]],
    [600, [550, 550]],
    [2000, [1100]],
    // Up to the next record end.
    [250, [143, 143, 143, 143, 143, 143, 143, 99]],
  ])(
    'the chunks of a file are of one size, and none is longer than may be: %s',
    async (chunkBytes, sizes) => {
      const id = await addImport(slot, PEOPLE, file('Ada,1,a@x,\n'.repeat(100)));
      const sized = { ...slot, settings: { ...slot.settings, chunkBytes } };
      await planImport(sized, id);
      const chunks = await query<{ bytes: number }>(
        'SELECT (end_byte - start_byte)::int AS bytes FROM sluice.import_chunks WHERE import_id = $1 ORDER BY chunk_no',
        [id],
      );
      expect(chunks.map(({ bytes }) => bytes)).toEqual(sizes);
    },
  );

  it('a chunk that is done is not loaded again', async () => {
    const id = await addImport(slot, PEOPLE, file(people(20)));
    const small = { ...slot, settings: { ...slot.settings, chunkBytes: CHUNK_BYTES } };
    expect(await planImport(small, id)).toMatchObject({ kind: 'chunks' });
    await loadChunk(small, id, 0);
    const once = await landed();
    await loadChunk(small, id, 0);
    expect(await landed()).toEqual(once);
    await runImport(small, id);
    expect(await names()).toEqual(Array.from({ length: 20 }, (_, at) => `person ${at + 1}`));
  });

  it('a chunk that a frozen worker holds is not waited for, and not counted as begun', async () => {
    const id = await addImport(slot, PEOPLE, file(people(20)));
    const small = { ...slot, settings: { ...slot.settings, chunkBytes: CHUNK_BYTES } };
    await planImport(small, id);
    const other = await openSlot(database.url, folder);
    await other.client.query('BEGIN');
    await other.client.query(
      'SELECT FROM sluice.import_chunks WHERE import_id = $1 AND chunk_no = 0 FOR UPDATE',
      [id],
    );
    await expect(loadChunk(small, id, 0)).rejects.toBeInstanceOf(ChunkBusy);
    await loadChunk(small, id, 1);
    expect((await chunksOf(id)).slice(0, 2)).toMatchObject([
      { status: 'waiting', starts: 0 },
      { status: 'done' },
    ]);
    await other.close();
    await loadChunk(small, id, 0);
    expect((await chunksOf(id))[0]).toMatchObject({ status: 'done', starts: 1 });
  });

  it('workers that load one chunk at the same time land it once', async () => {
    const id = await addImport(slot, PEOPLE, file(people(40)));
    const others = await Promise.all(
      [1, 2, 3].map(() => openSlot(database.url, folder, { chunkBytes: CHUNK_BYTES })),
    );
    await planImport(others[0]!, id);
    const ends = await Promise.allSettled(others.map((other) => loadChunk(other, id, 1)));
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    expect(failures.filter((reason) => !(reason instanceof ChunkBusy))).toEqual([]);
    const [, chunk] = await chunksOf(id);
    expect(chunk).toMatchObject({ status: 'done' });
    expect(await landed()).toHaveLength(chunk!.loaded);
    // What one cannot have, another has: between them nothing is left out or done twice.
    await Promise.allSettled(others.map((other) => runImport(other, id)));
    await runImport(others[0]!, id);
    expect(await names()).toEqual(Array.from({ length: 40 }, (_, at) => `person ${at + 1}`));
    await Promise.all(others.map((other) => other.close()));
  });

  it.each([
    ['after the rows, with the checkpoint', 'sluice.import_chunks', `WHEN (NEW.status = 'done')`],
    ['among the rows', 'public.people', `WHEN (NEW.import_row = 3)`],
    ['with the row errors', 'sluice.import_row_errors', ''],
    ['at the end of the import', 'sluice.tasks', `WHEN (NEW.status = 'succeeded')`],
  ])('when Postgres cuts the connection %s, nothing has happened', async (_name, table, when) => {
    await query(
      `CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`,
    );
    await query(
      `CREATE TRIGGER cut AFTER INSERT OR UPDATE ON ${table} FOR EACH ROW ${when} EXECUTE FUNCTION cut()`,
    );
    const id = await addImport(slot, PEOPLE, file(people(5), 'bad,x,,\n'));
    await expect(runImport(slot, id)).rejects.toSatisfy(isUnavailable);
    expect(await landed()).toEqual([]);
    expect(await query('SELECT FROM sluice.import_row_errors')).toEqual([]);
    expect(await chunksOf(id)).toEqual([{ status: 'waiting', starts: 1, loaded: 0, rejected: 0, errors: 0 }]);

    await query('DROP FUNCTION cut CASCADE');
    slot = await openSlot(database.url, folder);
    await runImport(slot, id);
    expect(await names()).toHaveLength(5);
    expect(await chunksOf(id)).toEqual([{ status: 'done', starts: 2, loaded: 5, rejected: 1, errors: 1 }]);
    expect((await rejectsOf(slot, id)).map((reject) => reject.row)).toEqual([6]);
  });

  it('a file that is gone is not taken for a Postgres that is away', async () => {
    const id = await addImport(slot, PEOPLE, file(people(5)));
    await slot.storage.removeFolder(importFolder(id));
    const failure = await runImport(slot, id).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'FILE_GONE' });
    expect(isUnavailable(failure)).toBe(false);
    const noSocket = new pg.Client({ host: folder });
    await expect(noSocket.connect()).rejects.toSatisfy(isUnavailable);
  });

  it.each([
    [true, 'off'],
    [false, 'local'],
  ])(
    'the first beginning of a chunk need not be on the disk before it is worked at, any other is: %s',
    async (isFirst, commit) => {
      const id = await addImport(slot, PEOPLE, file(people(20)));
      const small = { ...slot, settings: { ...slot.settings, chunkBytes: CHUNK_BYTES } };
      await planImport(small, id);
      const waits = await inTransaction(slot.db, async (tx) => {
        await tx.$client.query('SET LOCAL synchronous_commit = local');
        expect(await beginChunk(tx, id, 0, isFirst)).toMatchObject({
          imp: { id },
          starts: 1,
          waitingFor: null,
        });
        return (await tx.$client.query('SHOW synchronous_commit')).rows;
      });
      expect(waits).toEqual([{ synchronous_commit: commit }]);
      expect(await chunksOf(id)).toMatchObject([
        { starts: 1 },
        ...Array.from({ length: 3 }, () => ({ starts: 0 })),
      ]);
    },
  );

  it('a chunk that was begun too often is not begun again', async () => {
    const id = await addImport(slot, PEOPLE, file(people(20)));
    const small = { ...slot, settings: { ...slot.settings, chunkBytes: CHUNK_BYTES, attempts: 1 } };
    await planImport(small, id);
    await query('UPDATE sluice.import_chunks SET starts = 5 WHERE import_id = $1', [id]);
    await expect(loadChunk(small, id, 0)).rejects.toThrow(/begun 5 times/);
    expect(await landed()).toEqual([]);
  });
});

describe('a cancel', () => {
  async function planned(): Promise<string> {
    const id = await addImport(slot, PEOPLE, file(people(20), 'bad,x,,\n'));
    slot = { ...slot, settings: { ...slot.settings, chunkBytes: CHUNK_BYTES } };
    await planImport(slot, id);
    return id;
  }

  it('keeps chunks from being begun', async () => {
    const id = await planned();
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: 'keep' } });
    await loadChunk(slot, id, 0);
    expect(await landed()).toEqual([]);
    expect((await chunksOf(id))[0]).toMatchObject({ status: 'waiting', starts: 0 });
  });

  it('takes back the chunk in flight', async () => {
    const id = await planned();
    const holder = await database.pool.connect();
    await holder.query('BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE');
    const loading = loadChunk(slot, id, 0);
    await waitFor(
      async () =>
        (
          await query(
            `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY%' AND datname = current_database()`,
          )
        ).length > 0,
      {
        what: 'the chunk to wait for the table',
      },
    );
    const other = await openSlot(database.url, folder);
    await moveTask(other.db, id, 'cancelling', { cancelOptions: { rows: 'keep' } });
    await holder.query('COMMIT');
    holder.release();
    await loading;
    expect(await landed()).toEqual([]);
    expect((await chunksOf(id))[0]).toMatchObject({ status: 'waiting', loaded: 0 });
    await other.close();
  });

  it('that comes while the only chunk of an import over its limit is loaded is not overtaken by the limit', async () => {
    const id = await addImport(slot, PEOPLE, file(people(3), 'bad,age,,\n'), { maxErrors: '0' });
    const holder = await database.pool.connect();
    await holder.query('BEGIN; LOCK TABLE people IN SHARE MODE');
    const running = runImport(slot, id);
    await waitFor(
      async () =>
        (await query("SELECT FROM pg_locks WHERE NOT granted AND relation = 'people'::regclass")).length,
      { what: 'the chunk to wait for the table' },
    );
    const other = await openSlot(database.url, folder);
    await moveTask(other.db, id, 'cancelling', { cancelOptions: { rows: 'rollback' } });
    await holder.query('COMMIT');
    holder.release();
    await running;
    expect(await findTask(slot.db, id)).toMatchObject({ status: 'cancelling' });
    await settleCancel(database.db, id);
    expect(await findTask(slot.db, id)).toMatchObject({ status: 'cancelled', result: { loaded: 0 } });
    expect(await landed()).toEqual([]);
    await other.close();
  });

  it('is not overtaken by work that has failed', async () => {
    const id = await planned();
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: 'rollback' } });
    expect(await failTask(slot.db, id, { code: 'chunk-failed', message: 'x' })).toBeUndefined();
    await settleCancel(database.db, id);
    expect(await findTask(slot.db, id)).toMatchObject({ status: 'cancelled' });
  });

  it('whose rows Postgres will not give back has failed, with the reason, and they stay', async () => {
    await query(
      `CREATE FUNCTION keep_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'rows are kept here'; END $$`,
    );
    await query('CREATE TRIGGER keep BEFORE DELETE ON people FOR EACH ROW EXECUTE FUNCTION keep_all()');
    const id = await planned();
    await loadChunk(slot, id, 0);
    const before = await landed();
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: 'rollback' } });
    await expect(settleCancel(database.db, id)).rejects.toThrow('rows are kept here');
    expect(await findTask(slot.db, id)).toMatchObject({
      status: 'failed',
      error: { code: 'rollback-failed', message: expect.stringContaining('rows are kept here') },
    });
    expect(await landed()).toEqual(before);
    await settleCancel(database.db, id);
  });

  it.each(['keep', 'rollback'] as const)('that says %s does so', async (cancelRows) => {
    const id = await planned();
    const chunks = await chunksOf(id);
    await loadChunk(slot, id, 0);
    await loadChunk(slot, id, chunks.length - 1);
    const before = await landed();
    const [first, last] = [(await chunksOf(id))[0]!, (await chunksOf(id)).at(-1)!];
    await moveTask(slot.db, id, 'cancelling', { cancelOptions: { rows: cancelRows } });
    await settleCancel(database.db, id);
    await loadChunk(slot, id, 1);
    const kept = cancelRows === 'keep';
    expect(await landed()).toEqual(kept ? before : []);
    expect(await errorsOf(id)).toHaveLength(kept ? 1 : 0);
    expect(await rejectsOf(slot, id)).toHaveLength(kept ? 1 : 0);
    expect(await findTask(slot.db, id)).toMatchObject({
      status: 'cancelled',
      result: {
        records: 21,
        loaded: kept ? first.loaded + last.loaded : 0,
        rejected: kept ? 1 : 0,
        rows: cancelRows,
      },
    });
  });
});

describe('what only Postgres knows', () => {
  it('two chunks that want each other’s keys deadlock, and both land', async () => {
    const holder = await openSlot(database.url, folder);
    // Half of the file each.
    const chunkBytes = 300;
    const [one, other] = [
      await openSlot(database.url, folder, { chunkBytes }),
      await openSlot(database.url, folder, { chunkBytes }),
    ];
    try {
      const pad = 'x'.repeat(60);
      const keys = ['left@x', 'gate@x', 'right@x', 'right@x', 'gate@x', 'left@x'];
      const id = await addImport(
        slot,
        PEOPLE,
        file(...keys.map((email, at) => `a${at},${at},${email},${pad}\n`)),
      );
      const plan = await planImport(one, id);
      expect(plan).toEqual({ kind: 'chunks', chunkNos: [0, 1] });
      // Both wait for the gate with their first key inserted; when it opens, each wants what the other has.
      await holder.client.query(
        "BEGIN; INSERT INTO people (id, name, email, created_at, updated_at) VALUES (gen_random_uuid(), 'gate', 'gate@x', now(), now())",
      );
      const loads = [loadChunk(one, id, 0), loadChunk(other, id, 1)];
      await sessionsWaitForLock(database.pool, 2);
      await holder.client.query('ROLLBACK');
      await Promise.all(loads);
      await planImport(one, id);
      expect(await query('SELECT email FROM people WHERE import_id = $1 ORDER BY email', [id])).toEqual([
        { email: 'gate@x' },
        { email: 'left@x' },
        { email: 'right@x' },
      ]);
      expect((await errorsOf(id)).map(({ code }) => code)).toEqual([
        'unique-error',
        'unique-error',
        'unique-error',
      ]);
    } finally {
      for (const each of [holder, one, other]) await each.close();
    }
  });
  it('values that are there already: exactly those are rejected, in file order', async () => {
    await runImport(slot, await addImport(slot, PEOPLE, file(people(3, 100))));
    const id = await addImport(
      slot,
      PEOPLE,
      file(
        'a,1,a@x,\n',
        'b,2,p101@example.jp,\n',
        'bad,x,c@x,\n',
        'c,3,a@x,"1\n2"\n',
        'd,4,d@x,\n',
        'e,5,,\n',
        'f,6,,\n',
      ),
    );
    await runImport(slot, id);
    expect(await query(`SELECT name, import_row FROM people WHERE import_id = $1 ORDER BY id`, [id])).toEqual(
      [
        { name: 'a', import_row: '1' },
        { name: 'd', import_row: '5' },
        { name: 'e', import_row: '6' },
        { name: 'f', import_row: '7' },
      ],
    );
    const column = { index: 3, name: 'email' };
    expect(await errorsOf(id)).toMatchObject([
      { row: 2, line: 3, code: 'unique-error', column, value: 'p101@example.jp' },
      { row: 3, line: 4, code: 'type-error' },
      {
        row: 4,
        line: 5,
        lineEnd: 6,
        code: 'unique-error',
        column,
        value: 'a@x',
        message: expect.stringContaining('a@x'),
      },
    ]);
    expect((await rejectsOf(slot, id)).map(({ row, cells }) => [row, ...cells])).toEqual([
      [2, 'b', '2', 'p101@example.jp', ''],
      [3, 'bad', 'x', 'c@x', ''],
      [4, 'c', '3', 'a@x', '1\n2'],
    ]);
    expect(await chunksOf(id)).toMatchObject([{ loaded: 4, rejected: 3, errors: 3 }]);
  });

  const rules: [string, string, Record<string, unknown>][] = [
    [
      'a check',
      'ALTER TABLE people ADD CONSTRAINT grown CHECK (age <> 7)',
      {
        code: 'database-error',
        column: { index: 2, name: 'age' },
        value: '7',
        message: expect.stringContaining('grown'),
      },
    ],
    [
      'a trigger that raises',
      `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.age = 7 THEN RAISE 'seven is taken'; END IF; RETURN NEW; END $$;
       CREATE TRIGGER no BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION no()`,
      { code: 'database-error', message: expect.stringContaining('seven is taken') },
    ],
    [
      'a trigger that raises with a code of its own',
      `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.age = 7 THEN RAISE 'not seven' USING ERRCODE = 'UX007'; END IF; RETURN NULL; END $$;
       CREATE TRIGGER no AFTER INSERT ON people FOR EACH ROW EXECUTE FUNCTION no()`,
      { code: 'database-error', message: expect.stringContaining('not seven') },
    ],
    // By its code alone each would be a clash, an outage, a lock, a stop, or a fault of the set-up.
    ...['40001', '40P01', '08006', '55P03', '57014', '57P01', '53300', '25006', '42501'].map(
      (code): [string, string, Record<string, unknown>] => [
        `a trigger that raises ${code}`,
        `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.age = 7 THEN RAISE 'not seven' USING ERRCODE = '${code}'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER no BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION no()`,
        { code: 'database-error', message: expect.stringContaining('not seven') },
      ],
    ),
    [
      'a trigger that leaves the row out',
      `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.age = 7 THEN RETURN NULL; END IF; RETURN NEW; END $$;
       CREATE TRIGGER no BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION no()`,
      {
        code: 'database-error',
        message: 'Postgres refuses the row: a trigger of table "people" leaves the row out.',
      },
    ],
    [
      'a foreign key',
      `CREATE TABLE ages (age bigint PRIMARY KEY); INSERT INTO ages SELECT n FROM generate_series(0, 100) n WHERE n <> 7;
       ALTER TABLE people ADD FOREIGN KEY (age) REFERENCES ages DEFERRABLE INITIALLY DEFERRED`,
      { code: 'foreign-key-error', column: { index: 2, name: 'age' }, value: '7' },
    ],
    [
      'a column that became too narrow',
      'ALTER TABLE people ALTER email TYPE varchar(13)',
      { code: 'database-error', message: expect.stringContaining('too long') },
    ],
    [
      'a domain that is too narrow',
      'CREATE DOMAIN short AS varchar(13); ALTER TABLE people ALTER email TYPE short',
      { code: 'database-error' },
    ],
    [
      'a number that is too large for the column',
      'ALTER TABLE people ALTER age TYPE smallint',
      { code: 'database-error' },
    ],
    [
      'a column that must not be null',
      'ALTER TABLE people ALTER age SET NOT NULL',
      { code: 'constraint-error', constraint: 'required', column: { index: 2, name: 'age' } },
    ],
    ['an exclusion', 'ALTER TABLE people ADD EXCLUDE (age WITH =)', { code: 'database-error' }],
  ];

  it.each(rules)('%s', async (name, rule, error) => {
    await query(rule);
    const bad: Record<string, string> = {
      'a column that became too narrow': 'bad,7,p7@example.jp.example,\n',
      'a domain that is too narrow': 'bad,7,p7@example.jp.example,\n',
      'a number that is too large for the column': 'bad,70000,p7@x,\n',
      'a column that must not be null': 'bad,,p7@x,\n',
      'an exclusion': 'bad,6,p7@x,\n',
    };
    const id = await addImport(
      slot,
      PEOPLE,
      file(
        people(6).replaceAll('example.jp', 'x'),
        bad[name] ?? 'bad,7,p7@x,\n',
        people(3, 8).replaceAll('example.jp', 'x'),
      ),
    );
    await runImport(slot, id);
    expect(await landed()).toEqual(
      [1, 2, 3, 4, 5, 6, 8, 9, 10].map((n, at) => ({
        name: `person ${n}`,
        age: name.includes('number') ? n : String(n),
        email: `p${n}@x`,
        note: null,
        import_row: String(at < 6 ? at + 1 : at + 2),
      })),
    );
    expect(await errorsOf(id)).toEqual([expect.objectContaining({ row: 7, line: 8, ...error })]);
    expect((await rejectsOf(slot, id)).map((reject) => reject.row)).toEqual([7]);
    expect(await findTask(slot.db, id)).toMatchObject({
      status: 'succeeded',
      result: { records: 10, loaded: 9, rejected: 1 },
    });
  });

  it('a table that is not there is no fault of the rows', async () => {
    await query('ALTER TABLE people RENAME TO persons');
    const id = await addImport(slot, PEOPLE, file(people(3)));
    await expect(runImport(slot, id)).rejects.toThrow(/people/);
    expect(await chunksOf(id)).toMatchObject([{ status: 'waiting', rejected: 0 }]);
  });

  it('a file sent twice: every record is refused', async () => {
    const text = file(people(10_000));
    await runImport(slot, await addImport(slot, PEOPLE, text));
    const id = await addImport(slot, PEOPLE, text);
    await runImport(slot, id);
    expect(await chunksOf(id)).toMatchObject([{ loaded: 0, rejected: 10_000, errors: 10_000 }]);
    expect(await landed()).toHaveLength(10_000);
  });

  it('a corrected reject file that is refused again keeps its cells as they are', async () => {
    await runImport(slot, await addImport(slot, PEOPLE, file('a,1,=x,\n')));
    const id = await addImport(
      slot,
      PEOPLE,
      `_row,_errors,name,email,note\n1,why,b,'=x,''+1\n2,why,c,x,'=1\n`,
    );
    await runImport(slot, id);
    expect((await landed()).map(({ name, email, note }) => [name, email, note])).toEqual([
      ['a', '=x', null],
      ['c', 'x', '=1'],
    ]);
    expect(await errorsOf(id)).toMatchObject([{ code: 'unique-error', value: '=x' }]);
    expect((await rejectsOf(slot, id)).map((reject) => reject.cells)).toEqual([
      ['1', 'why', 'b', '=x', `'+1`],
    ]);
  });
});

describe('a file’s own layout', () => {
  it('sep=, skipped lines and no header: rows and lines count as in the file', async () => {
    const id = await addImport(
      slot,
      PEOPLE,
      'sep=;\r\n"名簿\r\na;1;a@x;\r\n\r\nb;x;b@x;\r\nc;3;c@x\r\nd;4;d@x;"\r\n"\r\n',
      { header: 'false', skipLines: '2' },
    );
    await runImport(slot, id);
    expect((await landed()).map(({ name, note, import_row }) => [name, note, import_row])).toEqual([
      ['a', null, '1'],
      ['d', '\r\n', '4'],
    ]);
    expect(await errorsOf(id)).toMatchObject([
      { row: 2, line: 5, code: 'type-error', column: { index: 2, name: '年齢' } },
      { row: 3, line: 6, code: 'missing-cell' },
    ]);
    expect((await rejectsOf(slot, id)).map(({ cells }) => cells)).toEqual([
      ['b', 'x', 'b@x', ''],
      ['c', '3', 'c@x'],
    ]);
  });

  it('a header below skipped lines', async () => {
    const id = await addImport(slot, PEOPLE, `title\n\n${file('a,1,,\n', ',2,,\n')}`, { skipLines: '2' });
    await runImport(slot, id);
    expect(await names()).toEqual(['a']);
    expect(await errorsOf(id)).toMatchObject([{ row: 2, line: 5 }]);
  });
});

describe('bytes that are no text in the declared encoding', () => {
  it('reject their record, and nobody else’s; a U+FFFD of the file is data', async () => {
    const bytes = Buffer.concat([
      Buffer.from(file('a,1,a@x,\ufffd\n', 'b,2,b@x,"')),
      Buffer.from([0x78, 0x0a, 0xe3, 0x81, 0x22, 0x0a]),
      Buffer.from('c,3,c@x,\n'),
      Buffer.from([0x64, 0xff, 0x0a]),
      Buffer.from('e,5,e@x,\n'),
      Buffer.from([0x22, 0x66, 0x22, 0xff, 0x2c, 0x36, 0x2c, 0x2c, 0x0a]),
      Buffer.from('g,7,g@x,\n'),
    ]);
    const id = await addImport(slot, PEOPLE, bytes, { encoding: 'utf-8' });
    const small = { ...slot, settings: { ...slot.settings, chunkBytes: 20 } };
    await runImport(small, id);
    expect((await landed()).map(({ name, note, import_row }) => [name, note, import_row])).toEqual([
      ['a', '\ufffd', '1'],
      ['c', null, '3'],
      ['e', null, '5'],
      ['g', null, '7'],
    ]);
    expect(await errorsOf(id)).toMatchObject([
      { row: 2, line: 3, lineEnd: 4, code: 'encoding-error', column: { index: 4, name: 'note' } },
      { row: 4, line: 6, code: 'encoding-error', column: { index: 1, name: 'name' }, value: 'd\ufffd' },
      { row: 6, line: 8, code: 'quote-error' },
      { row: 6, line: 8, code: 'encoding-error' },
    ]);
    expect((await errorsOf(id))[0]!.message).toContain('line 4)');
    expect((await rejectsOf(slot, id)).map((reject) => reject.row)).toEqual([2, 4, 6]);
    expect(await findTask(slot.db, id)).toMatchObject({
      status: 'succeeded',
      result: { records: 7, loaded: 4, rejected: 3, errors: 4 },
    });
  });
});

it('a reject that comes back with a U+FFFD for undecodable bytes is rejected again; mended it lands', async () => {
  const why = 'line 2: Some bytes are no text in shift_jis […] [encoding-error]';
  const id = await addImport(
    slot,
    PEOPLE,
    `_row,_errors,name,note\n1,${why},a\ufffd,x\n2,${why},b,x\n3,line 3: too long [constraint-error],c,\ufffd\n`,
  );
  await runImport(slot, id);
  expect((await landed()).map(({ name, note }) => [name, note])).toEqual([
    ['b', 'x'],
    ['c', '\ufffd'],
  ]);
  expect(await errorsOf(id)).toMatchObject([
    { row: 1, line: 2, code: 'encoding-error', column: { index: 3, name: 'name' }, value: 'a\ufffd' },
  ]);
});

describe('row errors', () => {
  it.each([0, 1, 7])('are stored up to %i, counted and given back without end', async (maxStoredErrors) => {
    const id = await addImport(slot, PEOPLE, file('a,x,,\n', ',y,,\n', people(3), 'b,x,,\n'.repeat(50)));
    const slots = await Promise.all(
      [1, 2].map(() => openSlot(database.url, folder, { chunkBytes: CHUNK_BYTES, maxStoredErrors })),
    );
    const outcome = await planImport(slots[0]!, id);
    const chunkNos = outcome.kind === 'chunks' ? outcome.chunkNos : [];
    await Promise.all(
      slots.map(async (each, at) => {
        for (const chunkNo of chunkNos.filter((no) => no % 2 === at)) await loadChunk(each, id, chunkNo);
      }),
    );
    await runImport(slots[0]!, id);
    expect(await errorsOf(id)).toHaveLength(maxStoredErrors);
    expect((await findTask(slot.db, id))?.result).toMatchObject({
      records: 55,
      loaded: 3,
      rejected: 52,
      errors: 53,
    });
    expect((await rejectsOf(slot, id)).map((reject) => reject.row)).toEqual([
      1,
      2,
      ...Array.from({ length: 50 }, (_, at) => at + 6),
    ]);
    await Promise.all(slots.map((each) => each.close()));
  });
});
