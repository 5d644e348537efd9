// Takes due tasks from Postgres as places are free, and runs them. A wake-up (a bell, a notification) only makes it look sooner: it also
// looks by itself, so that losing any of them loses nothing.
import { isUnavailable } from '../../db/errors.ts';
import {
  claimDue,
  dueQueues,
  wakeDue,
  type Claim,
  type ClaimCursor,
  type ClaimedTask,
} from '../../db/tasks/claims.ts';
import { heldQueues, releaseHeld } from '../../db/tasks/limits.ts';
import type { Queryable } from '../../db/connection.ts';
import type { Logger } from '../../logger.ts';
import { createNotify } from '../../tasks/notify.ts';

/** How soon a task is found of which nobody was told. */
const LOOK_MS = 1000;
/** At least so long between looks, however many tasks become due. */
const SHORTEST_LOOK_MS = 20;
/** Tasks with a key are looked for at each wake-up when some were there so lately; otherwise at each look. */
const KEYS_SEEN_MS = 60_000;
/** How soon a claim is made again that has failed: at first, and doubled each time up to the longest. A connection may break and be there again at once. */
const FIRST_AGAIN_MS = 20;
const LONGEST_AGAIN_MS = 250;
/** In one claim. */
const MOST_CLAIMED = 500;

export interface TakerDeps {
  /** Where claims are made, one after the other. */
  readonly client: Queryable;
  readonly workerId: string;
  /** The tasks it knows. */
  readonly names: readonly string[];
  readonly lane: Claim['lane'];
  /** How many tasks run at the same time. */
  readonly places: number;
  readonly serves: (queue: string) => boolean;
  /** More of them are not begun while this is false: what has ended is not written yet. */
  readonly mayBegin: () => boolean;
  /** Runs one; it never rejects. */
  readonly run: (task: ClaimedTask) => Promise<void>;
  /** Called before the first claim behind one that failed, which may have claimed tasks all the same. What it throws is as if this claim had failed. */
  readonly giveBackUnheard: () => Promise<void>;
  /** Told of each look: the queues with due tasks. */
  readonly found?: (queues: readonly string[]) => void;
  /** Told at a look that members of groups have ended, and nobody has looked yet what comes next. */
  readonly membersEnded?: () => void;
  readonly logger: Logger;
}

export interface TaskTaker {
  /** A queue may have due tasks. @returns when it was looked at */
  wake(queue: string): Promise<void>;
  /** A task becomes due after so many milliseconds. */
  lookIn(ms: number): void;
  /** A task with a key has ended: others of the queue may have their turn. */
  giveTurns(queue: string): Promise<void>;
  /** Looks again for places, since `mayBegin` may have changed. */
  nudge(): void;
  running(): number;
  /** Since it was sure for the last time that it is not wedged: it has claimed, nothing was due, no place was free, or Postgres was away. */
  quietMs(): number;
  /** How many may run at the same time from now on; 0 begins nothing more. What runs is left alone. */
  setPlaces(places: number): void;
  /** Begins nothing more. @returns when all has ended that runs */
  stop(): Promise<void>;
}

export function createTaskTaker(deps: TakerDeps): TaskTaker {
  const { client, workerId, names, lane, logger } = deps;
  let places = deps.places;
  /** Queues that may have more than was claimed. */
  const awake = new Set<string>();
  /** Where the next claim of a queue goes on; forgotten at each look, so that what was put in before that place is found. */
  const cursors = new Map<string, ClaimCursor>();
  const stopped = new AbortController();
  const soon = createNotify();
  const ending = new Set<Promise<void>>();
  let claiming: Promise<void> | undefined;
  let together: NodeJS.Immediate | undefined;
  let againMs = FIRST_AGAIN_MS;
  let hasFailed = false;
  let running = 0;
  let keysSeenAt = -Infinity;
  let sureAt = performance.now();
  const isSure = (): void => void (sureAt = performance.now());

  const free = (): number => (stopped.signal.aborted || !deps.mayBegin() ? 0 : places - running);

  function begin(task: ClaimedTask): void {
    running += 1;
    const ended = deps.run(task).finally(() => {
      running -= 1;
      ending.delete(ended);
      if (awake.size > 0) claimTogether();
    });
    ending.add(ended);
  }

  /** For the places that become free in this turn of the loop: a claim for each of them would cost as much as one for all. */
  function claimTogether(): void {
    together ??= setImmediate(() => {
      together = undefined;
      void claimSoon();
    });
  }

  function claimSoon(): Promise<void> {
    if (awake.size === 0 || free() <= 0) return claiming ?? Promise.resolve();
    return (claiming ??= claimAll().finally(() => {
      claiming = undefined;
      // Places may have become free, or queues awake, behind the last look at them.
      if (awake.size > 0 && free() > 0) claimTogether();
    }));
  }

  async function claimAll(): Promise<void> {
    let asked: string[] = [];
    try {
      if (hasFailed) await deps.giveBackUnheard();
      hasFailed = false;
      while (awake.size > 0 && free() > 0)
        for (const queue of awake) {
          if (free() <= 0) break;
          asked = [queue];
          await claimFrom(queue);
        }
      againMs = FIRST_AGAIN_MS;
    } catch (error) {
      hasFailed = true;
      const queues = [...awake, ...asked];
      awake.clear();
      setTimeout(() => {
        for (const queue of queues) awake.add(queue);
        void claimSoon();
      }, againMs).unref();
      againMs = Math.min(2 * againMs, LONGEST_AGAIN_MS);
      logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, 'tasks could not be claimed');
    }
  }

  async function claimFrom(queue: string): Promise<void> {
    const limit = Math.min(free(), MOST_CLAIMED);
    // Whoever wakes it while it is looked at has it looked at again.
    awake.delete(queue);
    const after = cursors.get(queue);
    const { tasks, last } = await claimDue(client, { queue, lane, names, limit, workerId, after });
    isSure();
    if (last !== undefined) cursors.set(queue, last);
    if (tasks.length === limit) awake.add(queue);
    // Behind the cursor there is nothing, so what it was woken for is before it.
    else if (after !== undefined && tasks.length === 0) {
      cursors.delete(queue);
      awake.add(queue);
    }
    for (const task of tasks) begin(task);
    if (tasks.length < limit && performance.now() - keysSeenAt < KEYS_SEEN_MS) await release(queue);
  }

  /** Gives tasks with a key their turn; the queue is awake then. */
  async function release(queue: string): Promise<void> {
    if (stopped.signal.aborted) return;
    const { released, nextMs } = await releaseHeld(client, queue, names, places);
    if (nextMs !== null && nextMs < LOOK_MS) setTimeout(() => void giveTurns(queue), nextMs).unref();
    if (released === 0) return;
    // Those that were put in earlier are before the cursor.
    cursors.delete(queue);
    awake.add(queue);
  }

  async function giveTurns(queue: string): Promise<void> {
    try {
      await release(queue);
      await claimSoon();
    } catch (error) {
      logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, 'tasks with a key had no turn');
    }
  }

  async function look(): Promise<number> {
    try {
      const { queues, nextMs, hasHeld, hasEnds } = await wakeDue(client);
      if (hasEnds) deps.membersEnded?.();
      if (hasHeld) {
        keysSeenAt = performance.now();
        for (const queue of (await heldQueues(client)).filter(deps.serves)) await release(queue);
      }
      const due = (await dueQueues(client, lane)).filter(deps.serves);
      if (due.length === 0 || free() <= 0) isSure();
      deps.found?.(due);
      cursors.clear();
      for (const queue of [...queues.filter(deps.serves), ...due]) awake.add(queue);
      void claimSoon();
      return Math.max(SHORTEST_LOOK_MS, Math.min(LOOK_MS, nextMs ?? LOOK_MS));
    } catch (error) {
      if (isUnavailable(error)) isSure();
      logger[isUnavailable(error) ? 'debug' : 'warn'](
        { err: error },
        'Postgres could not be asked for due tasks',
      );
      return LOOK_MS;
    }
  }

  async function lookAgainAndAgain(): Promise<void> {
    while (!stopped.signal.aborted) {
      const waitMs = await look();
      await soon.notified(waitMs);
    }
  }

  const looking = lookAgainAndAgain();
  return {
    async wake(queue) {
      if (!deps.serves(queue)) return;
      awake.add(queue);
      await claimSoon();
    },
    lookIn(ms) {
      if (ms < LOOK_MS) setTimeout(soon.notify, ms);
    },
    giveTurns,
    nudge: claimTogether,
    running: () => running,
    quietMs: () => performance.now() - sureAt,
    setPlaces(wanted) {
      places = wanted;
      soon.notify();
      void claimSoon();
    },
    stop: async () => {
      stopped.abort();
      soon.notify();
      await looking;
      await claiming;
      while (ending.size > 0) await Promise.all(ending);
    },
  };
}
