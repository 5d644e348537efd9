// Keeps the parts of `up` running: a part that ends is started again, with a pause that grows, until it ends too often.
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit, RunningProcess } from '../embedded/server-process.ts';

/** Something that runs until it is stopped. */
export interface Part {
  readonly name: string;
  /** The first start and each later one. */
  readonly start: () => Promise<RunningProcess>;
}

export interface Supervisor {
  /** Starts a part and keeps it running from then on. Throws when the first start fails. */
  add<P extends RunningProcess>(part: Part & { readonly start: () => Promise<P> }): Promise<P>;
  /** Fulfilled with the reason when a part has ended too often. */
  readonly gaveUp: Promise<string>;
  /** Stops the parts, the last one started first. May be called twice. */
  stop(): Promise<void>;
}

export interface Patience {
  /** This many ends of one part … */
  readonly crashes: number;
  /** … within this time are too many. */
  readonly withinMs: number;
  readonly firstPauseMs: number;
}

export const PATIENCE: Patience = { crashes: 5, withinMs: 60_000, firstPauseMs: 250 };

export function createSupervisor(say: (line: string) => void, patience = PATIENCE): Supervisor {
  const stopping = new AbortController();
  const running: { readonly name: string; current: RunningProcess; readonly kept: Promise<void> }[] = [];
  let giveUp: (reason: string) => void;
  const gaveUp = new Promise<string>((resolve) => (giveUp = resolve));

  /** Waits for the end of the part and starts it again, over and over, until everything stops. */
  async function keep(part: Part, slot: { current: RunningProcess }): Promise<void> {
    let crashes: number[] = [];
    for (;;) {
      const exit = await slot.current.exited;
      if (stopping.signal.aborted) return;
      crashes = [...crashes, Date.now()].filter((at) => at > Date.now() - patience.withinMs);
      let failure = `${part.name} ended unexpectedly (${describeExit(exit)}).`;
      for (;;) {
        if (crashes.length >= patience.crashes) {
          giveUp(`${failure} That is ${crashes.length} times in ${patience.withinMs / 1000} s: giving up.`);
          return;
        }
        const pauseMs = patience.firstPauseMs * 2 ** (crashes.length - 1);
        say(`${failure} Starting it again in ${pauseMs} ms.`);
        await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return;
      }
    }
  }
  return { add: async () => { throw new Error() }, gaveUp, stop: async () => {} };
}
