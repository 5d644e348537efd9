// What webhooks are told of. SQL makes the events of tasks (sluice.events_of).

/** Of a test, and only of that: nobody asks for it. */
export const TEST_EVENT = 'webhook.test';

/** Celery's names in brackets. */
const BEGINNINGS = [
  /** It was recorded [task-sent]. */
  'created',
  /** A worker has begun it, for the first time [task-started]. */
  'started',
] as const;
/** It has ended, one of these, and no other event of it happens later [task-succeeded, task-failed, task-revoked]. */
const ENDS = ['succeeded', 'failed', 'cancelled'] as const;

export const IMPORT_EVENTS = [...BEGINNINGS, ...ENDS] as const;
/** `retried`: an attempt has failed, and there will be another [task-retried]. Of an import it is a chunk that is tried again, which nobody is told of. */
export const TASK_EVENTS = [...BEGINNINGS, 'retried', ...ENDS] as const;

/** `import.…`: of an import; `task.…`: of any other task. */
export const EVENT_TYPES = [
  ...IMPORT_EVENTS.map((event) => `import.${event}` as const),
  ...TASK_EVENTS.map((event) => `task.${event}` as const),
];

/** What a webhook may ask for: a type, or several. */
export const EVENT_CHOICES = ['*', 'import.*', 'task.*', ...EVENT_TYPES] as const;
export type EventChoice = (typeof EVENT_CHOICES)[number];

/** Ids of events must not hold a dot: a signature has one between its parts. */
export function testEventId(deliveryId: string): string {
  return `test-${deliveryId}`;
}
