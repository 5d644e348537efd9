// One try at a task: what it is given besides its arguments, and how it may end.
import type { Backoff } from './backoff.ts';

/** How an attempt that has not succeeded ended. */
export type AttemptOutcome =
  /** It threw, and there may be another. */
  | 'failed'
  /** It ran into its time limit. */
  | 'timed-out'
  /** The worker that ran it was lost: killed, frozen, cut off. */
  | 'lost'
  /** The worker was stopped, and gave it back. It counts as no attempt. */
  | 'given-back'
  /** It asked to be run later. It counts as no attempt. */
  | 'snoozed';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How attempts are made; what a task was recorded with, over what its definition says. Kept as JSON. */
export interface AttemptOptions {
  readonly backoff?: Backoff;
  /** Milliseconds, after which the task's signal is aborted. */
  readonly softTimeLimitMs?: number;
  /** Milliseconds, after which the attempt has failed whatever the task does. */
  readonly timeLimitMs?: number;
  /** The trace that its attempts belong to. */
  readonly traceparent?: string;
}
