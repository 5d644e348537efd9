// Webhooks as users have them: a real receiver that is away for a while, workers that are killed, a Redis that forgets all.
import { Redis } from 'ioredis';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Dataset } from '../../../src/core/dataset/types.ts';
import { openReceiver, type Received, type Receiver } from '../../support/receiver.ts';
import { startSluice, type Sluice } from '../../support/sluice.ts';
import { ended, enqueue, taskFolder } from '../../support/tasks.ts';
import { waitFor } from '../../support/wait-for.ts';

const PATIENTS: Dataset = {
  name: 'patients',
  schema: {
    fields: [
      { name: 'name', type: 'string', sensitive: true },
      { name: 'age', type: 'integer' },
    ],
  },
  target: { table: 'patients' },
};
const FAILS = `
  import { defineTask, Type } from 'sluice/tasks';
  export default defineTask({ name: 'fails', args: Type.Object({ of: Type.String() }), retries: 0 }, ({ of }) => { throw new Error('no such patient: ' + of); });`;

let sluice: Sluice;
let receiver: Receiver;
let folder: Awaited<ReturnType<typeof taskFolder>>;

beforeAll(async () => {
  folder = await taskFolder({ 'fails.mjs': FAILS });
  sluice = await startSluice({
    datasets: [PATIENTS],
    env: {
      SLUICE_TASKS: folder.path,
      SLUICE_WEBHOOK_PRIVATE_HOSTS: '127.0.0.1',
      SLUICE_WEBHOOK_TIMEOUT_MS: '1000',
    },
  });
  receiver = await openReceiver();
});
afterAll(async () => {
  await sluice.stop();
  await receiver.close();
  await folder.remove();
});

const post = (path: string, body?: object) =>
  sluice.fetch(path, {
    method: 'POST',
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

async function makeHook(body: object): Promise<{ id: string; secret: string }> {
  const answer = await post('/v1/webhooks', { url: receiver.url, ...body });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: string; secret: string };
}

const removeHook = (id: string) => sluice.fetch(`/v1/webhooks/${id}`, { method: 'DELETE' });
const idsOf = (received: readonly Received[]) => [...new Set(received.map(({ id }) => id))].sort();

async function send(content: string): Promise<string> {
  const answer = await sluice.send('patients', content);
  expect(answer.status, await answer.clone().text()).toBe(202);
  return ((await answer.json()) as { id: string }).id;
}

it('tells of an import, a task that failed and a test, signed, without values of records or arguments', async () => {
  const worker = await sluice.startWorker();
  const { id, secret } = await makeHook({ events: ['*'] });
  const good = await send('name,age\nAnn Secret,34\nBob Hidden,x\n');
  const bad = await enqueue(sluice.database.pool, 'fails', { of: 'Ann Secret' });
  const test = await post(`/v1/webhooks/${id}/test`);
  const log = test.headers.get('location')!;
  // Of each: created, started, and how it has ended.
  await waitFor(() => idsOf(receiver.received).length === 7, { what: 'seven deliveries' });
  const verified = receiver.received.map((each) => new Webhook(secret).verify(each.body, each.headers));
  expect(verified).toContainEqual({
    type: 'import.succeeded',
    timestamp: expect.any(String) as string,
    data: expect.objectContaining({
      id: good,
      dataset: 'patients',
      fileName: null,
      mode: 'insert',
      dryRun: false,
      status: 'succeeded',
      errorCode: null,
      counts: expect.objectContaining({ records: 2, loaded: 1, rejected: 1 }) as unknown,
    }) as unknown,
  });
  const typesOf = (id: string): string[] =>
    (verified as { type: string; data: { id?: string } }[])
      .filter(({ data }) => data.id === id)
      .map(({ type }) => type)
      .sort();
  expect(typesOf(good)).toEqual(['import.created', 'import.started', 'import.succeeded']);
  expect(typesOf(bad)).toEqual(['task.created', 'task.failed', 'task.started']);
  expect(verified).toContainEqual(
    expect.objectContaining({
      type: 'import.created',
      data: expect.objectContaining({
        id: good,
        dataset: 'patients',
        mode: 'insert',
        status: 'queued',
        counts: null,
      }) as unknown,
    }),
  );
  expect(verified).toContainEqual(
    expect.objectContaining({
      type: 'task.failed',
      data: expect.objectContaining({ id: bad, name: 'fails', errorCode: 'task-failed' }) as unknown,
    }),
  );
  expect(JSON.stringify(receiver.received)).not.toMatch(/Ann|Secret|Bob|Hidden|patient:/);
  const delivered = await waitFor(
    async () => {
      const answer = (await (await sluice.fetch(log)).json()) as { status: string; log: unknown[] };
      return answer.status === 'delivered' && answer;
    },
    { what: 'the test to be in the log' },
  );
  expect(delivered.log).toEqual([
    expect.objectContaining({ no: 1, status: 204, error: null, answer: '' }) as unknown,
  ]);
  await removeHook(id);
  worker.kill('SIGTERM');
  expect((await worker.exited).code).toBe(0);
});

it('a receiver that is away gets each event later; workers killed in the middle and a Redis that forgets lose none', async () => {
  const { id } = await makeHook({ events: ['task.succeeded', 'import.succeeded'] });
  receiver.received.length = 0;
  // It takes deliveries and never answers: the worker is killed with some under way.
  receiver.answers(() => undefined);
  const first = await sluice.startWorker();
  const tasks: string[] = [];
  for (let no = 0; no < 40; no++) tasks.push(await enqueue(sluice.database.pool, 'add', { a: no, b: 1 }));
  await Promise.all(tasks.map((task) => ended(sluice.database.pool, task)));
  await waitFor(() => receiver.received.length > 0, { what: 'a delivery to be under way' });
  first.kill('SIGKILL');
  await first.exited;
  const port = Number(new URL(receiver.url).port);
  await receiver.close();

  const redis = new Redis(sluice.env['REDIS_URL']!);
  for await (const keys of redis.scanStream({ match: `${sluice.queuePrefix}*` }) as AsyncIterable<string[]>)
    if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();

  const second = await sluice.startWorker();
  const imported = await send('name,age\nAnn,34\n');
  await sluice.ended(imported);
  const refused = await waitFor(
    async () => {
      const answer = await sluice.fetch(`/v1/webhooks/${id}/deliveries?status=waiting&limit=200`);
      const { data } = (await answer.json()) as { data: { lastAttempt: { error: string } | null }[] };
      return data.find(({ lastAttempt }) => lastAttempt?.error.includes('ECONNREFUSED'));
    },
    { what: 'an attempt that finds nobody' },
  );
  expect(refused).toBeDefined();
  expect(await (await sluice.fetch(`/v1/webhooks/${id}`)).json()).toMatchObject({
    failingSince: expect.any(String) as string,
  });

  // It is there again, and slow: the worker is asked to stop with deliveries under way.
  receiver = await openReceiver(port);
  receiver.answers((_request, response) => void setTimeout(() => response.writeHead(204).end(), 50));
  await waitFor(() => receiver.received.length > 0, { what: 'the first delivery', timeoutMs: 60_000 });
  second.kill('SIGTERM');
  expect((await second.exited).code).toBe(0);
  await sluice.startWorker();
  const expected = [...tasks, imported].map((each) => `${each}-succeeded`).sort();
  await waitFor(() => idsOf(receiver.received).length === expected.length, {
    what: 'each event',
    timeoutMs: 90_000,
  });
  expect(idsOf(receiver.received)).toEqual(expected);
  await waitFor(
    async () => {
      const { rows } = await sluice.database.pool.query<{ status: string; events: number }>(
        'SELECT status, count(DISTINCT event_id)::int AS events FROM sluice.webhook_deliveries WHERE webhook_id = $1 GROUP BY 1',
        [id],
      );
      return rows.length === 1 && rows[0]!.status === 'delivered' && rows[0]!.events === expected.length;
    },
    { what: 'the log to say that all have arrived' },
  );
  await waitFor(
    async () =>
      ((await (await sluice.fetch(`/v1/webhooks/${id}`)).json()) as { failingSince: string | null })
        .failingSince === null,
    { what: 'the webhook not to fail any more' },
  );
  await removeHook(id);
});
