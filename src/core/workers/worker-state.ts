/** `lost`: it has said nothing for a while; killed, frozen, or cut off. A worker that was stopped is not there at all. */
export const WORKER_STATES = ['online', 'lost'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];
