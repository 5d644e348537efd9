/** The queue of imports and undos: each has a job in BullMQ from the beginning to the end. */
export const IMPORTS_QUEUE = 'imports';

/** BullMQ's own: `chunks` has the parts of imports. No other task is put into them. */
export const ENGINE_QUEUES = [IMPORTS_QUEUE, 'chunks'] as const;
export type EngineQueue = (typeof ENGINE_QUEUES)[number];

/** Where a task goes that says nothing of its queue. */
export const DEFAULT_QUEUE = 'default';

/** As BullMQ takes it, and as it can be written in a list with commas. */
export const QUEUE_NAME_PATTERN = '^[a-z0-9][a-z0-9_.-]{0,63}$';
const QUEUE_NAME = new RegExp(QUEUE_NAME_PATTERN);

/** True for a name that tasks may have as their queue. */
export function isTaskQueue(name: string): boolean {
  return QUEUE_NAME.test(name) && !(ENGINE_QUEUES as readonly string[]).includes(name);
}
