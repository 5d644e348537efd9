import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  beat,
  countWorkers,
  forgetWorkers,
  findWorker,
  listWorkers,
  removeWorker,
  type Beat,
} from '../../../src/db/workers/workers.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeAll(async () => (database = await createDatabase()));
afterAll(() => database.drop());
beforeEach(() => database.pool.query('DELETE FROM sluice.workers'));

const worker = (change: Partial<Beat> = {}): Beat => ({
  id: randomUUID(),
  host: 'one',
  pid: 7,
  version: '1.2.3',
  queues: ['imports'],
  slots: 2,
  concurrency: 100,
  tasks: ['import'],
  running: [],
  ...change,
});

const silentFor = (id: string, time: string) =>
  database.pool.query(`UPDATE sluice.workers SET beat_at = now() - $2::interval WHERE id = $1`, [id, time]);

it('a worker that beats is online, one that has not for a while is lost, one that has stopped is not there', async () => {
  const [alive, dead, stopped] = [worker(), worker(), worker()];
  for (const each of [alive, dead, stopped]) await beat(database.db, each);
  await silentFor(dead.id, '21 seconds');
  await silentFor(alive.id, '15 seconds');
  await removeWorker(database.db, stopped.id);
  const states = (await listWorkers(database.db, { limit: 10 })).map(({ id, state }) => [id, state]);
  expect(new Map(states as [string, string][])).toEqual(
    new Map([
      [alive.id, 'online'],
      [dead.id, 'lost'],
    ]),
  );
  expect(await countWorkers(database.db)).toEqual(
    new Map([
      ['online', 1],
      ['lost', 1],
    ]),
  );
});

it('is lost when it has been silent for as long as its own settings say', async () => {
  const [patient, hasty] = [worker({ lostMs: 60_000 }), worker({ lostMs: 2000 })];
  for (const each of [patient, hasty]) {
    await beat(database.db, each);
    await silentFor(each.id, '30 seconds');
  }
  await silentFor(hasty.id, '3 seconds');
  expect(await findWorker(database.db, patient.id)).toMatchObject({ state: 'online' });
  expect(await findWorker(database.db, hasty.id)).toMatchObject({ state: 'lost' });
});

it('a beat says what the worker works on now, and brings it back', async () => {
  const one = worker();
  await beat(database.db, one);
  const [first] = await listWorkers(database.db, { limit: 1 });
  await silentFor(one.id, '1 minute');
  const task = randomUUID();
  await beat(database.db, { ...one, running: [task] });
  const [again] = await listWorkers(database.db, { limit: 1 });
  expect(again).toMatchObject({ ...one, running: [task], state: 'online', startedAt: first!.startedAt });
});

it('one that was lost for a day is forgotten, and comes back if it was only frozen', async () => {
  const [frozen, lost] = [worker(), worker()];
  for (const each of [frozen, lost]) await beat(database.db, each);
  await silentFor(frozen.id, '25 hours');
  await silentFor(lost.id, '23 hours');
  expect(await forgetWorkers(database.db)).toBe(1);
  expect((await listWorkers(database.db, { limit: 10 })).map(({ id }) => id)).toEqual([lost.id]);
  await beat(database.db, frozen);
  expect(await listWorkers(database.db, { limit: 10 })).toHaveLength(2);
});
