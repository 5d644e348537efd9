// GET /v1/imports/{id}/events: server-sent events over a real socket.
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { moveTask } from '../../../src/db/tasks/tasks.ts';
import { bearer, type TestApi } from '../../support/api.ts';
import { addImport, openSlot, runImport, type TestSlot } from '../../support/slot.ts';
import { listeningApi, PEOPLE, portOf } from '../../support/uploads.ts';
import { waitFor } from '../../support/wait-for.ts';

let api: TestApi;
let slot: TestSlot;

beforeAll(async () => {
  api = await listeningApi();
  slot = await openSlot(api.database.url, api.deps.config.storageDir);
});
afterAll(async () => {
  await slot.close();
  await api.close();
});

interface Event {
  readonly name: string;
  readonly data: { readonly status: string; readonly counts: unknown };
  readonly atMs: number;
}

interface Listening {
  readonly answer: IncomingMessage;
  readonly events: readonly Event[];
  /** Waits until so many have come. */
  readonly count: (events: number) => Promise<void>;
}

async function listen(id: string, from = api): Promise<Listening> {
  const outgoing = request({
    port: portOf(from),
    host: '127.0.0.1',
    path: `/v1/imports/${id}/events`,
    agent: false,
    headers: bearer(from.adminKey),
  }).end();
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const events: Event[] = [];
  let text = '';
  answer.setEncoding('utf8').on('data', (part: string) => {
    const messages = (text + part).split('\n\n');
    text = messages.pop()!;
    for (const message of messages) {
      const [, name, data] = /event: (.*)\ndata: (.*)$/.exec(message) ?? [];
      if (name !== undefined)
        events.push({ name, data: JSON.parse(data!) as Event['data'], atMs: Date.now() });
    }
  });
  answer.on('error', () => undefined);
  return {
    answer,
    events,
    count: (many) => waitFor(() => events.length >= many, { what: `${many} events` }).then(() => undefined),
  };
}

/** A change that a client can see. */
const change = (id: string) =>
  api.database.pool.query('UPDATE sluice.tasks SET version = version + 1 WHERE id = $1', [id]);

it('a snapshot, progress when something has changed, and the end; then it is over', async () => {
  const id = await addImport(slot, PEOPLE, 'name\na\n');
  const { answer, events, count } = await listen(id);
  const over = once(answer, 'end');
  expect(answer.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  await count(1);
  await moveTask(api.deps.database.db, id, 'running');
  await count(2);
  await runImport(slot, id);
  await over;
  expect(events.map(({ name, data }) => [name, data.status])).toEqual([
    ['snapshot', 'queued'],
    ['progress', 'running'],
    ['end', 'succeeded'],
  ]);
  expect(events[2]!.data).toEqual((await api.call({ url: `/v1/imports/${id}` })).json());
});

it('of one that has ended: a snapshot and the end', async () => {
  const id = await addImport(slot, PEOPLE, 'name\na\n');
  await runImport(slot, id);
  const { answer, events } = await listen(id);
  await once(answer, 'end');
  expect(events.map(({ name, data }) => [name, data.status])).toEqual([
    ['snapshot', 'succeeded'],
    ['end', 'succeeded'],
  ]);
});

it('progress comes at most twice a second, however often something changes', async () => {
  const id = await addImport(slot, PEOPLE, 'name\na\n');
  const { answer, events, count } = await listen(id);
  const stop = new AbortController();
  const changes = (async () => {
    let many = 0;
    for (; !stop.signal.aborted; many++) await change(id);
    return many;
  })();
  await count(4);
  stop.abort();
  expect(await changes).toBeGreaterThan(20);
  expect(events.map(({ name }) => name).slice(0, 4)).toEqual([
    'snapshot',
    'progress',
    'progress',
    'progress',
  ]);
  // A timer may come a little early against the clock.
  expect(events[3]!.atMs - events[0]!.atMs).toBeGreaterThan(1400);
  answer.destroy();
});

it('a client that is gone is not looked after any more', async () => {
  const id = await addImport(slot, PEOPLE, 'name\na\n');
  const gone = await Promise.all(Array.from({ length: 10 }, () => listen(id)));
  const { answer, count } = await listen(id);
  await count(1);
  const connections = (): Promise<number> =>
    new Promise((resolve) => api.app.server.getConnections((_error, many) => resolve(many)));
  for (const each of gone) each.answer.destroy();
  await waitFor(async () => (await connections()) <= 1, { what: 'the server to see that they are gone' });
  await change(id);
  await count(2);
  // From one look to the next of the one that stays, nobody else has looked.
  let looks = 0;
  const look = (): void => void looks++;
  api.deps.database.pool.on('acquire', look);
  await change(id);
  await count(3);
  api.deps.database.pool.off('acquire', look);
  expect(looks).toBeLessThanOrEqual(2);
  answer.destroy();
});

it('an import that was removed ends the stream', async () => {
  const id = await addImport(slot, PEOPLE, 'name\na\n');
  const { answer, count } = await listen(id);
  const over = once(answer, 'end');
  await count(1);
  await api.database.pool.query('DELETE FROM sluice.tasks WHERE id = $1', [id]);
  await over;
});

it('a server that stops ends its streams, and need not be waited for', async () => {
  const stopping = await listeningApi();
  try {
    const own = await openSlot(stopping.database.url, stopping.deps.config.storageDir);
    const id = await addImport(own, PEOPLE, 'name\na\n');
    await own.close();
    const { answer, count } = await listen(id, stopping);
    const over = once(answer, 'end');
    await count(1);
    await stopping.app.close();
    await over;
  } finally {
    await stopping.close();
  }
});
