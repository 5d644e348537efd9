// What becomes of a delivery, and how long it waits between attempts.

/** waiting: to be sent, or sent again; delivered: an answer of 2xx came; failed: it is not tried any more. */
export const DELIVERY_STATUSES = ['waiting', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** request: somebody has disabled it; gone: it answered 410; failing: no delivery has reached it for too long. */
export const DISABLED_REASONS = ['request', 'gone', 'failing'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Before the second attempt, before the third, and so on: about a day in all. */
export const RETRY_WAITS_MS: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  6 * HOUR,
  10 * HOUR,
];

/** Chance changes a wait by up to this part of it, so that what failed together is not sent together. */
const JITTER = 0.2;
/** A receiver may ask for a longer wait, up to this. */
const LONGEST_ASKED_MS = 12 * HOUR;

/**
 * @param failed how many attempts have failed, from 1 on
 * @param chance from 0 up to 1
 * @param askedMs what the answer's `Retry-After` asks for; 0: nothing
 * @returns milliseconds; undefined: it is not tried any more
 */
export function retryWaitMs(failed: number, chance: number, askedMs = 0): number | undefined {
  const wait = RETRY_WAITS_MS[failed - 1];
  if (wait === undefined) return undefined;
  return Math.max(Math.round(wait * (1 + JITTER * (2 * chance - 1))), Math.min(askedMs, LONGEST_ASKED_MS));
}
