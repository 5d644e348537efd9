// The duty by itself, over a real Postgres; tests/e2e/schedules.test.ts has processes.
import { randomFillSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createUuidV7 } from '../../../src/core/uuid.ts';
import {
  addSchedule,
  changeSchedule,
  findSchedule,
  type ScheduleDefinition,
} from '../../../src/db/schedules/schedules.ts';
import type { Connection } from '../../../src/db/transaction.ts';
import { createLogger } from '../../../src/logger.ts';
import type { Duty } from '../../../src/worker/upkeep/duty.ts';
import { runSchedules } from '../../../src/worker/upkeep/run-schedules.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let db: Connection;
let duty: Duty;
const newId = createUuidV7(randomFillSync);
const logger = createLogger({ logLevel: 'silent' } as never, 'worker');
const USER = newId(Date.now());

beforeAll(async () => {
  database = await createDatabase();
  db = database.db;
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.pool.query('TRUNCATE sluice.tasks, sluice.schedules CASCADE');
  duty = runSchedules({ db, logger });
});

const definition = (extra: Partial<ScheduleDefinition> = {}): ScheduleDefinition => ({
  name: newId(Date.now()).slice(0, 30),
  cron: '0 * * * *',
  every: null,
  at: null,
  timeZone: 'UTC',
  startAt: null,
  endAt: null,
  misfire: 'one',
  enabled: true,
  taskName: 'add',
  taskArgs: '{"a": 1, "b": 9007199254740993}',
  taskOptions: {},
  ...extra,
});

/** A schedule whose next run was to be at the hour `hoursAgo` before the current one. */
async function makeDue(hoursAgo: number, extra: Partial<ScheduleDefinition> = {}): Promise<string> {
  const id = newId(Date.now());
  await addSchedule(db, id, definition(extra), USER);
  await setNext(id, `date_trunc('hour', now()) - ${hoursAgo} * interval '1 hour'`);
  return id;
}

const setNext = (id: string, sql: string) =>
  database.pool.query(`UPDATE sluice.schedules SET next_run_at = ${sql} WHERE id = $1`, [id]);

/** Due times of the runs of a schedule whose task is recorded, as hours before the current one; the oldest first. */
async function hoursOfRuns(id: string): Promise<number[]> {
  const { rows } = await database.pool.query<{ ago: number }>(
    `SELECT round(extract(epoch FROM (SELECT date_trunc('hour', max(planned_at)) FROM sluice.schedules WHERE id = $1) - due_at) / 3600)::int AS ago
       FROM sluice.schedule_runs r JOIN sluice.tasks t ON t.id = r.task_id WHERE schedule_id = $1 ORDER BY r.id`,
    [id],
  );
  return rows.map(({ ago }) => ago);
}

const countTasks = async () =>
  (await database.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM sluice.tasks')).rows[0]!.n;

it('records the task with its options and exact arguments, and when the schedule runs next', async () => {
  const id = await makeDue(0, {
    misfire: 'all',
    taskOptions: { queue: 'reports', priority: 3, tags: ['night'], expires: '1h' },
  });
  await duty.run();
  const { rows } = await database.pool.query(
    `SELECT t.id, t.name, t.args::text AS args, queue, priority, tags, t.created_by, expires_at > now() AS expires
       FROM sluice.tasks t JOIN sluice.schedule_runs r ON r.task_id = t.id AND r.id = t.id`,
  );
  expect(rows).toEqual([
    {
      id: rows[0]!.id,
      name: 'add',
      args: '{"a": 1, "b": 9007199254740993}',
      queue: 'reports',
      priority: 3,
      tags: ['night'],
      created_by: USER,
      expires: true,
    },
  ]);
  const schedule = await findSchedule(db, id);
  expect(schedule!.nextRunAt!.getTime()).toBeGreaterThan(Date.now() - 1000);
  expect(schedule!.nextRunAt!.getMinutes()).toBe(0);
  expect(schedule!.lastRunAt).not.toBeNull();
  await duty.run();
  expect(await countTasks()).toBe(1);
});

it('leaves alone what is not due, rests, or has ended', async () => {
  await addSchedule(db, newId(Date.now()), definition({ cron: '0 0 1 1 *' }), USER);
  const resting = await makeDue(1);
  await changeSchedule(db, resting, (now) => ({ ...now, enabled: false }), USER);
  const single = await makeDue(0, { cron: null, at: new Date(Date.now() + 3_600_000) });
  await database.pool.query('UPDATE sluice.schedules SET at = next_run_at WHERE id = $1', [single]);
  await duty.run();
  await duty.run();
  expect(await countTasks()).toBe(1);
  expect((await findSchedule(db, single))!.nextRunAt).toBeNull();
});

describe('after an outage', () => {
  it.each([
    ['skip', []],
    ['one', [0]],
    ['all', [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]],
  ] as const)('%s', async (misfire, expected) => {
    const id = await makeDue(10, { misfire });
    await duty.run();
    expect(await hoursOfRuns(id)).toEqual(expected);
    expect((await findSchedule(db, id))!.nextRunAt!.getTime()).toBeGreaterThan(Date.now() - 1000);
  });

  it('twenty schedules that have each missed more than a thousand runs', async () => {
    await makeDue(1500, { name: 'first', misfire: 'all' });
    await database.pool.query(`
      INSERT INTO sluice.schedules SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'name', 'n' || n))).*
        FROM sluice.schedules s, generate_series(2, 20) n`);
    await duty.run();
    expect(await countTasks()).toBe(20_000);
  });

  it('all makes the newest thousand', async () => {
    const id = await makeDue(1500, { misfire: 'all' });
    await duty.run();
    const hours = await hoursOfRuns(id);
    expect(hours).toHaveLength(1000);
    expect(hours[0]).toBe(999);
    expect(hours.at(-1)).toBe(0);
  });
});

it('a changed schedule keeps the run that is due', async () => {
  const id = await makeDue(0, { misfire: 'all' });
  await changeSchedule(db, id, (now) => ({ ...now, cron: '0 0 1 1 *', taskName: 'other' }), USER);
  await duty.run();
  expect(await hoursOfRuns(id)).toEqual([0]);
  const { rows } = await database.pool.query('SELECT name FROM sluice.tasks');
  expect(rows).toEqual([{ name: 'other' }]);
  expect((await findSchedule(db, id))!.nextRunAt!.getMonth()).toBe(0);
});

it('a thousand schedules at once, and many workers: each due time once', async () => {
  await addSchedule(db, newId(Date.now()), definition({ name: 'first', misfire: 'all' }), USER);
  await database.pool.query(`
    INSERT INTO sluice.schedules SELECT (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'name', 'n' || n))).*
      FROM sluice.schedules s, generate_series(2, 1000) n`);
  await database.pool.query(
    `UPDATE sluice.schedules SET next_run_at = date_trunc('hour', now()) - interval '2 hours'`,
  );
  const workers = Array.from({ length: 8 }, () => runSchedules({ db, logger }));
  await Promise.all(workers.map((each) => each.run()));
  // Who did not lead asks again.
  for (const each of workers) await each.run();
  const { rows } = await database.pool.query(
    `SELECT count(*)::int AS runs, count(DISTINCT (schedule_id, due_at))::int AS times, count(t.id)::int AS tasks
       FROM sluice.schedule_runs r LEFT JOIN sluice.tasks t ON t.id = r.task_id WHERE due_at <= date_trunc('hour', r.created_at)`,
  );
  expect(rows).toEqual([{ runs: 3000, times: 3000, tasks: 3000 }]);
});

describe('the clock', () => {
  it('is put back: what has run is not run again, and what was planned too late is planned anew', async () => {
    const id = await makeDue(3, { misfire: 'all' });
    await duty.run();
    expect(await hoursOfRuns(id)).toEqual([3, 2, 1, 0]);
    // As if all of that had been found by a clock that was a year ahead, and that shows three hours ago by now.
    await database.pool.query(
      `UPDATE sluice.schedules SET next_run_at = now() + interval '1 year', planned_at = now() + interval '1 year' WHERE id = $1`,
      [id],
    );
    await duty.run();
    const planned = (await findSchedule(db, id))!;
    expect(planned.nextRunAt!.getTime() - Date.now()).toBeLessThanOrEqual(3_600_000);
    await setNext(id, `date_trunc('hour', now()) - interval '3 hours'`);
    await duty.run();
    expect(await countTasks()).toBeLessThanOrEqual(5);
    const { rows } = await database.pool.query(
      'SELECT due_at FROM sluice.schedule_runs GROUP BY due_at HAVING count(*) > 1',
    );
    expect(rows).toEqual([]);
  });
});

it('one that fails keeps no other from running', async () => {
  const names = ['a', 'b', 'c'];
  const ids = [];
  for (const name of names) ids.push(await makeDue(0, { name, misfire: 'all' }));
  await database.pool.query(`UPDATE sluice.schedules SET time_zone = 'Mars/Base' WHERE id = $1`, [ids[0]]);
  await database.pool.query(`UPDATE sluice.schedules SET task_options = '{"nonsense": 1}' WHERE id = $1`, [
    ids[1],
  ]);
  await duty.run();
  expect(await countTasks()).toBe(1);
  expect(await hoursOfRuns(ids[2]!)).toEqual([0]);
  // They are tried again later, and are not lost.
  await duty.run();
  await database.pool.query(`UPDATE sluice.schedules SET time_zone = 'UTC', task_options = '{}'`);
  await runSchedules({ db, logger }).run();
  for (const id of ids) expect(await hoursOfRuns(id)).toContain(0);
});

it('nothing is recorded when the transaction does not commit', async () => {
  const id = await makeDue(0, { misfire: 'all' });
  await database.pool.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
     CREATE TRIGGER refuse BEFORE UPDATE ON sluice.schedules FOR EACH ROW EXECUTE FUNCTION refuse()`,
  );
  await duty.run();
  expect(await countTasks()).toBe(0);
  await database.pool.query('DROP FUNCTION refuse CASCADE');
  await runSchedules({ db, logger }).run();
  expect(await hoursOfRuns(id)).toContain(0);
});
