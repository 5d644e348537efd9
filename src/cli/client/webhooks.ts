// `sluice webhooks …`
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../exit-codes.ts';
import { say, sayJson, type Out } from '../print.ts';
import { POLL_MS, type ApiClient } from './client.ts';
import { printList, type ListOptions } from './print-list.ts';

interface WebhookJson {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly enabled: boolean;
  readonly disabledReason: string | null;
  readonly failingSince: string | null;
  readonly secret?: string;
}

interface AttemptJson {
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
}

interface DeliveryJson {
  readonly id: string;
  readonly eventId: string;
  readonly type: string;
  readonly status: string;
  readonly attempts: number;
  readonly nextAttemptAt: string | null;
  readonly createdAt: string;
  readonly lastAttempt: AttemptJson | null;
}

export interface NewWebhookOptions {
  readonly events: string;
  readonly datasets?: string;
  readonly tasks?: string;
  readonly description?: string;
  readonly json?: boolean;
}

export interface DeliveriesOptions extends ListOptions {
  readonly status?: string;
}

const pathOf = (id: string, rest = ''): string => `/v1/webhooks/${encodeURIComponent(id)}${rest}`;

const body = (method: string, document: unknown) => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(document),
});

const listOf = (text: string): string[] => text.split(',').map((each) => each.trim());

export function listWebhooks(client: ApiClient, options: ListOptions, out: Out): Promise<number> {
  return printList<WebhookJson>(client, options, out, {
    path: '/v1/webhooks',
    header: ['ID', 'URL', 'EVENTS', 'STANDING'],
    row: (each) => [each.id, each.url, each.events.join(','), standingOf(each)],
    none: 'There is no webhook.',
  });
}

function standingOf({ enabled, disabledReason, failingSince }: WebhookJson): string {
  if (!enabled) return `disabled (${disabledReason ?? 'request'})`;
  return failingSince === null ? 'enabled' : `failing since ${failingSince}`;
}

export async function createWebhook(
  client: ApiClient,
  url: string,
  { events, datasets, tasks, description, json = false }: NewWebhookOptions,
  out: Out,
): Promise<number> {
  const made = await client.json<WebhookJson>(
    '/v1/webhooks',
    body('POST', {
      url,
      events: listOf(events),
      ...(datasets === undefined ? {} : { datasets: listOf(datasets) }),
      ...(tasks === undefined ? {} : { tasks: listOf(tasks) }),
      ...(description === undefined ? {} : { description }),
    }),
  );
  sayMade(made, json, out);
  return EXIT.done;
}

export async function rotateSecret(
  client: ApiClient,
  id: string,
  { previousFor, json = false }: { readonly previousFor?: number; readonly json?: boolean },
  out: Out,
): Promise<number> {
  const document = previousFor === undefined ? {} : { previousForSeconds: previousFor };
  const now = await client.json<WebhookJson>(pathOf(id, '/rotate-secret'), body('POST', document));
  sayMade(now, json, out);
  return EXIT.done;
}

function sayMade(webhook: WebhookJson, json: boolean, out: Out): void {
  if (json) return sayJson(out, webhook);
  say(
    out,
    `Webhook ${webhook.id}\nIts secret, which is shown only now: ${webhook.secret}\nTry it: sluice webhooks test ${webhook.id}`,
  );
}

/** Sends a test event, and waits for what comes of it. @returns 1 when it has not arrived */
export async function testWebhook(client: ApiClient, id: string, out: Out): Promise<number> {
  const sent = await client.json<DeliveryJson>(pathOf(id, '/test'), { method: 'POST' });
  for (let isTold = false; ; isTold = true) {
    const now = await client.json<DeliveryJson>(pathOf(id, `/deliveries/${sent.id}`));
    const { status, lastAttempt } = now;
    if (status !== 'waiting') {
      say(
        out,
        status === 'delivered'
          ? `It has arrived: ${lastAttempt!.status}, in ${lastAttempt!.durationMs} ms.`
          : `It has not arrived: ${lastAttempt?.error ?? 'nobody knows why.'}`,
      );
      return status === 'delivered' ? EXIT.done : EXIT.failed;
    }
    if (!isTold) say(process.stderr, 'Waiting until a worker has sent it …');
    await sleep(POLL_MS);
  }
}

export function listDeliveries(
  client: ApiClient,
  id: string,
  { status, ...options }: DeliveriesOptions,
  out: Out,
): Promise<number> {
  return printList<DeliveryJson>(client, options, out, {
    path: pathOf(id, '/deliveries'),
    query: { status },
    header: ['DELIVERY', 'EVENT', 'STATUS', 'ATTEMPTS', 'LAST ANSWER', 'NEXT ATTEMPT', 'MADE'],
    row: (each) => [
      each.id,
      each.type,
      each.status,
      String(each.attempts),
      each.lastAttempt === null ? '' : String(each.lastAttempt.status ?? each.lastAttempt.error),
      each.nextAttemptAt ?? '',
      each.createdAt,
    ],
    none: 'It was told nothing yet.',
  });
}

/** One delivery, or with `since` all that have failed since then. */
export async function redeliver(
  client: ApiClient,
  id: string,
  delivery: string | undefined,
  { since }: { readonly since?: string },
  out: Out,
): Promise<number> {
  if (delivery !== undefined) {
    const again = await client.json<DeliveryJson>(pathOf(id, `/deliveries/${delivery}/redeliver`), {
      method: 'POST',
    });
    say(out, `It is sent again, as delivery ${again.id}.`);
    return EXIT.done;
  }
  const { redelivered } = await client.json<{ redelivered: number }>(
    pathOf(id, '/redeliver'),
    body('POST', { since }),
  );
  say(out, `Sent again: ${redelivered}.`);
  return EXIT.done;
}

export async function enableWebhook(
  client: ApiClient,
  id: string,
  enabled: boolean,
  out: Out,
): Promise<number> {
  await client.request(pathOf(id), body('PATCH', { enabled }));
  say(out, enabled ? 'It is enabled; what waits is sent.' : 'It is disabled.');
  return EXIT.done;
}

export async function deleteWebhook(client: ApiClient, id: string, out: Out): Promise<number> {
  await client.request(pathOf(id), { method: 'DELETE' });
  say(out, 'It is deleted.');
  return EXIT.done;
}
