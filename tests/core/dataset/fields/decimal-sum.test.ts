import { expect, it } from 'vitest';
import { DecimalSum } from '../../../../src/core/dataset/fields/decimal-sum.ts';

it.each<[string[], string, boolean]>([
  [['0.1', '0.2'], '0.3', true],
  [['0.1', '0.2'], '0.30000000000000004', false],
  [['1.50', '-2', '.5', '+3.'], '3', true],
  [['1e3', '1.5E-2'], '1000.015', true],
  [['9007199254740993', '1'], '9007199254740994', true],
  [['1', '2'], '3.01', false],
  [['1', '2', '1e99'], '3', false],
  [['1', '2'], '3e-99', false],
])('%j add up to %s: %s', (numbers, total, isSum) => {
  const sum = new DecimalSum();
  for (const number of numbers) sum.add(number);
  expect(sum.equals(total)).toBe(isSum);
});
