import { randomUUID } from 'node:crypto';

/** A queue prefix (SLUICE_QUEUE_PREFIX) that no other test has: all tests share one Redis. */
export function uniquePrefix(): string {
  return `test-${randomUUID()}`;
}
