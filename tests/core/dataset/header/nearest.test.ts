import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createSuggester, distanceWithin, nearest } from '../../../../src/core/dataset/header/nearest.ts';

/** The whole matrix, by the definition. */
function distance(a: readonly string[], b: readonly string[]): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : i)),
  );
  for (let i = 1; i <= a.length; i++)
    for (let j = 1; j <= b.length; j++) {
      const steps = [rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1];
      steps.push(rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        steps.push(rows[i - 2]![j - 2]! + 1);
      rows[i]![j] = Math.min(...steps);
    }
  return rows[a.length]![b.length]!;
}

const word = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

it('a distance within the bound is the distance, and one beyond it is more than the bound', () => {
  fc.assert(
    fc.property(word, word, fc.nat(8), (a, b, most) => {
      const exact = distance(a, b);
      const found = distanceWithin(a, b, most);
      expect(exact <= most ? found : found > most).toBe(exact <= most ? exact : true);
    }),
    { numRuns: 2000 },
  );
});

it('the nearest name is the first of those with the fewest edits', () => {
  const names = fc.array(
    word.map((letters) => letters.join('')),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(word, names, (letters, candidates) => {
      const near = candidates
        .map((name) => ({
          name,
          edits: distance(letters, [...name]),
          longer: Math.max(letters.length, name.length),
        }))
        .filter(
          ({ edits, longer }) => edits <= Math.min(5, Math.max(1, Math.floor(longer / 3))) && edits < longer,
        );
      const fewest = Math.min(...near.map(({ edits }) => edits));
      expect(nearest(letters.join(''), candidates)).toBe(near.find(({ edits }) => edits === fewest)?.name);
    }),
    { numRuns: 2000 },
  );
});

it('a suggester looks for twenty names, and then for no more', () => {
  const suggest = createSuggester(['phone']);
  const found = Array.from({ length: 25 }, () => suggest('phnoe'));
  expect(found).toEqual([...Array<string>(20).fill('phone'), ...Array<undefined>(5).fill(undefined)]);
});
