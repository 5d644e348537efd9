// What webhooks are told of. SQL makes the events of tasks that end (sluice.deliveries_of).

/** Of a test, and only of that: nobody asks for it. */
export const TEST_EVENT = 'webhook.test';

const KINDS = ['import', 'task'] as const;
const ENDS = ['succeeded', 'failed', 'cancelled'] as const;

/** `import.*`: an import has ended; `task.*`: any other task has. */
export const EVENT_TYPES = KINDS.flatMap((kind) => ENDS.map((end) => `${kind}.${end}` as const));

/** What a webhook may ask for: a type, or several. */
export const EVENT_CHOICES = ['*', ...KINDS.map((kind) => `${kind}.*` as const), ...EVENT_TYPES] as const;
export type EventChoice = (typeof EVENT_CHOICES)[number];

/** Ids of events must not hold a dot: a signature has one between its parts. */
export function testEventId(deliveryId: string): string {
  return `test-${deliveryId}`;
}
