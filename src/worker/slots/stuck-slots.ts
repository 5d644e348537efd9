// Notices a slot that computes without end (a pattern that backtracks for years): while it does, its thread's clock stands still.
import { setInterval } from 'node:timers';

/** Counts up while a slot's thread is free to look at its clock. Shared with the thread. */
export type Heartbeat = Int32Array<SharedArrayBuffer>;

const BEAT_MS = 250;
const LOOK_MS = 500;

export function createHeartbeat(): Heartbeat {
  return new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
}

/** In the thread: beats from now on. @returns ends it */
export function beat(heartbeat: Heartbeat): () => void {
  const tick = (): void => void Atomics.add(heartbeat, 0, 1);
  tick();
  const timer = setInterval(tick, BEAT_MS);
  return () => clearInterval(timer);
}

/**
 * On the main thread: calls `stuck` once when a heart that has begun to beat has stood still for `stuckMs`. Counted in looks, not
 * by the clock, so that a process that was frozen as a whole does not take its slots for stuck. @returns ends it
 */
export function watch(heartbeat: Heartbeat, stuckMs: number, stuck: () => void): () => void {
  let seen = 0;
  let still = 0;
  const timer = setInterval(() => {
    const beats = Atomics.load(heartbeat, 0);
    still = beats === 0 || beats !== seen ? 0 : still + 1;
    seen = beats;
    if (still * LOOK_MS < stuckMs) return;
    clearInterval(timer);
    stuck();
  }, LOOK_MS);
  return () => clearInterval(timer);
}
