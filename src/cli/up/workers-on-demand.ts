// `sluice up --workers on-demand`: a worker is started when work waits, and stopped when there is none for a while. Nothing is lost by it:
// Postgres has the work, and a worker that is stopped ends what runs or gives it back.
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config/config.ts';
import { nextStep, type PoolState, type PoolWish, type WorkToDo } from '../../core/workers/worker-pool.ts';
import type { PostgresAddress } from '../../db/connection.ts';
import { openDatabase } from '../../db/client.ts';
import { isUnavailable } from '../../db/errors.ts';
import { answerStart, holdPool, releasePool } from '../../db/workers/worker-pool.ts';
import { lookForWork } from '../../db/workers/work-to-do.ts';
import { isOnline } from '../../db/workers/workers.ts';
import type { Exit, RunningProcess } from '../../embedded/server-process.ts';
import type { Logger } from '../../logger.ts';
import { createNotify } from '../../tasks/notify.ts';
import { countEnds, endOf } from './restarts.ts';

export interface OnDemandOptions {
  readonly config: Pick<Config, 'home' | 'queues' | 'workersIdleMs'>;
  readonly address: PostgresAddress;
  readonly start: () => RunningProcess;
  readonly say: (line: string) => void;
  readonly logger: Logger;
}

export interface WorkersOnDemand {
  /** Fulfilled, with the reason, when the worker has ended too often by itself. */
  readonly gaveUp: Promise<string>;
  /** Stops the worker and starts none any more. May be called twice. */
  readonly stop: () => Promise<void>;
  /** Ends the worker without asking it. */
  readonly kill: () => void;
}

/** How soon work, and what is asked for by hand, is found. */
const LOOK_MS = 500;
/** However long a look takes, Postgres has this many times as long without one. */
const REST_FACTOR = 4;
/** How long `stop` waits for Postgres, which may be frozen. */
const RELEASE_WAIT_MS = 5000;
/** Workers also remove what is kept no longer: without work, one is started for that. */
const UPKEEP_AFTER_MS = 24 * 3_600_000;

/** Begins with a worker, which says what tasks there are, unless workers were stopped by hand. */
export function startOnDemand(options: OnDemandOptions): WorkersOnDemand {
  const { config, start, say, logger } = options;
  const database = openDatabase(options.address, { name: 'workers on demand', max: 1, logger });
  const { db } = database;
  const host = hostname();
  const holder = { id: `${host} ${config.home}`, host };
  const afterEnd = countEnds('The worker');
  const changed = createNotify();
  let giveUp: (reason: string) => void = () => undefined;
  const gaveUp = new Promise<string>((resolve) => (giveUp = resolve));

  let state: PoolState = 'stopped';
  let worker: RunningProcess | undefined;
  /** Whether one is to be started without waiting work: the first, and the one after a crash. */
  let isOwed = true;
  let isStandby = false;
  let lastWish: PoolWish | undefined;
  const ending = new AbortController();
  let notBefore = 0;
  let endedAt = performance.now();
  let lastWorkAt = performance.now();

  function enter(next: PoolState): void {
    state = next;
    lastWorkAt = performance.now();
    changed.notify();
  }

  function begin(): void {
    isOwed = false;
    worker = start();
    void worker.exited.then(ended);
    enter('pending');
  }

  function end(): void {
    enter('stopping');
    void worker?.stop();
  }

  function ended(exit: Exit): void {
    const wasAsked = state === 'stopping' || ending.signal.aborted;
    worker = undefined;
    endedAt = performance.now();
    enter('stopped');
    // With code 0 it has followed a command: to drain, or to shut down.
    if (wasAsked || exit.code === 0) return;
    isOwed = true;
    const next = afterEnd(endOf(exit));
    if ('giveUp' in next) return giveUp(next.giveUp);
    notBefore = endedAt + next.pauseMs;
    say(`The worker ${endOf(exit).how}. Starting it again in ${next.pauseMs} ms.`);
  }

  async function look(): Promise<void> {
    const wish = await holdPool(db, holder, state);
    tellStandby(wish === undefined);
    if (wish === undefined) {
      if (state === 'pending' || state === 'running') end();
      return;
    }
    if (wish === 'stop' && lastWish === undefined)
      say('The worker was stopped by hand: none is started until POST /v1/workers/start.');
    lastWish = wish;
    const work = await lookForWork(db, config.queues);
    if (state === 'pending' && worker !== undefined && (await isOnline(db, { host, pid: worker.pid })))
      enter('running');
    const now = performance.now();
    if (work.waits || work.runs || wish === 'start') lastWorkAt = now;
    if (!ending.signal.aborted) follow(wish, work, now);
    if (wish === 'start' && worker !== undefined && state !== 'stopping') await answerStart(db);
  }

  function follow(wish: PoolWish, work: WorkToDo, now: number): void {
    const waits = work.waits || isOwed || now - endedAt > UPKEEP_AFTER_MS;
    const idleForMs = now - lastWorkAt;
    const step = nextStep({
      state,
      wish,
      work: { ...work, waits },
      idleForMs,
      idleMs: config.workersIdleMs,
    });
    if (step === 'start' && now >= notBefore) {
      say(work.waits ? 'Work waits: starting a worker.' : 'Starting a worker.');
      begin();
    } else if (step === 'stop') {
      say(
        wish === 'stop'
          ? 'Stopping the worker, as it was asked for.'
          : `There was nothing to do for ${Math.round(idleForMs / 1000)} s: stopping the worker.`,
      );
      end();
    }
  }

  function tellStandby(is: boolean): void {
    if (is && !isStandby)
      say('Another "sluice up" has workers on demand for this database: this one starts none while it runs.');
    isStandby = is;
  }

  async function lookAgainAndAgain(): Promise<void> {
    while (!ending.signal.aborted) {
      const before = performance.now();
      await look().catch((error: unknown) =>
        logger[isUnavailable(error) ? 'debug' : 'warn']({ err: error }, 'work could not be looked for'),
      );
      if (ending.signal.aborted) return;
      await changed.notified(Math.max(LOOK_MS, REST_FACTOR * (performance.now() - before)));
    }
  }

  const looking = lookAgainAndAgain();

  async function stopAll(): Promise<void> {
    ending.abort();
    changed.notify();
    await worker?.stop();
    const wait = new AbortController();
    await Promise.race([release(), delay(RELEASE_WAIT_MS, undefined, { signal: wait.signal })]);
    wait.abort();
  }

  async function release(): Promise<void> {
    await looking;
    await releasePool(db, holder).catch((error: unknown) =>
      logger.debug({ err: error }, 'that nobody starts workers on demand any more could not be noted'),
    );
    await database.close();
  }

  let stopped: Promise<void> | undefined;
  return {
    gaveUp,
    stop: () => (stopped ??= stopAll()),
    kill: () => worker?.kill(),
  };
}
