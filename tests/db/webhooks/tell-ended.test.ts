// Each way in which a task ends: there is a delivery if and only if the end was committed.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cancelTasks } from '../../../src/db/tasks/cancel-many.ts';
import { endCancelled, requestCancel } from '../../../src/db/tasks/cancels.ts';
import { expireTasks } from '../../../src/db/tasks/claims.ts';
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
beforeEach(() => database.pool.query('TRUNCATE sluice.webhooks, sluice.webhook_deliveries CASCADE'));

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

const failure = {
  outcome: 'failed',
  error: { code: 'task-failed', message: 'no such customer: Ann, born 1990' },
  counts: true,
} as const;

describe('a task that ends', () => {
  it('well, in a batch: each once, with what is documented and nothing of its arguments, result or message', async () => {
    await addHook(['task.*']);
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
    await addHook(['*']);
    const id = await end();
    expect((await told()).map((each) => [each.event_id, each.type])).toEqual([
      [`${id}-${status}`, `task.${status}`],
    ]);
  });

  it('and whose transaction is rolled back is told to nobody', async () => {
    await addHook(['*']);
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
    await addHook(['*']);
    await completeAttempts(database.pool, [{ id: await running(), start: 1, result: '1' }]);
    expect(await told()).toHaveLength(2);
  });
});

it('each file with a statement that gives a task an end tells webhooks of it', async () => {
  const folder = join(REPOSITORY, 'src');
  const ending: string[] = [];
  const silent: string[] = [];
  for (const name of await readdir(folder, { recursive: true })) {
    if (!name.endsWith('.ts')) continue;
    const text = await readFile(join(folder, name), 'utf8');
    const ends = text.match(/\bfinished_at = (CASE|clock_timestamp|now)|finishedAt: sql/g)?.length ?? 0;
    const tells = text.match(/\b(tellEnded|insertTold)\('/g)?.length ?? 0;
    if (ends > 0) ending.push(name);
    if (ends !== tells) silent.push(name);
  }
  expect(ending).not.toEqual([]);
  expect(silent).toEqual([]);
});
