// A queue that is paused, as workers obey it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { REPOSITORY, waitFor } from '../../support/processes.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, taskState } from '../../support/tasks.ts';

let sluice: Sluice;
beforeAll(async () => {
  sluice = await startSluice();
  return () => sluice.stop();
});
const db = () => sluice.database.pool;
const post = (path: string) => sluice.fetch(`/v1/queues/${path}`, { method: 'POST' });

it('a paused queue begins nothing, others go on, and at its resume it begins at once', async () => {
  await sluice.startWorker();
  await post('held/pause');
  const held = await enqueue(db(), 'add', { a: 1, b: 2 }, { queue: 'held' });
  const free = await enqueue(db(), 'add', { a: 1, b: 2 });
  expect(await ended(db(), free)).toMatchObject({ status: 'succeeded' });
  expect(await taskState(db(), held)).toMatchObject({ status: 'queued' });
  await post('held/resume');
  expect(await ended(db(), held)).toMatchObject({ status: 'succeeded', starts: 1 });
});

it('a paused queue of imports begins none of them, and its resume lets them go on', async () => {
  await post('imports/pause');
  // Workers look each second.
  const until = Date.now() + 2500;
  await waitFor(() => Date.now() > until, { what: 'the workers to have looked' });
  const file = await readFile(join(REPOSITORY, 'examples/customers.csv'), 'utf8');
  const { id } = (await (await sluice.send('customers', file)).json()) as { id: string };
  expect(await ended(db(), await enqueue(db(), 'add', { a: 1, b: 2 }))).toMatchObject({
    status: 'succeeded',
  });
  expect(await taskState(db(), id)).toMatchObject({ status: 'queued' });
  await post('imports/resume');
  expect(await ended(db(), id)).toMatchObject({ status: 'succeeded' });
});
