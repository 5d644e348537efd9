// Chains, groups and chords, by a real worker: what is counted is in Postgres, together with the ends of the members.
import { beforeAll, describe, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, inStatus, taskFolder } from '../../support/tasks.ts';
import { waitFor } from '../../support/wait-for.ts';

const FILES = {
  'parts.mjs': `
    import { defineTask, Type, chain, chord, group, task } from 'sluice/tasks';
    export default [
      defineTask({ name: 'sum', args: Type.Object({ all: Type.Array(Type.Unknown()), errors: Type.Optional(Type.Array(Type.Unknown())) }) }, ({ all, errors }) =>
        ({ sum: all.reduce((sum, each) => sum + (each ?? 0), 0), errors: errors?.map((error) => error && error.code) ?? null })),
      defineTask({ name: 'wrong', args: Type.Object({}), retries: 0 }, () => { throw new Error('no good'); }),
      defineTask({ name: 'begins', args: Type.Object({ fails: Type.Boolean() }), retries: 0 }, async ({ fails }, ctx) => {
        const id = await ctx.begin(chord([chain([task('add', { a: 1, b: 1 }), task('add', { b: 10 }, { into: 'a' })]), task('add', { a: 0, b: 5 })], task('sum', {}, { into: 'all' })));
        if (fails) throw new Error('after all');
        return { id, members: group([]).group.length };
      }),
    ];`,
};

interface GroupJson {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly members: Record<string, number>;
  readonly result: unknown;
  readonly error: { code: string; message: string; place: number } | null;
}

let sluice: Sluice;
beforeAll(async () => {
  const folder = await taskFolder(FILES);
  sluice = await startSluice({ env: { SLUICE_TASKS: folder.path, SLUICE_CONCURRENCY: '20' } });
  await sluice.startWorker();
  return async () => {
    await sluice.stop();
    await folder.remove();
  };
});

const db = () => sluice.database.pool;
const add = (a: number, b: number) => ({ name: 'add', args: { a, b } });

async function post(canvas: object, status = 202): Promise<GroupJson> {
  const answer = await sluice.fetch('/v1/groups', {
    method: 'POST',
    body: JSON.stringify(canvas),
    headers: { 'content-type': 'application/json' },
  });
  const body = (await answer.json()) as GroupJson;
  expect([answer.status, body]).toEqual([status, expect.anything()]);
  return body;
}

const show = async (id: string): Promise<GroupJson> =>
  (await (await sluice.fetch(`/v1/groups/${id}`)).json()) as GroupJson;

const whole = (id: string, timeoutMs = 30_000) =>
  waitFor(async () => [await show(id)].find(({ status }) => status !== 'running'), {
    what: `group ${id} to end`,
    timeoutMs,
  });

interface MemberJson {
  readonly status: string;
  readonly taskId: string | null;
  readonly groupId: string | null;
}
async function members(id: string): Promise<MemberJson[]> {
  const answer = await sluice.fetch(`/v1/groups/${id}/members?limit=1000`);
  return ((await answer.json()) as { data: MemberJson[] }).data;
}

describe('a chain', () => {
  it('gives each task the result of the one before', async () => {
    const { id, kind } = await post({
      chain: [
        add(1, 2),
        { name: 'add', args: { b: 10 }, into: 'a' },
        { name: 'add', args: { a: 100 }, into: 'b' },
      ],
    });
    expect(kind).toBe('chain');
    expect(await whole(id)).toMatchObject({ status: 'succeeded', result: 113, error: null });
  });

  it('ends at a member that fails, or goes on with null where that is said', async () => {
    const stops = await post({ chain: [add(1, 2), { name: 'wrong' }, add(1, 1)] });
    expect(await whole(stops.id)).toMatchObject({
      status: 'failed',
      error: { code: 'member-failed', place: 1, message: 'Member 1 (wrong) has failed: no good' },
      members: { succeeded: 1, failed: 1, cancelled: 1 },
    });
    const goes = await post({ chain: [{ name: 'wrong', whenItFails: 'continue' }, add(1, 1)] });
    expect(await whole(goes.id)).toMatchObject({ status: 'succeeded', result: 2 });
  });
});

describe('a group', () => {
  it('has its results in order, however its members end', async () => {
    const { id } = await post({
      group: [
        { ...add(1, 0), options: { delay: 300 } },
        add(2, 0),
        { ...add(3, 0), options: { delay: 100 } },
      ],
    });
    expect(await whole(id)).toMatchObject({ status: 'succeeded', result: [1, 2, 3] });
  });

  it('that fails cancels the rest: what waits, and what runs', async () => {
    const { id } = await post({
      group: [
        { name: 'sleep', args: { ms: 60_000 } },
        { ...add(1, 1), options: { delay: '1h' } },
        { chain: [{ name: 'sleep', args: { ms: 60_000 } }, add(1, 1)] },
        { name: 'wrong' },
      ],
    });
    expect(await whole(id)).toMatchObject({ status: 'failed', error: { place: 3 } });
    await waitFor(async () => ((await show(id)).members.running === 0 ? true : undefined), {
      what: 'the rest to be cancelled',
    });
    const [sleeps, waits, nested] = await members(id);
    expect([sleeps!.status, waits!.status, nested!.status]).toEqual(['cancelled', 'cancelled', 'cancelled']);
    await inStatus(db(), sleeps!.taskId!, ['cancelled']);
    const [inner] = await members(nested!.groupId!);
    await inStatus(db(), inner!.taskId!, ['cancelled']);
  });

  it('is cancelled as a whole', async () => {
    const { id } = await post({
      chain: [{ group: [{ name: 'sleep', args: { ms: 60_000 } }, add(1, 2)] }, add(1, 1)],
    });
    const nested = await waitFor(async () => (await members(id))[0]!.groupId ?? undefined, {
      what: 'the group',
    });
    const [sleeps] = await members(nested);
    await inStatus(db(), sleeps!.taskId!, ['running']);
    const answer = await sluice.fetch(`/v1/groups/${id}`, { method: 'DELETE' });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ status: 'cancelled' });
    await inStatus(db(), sleeps!.taskId!, ['cancelled']);
    expect(await whole(nested)).toMatchObject({ status: 'cancelled' });
    expect((await members(id))[1]).toMatchObject({ status: 'cancelled', taskId: null });
  });
});

describe('a chord', () => {
  it('gives the results to its callback, in order, with null and the error of who failed or was cancelled', async () => {
    const { id } = await post({
      group: [add(1, 2), { name: 'wrong' }, { name: 'sleep', args: { ms: 60_000 } }, add(30, 4)],
      callback: { name: 'sum', into: 'all', errorsInto: 'errors' },
      whenOneFails: 'continue',
    });
    const sleeps = (await members(id))[2]!.taskId!;
    await inStatus(db(), sleeps, ['running']);
    expect(await show(id)).toMatchObject({ status: 'running' });
    await sluice.fetch(`/v1/tasks/${sleeps}`, { method: 'DELETE' });
    expect(await whole(id)).toMatchObject({
      status: 'succeeded',
      result: { sum: 37, errors: [null, 'task-failed', 'cancelled', null] },
    });
  });

  it('has failed with a member that was cancelled, and its callback never begins', async () => {
    const { id } = await post({
      group: [{ ...add(1, 2), options: { delay: '1h' } }, add(1, 1)],
      callback: { name: 'sum', into: 'all' },
    });
    await sluice.fetch(`/v1/tasks/${(await members(id))[0]!.taskId!}`, { method: 'DELETE' });
    expect(await whole(id)).toMatchObject({
      status: 'failed',
      error: { code: 'member-cancelled', place: 0 },
    });
    expect((await members(id))[2]).toMatchObject({ status: 'cancelled', taskId: null });
  });

  it('of 2,000 has one callback, with all results, though the worker is killed', async () => {
    const { id } = await post({
      group: Array.from({ length: 2000 }, (_, at) => add(at, 0)),
      callback: { name: 'sum', into: 'all' },
    });
    const other = await sluice.startWorker();
    await waitFor(async () => ((await show(id)).members.succeeded! > 100 ? true : undefined), {
      what: 'some ends',
    });
    other.kill('SIGKILL');
    expect(await whole(id, 90_000)).toMatchObject({ status: 'succeeded', result: { sum: 1_999_000 } });
    const { rows } = await db().query(
      `SELECT count(*)::int FROM sluice.tasks WHERE group_id = $1 AND name = 'sum'`,
      [id],
    );
    expect(rows).toEqual([{ count: 1 }]);
  });

  it('of a task is there if and only if the task succeeds', async () => {
    const good = await ended(db(), await enqueue(db(), 'begins', { fails: false }));
    expect(await whole((good.result as { id: string }).id)).toMatchObject({
      kind: 'chord',
      status: 'succeeded',
      result: { sum: 17 },
    });
    const count = async (): Promise<number> =>
      (await db().query<{ n: number }>('SELECT count(*)::int AS n FROM sluice.groups')).rows[0]!.n;
    const before = await count();
    await ended(db(), await enqueue(db(), 'begins', { fails: true }));
    expect(await count()).toBe(before);
  });

  it('is begun by SQL too', async () => {
    const { rows } = await db().query<{ id: string }>(
      `SELECT sluice.start_group('{"group": [{"name": "add", "args": {"a": 1, "b": 1}}], "callback": {"name": "sum", "into": "all"}}') AS id`,
    );
    expect(await whole(rows[0]!.id)).toMatchObject({ status: 'succeeded', result: { sum: 2 } });
  });
});

it('what cannot be begun is refused, and nothing of it is recorded', async () => {
  expect(await post({ group: [add(1, 1), { name: 'no-such-task' }] }, 422)).toMatchObject({
    code: 'TASK_UNKNOWN',
    errors: [{ pointer: '/group/1/name' }],
  });
  expect(await post({ chain: [{ name: 'add', args: { a: 'x', b: 1 } }] }, 422)).toMatchObject({
    code: 'TASK_INVALID',
    errors: [{ pointer: '/chain/0/args/a' }],
  });
  await post({ group: [] }, 400);
  await post({ chain: [{ ...add(1, 1), options: { unique: { key: 'k' } } }] }, 400);
  expect((await sluice.fetch('/v1/groups/0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10')).status).toBe(404);
});
