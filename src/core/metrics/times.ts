// How long things took, counted in memory that the threads of a process share.
import type { CountedSeries } from './histogram-text.ts';

export type TimesMemory = SharedArrayBuffer;

/** From what a disk takes to what an upload of many GB does. */
export const TIMES_BOUNDS_S = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60, 600] as const;

/** Of each series: a count for each bound and one for all above, and the sum in microseconds. */
const CELLS = TIMES_BOUNDS_S.length + 2;
const SUM = CELLS - 1;

export function timesMemory(series: number): TimesMemory {
  return new SharedArrayBuffer(series * CELLS * BigInt64Array.BYTES_PER_ELEMENT);
}

/** Adds one. @param series which, from 0 on */
export function addTime(memory: TimesMemory, series: number, ms: number): void {
  const cells = new BigInt64Array(memory, series * CELLS * BigInt64Array.BYTES_PER_ELEMENT, CELLS);
  const found = TIMES_BOUNDS_S.findIndex((bound) => ms <= bound * 1000);
  Atomics.add(cells, found === -1 ? TIMES_BOUNDS_S.length : found, 1n);
  Atomics.add(cells, SUM, BigInt(Math.round(ms * 1000)));
}

/** Of a series with at least one. */
export function readTimes(memory: TimesMemory, series: number): Omit<CountedSeries, 'labels'> | undefined {
  const cells = new BigInt64Array(memory, series * CELLS * BigInt64Array.BYTES_PER_ELEMENT, CELLS);
  const counts = Array.from({ length: SUM }, (_, at) => Number(Atomics.load(cells, at)));
  if (counts.every((count) => count === 0)) return undefined;
  return { counts, seconds: Number(Atomics.load(cells, SUM)) / 1e6 };
}
