// Keeps the parts of `up` running: one that ends is started again, after a pause that doubles, until it ends too often.
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit, RunningProcess } from '../embedded/server-process.ts';

export interface Supervisor {
  /** Starts a part, and from then on starts it again whenever it ends. @throws what the first start throws. */
  readonly add: <P extends RunningProcess>(name: string, start: () => Promise<P>) => Promise<P>;
  /** Fulfilled, with the reason, when a part has ended too often. */
  readonly gaveUp: Promise<string>;
  /** Stops the parts, the one that was added last first. May be called twice. */
  readonly stop: () => Promise<void>;
  /** Ends all parts without asking them. */
  readonly kill: () => void;
}

export interface Patience {
  /** So many ends of one part … */
  readonly ends: number;
  /** … within this time are too many. */
  readonly withinMs: number;
  readonly firstPauseMs: number;
}

const PATIENCE: Patience = { ends: 5, withinMs: 60_000, firstPauseMs: 200 };
/** How long `stop` waits for a part that is just being started; it is stopped as soon as it runs in any case. */
const STARTING_WAIT_MS = 5000;

interface Part {
  readonly name: string;
  readonly start: () => Promise<RunningProcess>;
  current?: RunningProcess;
  /** The first start and all that follows; ends after `stop`, or when the part is given up. */
  kept: Promise<void>;
}

export function createSupervisor(say: (line: string) => void, patience = PATIENCE): Supervisor {
  const stopping = new AbortController();
  const parts: Part[] = [];
  let giveUp: (reason: string) => void = () => undefined;
  const gaveUp = new Promise<string>((resolve) => (giveUp = resolve));

  async function startPart(part: Part): Promise<void> {
    part.current = await part.start();
    if (!stopping.signal.aborted) return;
    await part.current.stop();
    throw new Error(`${part.name} was stopped while it started.`);
  }

  async function keepRunning(part: Part): Promise<void> {
    let ends: number[] = [];
    let how = await howItEnds(part);
    while (!stopping.signal.aborted) {
      const now = Date.now();
      ends = [...ends.filter((at) => at > now - patience.withinMs), now];
      if (ends.length >= patience.ends) {
        giveUp(
          `${part.name} ${how}, for the ${ends.length}th time within ${patience.withinMs / 1000} s. Giving up.`,
        );
        return;
      }
      const pauseMs = patience.firstPauseMs * 2 ** (ends.length - 1);
      say(`${part.name} ${how}. Starting it again in ${pauseMs} ms.`);
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (!stopping.signal.aborted) how = await startAgain(part);
    }
  }

  async function startAgain(part: Part): Promise<string> {
    try {
      await startPart(part);
    } catch (error) {
      return `did not start: ${(error as Error).message}`;
    }
    say(`${part.name} runs again.`);
    return howItEnds(part);
  }

  async function stop(): Promise<void> {
    stopping.abort();
    for (const part of parts.toReversed()) {
      await part.current?.stop();
      const wait = new AbortController();
      await Promise.race([part.kept, delay(STARTING_WAIT_MS, undefined, { signal: wait.signal })]);
      wait.abort();
    }
  }

  return {
    gaveUp,
    stop,
    kill: () => {
      for (const { current } of parts) current?.kill();
    },
    add: async <P extends RunningProcess>(name: string, start: () => Promise<P>): Promise<P> => {
      const part: Part = { name, start, kept: Promise.resolve() };
      parts.push(part);
      const started = startPart(part);
      part.kept = started.then(
        () => keepRunning(part),
        () => undefined,
      );
      await started;
      return part.current as P;
    },
  };
}

async function howItEnds(part: Part): Promise<string> {
  return part.current === undefined
    ? 'was not started'
    : `ended (${describeExit(await part.current.exited)})`;
}

export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
}
