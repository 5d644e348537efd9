// Sends deliveries to webhooks, from all that wait in Postgres. An attempt is a lease: a worker that is killed loses it, and another one sends
// the delivery again.
import { setMaxListeners } from 'node:events';
import type { Config } from '../../config/config.ts';
import { retryWaitMs } from '../../core/webhooks/delivery.ts';
import { TEST_EVENT } from '../../core/webhooks/events.ts';
import { isUnavailable } from '../../db/errors.ts';
import type { Connection } from '../../db/transaction.ts';
import {
  claimDeliveries,
  disableWebhook,
  endDelivered,
  endMissed,
  releaseDelivery,
  type ClaimedDelivery,
} from '../../db/webhooks/claim-deliveries.ts';
import type { Logger } from '../../logger.ts';
import { findTraceparent } from '../../db/tasks/tasks.ts';
import { createNotify } from '../../tasks/notify.ts';
import { currentTracer, currentTraceparent, traced, type SpanStart } from '../../tracing/tracing.ts';
import { SHUTDOWN } from '../run-jobs.ts';
import type { DeliveryTimes } from './delivery-times.ts';
import { sendDelivery, type Sent } from './send-delivery.ts';

export interface DeliverDeps {
  readonly db: Connection;
  readonly config: Pick<
    Config,
    | 'webhookConcurrency'
    | 'webhookPerReceiver'
    | 'webhookTimeoutMs'
    | 'webhookPrivateHosts'
    | 'webhookDisableHours'
  >;
  readonly logger: Logger;
  /** From 0 up to 1. */
  readonly chance: () => number;
  readonly times: Pick<DeliveryTimes, 'add'>;
}

export interface DeliversWebhooks {
  /** Begins nothing more. What is under way may end within so many milliseconds, or is given back. */
  stop(graceMs: number): Promise<void>;
}

const LOOK_EVERY_MS = 1000;
/** Beyond the time that an attempt may take: to write down what came of it. */
const LEASE_MARGIN_MS = 15_000;
/** Writing down is tried again while Postgres is away, until the lease is over: then the delivery is sent once more. */
const WRITE_AGAIN_MS = 1000;

/** Begins to send. */
export function deliverWebhooks({ db, config, logger, chance, times }: DeliverDeps): DeliversWebhooks {
  const places = config.webhookConcurrency;
  const placesForFailing = Math.ceil(places / 2);
  const leaseMs = config.webhookTimeoutMs + LEASE_MARGIN_MS;
  const wake = createNotify();
  const stopped = new AbortController();
  const aborted = new AbortController();
  // Each delivery listens for it.
  setMaxListeners(0, aborted.signal);
  const running = new Set<Promise<void>>();
  let failing = 0;

  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      const took = await takeSome().catch((error: unknown) => {
        logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, 'no deliveries were claimed');
        return 0;
      });
      // After some, there may be more.
      if (took === 0 || running.size >= places) await wake.notified(LOOK_EVERY_MS);
    }
  }

  async function takeSome(): Promise<number> {
    const free = places - running.size;
    if (free <= 0) return 0;
    const claimed = await claimDeliveries(db.$client, {
      free,
      freeForFailing: Math.max(0, placesForFailing - failing),
      perReceiver: config.webhookPerReceiver,
      leaseMs,
    });
    for (const delivery of claimed) {
      const work = send(delivery).catch((error: unknown) =>
        logger.warn({ err: error, delivery: delivery.id }, 'what came of a delivery was not written down'),
      );
      running.add(work);
      if (delivery.isFailing) failing += 1;
      void work.finally(() => {
        running.delete(work);
        if (delivery.isFailing) failing -= 1;
        wake.notify();
      });
    }
    return claimed.length;
  }

  async function send(delivery: ClaimedDelivery): Promise<void> {
    const until = performance.now() + leaseMs;
    let sent: Sent;
    try {
      sent = await sendTraced(delivery);
    } catch {
      return releaseDelivery(db.$client, delivery);
    }
    times.add(sent);
    await untilReached(until, () => write(delivery, sent));
  }

  async function sendTraced(delivery: ClaimedDelivery): Promise<Sent> {
    if (currentTracer() === undefined) return sendDelivery(config, delivery, aborted.signal);
    return traced(await spanOf(delivery), async (span) => {
      const sent = await sendDelivery(config, delivery, aborted.signal, currentTraceparent());
      if (sent.status !== null) span.set({ 'http.response.status_code': sent.status });
      if (sent.outcome !== 'received') span.fail(sent.status === null ? 'no-answer' : String(sent.status));
      return sent;
    });
  }

  /** In the trace of the task that it tells of. */
  async function spanOf({ id, attempt, type, url, payload }: ClaimedDelivery): Promise<SpanStart> {
    const { data } = JSON.parse(payload) as { data?: { id?: string } };
    const traceparent = data?.id === undefined ? undefined : await findTraceparent(db, data.id);
    return {
      name: 'POST webhook',
      kind: 'client',
      parent: traceparent ?? null,
      attributes: {
        'http.request.method': 'POST',
        'http.request.resend_count': attempt > 1 ? attempt - 1 : undefined,
        'server.address': new URL(url).hostname,
        'sluice.webhook.event': type,
        'sluice.webhook.delivery': id,
      },
    };
  }

  async function write(delivery: ClaimedDelivery, sent: Sent): Promise<void> {
    if (sent.outcome === 'received') return endDelivered(db.$client, delivery, sent);
    const { webhookId: webhook, id, attempt, type } = delivery;
    const isOver = type === TEST_EVENT || sent.outcome === 'gone';
    const againMs = isOver ? undefined : retryWaitMs(attempt, chance(), sent.askedMs);
    await endMissed(db.$client, delivery, sent, againMs);
    logger.debug({ webhook, delivery: id, attempt, againMs, reason: sent.error }, 'a delivery was missed');
    if (type === TEST_EVENT) return;
    const why =
      sent.outcome === 'gone'
        ? ({ reason: 'gone' } as const)
        : ({ reason: 'failing', hours: config.webhookDisableHours } as const);
    if (await disableWebhook(db, webhook, why))
      logger.warn({ webhook, url: delivery.url, reason: why.reason }, 'a webhook is disabled');
  }

  async function untilReached(until: number, work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (!isUnavailable(error) || performance.now() > until || aborted.signal.aborted) throw error;
        await new Promise((resolve) => setTimeout(resolve, WRITE_AGAIN_MS));
      }
    }
  }

  const looping = places === 0 ? Promise.resolve() : loop();
  return {
    stop: async (graceMs) => {
      stopped.abort();
      wake.notify();
      await looping;
      const grace = setTimeout(() => aborted.abort(SHUTDOWN), graceMs);
      await Promise.all(running);
      clearTimeout(grace);
    },
  };
}
