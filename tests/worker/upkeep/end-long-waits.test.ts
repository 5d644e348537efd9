// Work that was put off by a worker whose clock is wrong.
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, inject, it, onTestFinished } from 'vitest';
import { uniquePrefix } from '../../support/redis.ts';
import { startSluice } from '../../support/sluice.ts';
import { PEOPLE } from '../../support/uploads.ts';
import { waitFor } from '../../support/wait-for.ts';

/** NODE_OPTIONS of a process whose clock is an hour ahead. */
const HOUR_AHEAD = `--import=data:text/javascript,${encodeURIComponent(
  'const now = Date.now; Date.now = () => now() + 3600000;',
)}`;

it('work that a worker with a clock an hour ahead has put off is taken up by another within seconds', async () => {
  const prefix = uniquePrefix();
  const sluice = await startSluice({
    datasets: [PEOPLE],
    env: { SLUICE_QUEUE_PREFIX: prefix, SLUICE_LOCK_WAIT_MS: '100', SLUICE_SMALL_FILE_BYTES: '0' },
  });
  onTestFinished(() => sluice.stop());
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  const holder = new pg.Client({ connectionString: sluice.database.url });
  await holder.connect();
  onTestFinished(() => holder.end());

  await holder.query('BEGIN; LOCK TABLE people');
  const { id } = (await (await sluice.send('people', 'name\na\nb\n')).json()) as { id: string };
  const ahead = await sluice.startWorker({ NODE_OPTIONS: HOUR_AHEAD });
  const delayedFor = async () =>
    Number((await redis.zrevrange(`${prefix}:imports:delayed`, 0, 0, 'WITHSCORES'))[1]) / 0x1000 - Date.now();
  await waitFor(async () => (await delayedFor()) > 3_000_000 && (ahead.kill('SIGKILL'), true), {
    what: 'the job to be put off by an hour',
  });
  await ahead.exited;
  expect(await delayedFor()).toBeGreaterThan(3_000_000);
  await holder.query('ROLLBACK');

  const right = await sluice.startWorker();
  expect(await sluice.ended(id, 20_000)).toMatchObject({ status: 'succeeded', result: { loaded: 2 } });
  expect(right.output()).toContain('Jobs were put off by a clock that differs from this worker’s');
});
