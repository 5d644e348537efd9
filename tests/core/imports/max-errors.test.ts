import { describe, expect, it } from 'vitest';
import { exceedsMaxErrors, isMaxErrors } from '../../../src/core/imports/max-errors.ts';

describe('maxErrors', () => {
  it.each(['0', '100', '2.5%', '0%', '100%', '0.0001%'])('takes %s', (text) =>
    expect(isMaxErrors(text)).toBe(true),
  );
  it.each(['', '-1', '1.5', '101%', '2,5%', '1e3', '% ', '0.00001%', ' 1'])('does not take "%s"', (text) =>
    expect(isMaxErrors(text)).toBe(false),
  );
  it.each([
    [null, 1_000_000, 1_000_000, false],
    ['0', 0, 10, false],
    ['0', 1, 10, true],
    ['100', 100, 1000, false],
    ['100', 101, 1000, true],
    ['2.5%', 25, 1000, false],
    ['2.5%', 26, 1000, true],
    ['0.07%', 7, 10_000, false],
    ['0.07%', 8, 10_000, true],
    ['1.1%', 11_000_000, 1_000_000_000, false],
    ['1.1%', 11_000_001, 1_000_000_000, true],
    ['0%', 1, 10, true],
    ['100%', 10, 10, false],
  ] as const)('%s: %i rejected of %i exceeds it: %s', (limit, rejected, records, exceeds) =>
    expect(exceedsMaxErrors(limit, rejected, records)).toBe(exceeds),
  );
});
