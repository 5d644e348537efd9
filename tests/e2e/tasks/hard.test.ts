// What goes wrong in production: workers killed, Redis away or flushed, tasks that compute for ever or eat memory.
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { Redis } from 'ioredis';
import { openTcpGate, type TcpGate } from '../../support/tcp-gate.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, inStatus, taskFolder, taskState } from '../../support/tasks.ts';
import { waitFor } from '../../support/wait-for.ts';

const FILES = {
  'hard.mjs': `
    import { defineTask, Type } from 'sluice/tasks';
    export default [
      defineTask({ name: 'note', args: Type.Object({ ms: Type.Integer() }) }, async ({ ms }, ctx) => {
        await ctx.db.query('INSERT INTO notes (task) VALUES ($1)', [ctx.id]);
        await new Promise((resolve) => setTimeout(resolve, ms));
        return 'noted';
      }),
      defineTask({ name: 'once', delivery: 'at-most-once', args: Type.Object({ ms: Type.Integer() }) }, ({ ms }) =>
        new Promise((resolve) => setTimeout(resolve, ms))),
      defineTask({ name: 'blocks', args: Type.Object({ ms: Type.Integer() }) }, ({ ms }) => {
        for (const end = Date.now() + ms; Date.now() < end; );
        return 'computed';
      }),
      defineTask({ name: 'leaks', retries: 1, backoff: { delay: 1 }, args: Type.Object({}) }, async () => {
        const kept = [];
        for (;;) {
          kept.push(new Array(1_000_000).fill(Math.random()));
          await new Promise((resolve) => setImmediate(resolve));
        }
      }),
      defineTask({ name: 'fails-first', retries: 5, backoff: { delay: '1h' }, args: Type.Object({}) }, () => {
        throw new Error('not yet');
      }),
    ];`,
};

let gate: TcpGate;
let sluice: Sluice;
let folder: Awaited<ReturnType<typeof taskFolder>>;

beforeEach(async () => {
  gate = await openTcpGate(inject('redisUrl'));
  folder = await taskFolder(FILES);
  sluice = await startSluice({
    env: {
      REDIS_URL: gate.url,
      SLUICE_TASKS: folder.path,
      SLUICE_STUCK_MS: '2000',
      SLUICE_SLOT_MEMORY_MB: '128',
      SLUICE_IO_MEMORY_MB: '128',
    },
  });
  await sluice.database.pool.query('CREATE TABLE notes (task uuid)');
});
afterEach(async () => {
  await sluice.stop();
  await gate.shut();
  await folder.remove();
});

const db = () => sluice.database.pool;
const notes = async (id: string) => (await db().query('SELECT FROM notes WHERE task = $1', [id])).rowCount;
const cancel = (id: string) => sluice.fetch(`/v1/tasks/${id}`, { method: 'DELETE' });
/** As of somebody who records tasks and dies before he can ring. */
const enqueueUntold = async (name: string, args: object): Promise<string> => {
  const { rows } = await db().query<{ id: string }>(
    `SELECT id FROM sluice.enqueue_all(jsonb_build_array(jsonb_build_object('id', sluice.uuid_v7(), 'name', $1::text, 'args', $2::jsonb)), NULL, false)`,
    [name, JSON.stringify(args)],
  );
  return rows[0]!.id;
};

it('runs a task again when its worker was killed: one rerun, one result, one effect', async () => {
  const first = await sluice.startWorker();
  const id = await enqueue(db(), 'note', { ms: 8000 });
  const once = await enqueue(db(), 'once', { ms: 60_000 });
  for (const each of [id, once]) await inStatus(db(), each, ['running']);
  // Before the other one starts: that takes longer than the task on a busy machine.
  first.kill('SIGKILL');
  await first.exited;
  const second = await sluice.startWorker();
  expect(await ended(db(), id, 90_000)).toMatchObject({
    status: 'succeeded',
    result: 'noted',
    attempts: 1,
    starts: 2,
  });
  expect(await notes(id)).toBe(1);
  expect(await ended(db(), once, 90_000)).toMatchObject({
    status: 'failed',
    starts: 1,
    error: { code: 'worker-lost', message: 'Its worker was lost, and it must not be run twice.' },
  });
  const { rows } = await db().query('SELECT outcome FROM sluice.task_attempts WHERE task_id = $1', [id]);
  expect(rows).toEqual([{ outcome: 'lost' }]);
  second.kill();
});

describe('without Redis', () => {
  it('tasks go on, and its return is noticed by a worker that was idle', async () => {
    await sluice.startWorker();
    expect(await ended(db(), await enqueue(db(), 'add', { a: 1, b: 1 }))).toMatchObject({ result: 2 });
    await gate.shut();
    for (let at = 0; at < 5; at++)
      expect(await ended(db(), await enqueue(db(), 'add', { a: at, b: 1 }))).toMatchObject({
        result: at + 1,
      });
    await gate.open();
    const upload = await sluice.send('customers', 'customer_no,name\n');
    expect(upload.status).toBeLessThan(500);
    expect(await ended(db(), await enqueueUntold('add', { a: 7, b: 1 }))).toMatchObject({ result: 8 });
  });

  it('a flush of it loses nothing, and neither does a crash between the commit and the bell', async () => {
    await sluice.startWorker();
    const redis = new Redis(inject('redisUrl'));
    const running = await enqueue(db(), 'note', { ms: 1500 });
    const later = await enqueue(db(), 'add', { a: 1, b: 1 }, { delay: '1s' });
    await inStatus(db(), running, ['running']);
    const keys = await redis.keys(`${sluice.queuePrefix}*`);
    if (keys.length > 0) await redis.del(keys);
    redis.disconnect();
    const untold = await enqueueUntold('add', { a: 2, b: 2 });
    for (const id of [running, later, untold])
      expect(await ended(db(), id)).toMatchObject({ status: 'succeeded' });
  });
});

describe('a cancel', () => {
  it('works before the task begins, while it is put off, and between its attempts', async () => {
    const waiting = await enqueue(db(), 'add', { a: 1, b: 1 });
    const delayed = await enqueue(db(), 'add', { a: 1, b: 1 }, { delay: '1h' });
    for (const id of [waiting, delayed]) {
      expect((await cancel(id)).status).toBe(202);
      expect(await taskState(db(), id)).toMatchObject({ status: 'cancelled', starts: 0 });
    }
    await sluice.startWorker();
    const failed = await enqueue(db(), 'fails-first');
    await waitFor(
      async () =>
        (await taskState(db(), failed)).attempts === 1 && (await taskState(db(), failed)).status === 'queued'
          ? true
          : undefined,
      {
        what: 'the first attempt to fail',
      },
    );
    expect((await cancel(failed)).status).toBe(202);
    expect(await taskState(db(), failed)).toMatchObject({ status: 'cancelled', attempts: 1 });
    // What has ended stays as it is.
    const done = await enqueue(db(), 'add', { a: 1, b: 1 });
    await ended(db(), done);
    expect((await cancel(done)).status).toBe(409);
    // Neither comes back after a restart of the workers.
    await sluice.startWorker();
    expect(await ended(db(), await enqueue(db(), 'add', { a: 3, b: 1 }))).toMatchObject({ result: 4 });
    for (const id of [waiting, delayed, failed]) expect((await taskState(db(), id)).status).toBe('cancelled');
  });

  it('just as the task starts leaves it cancelled or, when it was quicker, done', async () => {
    await sluice.startWorker();
    const ids = await Promise.all(Array.from({ length: 40 }, () => enqueue(db(), 'note', { ms: 30 })));
    await Promise.all(ids.map(cancel));
    for (const id of ids) {
      const { status } = await ended(db(), id);
      expect(['cancelled', 'succeeded']).toContain(status);
      expect(await notes(id)).toBe(status === 'succeeded' ? 1 : 0);
    }
  });
});

it('ends a thread of I/O tasks that computes without end; others run again, and it gets a slot of its own', async () => {
  const worker = await sluice.startWorker();
  const other = await enqueue(db(), 'note', { ms: 9000 });
  await inStatus(db(), other, ['running']);
  const blocks = await enqueue(db(), 'blocks', { ms: 6000 });
  await worker.says(/computed for 2000 ms without a pause/, 30_000);
  expect(await ended(db(), blocks, 60_000)).toMatchObject({ status: 'succeeded', result: 'computed' });
  expect(await ended(db(), other, 60_000)).toMatchObject({ status: 'succeeded' });
  expect(await notes(other)).toBe(1);
}, 120_000);

it('ends a thread that a task fills with memory, and the worker goes on', async () => {
  await sluice.startWorker();
  const leaks = await enqueue(db(), 'leaks');
  const failed = await ended(db(), leaks, 90_000);
  expect(failed).toMatchObject({ status: 'failed' });
  expect(failed.error?.message).toMatch(/needed more than 128 MB of memory \(SLUICE_SLOT_MEMORY_MB\)/);
  expect(await ended(db(), await enqueue(db(), 'add', { a: 1, b: 1 }))).toMatchObject({ result: 2 });
}, 120_000);
