// Keeps the parts of `up` running: one that ends is started again, unless it ends too often by itself.
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningProcess } from '../../embedded/server-process.ts';
import { countEnds, endOf, PATIENCE, type End } from './restarts.ts';

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
    const afterEnd = countEnds(part.name, patience);
    let end = await endOfPart(part);
    while (!stopping.signal.aborted) {
      const next = afterEnd(end);
      if ('giveUp' in next) {
        giveUp(next.giveUp);
        return;
      }
      const { pauseMs } = next;
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
    return endOfPart(part);
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

async function endOfPart(part: Part): Promise<End> {
  if (part.current === undefined) return { how: 'was not started', killed: false };
  return endOf(await part.current.exited);
}
