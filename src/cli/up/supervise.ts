// Keeps the parts of `up` running: one that ends is started again, after a pause that doubles. One that ends too often by
// itself is given up; one that is killed from outside is not at fault and is started again however often.
import { setTimeout as delay } from 'node:timers/promises';
import type { Exit, RunningProcess } from '../../embedded/server-process.ts';

export interface Supervisor {
  /** Starts a part, and from then on starts it again whenever it ends. @throws what the first start throws. */
  readonly add: <P extends RunningProcess>(name: string, start: () => Promise<P>) => Promise<P>;
  /** Fulfilled, with the reason, when a part has ended too often by itself. */
  readonly gaveUp: Promise<string>;
  /** Stops the parts, the one that was added last first. May be called twice. */
  readonly stop: () => Promise<void>;
  /** Ends all parts without asking them. */
  readonly kill: () => void;
}

/** How a part ended, or did not start. */
interface End {
  readonly how: string;
  /** By a signal, so not by itself. */
  readonly killed: boolean;
}

export interface Patience {
  /** So many ends of one part by itself … */
  readonly ends: number;
  /** … within this time are too many. */
  readonly withinMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
}

const PATIENCE: Patience = { ends: 5, withinMs: 60_000, firstPauseMs: 200, longestPauseMs: 5000 };
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
    let ends: { readonly at: number; readonly killed: boolean }[] = [];
    let end = await endOf(part);
    while (!stopping.signal.aborted) {
      const now = Date.now();
      ends = [...ends.filter(({ at }) => at > now - patience.withinMs), { at: now, killed: end.killed }];
      const byItself = ends.filter(({ killed }) => !killed).length;
      if (byItself >= patience.ends) {
        giveUp(
          `${part.name} ${end.how}, for the ${byItself}th time within ${patience.withinMs / 1000} s. Giving up.`,
        );
        return;
      }
      const pauseMs = Math.min(patience.firstPauseMs * 2 ** (ends.length - 1), patience.longestPauseMs);
      say(`${part.name} ${end.how}. Starting it again in ${pauseMs} ms.`);
      await delay(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (!stopping.signal.aborted) end = await startAgain(part);
    }
  }

  async function startAgain(part: Part): Promise<End> {
    try {
      await startPart(part);
    } catch (error) {
      return { how: `did not start: ${(error as Error).message}`, killed: false };
    }
    say(`${part.name} runs again.`);
    return endOf(part);
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

async function endOf(part: Part): Promise<End> {
  if (part.current === undefined) return { how: 'was not started', killed: false };
  const exit = await part.current.exited;
  return { how: `ended (${describeExit(exit)})`, killed: exit.signal !== null };
}

export function describeExit({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`;
}
