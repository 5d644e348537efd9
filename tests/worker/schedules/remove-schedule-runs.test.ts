import { afterAll, beforeAll, expect, it } from 'vitest';
import { removeScheduleRuns } from '../../../src/worker/upkeep/remove-schedule-runs.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

it('forgets old runs whose task is gone, and keeps the others; with 0 days all of them', async () => {
  await database.pool.query(`
    INSERT INTO sluice.schedules (id, name, every, time_zone, timed_at, misfire, enabled, task_name, task_args, task_options, planned_at, created_at, updated_at)
    VALUES ('0198f0c4-6d2a-7b3e-9c51-000000000000', 'a', '1h', 'UTC', now(), 'one', true, 'add', '{}', '{}', now(), now(), now());
    INSERT INTO sluice.tasks (id, name) VALUES ('0198f0c4-6d2a-7b3e-9c51-000000000002', 'add');
    INSERT INTO sluice.schedule_runs (id, schedule_id, task_id, due_at, created_at)
    SELECT id, '0198f0c4-6d2a-7b3e-9c51-000000000000', id, at, at FROM (VALUES
      ('0198f0c4-6d2a-7b3e-9c51-000000000001'::uuid, now() - interval '10 days'),
      ('0198f0c4-6d2a-7b3e-9c51-000000000002'::uuid, now() - interval '9 days'),
      ('0198f0c4-6d2a-7b3e-9c51-000000000003'::uuid, now() - interval '6 days')) run (id, at)`);
  const left = async () =>
    (
      await database.pool.query<{ id: string }>(
        'SELECT right(id::text, 1) AS id FROM sluice.schedule_runs ORDER BY id',
      )
    ).rows.map(({ id }) => id);
  await removeScheduleRuns(database, { taskRetentionDays: 0 }).run();
  expect(await left()).toEqual(['1', '2', '3']);
  await removeScheduleRuns(database, { taskRetentionDays: 7 }).run();
  expect(await left()).toEqual(['2', '3']);
});
