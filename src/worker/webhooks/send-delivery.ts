// One attempt at a delivery: signed, sent, and what its answer means.
import { signedHeaders } from '../../core/webhooks/signature.ts';
import type { ClaimedDelivery, SentAttempt } from '../../db/webhooks/claim-deliveries.ts';
import { retryAfterMs } from '../../tasks/http/refusal.ts';
import { openSafely, type OpenAnswer } from '../../tasks/http/request-safely.ts';

export interface SendRules {
  readonly webhookPrivateHosts: readonly string[];
  readonly webhookTimeoutMs: number;
}

export interface Sent extends SentAttempt {
  /** received: the answer was 2xx; gone: it was 410, so that nobody wants more; missed: anything else. */
  readonly outcome: 'received' | 'gone' | 'missed';
  /** What `Retry-After` asks for; 0: nothing. */
  readonly askedMs: number;
}

/** So much of an answer's body is kept; no more of it is read. */
const KEPT_ANSWER_BYTES = 2048;
const GONE = 410;

/** @param traceparent sent along, for receivers that trace @throws the signal's reason when it aborts; nothing else */
export async function sendDelivery(
  rules: SendRules,
  delivery: ClaimedDelivery,
  signal: AbortSignal,
  traceparent?: string,
): Promise<Sent> {
  const at = new Date();
  const began = performance.now();
  const took = () => ({ at, durationMs: Math.round(performance.now() - began) });
  try {
    const answer = await openSafely(
      {
        httpHosts: ['*'],
        httpPrivateHosts: rules.webhookPrivateHosts,
        privateSetting: 'SLUICE_WEBHOOK_PRIVATE_HOSTS',
      },
      {
        method: 'POST',
        url: delivery.url,
        headers: {
          'content-type': 'application/json',
          ...(traceparent === undefined ? {} : { traceparent }),
          ...signedHeaders(
            {
              id: delivery.eventId,
              timestamp: Math.floor(at.getTime() / 1000),
              body: delivery.payload,
            },
            delivery.secrets,
          ),
        },
        body: delivery.payload,
        timeoutMs: rules.webhookTimeoutMs,
        signal,
        followsRedirects: false,
      },
    );
    const body = await beginningOf(answer);
    return { ...took(), ...judge(answer), status: answer.status, answer: body };
  } catch (error) {
    signal.throwIfAborted();
    return {
      ...took(),
      outcome: 'missed',
      askedMs: 0,
      status: null,
      error: (error as Error).message,
      answer: null,
    };
  }
}

/** What comes in time of the first bytes: the status has decided. */
async function beginningOf({ body }: OpenAnswer): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part);
      bytes += part.length;
      if (bytes >= KEPT_ANSWER_BYTES) break;
    }
  } catch {
    // Cut off: what has come is kept.
  } finally {
    body.destroy();
  }
  const beginning = Buffer.concat(parts).subarray(0, KEPT_ANSWER_BYTES);
  return beginning.toString('utf8').replaceAll('\0', '\u{fffd}');
}

function judge({ status, headers }: OpenAnswer): Pick<Sent, 'outcome' | 'error' | 'askedMs'> {
  if (status >= 200 && status < 300) return { outcome: 'received', error: null, askedMs: 0 };
  if (status === GONE)
    return { outcome: 'gone', error: 'It answered 410: it wants no more deliveries.', askedMs: 0 };
  if (status >= 300 && status < 400)
    return {
      outcome: 'missed',
      error: `It answered ${status}: redirects are not followed. Change the webhook's url to where it leads (${headers['location'] ?? 'it does not say'}).`,
      askedMs: 0,
    };
  return {
    outcome: 'missed',
    error: `It answered ${status}, and only 2xx counts.`,
    askedMs: retryAfterMs(headers['retry-after']),
  };
}
