// The life of a task: the only place that knows which status may follow which (Celery's names in brackets).

/** A task's status. `succeeded`, `failed` and `cancelled` are final. */
export type TaskStatus = 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';

/** From each status, the ones that may follow. */
export const TRANSITIONS = {
  /** Recorded, waiting for a worker [PENDING]. Left when a worker takes it, or by a cancel at once. */
  queued: ['running', 'cancelled', 'failed'],
  /** A worker works on it [STARTED]. Back to queued when it is tried again [RETRY]. */
  running: ['queued', 'succeeded', 'failed', 'cancelling'],
  /** A cancel was asked for; work in flight is being stopped, rows may be taken back. Failed only when they cannot be. */
  cancelling: ['cancelled', 'failed'],
  /** Did what it was asked [SUCCESS]. */
  succeeded: [],
  /** Ended without doing it; `error` says why [FAILURE]. */
  failed: [],
  /** Stopped on request [REVOKED]. */
  cancelled: [],
} as const satisfies Record<TaskStatus, readonly TaskStatus[]>;

export const TASK_STATUSES = Object.keys(TRANSITIONS) as TaskStatus[];

export const FINAL_STATUSES = TASK_STATUSES.filter((status) => TRANSITIONS[status].length === 0);

export function isFinal(status: TaskStatus): boolean {
  return TRANSITIONS[status].length === 0;
}

/** The statuses a task may be in for a change to `to`; the guard of every `UPDATE … WHERE status = ANY(from)`. */
export function statusesBefore(to: TaskStatus): TaskStatus[] {
  return TASK_STATUSES.filter((from) => (TRANSITIONS[from] as readonly TaskStatus[]).includes(to));
}
