import { expect, it } from 'vitest';
import { oncePer } from '../../src/worker/report-progress.ts';

it('says yes once in each interval for each id, and keeps no id for longer', () => {
  let now = 0;
  const told = new Map<string, number>();
  const may = oncePer(500, () => now, told);
  expect([may('a'), may('a'), may('b')]).toEqual([true, false, true]);
  now = 499;
  expect([may('a'), may('c')]).toEqual([false, true]);
  now = 500;
  expect([may('a'), may('a')]).toEqual([true, false]);
  // Imports that were cancelled say nothing more.
  for (let id = 0; id < 10_000; id++) {
    now += 1;
    may(`import ${id}`);
  }
  expect(told.size).toBeLessThanOrEqual(500);
});
