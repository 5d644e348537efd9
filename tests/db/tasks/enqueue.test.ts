// sluice.enqueue, as any program calls it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { saveDefinitions } from '../../../src/db/tasks/definitions.ts';
import { removeSomeExpiredUniqueKeys } from '../../../src/db/tasks/unique-keys.ts';
import { add } from '../../../src/tasks/shipped/add.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { enqueue, taskState } from '../../support/tasks.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
  await saveDefinitions(database.pool, [{ ...add.document, queue: 'sums', priority: 3, expiresMs: 60_000 }]);
});
afterAll(() => database.drop());

const state = async (id: string) =>
  (await taskState(database.pool, id)) as unknown as Record<string, unknown>;

describe('a task', () => {
  it('is as its definition says, and as its options say over it', async () => {
    const plain = await state(await enqueue(database.pool, 'add', { a: 1 }));
    expect(plain).toMatchObject({
      queue: 'sums',
      priority: 3,
      lane: 'io',
      max_attempts: 4,
      due: true,
      args: { a: 1 },
    });
    expect(plain['expires_at']).toBeInstanceOf(Date);
    const own = await state(
      await enqueue(
        database.pool,
        'add',
        {},
        {
          queue: 'mine',
          priority: -5,
          retries: 0,
          delay: '1h',
          timeLimit: '2s',
          backoff: { type: 'fixed', delay: '3s' },
          tags: ['a', 'b'],
        },
      ),
    );
    expect(own).toMatchObject({
      queue: 'mine',
      priority: -5,
      max_attempts: 1,
      due: false,
      options: { timeLimitMs: 2000, backoff: { type: 'fixed', delayMs: 3000 } },
      tags: ['a', 'b'],
    });
    expect((own['run_at'] as Date).getTime() - Date.now()).toBeGreaterThan(3_500_000);
  });

  it('of a name that no worker knows waits aside, until a worker says that it knows it', async () => {
    const id = await enqueue(database.pool, 'later');
    expect(await state(id)).toMatchObject({ lane: 'unknown', queue: 'default' });
    await saveDefinitions(database.pool, [{ ...add.document, name: 'later', run: 'cpu' }]);
    expect(await state(id)).toMatchObject({ lane: 'cpu' });
  });

  it.each([
    [{ prioritty: 1 }, 'a task has no option "prioritty"'],
    [{ delay: '5 minutes' }, '"5 minutes" is no duration'],
    [{ queue: 'imports' }, '"imports" is no queue for tasks'],
    [{ queue: 'Bad Name' }, '"Bad Name" is no queue for tasks'],
    [{ priority: 'high' }, 'invalid input syntax for type smallint'],
  ])('with the options %j is refused with a reason, and is not there', async (options, message) => {
    const before = await database.pool.query('SELECT count(*) FROM sluice.tasks');
    await expect(enqueue(database.pool, 'add', {}, options)).rejects.toThrow(message);
    expect((await database.pool.query('SELECT count(*) FROM sluice.tasks')).rows).toEqual(before.rows);
  });
});

describe('a unique key', () => {
  it('has one unfinished task, whoever else asks at the same time', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, () => enqueue(database.pool, 'add', {}, { unique: { key: 'one' } })),
    );
    expect(new Set(ids).size).toBe(1);
    // The same key of another name is another key.
    expect(await enqueue(database.pool, 'other', {}, { unique: { key: 'one' } })).not.toBe(ids[0]);
    await database.pool.query(`UPDATE sluice.tasks SET status = 'failed' WHERE id = $1`, [ids[0]]);
    expect(await enqueue(database.pool, 'add', {}, { unique: { key: 'one' } })).not.toBe(ids[0]);
  });

  it('for a time is taken until then, also when its task has ended', async () => {
    const options = { unique: { key: 'timed', for: '1h' } };
    const [id, ...others] = await Promise.all(
      [1, 2, 3].map(() => enqueue(database.pool, 'add', {}, options)),
    );
    expect(others).toEqual([id, id]);
    await database.pool.query(`UPDATE sluice.tasks SET status = 'succeeded' WHERE id = $1`, [id]);
    expect(await enqueue(database.pool, 'add', {}, options)).toBe(id);
    await database.pool.query(
      `UPDATE sluice.unique_keys SET expires_at = now() - interval '1 s' WHERE key = 'timed'`,
    );
    expect(await enqueue(database.pool, 'add', {}, options)).not.toBe(id);
  });

  it('is removed when its time is over, and not before', async () => {
    await database.pool.query('DELETE FROM sluice.unique_keys');
    await enqueue(database.pool, 'add', {}, { unique: { key: 'over', for: '1h' } });
    await enqueue(database.pool, 'add', {}, { unique: { key: 'taken', for: '1h' } });
    await database.pool.query(
      `UPDATE sluice.unique_keys SET expires_at = now() - interval '1 s' WHERE key = 'over'`,
    );
    expect(await removeSomeExpiredUniqueKeys(database.pool)).toBe(1);
    expect((await database.pool.query('SELECT key FROM sluice.unique_keys')).rows).toEqual([
      { key: 'taken' },
    ]);
  });
});
