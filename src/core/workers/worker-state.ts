/** `lost`: it has said nothing for a while; killed, frozen, or cut off. A worker that was stopped is not there at all. */
export const WORKER_STATES = ['online', 'lost'] as const;
export type WorkerState = (typeof WORKER_STATES)[number];

/**
 * `running`: takes work. `paused`: begins nothing until it is resumed. `draining`: begins nothing, ends what runs however long that takes,
 * and exits. `stopping`: begins nothing; what runs ends within the grace, or goes back to its queue; and exits.
 */
export const WORKER_PHASES = ['running', 'paused', 'draining', 'stopping'] as const;
export type WorkerPhase = (typeof WORKER_PHASES)[number];

export const WORKER_COMMANDS = ['pause', 'resume', 'drain', 'scale', 'shutdown'] as const;
export type WorkerCommandName = (typeof WORKER_COMMANDS)[number];

/** `warm`: what runs may end within the grace. `cold`: it goes back to its queue at once. */
export const SHUTDOWN_MODES = ['warm', 'cold'] as const;
export type ShutdownMode = (typeof SHUTDOWN_MODES)[number];
