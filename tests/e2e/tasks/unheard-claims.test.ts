// A worker that claims a task and never hears that it has.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue } from '../../support/tasks.ts';
import { openTcpGate, type TcpGate } from '../../support/tcp-gate.ts';

/** In the text of a claim, and of nothing else. */
const CLAIM = `SET status = 'running', starts = starts + 1`;

let sluice: Sluice;
let postgres: TcpGate;

beforeEach(async () => {
  sluice = await startSluice();
  postgres = await openTcpGate(sluice.database.url);
});

afterEach(async () => {
  await sluice.stop();
  await postgres.shut();
});

it('is given back and run once Postgres is there again, and costs the task no attempt', async () => {
  // Behind a pooler a claim is a transaction of three statements, and one that is cut here has not been made.
  await sluice.startWorker({ DATABASE_URL: postgres.url, DATABASE_DIRECT_URL: '' });
  const cut = postgres.shutAfter(CLAIM, 'unheard');
  const id = await enqueue(sluice.database.pool, 'add', { a: 1, b: 2 }, { retries: 0 });
  await cut;
  const { rows } = await sluice.database.pool.query('SELECT status FROM sluice.tasks WHERE id = $1', [id]);
  expect(rows).toEqual([{ status: 'running' }]);
  await postgres.open();
  // Long before it would count as an old claim.
  expect(await ended(sluice.database.pool, id, 8000)).toMatchObject({
    status: 'succeeded',
    result: 3,
    attempts: 1,
    starts: 2,
  });
});
