import { setTimeout as sleep } from 'node:timers/promises';

export interface Bell {
  readonly ring: () => void;
  /** Waits for a ring, but not longer. @returns whether there was one, also since the last time it was heard */
  readonly heard: (mostMs: number) => Promise<boolean>;
}

/** A ring that comes while nobody waits is heard by the next who does; many are heard as one. */
export function createBell(): Bell {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      hasRung = true;
      wake?.();
    },
    heard: async (mostMs) => {
      if (!hasRung) {
        const late = new AbortController();
        await Promise.race([
          new Promise<void>((resolve) => (wake = resolve)),
          sleep(mostMs, undefined, { signal: late.signal }).catch(() => undefined),
        ]);
        late.abort();
        wake = undefined;
      }
      const heard = hasRung;
      hasRung = false;
      return heard;
    },
  };
}
