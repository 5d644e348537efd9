// What starts a worker on demand, and what does not.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { saveDefinitions } from '../../../src/db/tasks/definitions.ts';
import { beat } from '../../../src/db/workers/workers.ts';
import { lookForWork } from '../../../src/db/workers/work-to-do.ts';
import { add } from '../../../src/tasks/shipped/add.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { enqueue } from '../../support/tasks.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
  await saveDefinitions(database.pool, [add.document]);
});
afterAll(() => database.drop());
beforeEach(() =>
  database.pool.query(
    'TRUNCATE sluice.tasks, sluice.queues, sluice.workers, sluice.schedules, sluice.groups, sluice.group_ends, sluice.webhooks, sluice.webhook_deliveries CASCADE',
  ),
);

const look = (queues?: readonly string[]) => lookForWork(database.db, queues);
const sql = (text: string, values: unknown[] = []) => database.pool.query(text, values);
const task = (change = '', options: object = {}): Promise<string> =>
  enqueue(database.pool, 'add', { a: 1, b: 2 }, options).then(async (id) => {
    if (change !== '') await sql(`UPDATE sluice.tasks SET ${change} WHERE id = $1`, [id]);
    return id;
  });
const worker = async (change: object = {}): Promise<string> => {
  const id = randomUUID();
  const one = { id, host: 'one', pid: 7, version: '1', queues: [], slots: 1, running: [] };
  await beat(database.db, { ...one, ...change });
  return id;
};
const silence = (id: string) =>
  sql(`UPDATE sluice.workers SET beat_at = now() - interval '21 seconds' WHERE id = $1`, [id]);

const schedule = (dueIn: string, enabled = true) =>
  sql(
    `INSERT INTO sluice.schedules (id, name, every, time_zone, timed_at, misfire, enabled, task_name, task_args, task_options, next_run_at, planned_at, created_at, updated_at)
     VALUES (gen_random_uuid(), 's', '1h', 'UTC', now(), 'one', $2, 'add', '{}', '{}', now() + $1::interval, now(), now(), now())`,
    [dueIn, enabled],
  );

const delivery = async (dueIn = '-1 s', status = 'waiting', enabled = true) => {
  const id = randomUUID();
  await sql(
    `INSERT INTO sluice.webhooks (id, url, events, enabled, secret, created_at, updated_at) VALUES ($1, 'https://example.com', '{*}', $2, 's', now(), now())`,
    [id, enabled],
  );
  await sql(
    `INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload, status, next_attempt_at)
     VALUES (gen_random_uuid(), $1, 'e', 'task.failed', '{}', $2, now() + $3::interval)`,
    [id, status, dueIn],
  );
};

it('an empty house has none', async () => {
  expect(await look()).toEqual({ waits: false, runs: false });
});

describe('work waits when', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a task is due', () => task()],
    [
      'a task has become due while nobody was there',
      () => task("due = false, run_at = now() - interval '1 s'"),
    ],
    [
      'a task with a key waits for its turn',
      () => task(`due = false, limit_key = 'k', run_at = now() - interval '1 s'`),
    ],
    [
      'a task is to expire',
      () => task(`due = false, run_at = now() + interval '1 h', expires_at = now() - interval '1 s'`),
    ],
    ['a task is to be cancelled', () => task(`status = 'cancelling'`)],
    ['an import was recorded', () => task(`queue = 'imports'`)],
    [
      'the rest of a group is to be cancelled',
      () =>
        sql(`INSERT INTO sluice.groups (id, kind, cancels_rest) VALUES (gen_random_uuid(), 'group', true)`),
    ],
    ['a webhook is to be told', () => delivery()],
    ['a schedule is due', () => schedule('-1 s')],
    ['a schedule is due so soon that a worker has to start now', () => schedule('14 s')],
  ])('%s', async (_case, make) => {
    await make();
    expect(await look()).toEqual({ waits: true, runs: false });
  });

  it('the worker of a task was lost, or of an import all are', async () => {
    const [dead, alive] = [await worker(), await worker()];
    await task(`status = 'running', worker_id = '${dead}'`);
    await task(`status = 'running', queue = 'imports'`);
    expect(await look()).toEqual({ waits: false, runs: true });
    await silence(dead);
    expect(await look()).toEqual({ waits: true, runs: true });
    await sql(`DELETE FROM sluice.tasks WHERE queue <> 'imports'`);
    expect(await look()).toEqual({ waits: false, runs: true });
    await silence(alive);
    expect(await look()).toEqual({ waits: true, runs: true });
    await worker({ queues: ['default'] });
    expect(await look()).toEqual({ waits: true, runs: true });
    await worker({ queues: ['imports', 'chunks'] });
    expect(await look()).toEqual({ waits: false, runs: true });
  });
});

describe('no work waits when', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a task has ended', () => task(`status = 'succeeded', finished_at = now()`)],
    ['a task is put off', () => task('', { delay: '1m' })],
    ['a webhook is to be told later', () => delivery('1 min')],
    ['what a webhook was told has arrived', () => delivery('-1 s', 'delivered')],
    ['a webhook is disabled', () => delivery('-1 s', 'waiting', false)],
    ['a schedule is due later', () => schedule('20 s')],
    ['a schedule is not enabled', () => schedule('-1 s', false)],
    ['no worker has ever known the task', () => enqueue(database.pool, 'unheard-of')],
    [
      'its queue is paused',
      async () => {
        await task();
        await sql(
          `INSERT INTO sluice.queues (name, paused_at) VALUES ('default', now()) ON CONFLICT (name) DO UPDATE SET paused_at = now()`,
        );
      },
    ],
  ])('%s', async (_case, make) => {
    await make();
    expect(await look()).toEqual({ waits: false, runs: false });
  });

  it('its queue is not one of the worker’s', async () => {
    await task();
    expect(await look(['imports', 'chunks'])).toEqual({ waits: false, runs: false });
    expect(await look(['other', 'default'])).toEqual({ waits: true, runs: false });
  });
});
