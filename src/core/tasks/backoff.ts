// How long a task waits between attempts.

/** Kept as JSON; each part has a default. */
export interface Backoff {
  /** `exponential` doubles the wait with each attempt. */
  readonly type?: 'fixed' | 'exponential';
  /** Milliseconds before the second attempt. */
  readonly delayMs?: number;
  /** The longest wait, in milliseconds. */
  readonly maxMs?: number;
  /** From 0 to 1: the part of the wait that chance may take off, so that tasks that failed together are not tried together. */
  readonly jitter?: number;
}

export const DEFAULT_BACKOFF = {
  type: 'exponential',
  delayMs: 1000,
  maxMs: 3_600_000,
  jitter: 0.3,
} as const satisfies Required<Backoff>;

/**
 * @param failed how many attempts have failed, from 1 on
 * @param chance from 0 up to 1
 * @returns milliseconds
 */
export function backoffMs(backoff: Backoff, failed: number, chance: number): number {
  const { type, delayMs, maxMs, jitter } = { ...DEFAULT_BACKOFF, ...backoff };
  const wait = Math.min(type === 'fixed' ? delayMs : delayMs * 2 ** (failed - 1), maxMs);
  return Math.round(wait * (1 - jitter * chance));
}
