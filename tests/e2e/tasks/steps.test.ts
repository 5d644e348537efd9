// Durable steps and cursors: a real worker, killed where it matters. What a task does "outside" is a row in a table of the test's own.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestProcess } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, inStatus, taskFolder, taskState } from '../../support/tasks.ts';
import { waitFor } from '../../support/wait-for.ts';

const FILES = {
  'pay.mjs': `
    import { writeFileSync, appendFileSync } from 'node:fs';
    import { defineTask, Type, snooze, bigInteger } from 'sluice/tasks';
    const args = Type.Object({ file: Type.String(), way: Type.Optional(Type.String()) });
    const did = (file, what) => appendFileSync(file, what + '\\n');
    const hang = (signal) => new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    export default [
      defineTask({ name: 'pay', args, backoff: { delay: 10 }, retries: 2 }, async ({ file, way }, ctx) => {
        const charge = await ctx.step('charge', () => { did(file, 'charge'); return { at: new Date(0), big: 9007199254740993n, none: undefined }; });
        did(file, 'attempt ' + ctx.attempt);
        if (way === 'fails' && ctx.attempt < 3) throw new Error('no luck');
        if (way === 'hangs' && ctx.attempt === 1 && !(await ctx.cursor.get())) { await ctx.cursor.set('seen'); await hang(ctx.signal); }
        if (way === 'twice') await ctx.step('charge', () => 1);
        if (way === 'large') await ctx.step('large', () => 'x'.repeat(2_000_000));
        if (way === 'throws') await ctx.step('mail', () => { did(file, 'mail'); if (ctx.attempt === 1) throw new Error('no post'); return 'sent'; });
        if (way === 'snoozes' && (await ctx.cursor.get()) !== 'slept') { await ctx.cursor.set('slept'); throw snooze('200ms'); }
        await ctx.step('receipt', () => did(file, 'receipt'));
        return charge;
      }),
      defineTask({ name: 'count', args: Type.Object({ to: Type.Integer(), file: Type.String(), ms: Type.Integer() }), retries: 0 }, async ({ to, file, ms }, { cursor, signal }) => {
        const from = (await cursor.get()) ?? 0;
        did(file, 'from ' + from);
        for (let at = from; at < to; at++) {
          if (signal.aborted) throw signal.reason;
          await new Promise((resolve) => setTimeout(resolve, ms));
          await cursor.set(at + 1);
        }
        return to - from;
      }),
      defineTask({ name: 'batches', args: Type.Object({ to: Type.Integer() }), retries: 0 }, async ({ to }, { cursor, db, id, enqueue }) => {
        for (let at = (await cursor.get()) ?? 0; at < to; at++) {
          await db.query('INSERT INTO batches (task, no) VALUES ($1, $2)', [id, at]);
          await db.query('SELECT pg_sleep(0.02)');
          await cursor.commit(at + 1);
        }
      }),
      defineTask({ name: 'ahead', args: Type.Object({}), retries: 0 }, async (_args, { cursor, db }) => {
        await db.query('SELECT 1');
        await cursor.set(1);
      }),
      defineTask({ name: 'cpu-steps', run: 'cpu', args, backoff: { delay: 10 } }, async ({ file }, ctx) => {
        await ctx.step('once', () => did(file, 'once'));
        await ctx.cursor.set({ at: ctx.attempt });
        if (ctx.attempt === 1) throw new Error('again');
        return ctx.cursor.get();
      }),
    ];`,
};

let sluice: Sluice;
let worker: TestProcess;
let folder: Awaited<ReturnType<typeof taskFolder>>;

beforeAll(async () => {
  folder = await taskFolder(FILES);
  sluice = await startSluice({ env: { SLUICE_TASKS: folder.path } });
  await sluice.database.pool.query('CREATE TABLE batches (task uuid, no int)');
  return async () => {
    await sluice.stop();
    await folder.remove();
  };
});

beforeEach(async () => {
  worker = await sluice.startWorker();
});
afterEach(async () => {
  worker.kill('SIGKILL');
  await worker.exited;
});

const db = () => sluice.database.pool;
let files = 0;
const newFile = (): string => `${folder.path}/did ${++files}.txt`;
async function did(file: string): Promise<string[]> {
  const { readFile } = await import('node:fs/promises');
  return (await readFile(file, 'utf8').catch(() => '')).trim().split('\n');
}

/** Kills the worker as the machine would, and starts another. */
async function killWorker(): Promise<void> {
  worker.kill('SIGKILL');
  await worker.exited;
  worker = await sluice.startWorker();
}

describe('a step', () => {
  it('that has ended is not done again by a later attempt, and gives the same', async () => {
    const file = newFile();
    const id = await enqueue(db(), 'pay', { file, way: 'fails' });
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', attempts: 3 });
    expect(await did(file)).toEqual(['charge', 'attempt 1', 'attempt 2', 'attempt 3', 'receipt']);
    const { rows } = await db().query<{ result: string }>(
      'SELECT result::text FROM sluice.tasks WHERE id = $1',
      [id],
    );
    expect(rows[0]!.result).toBe('{"at": "1970-01-01T00:00:00.000Z", "big": 9007199254740993}');
  });

  it('gives in the first attempt what a later one would get', async () => {
    const id = await enqueue(db(), 'pay', { file: newFile() });
    expect(await ended(db(), id)).toMatchObject({
      status: 'succeeded',
      result: { at: '1970-01-01T00:00:00.000Z' },
    });
  });

  it('that throws is done again', async () => {
    const file = newFile();
    const id = await enqueue(db(), 'pay', { file, way: 'throws' });
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', attempts: 2 });
    expect(await did(file)).toEqual(['charge', 'attempt 1', 'mail', 'attempt 2', 'mail', 'receipt']);
  });

  it('of a worker that was killed is not done again', async () => {
    const file = newFile();
    const id = await enqueue(db(), 'pay', { file, way: 'hangs' });
    await waitFor(
      async () =>
        (await db().query('SELECT FROM sluice.task_cursors WHERE task_id = $1', [id])).rowCount === 1,
      { what: 'the cursor' },
    );
    await killWorker();
    expect(await ended(db(), id, 60_000)).toMatchObject({ status: 'succeeded', attempts: 1, starts: 2 });
    expect(await did(file)).toEqual(['charge', 'attempt 1', 'attempt 1', 'receipt']);
  });

  it('needs a name of its own, and a result that is not too large', async () => {
    const twice = await enqueue(db(), 'pay', { file: newFile(), way: 'twice' });
    expect(await ended(db(), twice)).toMatchObject({ status: 'failed', attempts: 1 });
    expect((await taskState(db(), twice)).error!.message).toContain('The step "charge" is there twice.');
    const large = await enqueue(db(), 'pay', { file: newFile(), way: 'large' });
    expect((await ended(db(), large)).error!.message).toMatch(
      /^The result of the step "large" has 2000002 bytes of JSON; 1048576 are allowed/,
    );
  });

  it('is kept when the task is put off, which counts as no attempt', async () => {
    const file = newFile();
    const id = await enqueue(db(), 'pay', { file, way: 'snoozes' });
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', attempts: 1, starts: 2 });
    expect(await did(file)).toEqual(['charge', 'attempt 1', 'attempt 1', 'receipt']);
    const { rows } = await db().query('SELECT outcome FROM sluice.task_attempts WHERE task_id = $1', [id]);
    expect(rows).toEqual([{ outcome: 'snoozed' }]);
  });

  it('and a cursor are there in a slot too', async () => {
    const file = newFile();
    const id = await enqueue(db(), 'cpu-steps', { file });
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', attempts: 2, result: { at: 2 } });
    expect(await did(file)).toEqual(['once']);
  });
});

describe('a cursor', () => {
  it('lets a loop go on where it was when the worker is stopped', async () => {
    const file = newFile();
    const id = await enqueue(db(), 'count', { to: 200, ms: 20, file });
    await waitFor(
      async () =>
        (await db().query('SELECT FROM sluice.task_cursors WHERE task_id = $1', [id])).rowCount === 1,
      { what: 'the cursor' },
    );
    worker.kill('SIGTERM');
    const next = await sluice.startWorker();
    expect(await ended(db(), id, 60_000)).toMatchObject({ status: 'succeeded', attempts: 1 });
    await worker.exited;
    worker = next;
    expect((await did(file)).length).toBeLessThanOrEqual(2);
  });

  it('loses a second at most when the worker is killed', async () => {
    const file = newFile();
    const id = await enqueue(db(), 'count', { to: 250, ms: 20, file });
    const at = await waitFor(
      async () => {
        const { rows } = await db().query<{ cursor: number }>(
          'SELECT cursor FROM sluice.task_cursors WHERE task_id = $1',
          [id],
        );
        return rows[0] !== undefined && rows[0].cursor > 60 ? rows[0].cursor : undefined;
      },
      { what: 'the cursor to go on' },
    );
    await killWorker();
    expect(await ended(db(), id, 60_000)).toMatchObject({ status: 'succeeded', starts: 2 });
    const [first, second] = await did(file);
    expect(first).toBe('from 0');
    expect(Number(second!.split(' ')[1])).toBeGreaterThanOrEqual(at);
  });

  it('is committed together with what was done in Postgres: each batch once, whatever is killed', async () => {
    const id = await enqueue(db(), 'batches', { to: 100 });
    await waitFor(
      async () => (await db().query('SELECT FROM batches WHERE task = $1', [id])).rowCount! > 20,
      { what: 'batches' },
    );
    await killWorker();
    expect(await ended(db(), id, 60_000)).toMatchObject({ status: 'succeeded', starts: 2 });
    const { rows } = await db().query(
      'SELECT count(*)::int, count(DISTINCT no)::int AS different FROM batches WHERE task = $1',
      [id],
    );
    expect(rows).toEqual([{ count: 100, different: 100 }]);
  });

  it('may not get ahead of a transaction', async () => {
    const id = await enqueue(db(), 'ahead');
    expect((await ended(db(), id)).error!.message).toContain('cursor.commit');
    await inStatus(db(), id, ['failed']);
  });
});
