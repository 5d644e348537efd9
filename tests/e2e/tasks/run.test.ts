// Tasks of the operator's own, run by a real worker: put in by SQL, as any program can.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, inStatus, taskFolder, taskState } from '../../support/tasks.ts';
import { spawnSluice, waitFor, type TestProcess } from '../../support/processes.ts';

const FILES = {
  'transfer.ts': `
    import { defineTask, Type, NonRetryable } from 'sluice/tasks';
    enum Way { Fine = 'fine', Fails = 'fails', Poison = 'poison' }
    export default defineTask(
      { name: 'transfer', args: Type.Object({ amount: Type.Integer(), way: Type.Enum(Way) }), backoff: { delay: 10 }, retries: 2 },
      async ({ amount, way }: { amount: number; way: Way }, ctx) => {
        await ctx.db.query('INSERT INTO transfers (task, attempt, amount) VALUES ($1, $2, $3)', [ctx.id, ctx.attempt, amount]);
        const child = await ctx.enqueue('add', { a: amount, b: 1 });
        ctx.log('inserted ' + amount);
        if (way === Way.Fails) throw new RangeError('no funds');
        if (way === Way.Poison) throw new NonRetryable('never');
        return { child };
      },
    );`,
  'exact.mjs': `
    import { defineTask, Type, dateTime, bigInteger } from 'sluice/tasks';
    export default [
      defineTask({ name: 'exact', args: Type.Object({ big: bigInteger(), at: dateTime() }) }, ({ big, at }) => ({
        big: big + 1n, isDate: at instanceof Date, at, kind: typeof big,
      })),
      defineTask({ name: 'spin', run: 'cpu', args: Type.Object({ ms: Type.Integer() }), retries: 0 }, ({ ms }) => {
        const end = Date.now() + ms;
        let turns = 0;
        while (Date.now() < end) turns += 1;
        return turns > 0;
      }),
      defineTask({ name: 'waits', args: Type.Object({}), retries: 0 }, (_args, { signal, progress }) => {
        progress({ at: 'waiting' });
        return new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      }),
      defineTask({ name: 'queries', args: Type.Object({}), retries: 0 }, (_args, { db }) => db.query('SELECT pg_sleep(120)')),
      defineTask({ name: 'odd', args: Type.Object({}), retries: 0 }, async (_args, { progress }) => {
        progress('x'.repeat(10_000));
        await new Promise((resolve) => setTimeout(resolve, 700));
        throw new Error('half \\ud800 and \\0 none');
      }),
      defineTask({ name: 'leaves', args: Type.Object({}) }, () => { void Promise.reject(new Error('left by an I/O task')); return 'done'; }),
      defineTask({ name: 'leaves-cpu', run: 'cpu', args: Type.Object({}) }, () => {
        setTimeout(() => { throw new Error('left by a CPU task'); }, 1);
        return 'done';
      }),
      defineTask({ name: 'naps', run: 'cpu', args: Type.Object({}), retries: 0 }, () => new Promise((resolve) => setTimeout(resolve, 100))),
      defineTask({ name: 'throws-aside', run: 'cpu', args: Type.Object({}), retries: 0 }, () =>
        new Promise(() => setTimeout(() => { throw new Error('thrown aside'); }, 1))),
      defineTask({ name: 'deaf', args: Type.Object({}), retries: 0 }, () => new Promise(() => {})),
    ];`,
  '_shared.ts': 'export const nothing = 1;',
};

let sluice: Sluice;
let worker: TestProcess;
let folder: Awaited<ReturnType<typeof taskFolder>>;

beforeAll(async () => {
  folder = await taskFolder(FILES);
  sluice = await startSluice({ env: { SLUICE_TASKS: folder.path } });
  worker = await sluice.startWorker();
  await sluice.database.pool.query('CREATE TABLE transfers (task uuid, attempt int, amount int)');
  return async () => {
    await sluice.stop();
    await folder.remove();
  };
});

const db = () => sluice.database.pool;

describe('a task', () => {
  it('put in by SQL is run, and its result is kept', async () => {
    const id = await enqueue(db(), 'add', { a: 1, b: 2 });
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', result: 3, attempts: 1 });
  });

  it('that leaves a promise or a timer behind that fails does not end those beside it, nor the worker', async () => {
    const beside = await enqueue(db(), 'waits');
    await inStatus(db(), beside, ['running']);
    for (const name of ['leaves', 'leaves-cpu'])
      expect(await ended(db(), await enqueue(db(), name))).toMatchObject({
        status: 'succeeded',
        attempts: 1,
      });
    await worker.says(/"level":50[^\n]*left by an I\/O task/);
    expect(await taskState(db(), beside)).toMatchObject({ status: 'running', starts: 1 });
    await sluice.fetch(`/v1/tasks/${beside}`, { method: 'DELETE' });
    // A slot sleeps between its tasks: the timer fires in the middle of another one.
    const others = await Promise.all([1, 2, 3, 4].map(() => enqueue(db(), 'naps')));
    for (const id of others)
      expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', attempts: 1 });
    await worker.says(/"level":50[^\n]*left by a CPU task[^\n]*"name":"leaves-cpu"/);
    // What fails in its own time is its own failure.
    expect(await ended(db(), await enqueue(db(), 'throws-aside'))).toMatchObject({
      status: 'failed',
      error: { message: expect.stringContaining('thrown aside') as string },
    });
  });

  it('whose file ends its thread when it is loaded does not leave a worker that waits for ever', async () => {
    const bad = await taskFolder({ 'bad.mjs': 'process.exit(3);' });
    const started = spawnSluice(['worker'], { env: { ...sluice.env, SLUICE_TASKS: bad.path } });
    expect((await started.exited).code).toBe(1);
    expect(started.output()).toContain('has ended while it started, with code 3');
    await bad.remove();
  });

  it('of a transaction that rolls back is not there', async () => {
    const client = await db().connect();
    await client.query('BEGIN');
    const id = await enqueue(client, 'add', { a: 1, b: 2 });
    await client.query('ROLLBACK');
    client.release();
    expect(await taskState(db(), id)).toBeUndefined();
  });

  it('does what it does in Postgres together with its end', async () => {
    const id = await enqueue(db(), 'transfer', { amount: 5, way: 'fine' });
    const done = await ended(db(), id);
    expect(done).toMatchObject({ status: 'succeeded', attempts: 1 });
    const { child } = done.result as { child: string };
    expect(await ended(db(), child)).toMatchObject({ status: 'succeeded', result: 6, parent_id: id });
    expect((await db().query('SELECT attempt, amount FROM transfers WHERE task = $1', [id])).rows).toEqual([
      { attempt: 1, amount: 5 },
    ]);
    const lines = await waitFor(
      async () => {
        const { rows } = await db().query('SELECT level, message FROM sluice.task_logs WHERE task_id = $1', [
          id,
        ]);
        return rows.length > 0 ? rows : undefined;
      },
      { what: 'its log' },
    );
    expect(lines).toEqual([{ level: 'info', message: 'inserted 5' }]);
  });

  it('that throws is tried again, and leaves nothing of what it did', async () => {
    const id = await enqueue(db(), 'transfer', { amount: 7, way: 'fails' });
    expect(await ended(db(), id)).toMatchObject({
      status: 'failed',
      attempts: 3,
      error: { code: 'task-failed', message: 'no funds', type: 'RangeError' },
    });
    expect((await db().query('SELECT FROM transfers WHERE task = $1', [id])).rowCount).toBe(0);
    expect((await db().query('SELECT FROM sluice.tasks WHERE parent_id = $1', [id])).rowCount).toBe(0);
    const { rows } = await db().query(
      'SELECT attempt, outcome FROM sluice.task_attempts WHERE task_id = $1 ORDER BY start',
      [id],
    );
    expect(rows).toEqual([1, 2, 3].map((attempt) => ({ attempt, outcome: 'failed' })));
  });

  it('that throws NonRetryable, or has wrong arguments, is not tried again', async () => {
    const poison = await enqueue(db(), 'transfer', { amount: 1, way: 'poison' });
    expect(await ended(db(), poison)).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: { message: 'never' },
    });
    const wrong = await enqueue(db(), 'add', { a: 'x', b: 2 });
    expect(await ended(db(), wrong)).toMatchObject({ status: 'failed', error: { code: 'invalid-args' } });
  });

  it('gets big integers and dates as they were sent', async () => {
    const { rows } = await db().query<{ id: string }>(
      `SELECT sluice.enqueue('exact', '{"big": 9007199254740993, "at": "2026-02-28T12:00:00.123Z"}') AS id`,
    );
    await ended(db(), rows[0]!.id);
    const { rows: told } = await db().query<{ result: string }>(
      'SELECT result::text FROM sluice.tasks WHERE id = $1',
      [rows[0]!.id],
    );
    expect(told[0]!.result).toBe(
      '{"at": "2026-02-28T12:00:00.123Z", "big": 9007199254740994, "kind": "bigint", "isDate": true}',
    );
  });

  it('that computes runs in a slot, and a cancel ends it', async () => {
    const short = await enqueue(db(), 'spin', { ms: 20 });
    expect(await ended(db(), short)).toMatchObject({ status: 'succeeded', result: true });
    const long = await enqueue(db(), 'spin', { ms: 120_000 });
    await inStatus(db(), long, ['running']);
    expect((await sluice.fetch(`/v1/tasks/${long}`, { method: 'DELETE' })).status).toBe(202);
    await inStatus(db(), long, ['cancelled']);
    // The slots are free again.
    const both = await Promise.all([1, 2].map(() => enqueue(db(), 'spin', { ms: 5 })));
    for (const id of both) expect(await ended(db(), id)).toMatchObject({ status: 'succeeded' });
  });

  it('is cancelled while it waits in its code, whether it listens or not', async () => {
    for (const name of ['waits', 'deaf']) {
      const id = await enqueue(db(), name);
      await inStatus(db(), id, ['running']);
      expect((await sluice.fetch(`/v1/tasks/${id}`, { method: 'DELETE' })).status).toBe(202);
      expect(await ended(db(), id)).toMatchObject({ status: 'cancelled' });
    }
  });

  it('has failed when it takes longer than its time limit', async () => {
    const io = await enqueue(db(), 'deaf', {}, { timeLimit: '100ms' });
    const cpu = await enqueue(db(), 'spin', { ms: 60_000 }, { timeLimit: 100 });
    for (const id of [io, cpu])
      expect(await ended(db(), id)).toMatchObject({ status: 'failed', error: { code: 'timed-out' } });
  });

  it('says how far it is', async () => {
    const id = await enqueue(db(), 'waits');
    await waitFor(async () => ((await taskState(db(), id)).progress === null ? undefined : true), {
      what: 'progress',
    });
    expect((await taskState(db(), id)).progress).toEqual({ at: 'waiting' });
    await sluice.fetch(`/v1/tasks/${id}`, { method: 'DELETE' });
    await ended(db(), id);
  });

  it('is ended in the middle of a statement, which leaves its connection to others', async () => {
    // More than there are connections for such tasks.
    const ids = await Promise.all(
      Array.from({ length: 12 }, () => enqueue(db(), 'queries', {}, { timeLimit: '300ms' })),
    );
    for (const id of ids)
      expect(await ended(db(), id)).toMatchObject({ status: 'failed', error: { code: 'timed-out' } });
    const { rows } = await db().query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%pg_sleep(120)%' AND pid <> pg_backend_pid()`,
    );
    expect(rows).toEqual([]);
    const id = await enqueue(db(), 'transfer', { amount: 9, way: 'fine' });
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded' });
  });

  it('may throw and say what Postgres cannot keep: that is replaced, and others are written all the same', async () => {
    const [odd, other] = [await enqueue(db(), 'odd'), await enqueue(db(), 'waits')];
    expect(await ended(db(), odd)).toMatchObject({
      status: 'failed',
      error: { code: 'task-failed', message: 'half \u{fffd} and \u{fffd} none' },
    });
    expect((await taskState(db(), other)).progress).toEqual({ at: 'waiting' });
    const { rows } = await db().query('SELECT level, message FROM sluice.task_logs WHERE task_id = $1', [
      odd,
    ]);
    expect(rows).toEqual([
      { level: 'warn', message: 'Its progress is not shown: it has more than 4000 characters.' },
    ]);
    await sluice.fetch(`/v1/tasks/${other}`, { method: 'DELETE' });
    await ended(db(), other);
  });

  it('is run all the same when the answer to its claim was lost on the way to the worker', async () => {
    const { rows } = await db().query<{ id: string }>(
      `INSERT INTO sluice.tasks (id, name, args, queue, status, starts, attempts, max_attempts, worker_id, claimed_at)
       SELECT sluice.uuid_v7(), 'add', '{"a": 20, "b": 1}', 'default', 'running', 1, 1, 4, id, now() - interval '1 minute'
         FROM sluice.workers ORDER BY id DESC LIMIT 1 RETURNING id`,
    );
    expect(await ended(db(), rows[0]!.id)).toMatchObject({
      status: 'succeeded',
      result: 21,
      attempts: 1,
      starts: 2,
    });
  });

  it('is put off, expires, and has one of its key', async () => {
    const later = await enqueue(db(), 'add', { a: 1, b: 1 }, { delay: '300ms' });
    expect(await taskState(db(), later)).toMatchObject({ status: 'queued' });
    expect(await ended(db(), later)).toMatchObject({ status: 'succeeded' });
    const late = await enqueue(db(), 'add', { a: 1, b: 1 }, { delay: '1h', expires: '10ms' });
    expect(await ended(db(), late)).toMatchObject({ status: 'cancelled' });
    const first = await enqueue(db(), 'sleep', { ms: 60_000 }, { unique: { key: 'k' } });
    expect(await enqueue(db(), 'sleep', { ms: 1 }, { unique: { key: 'k' } })).toBe(first);
    await sluice.fetch(`/v1/tasks/${first}`, { method: 'DELETE' });
    await ended(db(), first);
    const second = await enqueue(db(), 'sleep', { ms: 1 }, { unique: { key: 'k' } });
    expect(second).not.toBe(first);
    const timed = await enqueue(db(), 'add', { a: 1, b: 1 }, { unique: { key: 'day', for: '1d' } });
    await ended(db(), timed);
    expect(await enqueue(db(), 'add', { a: 1, b: 1 }, { unique: { key: 'day', for: '1d' } })).toBe(timed);
  });
});

it('gives tasks back when the worker stops: none is lost, and no attempt is used up', async () => {
  const before = Date.now();
  const ids = await Promise.all(Array.from({ length: 50 }, () => enqueue(db(), 'sleep', { ms: 4000 })));
  for (const id of ids) await inStatus(db(), id, ['running']);
  worker.kill('SIGTERM');
  const again = await sluice.startWorker();
  for (const id of ids)
    expect(await ended(db(), id, 60_000)).toMatchObject({ status: 'succeeded', attempts: 1 });
  expect(Date.now() - before).toBeGreaterThan(4000);
  await worker.exited;
  worker = again;
});
afterAll(() => worker.kill());
