// How an attempt is told to stop, and why: the reasons its signal is aborted with.
import { setMaxListeners } from 'node:events';

/** Like an AbortController, whose signal is made when somebody asks for it: most tasks end before they look at theirs, and one is costly. */
export class AttemptAbort {
  /** Undefined until it is aborted; the first reason stands. */
  reason: Error | undefined;
  #controller: AbortController | undefined;
  #told: (() => void) | undefined;

  abort(reason: Error): void {
    if (this.reason !== undefined) return;
    this.reason = reason;
    this.#controller?.abort(reason);
    this.#told?.();
  }

  /** Calls this when it is aborted, at once if it has been. One caller is told: the last. */
  tell(aborted: () => void): void {
    this.#told = aborted;
    if (this.reason !== undefined) aborted();
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      // A task may hand its signal to as many calls as it likes.
      setMaxListeners(0, this.#controller.signal);
      if (this.reason !== undefined) this.#controller.abort(this.reason);
    }
    return this.#controller.signal;
  }
}

/** The task was cancelled, or another worker has it: nothing it does counts any more. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  constructor() {
    super('The task was cancelled.');
  }
}

/** It may still end well. */
export class SoftTimeLimit extends Error {
  override readonly name = 'SoftTimeLimit';
  constructor(ms: number) {
    super(`The task has taken longer than its soft time limit of ${ms} ms.`);
  }
}

/** It has failed. */
export class TimeLimit extends Error {
  override readonly name = 'TimeLimit';
  constructor(ms: number) {
    super(`The attempt took longer than its time limit of ${ms} ms.`);
  }
}

/** The worker stops; the task goes back to its queue. */
export class WorkerStops extends Error {
  override readonly name = 'WorkerStops';
  constructor() {
    super('The worker stops.');
  }
}

/** The task waits for a signal, and gives its place back until it comes. Not caught by a task's code: the attempt has ended. */
export class WaitsForSignal extends Error {
  override readonly name = 'WaitsForSignal';

  readonly signalName: string;
  /** Of how many signals the task knew. */
  readonly known: number;
  /** Until its timeout; null: for as long as it takes. */
  readonly waitMs: number | null;

  constructor(signalName: string, known: number, waitMs: number | null) {
    super(`The task waits for the signal "${signalName}".`);
    this.signalName = signalName;
    this.known = known;
    this.waitMs = waitMs;
  }
}
