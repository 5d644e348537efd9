// Workers on demand: `sluice up --workers on-demand` starts a worker when work waits, and stops it when there is none.

/**
 * `pending`: a worker is being started, or is to be. `running`: it takes work. `stopping`: it is to stop; what runs ends within the grace,
 * or goes back to its queue. `stopped`: there is none.
 */
export const POOL_STATES = ['pending', 'running', 'stopping', 'stopped'] as const;
export type PoolState = (typeof POOL_STATES)[number];

/**
 * `on-demand`: a worker runs while there is work. `start`: one is to be started now, whether there is work or not; then as before.
 * `stop`: none is to run, whatever waits, until somebody wants it to start.
 */
export type PoolWish = 'on-demand' | 'start' | 'stop';

/** What there is for workers to do. */
export interface WorkToDo {
  /** Some of it waits for a worker, or for one in the place of a lost one. */
  readonly waits: boolean;
  /** Some of it runs, wherever. */
  readonly runs: boolean;
}

export interface PoolFacts {
  readonly state: PoolState;
  readonly wish: PoolWish;
  readonly work: WorkToDo;
  /** How long there has been nothing to do. */
  readonly idleForMs: number;
  /** How long that may be. */
  readonly idleMs: number;
}

export type PoolStep = 'start' | 'stop' | 'none';

/** What is to be done about the worker now. */
export function nextStep({ state, wish, work, idleForMs, idleMs }: PoolFacts): PoolStep {
  switch (state) {
    case 'stopped':
      return wish === 'start' || (wish === 'on-demand' && work.waits) ? 'start' : 'none';
    case 'pending':
      return wish === 'stop' ? 'stop' : 'none';
    case 'running':
      return wish === 'stop' || (wish === 'on-demand' && idleForMs >= idleMs) ? 'stop' : 'none';
    case 'stopping':
      return 'none';
  }
}

/** The state as people are to see it: what was asked for a moment ago is on its way. */
export function shownState(state: PoolState, wish: PoolWish): PoolState {
  if (wish === 'start' && state === 'stopped') return 'pending';
  if (wish === 'stop' && state !== 'stopped') return 'stopping';
  return state;
}
