import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowSet } from '../../../src/core/imports/row-set.ts';

/** Around the ends of bytes and of pages, and far away. */
const row = fc.oneof(
  fc.nat(40),
  fc.integer({ min: 65_520, max: 65_560 }),
  fc.integer({ min: 9e9, max: 9e9 + 20 }),
);

it('holds what was added by one or as runs, and not what was removed', () => {
  const step = fc.oneof(
    fc.record({ add: row }),
    fc.record({ remove: row }),
    fc.record({ first: row, length: fc.nat(40) }),
  );
  fc.assert(
    fc.property(fc.array(step), fc.array(row), (steps, others) => {
      const [set, truth] = [new RowSet(), new Set<number>()];
      for (const each of steps) {
        if ('add' in each) {
          set.add(each.add);
          truth.add(each.add);
        } else if ('remove' in each) {
          set.remove(each.remove);
          truth.delete(each.remove);
        } else {
          set.addRun(each.first, each.first + each.length);
          for (let at = 0; at <= each.length; at++) truth.add(each.first + at);
        }
      }
      for (const each of [...truth, ...others, ...[...truth].map((row) => row + 1)])
        expect([each, set.has(each)]).toEqual([each, truth.has(each)]);
    }),
  );
});

it('adds a run that is longer than a page', () => {
  const set = new RowSet();
  set.addRun(3, 200_001);
  expect([2, 3, 4, 65_535, 65_536, 200_001, 200_002].map((row) => set.has(row))).toEqual([
    false,
    true,
    true,
    true,
    true,
    true,
    false,
  ]);
});
