import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  answerStart,
  askPool,
  findPool,
  holdPool,
  releasePool,
} from '../../../src/db/workers/worker-pool.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeAll(async () => (database = await createDatabase()));
afterAll(() => database.drop());

const ONE = { id: 'one /home', host: 'one' };
const OTHER = { id: 'other /home', host: 'other' };

it('one holds it at a time, and the wish outlives whoever holds it', async () => {
  const { db, pool } = database;
  expect(await findPool(db)).toBeUndefined();
  expect(await holdPool(db, ONE, 'stopped')).toBe('on-demand');
  expect(await holdPool(db, OTHER, 'stopped')).toBeUndefined();
  expect(await findPool(db)).toMatchObject({ state: 'stopped', host: 'one', wish: 'on-demand' });

  await askPool(db, 'start');
  expect(await holdPool(db, ONE, 'stopped')).toBe('start');
  expect(await holdPool(db, ONE, 'pending')).toBe('start');
  await answerStart(db);
  await askPool(db, 'stop');
  // Who has started late does not take back what was said meanwhile.
  await answerStart(db);
  expect(await holdPool(db, ONE, 'pending')).toBe('stop');

  // Killed, and silent for long enough.
  await pool.query("UPDATE sluice.worker_pool SET beat_at = now() - interval '19 seconds'");
  expect(await holdPool(db, OTHER, 'stopped')).toBeUndefined();
  await pool.query("UPDATE sluice.worker_pool SET beat_at = now() - interval '21 seconds'");
  expect(await findPool(db)).toBeUndefined();
  expect(await holdPool(db, OTHER, 'stopped')).toBe('stop');
  expect(await holdPool(db, ONE, 'running')).toBeUndefined();

  await releasePool(db, ONE);
  expect(await findPool(db)).toMatchObject({ host: 'other' });
  await releasePool(db, OTHER);
  expect(await findPool(db)).toBeUndefined();
  expect(await holdPool(db, ONE, 'stopped')).toBe('stop');
});

it('is written when the state changes, and every few seconds', async () => {
  const { db, pool } = database;
  const version = async () =>
    (await pool.query<{ xmin: string }>('SELECT xmin::text FROM sluice.worker_pool')).rows[0]!.xmin;
  await holdPool(db, ONE, 'stopped');
  const first = await version();
  await holdPool(db, ONE, 'stopped');
  expect(await version()).toBe(first);
  const { changedAt } = (await findPool(db))!;
  await pool.query("UPDATE sluice.worker_pool SET beat_at = now() - interval '6 seconds'");
  await holdPool(db, ONE, 'stopped');
  expect((await findPool(db))!.changedAt).toEqual(changedAt);
  await holdPool(db, ONE, 'running');
  expect((await findPool(db))!.changedAt.getTime()).toBeGreaterThan(changedAt.getTime());
});
