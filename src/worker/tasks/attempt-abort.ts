// Why an attempt is told to stop: the reasons its signal is aborted with.

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
