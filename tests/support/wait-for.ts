import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** Completes the sentence "Waited … ms for …". */
  readonly what: string;
  readonly timeoutMs?: number;
}

type Truthy<T> = Exclude<Awaited<T>, null | undefined | false | 0 | ''>;

/** What comes soon is seen soon; what takes long is not asked for fifty times a second. */
const SHORTEST_POLL_MS = 20;
const LONGEST_POLL_MS = 100;
const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * Asks again and again until the answer is truthy, and returns it. A throw counts as "not yet".
 * @throws Error naming what was awaited, and the last throw as its cause.
 */
export async function waitFor<T>(ask: () => T, options: WaitOptions): Promise<Truthy<T>> {
  const { what, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const began = Date.now();
  const until = began + timeoutMs;
  let cause: unknown;
  do {
    try {
      const answer = await ask();
      if (answer) return answer as Truthy<T>;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    await delay(Math.min(LONGEST_POLL_MS, SHORTEST_POLL_MS + (Date.now() - began) / 20));
  } while (Date.now() < until);
  throw new Error(`Waited ${timeoutMs} ms for ${what}.`, { cause });
}
