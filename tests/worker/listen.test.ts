// The connection that listens: opened anew whenever it is lost, and nothing of those before it is left.
import { getEventListeners } from 'node:events';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listen } from '../../src/worker/listen.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

it('hears again after each loss, with one listener on its signal', async () => {
  const stop = new AbortController();
  const heard: string[] = [];
  let begun = 0;
  const ended = listen(
    {
      address: { url: database.url },
      channel: 'test_channel',
      heard: (payload) => heard.push(payload),
      listening: () => (begun += 1),
      logger: pino({ level: 'silent' }),
    },
    stop.signal,
  );
  for (let time = 1; time <= 4; time++) {
    await waitFor(() => begun === time, { what: `listening for the ${time}th time` });
    await database.pool.query(`SELECT pg_notify('test_channel', $1)`, [String(time)]);
    await waitFor(() => heard.length === time, { what: 'what was said' });
    expect(getEventListeners(stop.signal, 'abort')).toHaveLength(1);
    await database.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN %'`,
    );
  }
  stop.abort();
  await ended;
  expect(heard).toEqual(['1', '2', '3', '4']);
});
