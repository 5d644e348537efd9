import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SECRET_BYTES, secretText } from '../../../src/core/webhooks/signature.ts';
import { removeSomeDeliveries } from '../../../src/db/webhooks/prune.ts';
import {
  deliverWebhooks,
  type DeliverDeps,
  type DeliversWebhooks,
} from '../../../src/worker/webhooks/deliver-webhooks.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { openReceiver, type Receiver } from '../../support/receiver.ts';
import { waitFor } from '../../support/wait-for.ts';

let database: TestDatabase;
let running: DeliversWebhooks[] = [];
let receivers: Receiver[] = [];

beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());
beforeEach(() =>
  database.pool.query('TRUNCATE sluice.webhooks, sluice.webhook_deliveries, sluice.audit_log CASCADE'),
);
afterEach(async () => {
  await Promise.all(running.map((each) => each.stop(0)));
  await Promise.all(receivers.map((each) => each.close()));
  running = [];
  receivers = [];
});

function start(config: Partial<DeliverDeps['config']> = {}): DeliversWebhooks {
  const deliverer = deliverWebhooks({
    db: database.db,
    config: {
      webhookConcurrency: 8,
      webhookPerReceiver: 4,
      webhookTimeoutMs: 5000,
      webhookPrivateHosts: ['127.0.0.1'],
      webhookDisableHours: 1,
      ...config,
    },
    logger: pino({ level: 'silent' }),
    chance: () => 0.5,
    times: { add: () => undefined },
  });
  running.push(deliverer);
  return deliverer;
}

async function receiver(): Promise<Receiver> {
  const opened = await openReceiver();
  receivers.push(opened);
  return opened;
}

async function addHook(url: string, extra: { failingSince?: string } = {}) {
  const secret = secretText(randomBytes(SECRET_BYTES));
  const { rows } = await database.pool.query<{ id: string }>(
    `INSERT INTO sluice.webhooks (id, url, events, secret, failing_since, created_at, updated_at)
     VALUES (sluice.uuid_v7(), $1, '{*}', $2, $3, now(), now()) RETURNING id`,
    [url, secret, extra.failingSince ?? null],
  );
  return { id: rows[0]!.id, secret };
}

async function addDeliveries(hookId: string, count = 1): Promise<void> {
  await database.pool.query(
    `INSERT INTO sluice.webhook_deliveries (id, webhook_id, event_id, type, payload)
     SELECT sluice.uuid_v7(), $1, 'event-' || no, 'task.failed', json_build_object('type', 'task.failed', 'data', json_build_object('no', no))
       FROM generate_series(1, $2::int) no`,
    [hookId, count],
  );
}

interface DeliveryState {
  readonly status: string;
  readonly attempts: number;
  readonly in_s: number;
  readonly http: number | null;
  readonly error: string | null;
  readonly answer: string | null;
}

/** The first delivery of a webhook, with its last attempt. */
async function delivery(hookId: string): Promise<DeliveryState> {
  const { rows } = await database.pool.query<DeliveryState>(
    `SELECT d.status, d.attempts, extract(epoch FROM d.next_attempt_at - now())::float8 AS in_s, a.status AS http, a.error, a.answer
       FROM sluice.webhook_deliveries d LEFT JOIN sluice.webhook_attempts a ON a.delivery_id = d.id AND a.no = d.attempts
      WHERE d.webhook_id = $1 ORDER BY d.id LIMIT 1`,
    [hookId],
  );
  return rows[0]!;
}

const attempted = (hookId: string) =>
  waitFor(async () => [await delivery(hookId)].find(({ http, error }) => http !== null || error !== null), {
    what: 'an attempt',
    timeoutMs: 20_000,
  });

const hook = async (id: string) =>
  (
    await database.pool.query<{
      enabled: boolean;
      disabled_reason: string | null;
      failing_since: Date | null;
    }>('SELECT enabled, disabled_reason, failing_since FROM sluice.webhooks WHERE id = $1', [id])
  ).rows[0]!;

describe('a delivery', () => {
  it('is signed so that the library of Standard Webhooks accepts it, and is logged', async () => {
    const to = await receiver();
    to.answers((_request, response) => response.writeHead(200).end('thanks\0'));
    const { id, secret } = await addHook(to.url);
    await addDeliveries(id);
    start();
    expect(await attempted(id)).toMatchObject({
      status: 'delivered',
      attempts: 1,
      http: 200,
      answer: 'thanks\u{fffd}',
    });
    const [one] = to.received;
    expect(one!.headers['content-type']).toBe('application/json');
    expect(new Webhook(secret).verify(one!.body, one!.headers)).toEqual({
      type: 'task.failed',
      data: { no: 1 },
    });
  });

  it('has two signatures while the secret before is good', async () => {
    const to = await receiver();
    const { id, secret } = await addHook(to.url);
    const newer = secretText(randomBytes(SECRET_BYTES));
    await database.pool.query(
      `UPDATE sluice.webhooks SET secret = $2, previous_secret = secret, previous_secret_until = now() + interval '1 hour' WHERE id = $1`,
      [id, newer],
    );
    await addDeliveries(id);
    start();
    await attempted(id);
    const [one] = to.received;
    for (const each of [secret, newer]) new Webhook(each).verify(one!.body, one!.headers);
    expect(one!.headers['webhook-signature']!.split(' ')).toHaveLength(2);
  });

  it.each([
    [500, {}, 5, /answered 500/],
    [404, {}, 5, /answered 404/],
    [503, { 'retry-after': '120' }, 120, /answered 503/],
    [302, { location: 'http://127.0.0.1:1/inside' }, 5, /redirects are not followed.*127\.0\.0\.1:1\/inside/],
  ])('answered with %i is tried again', async (status, headers, seconds, error) => {
    const to = await receiver();
    to.answers((_request, response) => response.writeHead(status, headers).end('why'));
    const { id } = await addHook(to.url);
    await addDeliveries(id);
    start();
    const now = await attempted(id);
    expect(now).toMatchObject({ status: 'waiting', attempts: 1, http: status, answer: 'why' });
    expect(now.error).toMatch(error);
    expect(now.in_s).toBeGreaterThan(seconds - 4);
    expect(now.in_s).toBeLessThanOrEqual(seconds + 1);
    expect(to.received).toHaveLength(1);
    expect((await hook(id)).failing_since).not.toBeNull();
  });

  it('that is missed as often as it is tried has failed', async () => {
    const { id } = await addHook('http://127.0.0.1:1/nobody');
    await addDeliveries(id);
    await database.pool.query('UPDATE sluice.webhook_deliveries SET attempts = 10');
    start();
    expect(await attempted(id)).toMatchObject({ status: 'failed', attempts: 11, http: null });
  });

  it('answered with 410 disables the webhook, and the audit log says so', async () => {
    const to = await receiver();
    to.answers((_request, response) => response.writeHead(410).end());
    const { id } = await addHook(to.url);
    await addDeliveries(id);
    start();
    await waitFor(async () => !(await hook(id)).enabled, { what: 'the webhook to be disabled' });
    expect(await hook(id)).toMatchObject({ disabled_reason: 'gone' });
    expect((await delivery(id)).status).toBe('failed');
    const { rows } = await database.pool.query('SELECT action, via, subject_id FROM sluice.audit_log');
    expect(rows).toEqual([{ action: 'webhook.disable', via: 'sluice', subject_id: id }]);
  });

  it('missed after failing for too long disables the webhook; what waits goes on waiting', async () => {
    const { id } = await addHook('http://127.0.0.1:1/nobody', { failingSince: '2020-01-01T00:00:00Z' });
    await addDeliveries(id);
    start();
    await waitFor(async () => !(await hook(id)).enabled, { what: 'the webhook to be disabled' });
    expect(await hook(id)).toMatchObject({ disabled_reason: 'failing' });
    expect((await delivery(id)).status).toBe('waiting');
  });
});

describe('hostile receivers', () => {
  it('one that never answers is given up in time', async () => {
    const to = await receiver();
    to.answers(() => undefined);
    const { id } = await addHook(to.url);
    await addDeliveries(id);
    start({ webhookTimeoutMs: 300 });
    expect(await attempted(id)).toMatchObject({ status: 'waiting', http: null });
    expect((await delivery(id)).error).toMatch(/took too long to answer \(300 ms\)/);
  });

  it('one that answers without end is read as far as is kept, and counts by its status', async () => {
    const to = await receiver();
    let written = 0;
    let isClosed = false;
    to.answers((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x'))) written += 65_536;
      };
      response.on('drain', more).on('close', () => (isClosed = true));
      more();
    });
    const { id } = await addHook(to.url);
    await addDeliveries(id);
    start();
    const now = await attempted(id);
    expect(now).toMatchObject({ status: 'delivered', http: 200 });
    expect(now.answer).toBe('x'.repeat(2048));
    await waitFor(() => isClosed, { what: 'the connection to be closed' });
    expect(written).toBeLessThan(64 * 1024 * 1024);
  });

  it('a name that resolves to an address inside is not asked', async () => {
    const to = await receiver();
    const port = new URL(to.url).port;
    const { id } = await addHook(`http://localhost:${port}/hooks`);
    await addDeliveries(id);
    start();
    expect((await attempted(id)).error).toMatch(
      /"localhost" may not be asked: its address (127\.0\.0\.1|::1) is not public.*SLUICE_WEBHOOK_PRIVATE_HOSTS/,
    );
    expect(to.received).toEqual([]);
  });

  it('a redirect is not followed to an address inside, nor anywhere', async () => {
    const asked: string[] = [];
    const inside = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
    try {
      const to = await receiver();
      const location = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/admin`;
      to.answers((_request, response) => response.writeHead(307, { location }).end());
      const { id } = await addHook(to.url);
      await addDeliveries(id);
      start();
      expect(await attempted(id)).toMatchObject({ http: 307, status: 'waiting' });
      expect(asked).toEqual([]);
    } finally {
      inside.close();
    }
  });
});

describe('many deliveries', () => {
  it('a receiver that never answers does not hold up another one, however much waits for it', async () => {
    const [dead, alive] = [await receiver(), await receiver()];
    dead.answers(() => undefined);
    const slow = await addHook(dead.url);
    await addDeliveries(slow.id, 500);
    const { id } = await addHook(alive.url);
    await addDeliveries(id, 200);
    start({ webhookConcurrency: 6, webhookTimeoutMs: 60_000 });
    await waitFor(() => alive.received.length === 200, { what: 'all deliveries', timeoutMs: 30_000 });
    expect(new Set(alive.received.map((each) => each.id)).size).toBe(200);
    expect(dead.received.length).toBeLessThanOrEqual(4);
  });

  it('many receivers that fail leave places for those that do not', async () => {
    const dead = await receiver();
    dead.answers(() => undefined);
    for (let no = 0; no < 12; no++)
      await addDeliveries((await addHook(dead.url, { failingSince: new Date().toISOString() })).id, 5);
    start({ webhookConcurrency: 6, webhookTimeoutMs: 60_000 });
    await waitFor(() => dead.received.length > 0, { what: 'the first to be tried' });
    const alive = await receiver();
    const { id } = await addHook(alive.url);
    await addDeliveries(id, 50);
    await waitFor(() => alive.received.length === 50, { what: 'all deliveries', timeoutMs: 20_000 });
    expect(dead.received.length).toBeLessThanOrEqual(3);
  });

  it('two workers send each once, and one webhook gets no more at a time than it takes', async () => {
    const to = await receiver();
    let open = 0;
    let most = 0;
    to.answers((_request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open -= 1;
        response.writeHead(204).end();
      }, 20);
    });
    const { id } = await addHook(to.url);
    await addDeliveries(id, 100);
    start({ webhookPerReceiver: 3 });
    start({ webhookPerReceiver: 3 });
    const left = async () =>
      (
        await database.pool.query<{ left: number }>(
          `SELECT count(*)::int AS left FROM sluice.webhook_deliveries WHERE status <> 'delivered'`,
        )
      ).rows[0]!.left;
    await waitFor(async () => (await left()) === 0, { what: 'all deliveries', timeoutMs: 30_000 });
    expect(to.received.map((each) => each.id).sort()).toEqual(
      Array.from({ length: 100 }, (_, at) => `event-${at + 1}`).sort(),
    );
    expect(most).toBeLessThanOrEqual(3);
  });

  it('a worker that stops gives back what is under way, and that uses up no attempt', async () => {
    const to = await receiver();
    to.answers(() => undefined);
    const { id } = await addHook(to.url);
    await addDeliveries(id);
    const first = start();
    await waitFor(() => to.received.length === 1, { what: 'the first attempt' });
    await first.stop(50);
    expect(await delivery(id)).toMatchObject({ status: 'waiting', attempts: 0 });
    to.answers((_request, response) => response.writeHead(204).end());
    start();
    await waitFor(async () => (await delivery(id)).status === 'delivered', { what: 'it to arrive' });
    expect(to.received.map((each) => each.id)).toEqual(['event-1', 'event-1']);
  });
});

it('old deliveries are removed, and those of webhooks that are gone', async () => {
  const { id } = await addHook('https://example.com/');
  const gone = await addHook('https://example.com/');
  await addDeliveries(id, 3);
  await addDeliveries(gone.id, 2);
  await database.pool.query('DELETE FROM sluice.webhooks WHERE id = $1', [gone.id]);
  await database.pool.query(
    `UPDATE sluice.webhook_deliveries SET created_at = now() - interval '40 days' WHERE id = (SELECT id FROM sluice.webhook_deliveries WHERE webhook_id = $1 LIMIT 1)`,
    [id],
  );
  await removeSomeDeliveries(database.pool, 30);
  const { rows } = await database.pool.query('SELECT webhook_id FROM sluice.webhook_deliveries');
  expect(rows).toEqual([{ webhook_id: id }, { webhook_id: id }]);
});
