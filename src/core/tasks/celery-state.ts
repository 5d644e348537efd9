import type { TaskStatus } from './task-status.ts';

/** What Celery calls the states of a task (celery/states.py). */
export const CELERY_STATES = ['PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'] as const;
export type CeleryState = (typeof CELERY_STATES)[number];

/** @param attempts those that have begun and count */
export function celeryState(status: TaskStatus, attempts: number): CeleryState {
  switch (status) {
    case 'queued':
      return attempts > 0 ? 'RETRY' : 'PENDING';
    case 'running':
    case 'cancelling':
      return 'STARTED';
    case 'succeeded':
      return 'SUCCESS';
    case 'failed':
      return 'FAILURE';
    case 'cancelled':
      return 'REVOKED';
  }
}
