// Due tasks of a queue stand in lanes, so that whoever claims them reads no entry of a task that he cannot run.

/**
 * `io`: for the thread of I/O tasks. `cpu`: for slots; also an I/O task whose worker was lost again and again, so that it can harm no other.
 * `unknown`: no worker has said yet that it knows the name.
 */
export type Lane = 'io' | 'cpu' | 'unknown';

/** A task whose worker was lost so often may be the cause of it. */
export const SUSPECT_FROM = 2;
