import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { didYouMean, editDistance, Suggestions } from '../../../../src/core/dataset/header/nearest.ts';

/** The whole matrix, plainly. */
function wholeMatrix(a: readonly number[], b: readonly number[]): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let i = 1; i <= a.length; i++) {
    const [before, row] = [rows[i - 1]!, [i]];
    for (let j = 1; j <= b.length; j++) {
      const replaced = before[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, before[j]! + 1, row[j - 1]! + 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j]!, rows[i - 2]![j - 2]! + 1);
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
}

const codePoints = (text: string): number[] => Array.from(text, (letter) => letter.codePointAt(0)!);

describe('the edit distance', () => {
  test('is that of the whole matrix up to its limit, and nothing beyond', () => {
    const letters = fc.array(fc.nat(3), { maxLength: 12 });
    fc.assert(
      fc.property(letters, letters, fc.nat(13), (a, b, limit) => {
        const edits = wholeMatrix(a, b);
        expect(editDistance(a, b, limit)).toBe(edits <= limit ? edits : undefined);
      }),
      { numRuns: 20_000 },
    );
  });

  test('of a text and the same with some edits', () => {
    const texts = fc.tuple(
      fc.string({ minLength: 20, maxLength: 60 }),
      fc.array(fc.nat(58), { maxLength: 8 }),
    );
    fc.assert(
      fc.property(texts, fc.nat(20), ([text, swaps], limit) => {
        const [a, b] = [codePoints(text), codePoints(text)];
        for (const at of swaps) if (at + 1 < b.length) [b[at], b[at + 1]] = [b[at + 1]!, b[at]!];
        const edits = wholeMatrix(a, b);
        expect(editDistance(a, b, limit)).toBe(edits <= limit ? edits : undefined);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a suggestion', () => {
  test.each([
    ['phnoe', ['name', 'phone'], ' Did you mean "phone"?'],
    ['Naem', ['name', 'phone'], ' Did you mean "name"?'],
    ['x', ['y'], ''],
    ['', ['a', ''], ''],
    ['code', ['birthday'], ''],
    ['a'.repeat(65), ['a'.repeat(64)], ''],
  ])('for %j among %j', (name, candidates, said) => expect(didYouMean(name, candidates)).toBe(said));

  test('is for the first 20 names', () => {
    const suggestions = new Suggestions(() => ['phone']);
    const given = Array.from({ length: 30 }, () => suggestions.nearest('phnoe'));
    expect(given.filter((each) => each === 'phone')).toHaveLength(20);
    expect(given.indexOf(undefined)).toBe(20);
  });

  test('is for fewer where there are very many candidates, but for one always', () => {
    const among = (count: number): number => {
      const suggestions = new Suggestions(() => Array.from({ length: count }, (_, at) => `field_${at}`));
      return Array.from({ length: 20 }, () => suggestions.nearest('feild_1')).filter((each) => each).length;
    };
    expect([among(500), among(2500), among(30_000)]).toEqual([20, 4, 1]);
  });
});
