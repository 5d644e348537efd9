// Runs tasks of one kind (I/O or CPU) in this process: claims them, has them run, writes what became of them, and stops what was cancelled.
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isUnavailable } from '../../db/errors.ts';
import { confirmClaim, listClaimed, type ClaimedTask } from '../../db/tasks/claims.ts';
import {
  attemptsOver,
  completeAttempts,
  endAttempts,
  type AttemptKey,
  type DoneAttempt,
  type EndedAttempt,
} from '../../db/tasks/settle.ts';
import type { Logger } from '../../logger.ts';
import { AttemptAbort, Cancelled, WorkerStops } from './attempt-abort.ts';
import { followGroups } from './follow-groups.ts';
import { createGather } from './gather.ts';
import { describeError, type Outcome } from './attempt-endings.ts';
import { createTaskTaker, type TakerDeps } from './task-taker.ts';

export interface TaskRunnerDeps extends Pick<
  TakerDeps,
  'workerId' | 'names' | 'lane' | 'places' | 'serves' | 'found'
> {
  /** For claims alone. */
  readonly claims: pg.Pool;
  /** For all else that is written of attempts. */
  readonly writes: pg.Pool;
  /** Whether a task must not be run twice, whatever happens. */
  readonly runsOnce: (name: string) => boolean;
  /** Makes the attempt. It never rejects. @param abort stops it: with `Cancelled` or `WorkerStops` */
  readonly attempt: (task: ClaimedTask, abort: AttemptAbort) => Promise<Outcome>;
  /** A bell has no more to wait for: its task has ended, or does not run here. */
  readonly heard: (id: string, ran: boolean) => void;
  readonly logger: Logger;
}

/** For `GET /v1/workers`. */
export interface RunnerState {
  /** Tasks that run now. */
  readonly ids: readonly string[];
  /** Attempts that have ended here, and tasks that have failed. */
  readonly processed: number;
  readonly failed: number;
  /** As the taker of tasks says it: it grows while it is wedged. */
  readonly quietMs: number;
}

export interface TaskRunner {
  /** A queue has work, and probably this task. */
  bell(queue: string, id: string): void;
  wake(queue: string): void;
  readonly state: () => RunnerState;
  /** How many may run at the same time from now on; 0 begins nothing more. */
  setPlaces(places: number): void;
  /** Begins nothing more. What runs may end within so many milliseconds, or goes back to its queue. */
  stop(graceMs: number): Promise<void>;
}

/** How soon a cancel is seen. */
const LOOK_FOR_CANCELS_MS = 300;
/** How often claims are looked for whose answer was lost without an error, and after what time one counts as lost. */
const LOOK_FOR_UNHEARD_MS = 5000;
const UNHEARD_AFTER_MS = 10_000;
/** Written in one statement. */
const MOST_WRITTEN = 1000;
/** Attempts that have ended and are not written yet, for each place; with more of them nothing is begun. */
const MOST_UNWRITTEN = 4;

export function createTaskRunner(deps: TaskRunnerDeps): TaskRunner {
  const { writes, logger } = deps;
  const running = new Map<string, { readonly claimed: ClaimedTask; readonly abort: AttemptAbort }>();
  const bells = new Set<string>();
  /** Claimed and not yet written: what runs, and what has ended; the number each was claimed with. */
  const held = new Map<string, number>();
  /** Of those that have ended, the ones whose end lets others go on. */
  const leading = new Map<string, ClaimedTask>();
  let processed = 0;
  let failed = 0;

  const done = createGather<DoneAttempt>(
    async (items) => {
      await completeAttempts(writes, items);
      for (const item of items) ended(item);
      taker.nudge();
    },
    MOST_WRITTEN,
    // Postgres refuses the result itself.
    ({ id, start }, error) =>
      notDone.add({
        id,
        start,
        outcome: 'failed',
        error: { ...describeError(error), code: 'invalid-result' },
        againMs: null,
        counts: true,
      }),
    logger,
  );
  const notDone = createGather<EndedAttempt>(
    async (items) => {
      const stands = await endAttempts(writes, items);
      for (const item of items) {
        const { id, againMs, waits } = item;
        // The signal may have come meanwhile.
        if (againMs !== null) taker.lookIn(waits === undefined ? againMs : 0);
        if (stands.get(id) === 'failed') failed += 1;
        ended(item);
      }
      taker.nudge();
    },
    MOST_WRITTEN,
    // Postgres refuses what the attempt threw.
    (item, error) => {
      logger.error({ err: error, task: item.id }, 'the error of an attempt could not be written');
      const message = `Postgres could not keep what the attempt threw: ${describeError(error).message}`;
      if (item.error !== null && item.error.message !== message)
        notDone.add({ ...item, error: { code: item.error.code, message } });
      else ended(item);
    },
    logger,
  );

  function ended({ id, start }: AttemptKey): void {
    if (held.get(id) === start) held.delete(id);
    if (bells.delete(id)) deps.heard(id, true);
    const leader = leading.size > 0 ? leading.get(id) : undefined;
    if (leader === undefined) return;
    leading.delete(id);
    if (leader.hasKey) turns.add(leader.queue);
    if (leader.isMember) groups.notify();
    following ??= new Promise<void>((resolve) => setImmediate(resolve)).then(giveTurns);
  }

  /** Those that have ended together are followed together. */
  const turns = new Set<string>();
  let following: Promise<void> | undefined;
  async function giveTurns(): Promise<void> {
    following = undefined;
    const queues = [...turns];
    turns.clear();
    for (const queue of queues) await taker.giveTurns(queue);
  }

  /** A claim that Postgres forgets in a crash is made again, so it is not waited for, unless the task must not be run twice. */
  async function attempt(claimed: ClaimedTask, abort: AttemptAbort): Promise<Outcome> {
    if (!deps.runsOnce(claimed.name)) return deps.attempt(claimed, abort);
    try {
      if (!(await confirmClaim(writes, claimed))) return { kind: 'over' };
    } catch (error) {
      logger.debug({ err: error, task: claimed.id }, 'a claim could not be confirmed; nothing has run');
      const { id, start } = claimed;
      return {
        kind: 'ended',
        ended: { id, start, outcome: 'given-back', error: null, againMs: 0, counts: false },
      };
    }
    return deps.attempt(claimed, abort);
  }

  async function run(claimed: ClaimedTask): Promise<void> {
    const abort = new AttemptAbort();
    running.set(claimed.id, { claimed, abort });
    held.set(claimed.id, claimed.start);
    const outcome = await attempt(claimed, abort);
    // It may run here once more: an attempt that was given up and goes on all the same is not what runs now.
    if (running.get(claimed.id)?.claimed === claimed) running.delete(claimed.id);
    processed += 1;
    if (claimed.hasKey || claimed.isMember) leading.set(claimed.id, claimed);
    switch (outcome.kind) {
      case 'done':
        return done.add({ id: claimed.id, start: claimed.start, result: outcome.result });
      case 'ended':
        tell(claimed, outcome.ended);
        return notDone.add(outcome.ended);
      case 'written':
      case 'over':
        return ended(claimed);
    }
  }

  function tell({ name, attempt }: ClaimedTask, { id, outcome, error, againMs }: EndedAttempt): void {
    if (error === null)
      return logger.debug({ task: id, name, attempt, outcome }, 'a task goes back to its queue');
    const said = { task: id, name, attempt, code: error.code, reason: error.message };
    if (againMs === null) logger.warn(said, 'a task has failed');
    else logger.info({ ...said, againMs }, 'an attempt failed; the task is tried again');
  }

  const groups = followGroups(writes, logger);
  const taker = createTaskTaker({
    ...deps,
    client: deps.claims,
    membersEnded: () => groups.notify(),
    // Claims are made one after the other: now none is on its way.
    giveBackUnheard: () => giveBackUnheard(0),
    mayBegin: () => done.waiting() + notDone.waiting() < MOST_UNWRITTEN * deps.places,
    run,
  });

  const stopped = new AbortController();
  const watching = watchCancels();

  /** Also notices tasks that were taken for lost while this process was frozen. */
  async function watchCancels(): Promise<void> {
    while (!stopped.signal.aborted) {
      await sleep(LOOK_FOR_CANCELS_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (running.size === 0) continue;
      const now: AttemptKey[] = [...running.values()].map(({ claimed: { id, start } }) => ({ id, start }));
      try {
        for (const { id, start } of await attemptsOver(writes, now)) {
          const found = running.get(id);
          if (found?.claimed.start === start) found.abort.abort(new Cancelled());
        }
      } catch (error) {
        logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, 'cancels could not be looked for');
      }
    }
  }

  /** A claim whose answer was lost on the way is this worker's, and nobody runs it. @param forMs how long ago it was made, at least */
  async function giveBackUnheard(forMs: number): Promise<void> {
    const claimed = await listClaimed(writes, { workerId: deps.workerId, lane: deps.lane, forMs });
    const unheard = claimed.filter(({ id, start }) => held.get(id) !== start);
    if (unheard.length === 0) return;
    logger.warn(
      { tasks: unheard.map(({ id }) => id) },
      'claims were not answered; the tasks go back to their queues',
    );
    await endAttempts(
      writes,
      unheard.map((key) => ({ ...key, outcome: 'given-back', error: null, againMs: 0, counts: false })),
    );
    taker.lookIn(0);
  }

  /** Of a claim that failed the taker knows; an answer may also be lost without an error, or the claim be made after it was given up. */
  async function findUnheard(): Promise<void> {
    while (!stopped.signal.aborted) {
      await sleep(LOOK_FOR_UNHEARD_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
      if (stopped.signal.aborted) return;
      try {
        await giveBackUnheard(UNHEARD_AFTER_MS);
      } catch (error) {
        logger[isUnavailable(error) ? 'debug' : 'warn'](
          { err: error },
          'unanswered claims could not be looked for',
        );
      }
    }
  }
  const finding = findUnheard();

  async function lookFor(queue: string, id: string): Promise<void> {
    await taker.wake(queue);
    if (!running.has(id) && bells.delete(id)) deps.heard(id, false);
  }

  return {
    bell(queue, id) {
      bells.add(id);
      void lookFor(queue, id);
    },
    wake: (queue) => void taker.wake(queue),
    state: () => ({ ids: [...running.keys()], processed, failed, quietMs: taker.quietMs() }),
    setPlaces: (places) => taker.setPlaces(places),
    stop: async (graceMs) => {
      const grace = setTimeout(() => {
        for (const { abort } of running.values()) abort.abort(new WorkerStops());
      }, graceMs);
      await taker.stop();
      clearTimeout(grace);
      stopped.abort();
      await watching;
      await finding;
      await done.flushed();
      await notDone.flushed();
      await groups.stop();
    },
  };
}
