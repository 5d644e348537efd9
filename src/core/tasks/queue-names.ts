/** The queues that bells of tasks ring in. */
export const TASK_QUEUES = ['imports'] as const;
export type TaskQueue = (typeof TASK_QUEUES)[number];

/** All queues, in the order a worker's `--queues` lists them: `chunks` has the parts of imports. */
export const QUEUE_NAMES = [...TASK_QUEUES, 'chunks'] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];
