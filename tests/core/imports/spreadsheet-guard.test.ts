import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guard, guardRaw, unguard } from '../../../src/core/imports/spreadsheet-guard.ts';

const STARTS = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

describe('the guard against formulas', () => {
  it.each(STARTS)('stands before a cell that begins with %j', (start) => {
    expect(guard(`${start}cmd()`)).toBe(`'${start}cmd()`);
    expect(guardRaw(`${start}cmd()`)).toBe(`${start}cmd()`);
  });

  it.each(['', '1', 'a=b', "'", "'a", ' =1'])('leaves %j alone', (text) => {
    expect([guard(text), guardRaw(text), unguard(text)]).toEqual([text, text, text]);
  });

  it('comes off without a trace, whatever the cell is', () => {
    const text = fc.string({ unit: fc.constantFrom("'", 'a', '1', ' ', ...STARTS), maxLength: 5 });
    fc.assert(
      fc.property(text, (cell) => {
        expect(unguard(guard(cell))).toBe(cell);
        expect(unguard(guardRaw(cell))).toBe(cell);
        expect(STARTS).not.toContain(guard(cell)[0]);
      }),
    );
  });
});
