// What the shipped datasets make of cells that they could be tempted to complete.
import { describe, expect, it } from 'vitest';
import { CUSTOMERS, land } from './customers.ts';

describe('customers', () => {
  const landed = (column: string, cell: string): string | undefined => {
    const { out, errors } = land(CUSTOMERS, [
      ['氏名', column],
      ['山田', cell],
    ]);
    return errors.length > 0
      ? undefined
      : out
          .join('')
          .split(/[\t\n]/)
          .find((value) => value.endsWith(cell));
  };

  it.each<[string, string, string | undefined]>([
    ['電話番号', '09012345678', '09012345678'],
    ['電話番号', '9012345678', '09012345678'],
    ['電話番号', '12', undefined],
    ['電話番号', '901234567', undefined],
    // A telephone at home has ten digits, and no other becomes one of eleven.
    ['電話番号', '0312345678', undefined],
    ['郵便番号', '0600001', '0600001'],
    ['郵便番号', '600001', '0600001'],
    ['郵便番号', '12', undefined],
    ['郵便番号', '12345', undefined],
  ])('%s %s is %s', (column, cell, value) => expect(landed(column, cell)).toBe(value));
});
