// Each way in which a task begins and ends: there is a delivery if and only if that was committed.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelTasks } from '../../../src/db/tasks/cancel-many.ts';
import { endCancelled, requestCancel } from '../../../src/db/tasks/cancels.ts';
import { claimDue, expireTasks } from '../../../src/db/tasks/claims.ts';
import { loseTasksOf } from '../../../src/db/tasks/lost.ts';
import { completeAttempts, endAttempts } from '../../../src/db/tasks/settle.ts';
import { failTask, moveTask } from '../../../src/db/tasks/tasks.ts';
import { databaseOn, inTransaction } from '../../../src/db/transaction.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { REPOSITORY } from '../../support/processes.ts';
import { enqueue } from '../../support/tasks.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(() =>
  database.pool.query(
    'DELETE FROM sluice.tasks; DELETE FROM sluice.webhooks; DELETE FROM sluice.webhook_deliveries',
  ),
);

async function addHook(events: string[], extra: { tasks?: string[]; enabled?: boolean } = {}): Promise<void> {
  await database.pool.query(
    `INSERT INTO sluice.webhooks (id, url, events, task_names, enabled, secret, created_at, updated_at)
     VALUES (sluice.uuid_v7(), 'https://example.com', $1, $2, $3, 'whsec_', now(), now())`,
    [events, extra.tasks ?? null, extra.enabled ?? true],
  );
}

interface Told {
  readonly event_id: string;
  readonly type: string;
  readonly payload: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Record<string, unknown>;
  };
}

const told = async (): Promise<Told[]> =>
  (
    await database.pool.query<Told>(
      `SELECT event_id, type, payload FROM sluice.webhook_deliveries ORDER BY event_id`,
    )
  ).rows;

const WORKER = '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10';

/** A task that runs, in its first start. */
async function running(name = 'add', args: object = {}): Promise<string> {
  const id = await enqueue(database.pool, name, args);
  await database.pool.query(
    `UPDATE sluice.tasks SET status = 'running', starts = 1, attempts = 1, worker_id = $2, started_at = now(), claimed_at = now() WHERE id = $1`,
    [id, WORKER],
  );
  return id;
}

const ENDS = ['task.succeeded', 'task.failed', 'task.cancelled', 'import.*'];
const CLAIM = { queue: 'default', names: ['add'], lane: 'io', limit: 100, workerId: WORKER } as const;

/** A worker that knows it takes a task. @returns the number of its start */
async function claim(id: string): Promise<number> {
  await database.pool.query(`UPDATE sluice.tasks SET lane = 'io', due = true WHERE id = $1`, [id]);
  const { tasks } = await claimDue(database.pool, CLAIM);
  return tasks.find((task) => task.id === id)!.start;
}

const failure = {
  outcome: 'failed',
  error: { code: 'task-failed', message: 'no such customer: Ann, born 1990' },
  counts: true,
} as const;

describe('a task that is recorded and begins', () => {
  it('tells of both, once, and of each attempt that has failed before the last', async () => {
    await addHook(['*']);
    const id = await enqueue(database.pool, 'add', { secret: 'hunter2' });
    const [created] = await told();
    expect(created!.payload).toMatchObject({
      type: 'task.created',
      data: { id, name: 'add', status: 'queued', errorCode: null, startedAt: null, finishedAt: null },
    });
    expect(created!.payload.data['createdAt']).toBe(created!.payload.timestamp);
    const end = async (how: object, againMs: number | null): Promise<void> => {
      const start = await claim(id);
      await endAttempts(database.pool, [{ id, start, ...failure, againMs, ...how }]);
    };
    await end({}, 0);
    await end({ outcome: 'timed-out' }, 0);
    await end({ outcome: 'snoozed', error: null, counts: false }, 0);
    await end({ outcome: 'given-back', error: null, counts: false }, 0);
    await claim(id);
    await loseTasksOf(database.pool, WORKER, ['add'], 9);
    await end({}, null);
    const events = await told();
    expect(events.map(({ event_id, type }) => [event_id, type])).toEqual([
      [`${id}-created`, 'task.created'],
      [`${id}-failed`, 'task.failed'],
      [`${id}-retried-1`, 'task.retried'],
      [`${id}-retried-2`, 'task.retried'],
      [`${id}-retried-5`, 'task.retried'],
      [`${id}-started`, 'task.started'],
    ]);
    const started = events.at(-1)!.payload;
    expect(started).toMatchObject({ data: { status: 'running', finishedAt: null } });
    expect(started.data['startedAt']).toBe(started.timestamp);
    expect(events[2]!.payload.data).toMatchObject({
      status: 'queued',
      errorCode: 'task-failed',
      startedAt: started.timestamp,
      finishedAt: null,
    });
    expect(events[4]!.payload.data).toMatchObject({ errorCode: 'worker-lost' });
    expect(JSON.stringify(events)).not.toMatch(/hunter2|Ann/);
  });

  it('of an undo too, by itself', async () => {
    await addHook(['task.started']);
    const { rows } = await database.pool.query<{ id: string }>(
      `INSERT INTO sluice.tasks (id, name, args) VALUES (sluice.uuid_v7(), 'undo', '{"importId": "7"}') RETURNING id`,
    );
    const { id } = rows[0]!;
    expect(await moveTask(databaseOn(database.pool), id, 'running')).toMatchObject({ status: 'running' });
    expect(await moveTask(databaseOn(database.pool), id, 'running')).toBeUndefined();
    expect(await told()).toMatchObject([
      { event_id: `${id}-started`, payload: { data: { name: 'undo', importId: '7' } } },
    ]);
  });

  it('is told to those that want it, and not when the transaction is rolled back', async () => {
    await addHook(['task.created'], { tasks: ['other'] });
    await addHook(['import.created', 'task.succeeded']);
    await addHook(['task.created'], { enabled: false });
    await claim(await enqueue(database.pool, 'add'));
    expect(await told()).toEqual([]);
    await addHook(['task.created', 'task.started']);
    const client = await database.pool.connect();
    await client.query('BEGIN');
    await enqueue(client, 'add');
    await client.query('ROLLBACK');
    client.release();
    expect(await told()).toEqual([]);
    const { rows } = await database.pool.query<{ id: string }>(
      `SELECT id FROM sluice.enqueue_all('[{"id": "${WORKER}", "name": "add"}, {"id": "${WORKER}", "name": "add"}]')`,
    );
    expect((await told()).map(({ event_id }) => event_id)).toEqual([`${rows[0]!.id}-created`]);
  });
});

describe('a task that ends', () => {
  it('well, in a batch: each once, with what is documented and nothing of its arguments, result or message', async () => {
    await addHook(ENDS);
    const ids = [await running('add', { secret: 'hunter2' }), await running()];
    const done = ids.map((id) => ({ id, start: 1, result: '"hunter2"' }));
    expect(await completeAttempts(database.pool, done)).toEqual(new Set(ids));
    expect(await completeAttempts(database.pool, done)).toEqual(new Set());
    const events = await told();
    expect(events.map(({ event_id }) => event_id)).toEqual(ids.map((id) => `${id}-succeeded`).sort());
    const first = events.find(({ event_id }) => event_id.startsWith(ids[0]!))!;
    expect(first.payload).toEqual({
      type: 'task.succeeded',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      data: {
        id: ids[0],
        name: 'add',
        queue: expect.any(String) as string,
        status: 'succeeded',
        errorCode: null,
        parentId: null,
        importId: null,
        createdAt: expect.any(String) as string,
        startedAt: expect.any(String) as string,
        finishedAt: first.payload.timestamp,
        createdBy: null,
      },
    });
    expect(JSON.stringify(events)).not.toContain('hunter2');
  });

  it('with its last failure, and not with one before', async () => {
    await addHook(['task.failed']);
    const [last, again] = [await running(), await running()];
    await endAttempts(database.pool, [
      { id: last, start: 1, ...failure, againMs: null },
      { id: again, start: 1, ...failure, againMs: 1000 },
    ]);
    const events = await told();
    expect(events.map(({ event_id }) => event_id)).toEqual([`${last}-failed`]);
    expect(events[0]!.payload.data).toMatchObject({ status: 'failed', errorCode: 'task-failed' });
    expect(JSON.stringify(events)).not.toContain('Ann');
  });

  it.each<[string, string, () => Promise<string>]>([
    [
      'because its worker was lost',
      'failed',
      async () => {
        const id = await running();
        await loseTasksOf(database.pool, WORKER, ['add'], 0);
        return id;
      },
    ],
    [
      'by a cancel before it began',
      'cancelled',
      async () => {
        const id = await enqueue(database.pool, 'add');
        await requestCancel(databaseOn(database.pool), id, { cancelOptions: {}, cancelledBy: WORKER });
        return id;
      },
    ],
    [
      'by a cancel of many',
      'cancelled',
      async () => {
        const id = await enqueue(database.pool, 'add');
        await cancelTasks(database.pool, [id, await running('other')], WORKER);
        return id;
      },
    ],
    [
      'by a cancel while it ran, when that is settled',
      'cancelled',
      async () => {
        const id = await running();
        await requestCancel(databaseOn(database.pool), id, { cancelOptions: {}, cancelledBy: WORKER });
        expect(await told()).toEqual([]);
        await endCancelled(databaseOn(database.pool), id);
        return id;
      },
    ],
    [
      'because it had not begun in time',
      'cancelled',
      async () => {
        const id = await enqueue(database.pool, 'add', {}, { expires: 1 });
        while ((await expireTasks(database.pool)).length === 0);
        return id;
      },
    ],
    [
      'by itself, alone',
      'failed',
      async () => {
        const id = await running();
        await failTask(databaseOn(database.pool), id, { code: 'timed-out', message: '' });
        return id;
      },
    ],
    [
      'with the group of which it is a member',
      'cancelled',
      async () => {
        const { rows } = await database.pool.query<{ id: string }>(
          `SELECT sluice.start_group('{"group": [{"name": "add"}]}') AS id`,
        );
        const id = rows[0]!.id;
        await database.pool.query(`SELECT sluice.end_group($1, 'cancelled', NULL, NULL)`, [id]);
        await database.pool.query('SELECT sluice.cancel_rest()');
        const task = await database.pool.query<{ id: string }>(
          'SELECT id FROM sluice.tasks WHERE group_id = $1',
          [id],
        );
        return task.rows[0]!.id;
      },
    ],
  ])('%s', async (_how, status, end) => {
    await addHook(ENDS);
    const id = await end();
    expect((await told()).map((each) => [each.event_id, each.type])).toEqual([
      [`${id}-${status}`, `task.${status}`],
    ]);
  });

  it('and whose transaction is rolled back is told to nobody', async () => {
    await addHook(ENDS);
    const id = await running();
    const stop = new Error('stop');
    await expect(
      inTransaction(databaseOn(database.pool), async (tx) => {
        expect(await moveTask(tx, id, 'succeeded')).toMatchObject({ id, status: 'succeeded' });
        throw stop;
      }),
    ).rejects.toBe(stop);
    expect(await told()).toEqual([]);
  });

  it('is told to those that want it: by type, by name, and only while enabled', async () => {
    await addHook(['task.failed']);
    await addHook(['import.*']);
    await addHook(['*'], { tasks: ['other'] });
    await addHook(['*'], { enabled: false });
    await addHook(['task.succeeded'], { tasks: ['add'] });
    const id = await running();
    await addHook(['*']);
    await completeAttempts(database.pool, [{ id, start: 1, result: '1' }]);
    expect(await told()).toHaveLength(2);
  });
});

it.each([
  [
    'gives a task an end',
    /\bfinished_at = (CASE|clock_timestamp|now)|finishedAt: sql/g,
    /\b(tellEnded|tellEndedAttempts|tellSucceeded|insertEnded)\('/g,
  ],
  ['has a task begin', /\bstarted_at = coalesce|startedAt: sql/g, /\b(tellStarted|insertStarted)\('/g],
])('each file with a statement that %s tells webhooks of it', async (_what, moving, telling) => {
  const folder = join(REPOSITORY, 'src');
  const ending: string[] = [];
  const silent: string[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const text = await readFile(join(folder, name), 'utf8');
    const ends = text.match(moving)?.length ?? 0;
    const tells = text.match(telling)?.length ?? 0;
    if (ends > 0) ending.push(name);
    if (ends !== tells) silent.push(name);
  }
  expect(ending).not.toEqual([]);
  expect(silent).toEqual([]);
});
