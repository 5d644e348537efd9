// A task of Sluice's own that is made of steps in slots and rings for its parts: imports and undos. Its name, arguments and options are in
// core/tasks/task-kinds.ts, which every process may read. All other tasks are made with defineTask (define-task.ts).
import type { TaskErrorCode } from '../core/tasks/task-errors.ts';
import type { TaskKind } from '../core/tasks/task-kinds.ts';
import type { Database } from '../db/client.ts';
import type { Connection } from '../db/transaction.ts';
import type { Queues } from '../queue/queues.ts';
import type { SlotDeps } from './work-deps.ts';

/** Of which task a step is. */
export interface StepArgs {
  readonly taskId: string;
}

/** Work in a slot. Its arguments and its answer go between threads, so they are plain values. */
type Step = (deps: SlotDeps, args: never) => Promise<unknown>;
export type Steps = Readonly<Record<string, Step>>;
type ArgsOf<S extends Step> = Parameters<S>[1] extends undefined ? StepArgs : Parameters<S>[1];

/** What a task has while a worker works on its bell, on the main thread. */
export interface Turn<S extends Steps> {
  readonly taskId: string;
  /** Has a step done in a slot. @throws what the step throws */
  step<Name extends keyof S & string>(
    name: Name,
    args: ArgsOf<S[Name]>,
  ): Promise<Awaited<ReturnType<S[Name]>>>;
  /**
   * Rings for chunks, and leaves the turn until they have ended: the next one begins from the start. Comes back only when all of them
   * had ended already, or Redis takes chunks for done that are not: look again.
   */
  waitForChunks(chunkNos: readonly number[]): Promise<void>;
}

/** Which step has failed for good: of the task as a whole, or of a chunk of it. */
export interface FailedStep {
  readonly taskId: string;
  readonly chunkNo?: number | undefined;
}

export interface StepsTask<S extends Steps = Steps> {
  readonly kind: TaskKind;
  /** What slots can be asked for. A step looks at what Postgres has and does only what is missing: it may run again at any time. */
  readonly steps: S;
  /** What becomes of a bell. The answer is the job's result, for the dashboard. */
  readonly run: (turn: Turn<S>) => Promise<unknown>;
  /**
   * Ends a cancel that was asked for; the worker has cut off what runs of the task here.
   * @returns whether it has ended the task; false when another worker is at it
   * @throws what may go well the next time
   */
  readonly settleCancel: (db: Connection, taskId: string) => Promise<boolean>;
  /** How the failure of its last attempt is told: a code, and the beginning of a sentence that goes on with "after 5 attempts". */
  readonly describeFailure: (
    db: Database,
    failed: FailedStep,
  ) => Promise<{ readonly code: TaskErrorCode; readonly what: string; readonly chunkNo?: number }>;
  /** Rings again for parts of the task that Redis has lost while its own bell is still there. @returns how many */
  readonly dispatchLostParts?: (deps: SweepDeps, taskId: string) => Promise<number>;
}

/** What the sweep has at hand. */
export interface SweepDeps {
  readonly db: Database;
  readonly queues: Queues;
}

/** Checks that `run` asks only for steps that there are, and forgets which. */
export function defineStepsTask<S extends Steps>(definition: StepsTask<S>): StepsTask {
  return definition;
}
