import { setTimeout as sleep } from 'node:timers/promises';

/** Wakes one who waits: what tokio calls `Notify`. */
export interface Notify {
  readonly notify: () => void;
  /** Waits until `notify` is called, but not longer than `mostMs`. @returns whether it was called, since the last time that this said so */
  readonly notified: (mostMs: number) => Promise<boolean>;
}

/** A call while nobody waits counts for the next who does; several count as one. */
export function createNotify(): Notify {
  let isCalled = false;
  let wake: (() => void) | undefined;
  return {
    notify: () => {
      isCalled = true;
      wake?.();
    },
    notified: async (mostMs) => {
      if (!isCalled) {
        const late = new AbortController();
        await Promise.race([
          new Promise<void>((resolve) => (wake = resolve)),
          sleep(mostMs, undefined, { signal: late.signal }).catch(() => undefined),
        ]);
        late.abort();
        wake = undefined;
      }
      const wasCalled = isCalled;
      isCalled = false;
      return wasCalled;
    },
  };
}
