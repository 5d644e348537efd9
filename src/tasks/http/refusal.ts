import { NonRetryable, RetryAfter } from '../task-context.ts';
import type { HttpAnswer } from './request-safely.ts';

/** Besides those of 500 and above: what may go well the next time. */
const TRANSIENT = [408, 425, 429];

/**
 * What a task throws that was answered with 400 or above: it may go well later, or never.
 * @param asked the request, for people
 * @param text the beginning of the answer
 */
export function refusal(
  { status, headers }: Pick<HttpAnswer, 'status' | 'headers'>,
  asked: string,
  text: string,
): Error {
  const message = `${asked} was answered with ${status}: ${text}`;
  if (status < 500 && !TRANSIENT.includes(status)) return new NonRetryable(message);
  return new RetryAfter(message, retryAfterMs(headers['retry-after']));
}

/** What a header `Retry-After` says, in seconds or as a date; 0 where it says nothing. */
export function retryAfterMs(header = ''): number {
  if (/^\d{1,7}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? 0 : Math.max(0, at - Date.now());
}
