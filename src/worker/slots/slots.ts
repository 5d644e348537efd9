// Slots: threads in which the work is done, so that the main thread stays free to renew locks.
import type { Config } from '../../config/config.ts';
import type { ClaimedTask } from '../../db/tasks/claims.ts';
import type { Logger } from '../../logger.ts';
import type { SlotSettings } from '../../tasks/work-deps.ts';
import { createHeartbeat, watch, type Heartbeat } from './stuck-slots.ts';
import { programFile } from '../../package-files.ts';
import { ThreadPool } from '../../thread-pool.ts';
import { currentTracer, type RecordedSpan } from '../../tracing/tracing.ts';

/** What a slot can be asked for. */
export type SlotJob = SlotStep | SlotAttempt;

/** A step of a task that has steps, as its definition has it. */
export interface SlotStep {
  readonly task: string;
  readonly step: string;
  readonly args: object;
}

/** An attempt at a CPU task. It may compute for as long as it likes. */
export interface SlotAttempt {
  readonly claimed: ClaimedTask;
}

/** What goes over to a thread. */
export interface SlotOrder {
  readonly job: SlotJob;
  readonly heartbeat: Heartbeat;
  /** Where the process traces: the `traceparent` of the span that the job belongs to, if there is one. */
  readonly trace?: { readonly parent: string | undefined } | undefined;
}

/** Why work in a slot failed. `unavailable`: Postgres was away; `full`: a disk was; `storage`: the storage was away; `busy`: another worker holds the chunk; `locked`: others hold a lock, and the message says who. None but `error` counts as a try. */
export type SlotFailure = 'error' | 'unavailable' | 'full' | 'storage' | 'busy' | 'locked';

/** Said beside the answer by a slot that is to be ended now: it has done as many tasks, or holds as much memory, as a slot may. */
export interface LastAnswer {
  readonly lastOf: string;
  readonly answer: SlotAnswer;
}

/** What a slot answers. */
export type SlotAnswer = (
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly failure: SlotFailure; readonly message: string; readonly stack: string }
) & { readonly spans?: readonly RecordedSpan[] };

/** Work in a slot failed; the message is the one of the error there. */
export class SlotError extends Error {
  override readonly name = 'SlotError';
  readonly failure: SlotFailure;

  constructor(
    answer: { readonly failure: SlotFailure; readonly message: string; readonly stack?: string },
    options?: ErrorOptions,
  ) {
    super(answer.message, options);
    if (answer.stack !== undefined) this.stack = answer.stack;
    this.failure = answer.failure;
  }
}

export interface Slots {
  /** Has a step done. An aborted signal ends its thread at once, whatever it computes. @returns what the step gives @throws SlotError */
  run(job: SlotJob, signal?: AbortSignal): Promise<unknown>;
  /** The same in a thread beside the slots, for work that must not wait behind a large file. */
  runBeside(job: SlotJob): Promise<unknown>;
  /** How many of the slots work now. */
  busy(): number;
  /** Ends the threads; work in them is cut off and its transactions roll back. */
  close(): Promise<void>;
}

/** Of an attempt at a CPU task. */
export function attemptId({ claimed }: SlotAttempt): string {
  return `${claimed.id} ${claimed.start}`;
}

function slotEnded(why: string, cause: unknown): SlotError {
  return new SlotError({ failure: 'error', message: `its slot was ended: ${why}` }, { cause });
}

/** A slot makes little garbage, and V8's own choice (48 MB) is filled all the same before it is looked at. */
const YOUNG_GENERATION_MB = 6;

/** A thread goes when it had nothing to do for so long. */
const IDLE_MS = 5 * 60_000;

/** What a slot's thread is given. */
export type SlotThreadSettings = SlotSettings &
  Pick<
    Config,
    | 'taskFolders'
    | 'httpHosts'
    | 'httpPrivateHosts'
    | 'maxResultBytes'
    | 'basePath'
    | 'exportHours'
    | 'exportsAtOnce'
    | 'maxTaskLogLines'
    | 'maxTasksPerSlot'
    | 'maxMemoryPerSlotMb'
    | 'logLevel'
    | 'logFormat'
  >;

export type SlotLimits = Pick<Config, 'slots' | 'slotMemoryMb' | 'stuckMs'>;

/**
 * At most `slots` threads, started when there is work. One that is ended has another in its place; work also ends its thread when it takes more memory than a
 * slot has, or computes without a pause for longer than `stuckMs`.
 */
export function openSlots(
  { slots, slotMemoryMb, stuckMs }: SlotLimits,
  settings: SlotThreadSettings,
  logger: Logger,
): Slots {
  const openPool = (maxThreads: number) =>
    new ThreadPool<SlotOrder, SlotAnswer>(
      {
        filename: programFile('worker/slots/slot'),
        maxThreads,
        idleTimeout: IDLE_MS,
        concurrentTasksPerWorker: 1,
        workerData: settings,
        resourceLimits: {
          maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
          maxOldGenerationSizeMb: slotMemoryMb,
        },
      },
      'a slot',
      logger,
    );
  const pool = openPool(slots);
  const beside = openPool(1);
  /** By the ids of their attempts. */
  const last = new Map<string, (answer: SlotAnswer) => void>();
  pool.on('message', ({ lastOf, answer }: LastAnswer) => last.get(lastOf)?.(answer));
  let inFlight = 0;
  const run = async (threads: typeof pool, job: SlotJob, signal?: AbortSignal): Promise<unknown> => {
    const tracer = currentTracer();
    const heartbeat = createHeartbeat();
    const stuck = new AbortController();
    const rest = 'claimed' in job ? () => undefined : watch(heartbeat, stuckMs, () => stuck.abort());
    const replaced = new AbortController();
    const attempt = 'claimed' in job ? attemptId(job) : undefined;
    let lastAnswer: SlotAnswer | undefined;
    if (attempt !== undefined)
      last.set(attempt, (answer) => {
        lastAnswer = answer;
        replaced.abort();
      });
    try {
      const signals = [stuck.signal, replaced.signal, ...(signal ? [signal] : [])];
      const trace = tracer && { parent: tracer.current() };
      const answered = threads.run({ job, heartbeat, trace }, { signal: AbortSignal.any(signals) });
      const answer = await answered.catch((error: unknown) => {
        if (lastAnswer !== undefined) return lastAnswer;
        throw error;
      });
      tracer?.adopt(answer.spans ?? []);
      if (!answer.ok) throw new SlotError(answer);
      return answer.value;
    } catch (error) {
      if (stuck.signal.aborted)
        throw slotEnded(`it computed for ${stuckMs} ms without a pause (SLUICE_STUCK_MS)`, error);
      if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY')
        throw slotEnded(`it needed more than ${slotMemoryMb} MB of memory (SLUICE_SLOT_MEMORY_MB)`, error);
      throw error;
    } finally {
      rest();
      if (attempt !== undefined) last.delete(attempt);
    }
  };
  return {
    run: async (job, signal) => {
      inFlight += 1;
      try {
        return await run(pool, job, signal);
      } finally {
        inFlight -= 1;
      }
    },
    busy: () => Math.min(slots, inFlight),
    runBeside: (job) => run(beside, job),
    close: async () => {
      await Promise.all([pool.destroy(), beside.destroy()]);
    },
  };
}
