import { monitorEventLoopDelay } from 'node:perf_hooks';

const NS_PER_MS = 1e6;
/** It looks so often; what it measures is at least that. */
const RESOLUTION_MS = 10;

/** Watches the event loop of its thread. @returns by how many milliseconds 99 of 100 turns were late at most, since it was asked last */
export function createLoopDelay(): () => number {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return () => {
    const late = histogram.count === 0 ? 0 : histogram.percentile(99) / NS_PER_MS - RESOLUTION_MS;
    histogram.reset();
    return Math.max(0, Math.round(late * 10) / 10);
  };
}
