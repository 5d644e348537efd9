// A webhook that is told of all that happens while the storm goes on: in the end it must have heard of each task that was recorded, has begun and
// has ended, each at least once, and of nothing else.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';
import type { StormHouse } from './house.ts';
import { waitFor } from '../support/wait-for.ts';

const TIMEOUT_MS = 120_000;
/** One of so many events is not taken at first. */
const DECLINED = 20;
const MOST_TOLD = 5;

interface Event {
  readonly type: string;
  readonly data: { readonly id: string; readonly status: string };
}

export interface StormReceiver {
  readonly url: string;
  /** What was heard, by the ids of events. */
  readonly events: ReadonlyMap<string, Event>;
  /** What should never come. */
  readonly faults: readonly string[];
  /** Tells the API of it. */
  subscribe(call: StormHouse['call']): Promise<void>;
  close(): void;
}

export async function openReceiver(): Promise<StormReceiver> {
  const events = new Map<string, Event>();
  const faults: string[] = [];
  let webhook: Webhook | undefined;
  const declined = new Set<string>();

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const id = String(request.headers['webhook-id']);
    if (!declined.has(id) && (declined.size + events.size) % DECLINED === 0) {
      declined.add(id);
      response.writeHead(503).end();
      return;
    }
    try {
      const event = webhook!.verify(body, request.headers as Record<string, string>) as Event;
      const before = events.get(id);
      if (before !== undefined && JSON.stringify(before) !== JSON.stringify(event))
        faults.push(`event ${id} has come in two forms: ${JSON.stringify([before, event])}`);
      events.set(id, event);
    } catch (error) {
      faults.push(`event ${id} has a wrong signature: ${String(error)}`);
    }
    response.writeHead(204).end();
  }

  const server = createServer((request, response) => {
    // A worker that is killed while it sends cuts its request off.
    take(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    url,
    events,
    faults,
    async subscribe(call) {
      const answer = await call('/v1/webhooks', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ url, events: ['*'] }),
      });
      if (answer.status !== 201) throw new Error(await answer.text());
      webhook = new Webhook(((await answer.json()) as { secret: string }).secret);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Expected {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly events: string[];
}

/** Waits until all that has ended is told of. @returns what differs from one event for each moment of a task's life */
export async function compareWebhooks({ pool, receiver }: StormHouse): Promise<string[]> {
  const heard = new Map<string, string[]>();
  const missing = async (): Promise<Expected[]> => {
    const { rows } = await pool.query<Omit<Expected, 'events'> & { hasBegun: boolean }>(
      `SELECT id, CASE name WHEN 'import' THEN 'import' ELSE 'task' END AS kind, status, started_at IS NOT NULL AS "hasBegun"
         FROM sluice.tasks WHERE status IN ('succeeded', 'failed', 'cancelled')`,
    );
    heard.clear();
    for (const { type, data } of receiver.events.values())
      // How often attempts have failed is the storm's affair.
      if (type !== 'task.retried')
        heard.set(data.id, [...(heard.get(data.id) ?? []), `${type} ${data.status}`]);
    return rows
      .map(({ id, kind, status, hasBegun }) => ({
        id,
        kind,
        status,
        events: [
          `${kind}.created queued`,
          ...(hasBegun ? [`${kind}.started running`] : []),
          `${kind}.${status} ${status}`,
        ].sort(),
      }))
      .filter(({ id, events }) => heard.get(id)?.sort().join() !== events.join());
  };
  await waitFor(async () => (await missing()).length === 0, {
    what: 'the webhook to hear of all that has ended',
    timeoutMs: TIMEOUT_MS,
  }).catch(() => undefined);
  const left = await missing();
  return [
    ...receiver.faults.slice(0, MOST_TOLD),
    ...left
      .slice(0, MOST_TOLD)
      .map(
        ({ id, kind, status }) =>
          `${kind} ${id} is ${status}; the webhook was told: ${heard.get(id)?.join() ?? 'nothing'}`,
      ),
  ];
}
