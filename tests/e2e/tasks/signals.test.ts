// Tasks that wait for signals: while they wait they take no place, and whatever is killed, a signal is not lost.
import { beforeAll, describe, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, taskFolder, taskState } from '../../support/tasks.ts';
import { waitFor } from '../../support/wait-for.ts';

const FILES = {
  'approve.mjs': `
    import { defineTask, Type } from 'sluice/tasks';
    export default [
      defineTask({ name: 'approve', args: Type.Object({ timeout: Type.Optional(Type.String()) }), retries: 0 }, async ({ timeout }, ctx) => {
        const draft = await ctx.step('draft', () => ctx.attempt + ' of start');
        const approved = await ctx.waitForSignal('approved', timeout === undefined ? {} : { timeout });
        return { draft, approved: approved === undefined ? 'too late' : approved, attempt: ctx.attempt };
      }),
      defineTask({ name: 'two', args: Type.Object({}), retries: 0 }, async (_args, ctx) => [
        await ctx.waitForSignal('vote'), await ctx.waitForSignal('other', { timeout: 10 }), await ctx.waitForSignal('vote'),
      ]),
      defineTask({ name: 'catches', args: Type.Object({}), retries: 0 }, async (_args, ctx) => {
        try { return await ctx.waitForSignal('go'); } catch { return 'caught'; }
      }),
    ];`,
};

let sluice: Sluice;

beforeAll(async () => {
  const folder = await taskFolder(FILES);
  // One place: a task that kept it while it waits would hold up the others.
  sluice = await startSluice({ env: { SLUICE_TASKS: folder.path, SLUICE_CONCURRENCY: '1' } });
  await sluice.startWorker();
  return async () => {
    await sluice.stop();
    await folder.remove();
  };
});

const db = () => sluice.database.pool;

const signal = (id: string, name: string, body?: string) =>
  sluice.fetch(`/v1/tasks/${id}/signals/${name}`, {
    method: 'POST',
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });

/** Waits until the task has given its place back. */
const waits = (id: string) =>
  waitFor(
    async () => {
      const { rows } = await db().query<{ waiting_for: string | null }>(
        `SELECT waiting_for FROM sluice.tasks WHERE id = $1 AND status = 'queued'`,
        [id],
      );
      return rows[0]?.waiting_for ?? undefined;
    },
    { what: 'the task to wait', timeoutMs: 20_000 },
  );

describe('a task that waits for a signal', () => {
  it('gives its place back, and goes on when it comes', async () => {
    const id = await enqueue(db(), 'approve');
    expect(await waits(id)).toBe('the signal "approved"');
    const other = await enqueue(db(), 'add', { a: 1, b: 2 });
    expect(await ended(db(), other)).toMatchObject({ status: 'succeeded' });

    const answer = await signal(id, 'approved', '{"by": "Ann", "amount": 9007199254740993}');
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ no: 1 });
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', attempts: 1, starts: 2 });
    const { rows } = await db().query('SELECT result::text FROM sluice.tasks WHERE id = $1', [id]);
    expect(rows).toEqual([
      {
        result:
          '{"draft": "1 of start", "attempt": 1, "approved": {"by": "Ann", "amount": 9007199254740993}}',
      },
    ]);
    const attempts = await db().query('SELECT outcome FROM sluice.task_attempts WHERE task_id = $1', [id]);
    expect(attempts.rows).toEqual([{ outcome: 'snoozed' }]);
  });

  it('gets one that was sent before, also by SQL', async () => {
    const id = await enqueue(db(), 'approve', {}, { delay: '200ms' });
    await db().query(`SELECT sluice.send_signal($1, 'approved', '"early"')`, [id]);
    expect(await ended(db(), id)).toMatchObject({ starts: 1, result: { approved: 'early' } });
  });

  it('goes on without one when the time is over, and stays with that', async () => {
    const id = await enqueue(db(), 'approve', { timeout: '300ms' });
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', result: { approved: 'too late' } });
  });

  it('takes signals of a name in their order, one for each wait', async () => {
    const id = await enqueue(db(), 'two');
    await waits(id);
    await signal(id, 'vote', '1');
    await signal(id, 'vote', '2');
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', result: [1, null, 2] });
  });

  it('waits even if its code catches what the wait throws', async () => {
    const id = await enqueue(db(), 'catches');
    await waits(id);
    await signal(id, 'go');
    expect(await ended(db(), id)).toMatchObject({ status: 'succeeded', result: null });
  });

  it('is not cancelled by its time to begin, and can be cancelled by people', async () => {
    const id = await enqueue(db(), 'approve', {}, { expires: '2s' });
    await waits(id);
    await waitFor(
      async () =>
        (await db().query('SELECT FROM sluice.tasks WHERE id = $1 AND expires_at < now()', [id])).rowCount ===
        1,
      { what: 'its time' },
    );
    const { rows } = await db().query(
      `SELECT count(*)::int FROM sluice.tasks WHERE id = $1 AND status = 'queued'`,
      [id],
    );
    expect(rows).toEqual([{ count: 1 }]);
    expect((await sluice.fetch(`/v1/tasks/${id}`, { method: 'DELETE' })).status).toBe(202);
    expect(await taskState(db(), id)).toMatchObject({ status: 'cancelled' });
    expect((await signal(id, 'approved')).status).toBe(409);
  });

  it('misses none of those that come at the moment it begins to wait', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => enqueue(db(), 'approve')));
    // Sent as they begin: some before the wait, some between the wait and the end of the attempt, some after.
    await Promise.all(
      ids.map(async (id, at) => {
        await waitFor(async () => ((await taskState(db(), id)).starts > 0 ? true : undefined), {
          what: 'its start',
          timeoutMs: 60_000,
        });
        expect((await signal(id, 'approved', String(at))).status).toBe(202);
      }),
    );
    for (const [at, id] of ids.entries())
      expect(await ended(db(), id, 60_000)).toMatchObject({ status: 'succeeded', result: { approved: at } });
  });
});

it('a signal to what takes none is refused', async () => {
  const nowhere = await signal('0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10', 'approved');
  expect(nowhere.status).toBe(404);
  const done = await enqueue(db(), 'add', { a: 1, b: 1 });
  await ended(db(), done);
  expect(await (await signal(done, 'approved')).json()).toMatchObject({ code: 'TASK_FINAL' });
  expect((await signal(done, 'bad name')).status).toBe(400);
  expect((await signal(done, 'approved', '{')).status).toBe(400);
});
