import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TASK_STATUSES, TRANSITIONS, type TaskStatus } from '../../../src/core/tasks/task-status.ts';
import { openDatabase, type DatabaseClient } from '../../../src/db/client.ts';
import { claimTask, findTask, moveTask, takeUnfinished } from '../../../src/db/tasks/tasks.ts';
import { databaseOn } from '../../../src/db/transaction.ts';
import { createLogger } from '../../../src/logger.ts';
import { readConfig } from '../../../src/config/config.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let client: DatabaseClient;

beforeAll(async () => {
  database = await createDatabase();
  const logger = createLogger(readConfig({ SLUICE_LOG_LEVEL: 'silent' }), 'api');
  client = openDatabase({ url: database.url }, { name: 'test', max: 10, logger });
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

async function taskAt(status: TaskStatus): Promise<string> {
  const { rows } = await database.pool.query<{ id: string }>(
    `INSERT INTO sluice.tasks (id, name, status) VALUES (gen_random_uuid(), 'test', $1) RETURNING id`,
    [status],
  );
  return rows[0]!.id;
}

const pairs = TASK_STATUSES.flatMap((from) => TASK_STATUSES.map((to) => [from, to] as const));
const isAllowed = (from: TaskStatus, to: TaskStatus): boolean =>
  (TRANSITIONS[from] as readonly TaskStatus[]).includes(to);

describe('moveTask', () => {
  it.each(pairs.filter(([from, to]) => isAllowed(from, to)))(
    '%s → %s moves, and says so',
    async (from, to) => {
      const id = await taskAt(from);
      const moved = await moveTask(client.db, id, to);
      expect(moved).toMatchObject({ id, status: to, version: 2 });
      expect(await findTask(client.db, id)).toEqual(moved);
      expect(moved!.finishedAt !== null).toBe(TRANSITIONS[to].length === 0);
      expect(moved!.attempts).toBe(to === 'running' ? 1 : 0);
    },
  );

  it.each(pairs.filter(([from, to]) => !isAllowed(from, to)))(
    '%s → %s is refused, and changes nothing',
    async (from, to) => {
      const id = await taskAt(from);
      const before = await findTask(client.db, id);
      expect(
        await moveTask(client.db, id, to, { error: { code: 'plan-failed', message: 'x' } }),
      ).toBeUndefined();
      expect(await findTask(client.db, id)).toEqual(before);
    },
  );

  it('of a task that is not there is refused', async () => {
    expect(await moveTask(client.db, '0198f0c4-6d2a-7b3e-9c51-2f7d8a4e6b10', 'running')).toBeUndefined();
  });

  it('keeps when it was first begun, and counts each time', async () => {
    const id = await taskAt('queued');
    const first = await moveTask(client.db, id, 'running');
    await moveTask(client.db, id, 'queued');
    expect(await moveTask(client.db, id, 'running')).toMatchObject({
      attempts: 2,
      startedAt: first!.startedAt,
      version: 4,
    });
  });

  it('walks only along the table, whatever is asked in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...TASK_STATUSES), { maxLength: 12 }), async (wishes) => {
        const id = await taskAt('queued');
        let at: TaskStatus = 'queued';
        let moves = 0;
        for (const to of wishes) {
          const moved = await moveTask(client.db, id, to);
          expect(moved !== undefined).toBe(isAllowed(at, to));
          if (moved === undefined) continue;
          at = to;
          moves++;
        }
        expect(await findTask(client.db, id)).toMatchObject({ status: at, version: moves + 1 });
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['queued', ['running', 'cancelled', 'failed']],
    ['running', ['succeeded', 'failed', 'succeeded', 'failed']],
    ['cancelling', ['cancelled', 'failed', 'cancelled']],
  ] as const)('from %s, of moves at the same time one wins', async (from, wishes) => {
    for (let round = 0; round < 10; round++) {
      const id = await taskAt(from);
      const moves = await Promise.all(wishes.map((to) => moveTask(client.db, id, to)));
      // From queued, `running` may win and be followed by `failed`; nothing follows a final status.
      const won = moves.filter((move) => move !== undefined);
      const finals = won.filter((move) => TRANSITIONS[move.status].length === 0);
      expect(finals).toHaveLength(1);
      expect(await findTask(client.db, id)).toEqual(finals[0]);
    }
  });
});

it('claimTask: while one has it, another gets nothing', async () => {
  const id = await taskAt('cancelling');
  const [one, two] = [await database.pool.connect(), await database.pool.connect()];
  await one.query('BEGIN');
  await two.query('BEGIN');
  expect(await claimTask(databaseOn(one), id, 'cancelling')).toMatchObject({ id });
  expect(await claimTask(databaseOn(two), id, 'cancelling')).toBeUndefined();
  await one.query('ROLLBACK');
  expect(await claimTask(databaseOn(two), id, 'queued')).toBeUndefined();
  expect(await claimTask(databaseOn(two), id, 'cancelling')).toMatchObject({ id });
  await two.query('ROLLBACK');
  one.release();
  two.release();
});

it('takeUnfinished: sweepers at the same time share what is unfinished and was dispatched long ago', async () => {
  await database.pool.query('DELETE FROM sluice.tasks');
  const old = await Promise.all((['queued', 'running', 'queued', 'running'] as const).map(taskAt));
  await database.pool.query(
    `UPDATE sluice.tasks SET dispatched_at = now() - interval '1 hour' WHERE status = 'queued'`,
  );
  const recent = await taskAt('queued');
  await database.pool.query('UPDATE sluice.tasks SET dispatched_at = now() WHERE id = $1', [recent]);
  for (const status of ['succeeded', 'failed', 'cancelled', 'cancelling'] as const) await taskAt(status);
  const taken = await Promise.all([1, 2, 3].map(() => takeUnfinished(client.db, 1000, 2)));
  const rest = await takeUnfinished(client.db, 1000, 10);
  expect([...taken.flat(), ...rest].map((task) => task.id).toSorted()).toEqual(old.toSorted());
  expect(Math.max(...taken.map((ids) => ids.length))).toBeLessThanOrEqual(2);
  expect(await takeUnfinished(client.db, 1000, 10)).toEqual([]);
});
