// Slots: threads in which the work is done, so that the main thread stays free to renew locks.
import { Piscina } from 'piscina';
import type { SlotSettings } from './slot-deps.ts';
import type { PlanOutcome } from './plan-import.ts';

/** What a slot can be asked for. */
export type SlotJob =
  | { readonly kind: 'plan'; readonly importId: string }
  | { readonly kind: 'load'; readonly importId: string; readonly chunkNo: number }
  | { readonly kind: 'undo'; readonly undoId: string };

/** Why work in a slot failed. `unavailable`: Postgres was away; `busy`: a twin holds the chunk; neither counts as a try. */
export type SlotFailure = 'error' | 'unavailable' | 'busy';

/** What a slot answers. */
export type SlotAnswer =
  | { readonly ok: true; readonly value: PlanOutcome | void }
  | { readonly ok: false; readonly failure: SlotFailure; readonly message: string; readonly stack: string };

/** Work in a slot failed; the message is the one of the error there. */
export class SlotError extends Error {
  override readonly name = 'SlotError';
  readonly failure: SlotFailure;

  constructor(answer: SlotAnswer & { ok: false }) {
    super(answer.message);
    this.stack = answer.stack;
    this.failure = answer.failure;
  }
}

export interface Slots {
  plan(importId: string, signal?: AbortSignal): Promise<PlanOutcome>;
  load(importId: string, chunkNo: number, signal?: AbortSignal): Promise<void>;
  undo(undoId: string, signal?: AbortSignal): Promise<void>;
  /** Ends the threads; work in them is cut off and its transactions roll back. */
  close(): Promise<void>;
}

/** A slot makes little garbage, and V8's own choice (48 MB) is filled all the same before it is looked at. */
const YOUNG_GENERATION_MB = 6;

/** Starts `concurrency` threads. An aborted signal ends the thread at once, whatever it computes, and another takes its place. */
export function openSlots(concurrency: number, settings: SlotSettings): Slots {
  const pool = new Piscina<SlotJob, SlotAnswer>({
    filename: new URL('./slot.js', import.meta.url).href,
    minThreads: concurrency,
    maxThreads: concurrency,
    concurrentTasksPerWorker: 1,
    workerData: settings,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const run = async (job: SlotJob, signal?: AbortSignal): Promise<PlanOutcome | void> => {
    const answer = await pool.run(job, signal ? { signal } : {});
    if (!answer.ok) throw new SlotError(answer);
    return answer.value;
  };
  return {
    plan: (importId, signal) => run({ kind: 'plan', importId }, signal) as Promise<PlanOutcome>,
    load: async (importId, chunkNo, signal) => {
      await run({ kind: 'load', importId, chunkNo }, signal);
    },
    undo: async (undoId, signal) => {
      await run({ kind: 'undo', undoId }, signal);
    },
    close: () => pool.destroy(),
  };
}
