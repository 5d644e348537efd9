// The main thread's side of the thread of I/O tasks: rings it, and starts another when it has ended by itself or computes without end.
import { Worker } from 'node:worker_threads';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TaskDocument } from '../../core/tasks/task-document.ts';
import type { Logger } from '../../logger.ts';
import { createHeartbeat, watch } from '../slots/stuck-slots.ts';
import type { FromIo, IoSettings, ToIo } from './messages.ts';
import { programFile } from '../../package-files.ts';

export interface IoHost {
  /** Of all tasks but imports and undos. */
  readonly documents: readonly TaskDocument[];
  /** Rings for a task. @returns whether it ran here, once it has ended or is found not to run here */
  bell(queue: string, id: string): Promise<boolean>;
  /** What was last heard of it. */
  state(): {
    readonly ids: readonly string[];
    readonly processed: number;
    readonly failed: number;
    /** Since the thread was sure for the last time that it is not wedged; it also grows while the thread says nothing. */
    readonly quietMs: number;
    /** Of its event loop: the 99th percentile. */
    readonly loopDelayMs: number;
  };
  /** How many tasks may run at the same time from now on; 0 begins nothing more. Holds also for a thread in its place. */
  setPlaces(places: number): void;
  stop(graceMs: number): Promise<void>;
}

export interface IoHostDeps {
  readonly settings: IoSettings;
  readonly stuckMs: number;
  /** Of the thread's heap. */
  readonly memoryMb: number;
  readonly logger: Logger;
  readonly found: (queues: readonly string[]) => void;
  readonly told: (queue: string) => void;
  /** The thread has ended before its tasks have: what it ran is to be taken for lost. */
  readonly lost: () => Promise<void>;
}

const START_AGAIN_MS = 1000;
/** Loading the code of tasks takes its time without a pause, and longer on a busy machine. */
const LEAST_START_MS = 60_000;
/** V8's own choice (48 MB) is filled before it is looked at. */
const YOUNG_GENERATION_MB = 16;
/** A thread that was asked to stop and does not answer is ended after its grace and this. */
const STOP_TIMEOUT_MS = 10_000;

/** Starts the thread. @returns when it is ready @throws what its start throws, such as a task's file that cannot be loaded */
export async function openIoHost(deps: IoHostDeps): Promise<IoHost> {
  const bells = new Map<string, (ran: boolean) => void>();
  let state = { ids: [] as readonly string[], processed: 0, failed: 0, loopDelayMs: 0, quietMs: 0 };
  let heardAt = performance.now();
  let places: number | undefined;
  let documents: readonly TaskDocument[] = [];
  let stopping: Promise<void> | undefined;
  let whenStopped: (() => void) | undefined;
  let thread: Worker;
  let unwatch: () => void = () => undefined;

  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  const say = (message: ToIo): void => thread.postMessage(message);
  const freeBells = (): void => {
    for (const heard of bells.values()) heard(false);
    bells.clear();
  };

  function hear(message: FromIo): void {
    switch (message.kind) {
      case 'ready':
        documents = message.documents;
        return;
      case 'heard': {
        const heard = bells.get(message.id);
        bells.delete(message.id);
        return heard?.(message.ran);
      }
      case 'told':
        return deps.told(message.queue);
      case 'found':
        return deps.found(message.queues);
      case 'running':
        state = message;
        heardAt = performance.now();
        return;
      case 'stopped':
        return whenStopped?.();
    }
  }

  function start(): Promise<void> {
    const heartbeat = createHeartbeat();
    const started = new Worker(programFile('worker/io/io-thread'), {
      workerData: { settings: deps.settings, heartbeat },
      resourceLimits: {
        maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
        maxOldGenerationSizeMb: deps.memoryMb,
      },
    });
    thread = started;
    const endIfStuck = (afterMs: number): (() => void) =>
      watch(heartbeat, afterMs, () => {
        deps.logger.error(
          { tasks: state.ids },
          `the thread of I/O tasks computed for ${afterMs} ms without a pause (SLUICE_STUCK_MS); it is ended, and its tasks are run again. A task that computes belongs into a slot: run: 'cpu'`,
        );
        void started.terminate();
      });
    unwatch = endIfStuck(Math.max(deps.stuckMs, LEAST_START_MS));
    started.on('message', hear);
    if (places !== undefined) say({ kind: 'places', places });
    return new Promise((resolve, reject) => {
      started.once('message', () => {
        unwatch();
        unwatch = endIfStuck(deps.stuckMs);
        resolve();
      });
      started.once('error', (error) => {
        reject(error);
        deps.logger.error({ err: error }, 'the thread of I/O tasks has ended');
      });
      started.once('exit', (code) => {
        unwatch();
        reject(new Error(`The thread of I/O tasks has ended while it started, with code ${code}.`));
        whenStopped?.();
        if (stopping === undefined) void startAgain();
      });
    });
  }

  let isReady = false;
  let isAlive = true;
  async function startAgain(): Promise<void> {
    // The first start has failed: whoever asked for it is told.
    if (!isReady) return;
    isAlive = false;
    freeBells();
    state = { ...state, ids: [] };
    // While Postgres is away, nobody else can take them either.
    const isGivenBack = await giveBackLost();
    await sleep(START_AGAIN_MS);
    if (stopping !== undefined) return;
    if (!isGivenBack) return startAgain();
    isAlive = true;
    // One that fails has ended, and is started again for that.
    await start().catch(() => undefined);
  }

  async function giveBackLost(): Promise<boolean> {
    try {
      await deps.lost();
      return true;
    } catch (error) {
      deps.logger.warn({ err: error }, 'tasks of the thread that ended could not be given back; tried again');
      return false;
    }
  }

  await start();
  isReady = true;
  return {
    documents,
    bell: (queue, id) =>
      new Promise((resolve) => {
        // The thread in its place looks for tasks when it starts.
        if (!isAlive) return resolve(false);
        bells.set(id, resolve);
        say({ kind: 'bell', queue, id });
      }),
    state: () => ({ ...state, quietMs: state.quietMs + performance.now() - heardAt }),
    setPlaces: (wanted) => {
      places = wanted;
      say({ kind: 'places', places });
    },
    stop: (graceMs) =>
      (stopping ??= (async () => {
        const stopped = new Promise<void>((resolve) => (whenStopped = resolve));
        say({ kind: 'stop', graceMs });
        await Promise.race([stopped, sleep(graceMs + STOP_TIMEOUT_MS, undefined, { ref: false })]);
        unwatch();
        freeBells();
        await thread.terminate();
      })()),
  };
}
