import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCsvRecord } from '../../../src/core/csv/records/writer.ts';
import { guard, guardRaw, unguard } from '../../../src/core/imports/spreadsheet-guard.ts';
import { runs } from '../../support/random.ts';

const STARTS = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

describe('the guard against formulas', () => {
  it.each(STARTS)('stands before a cell that begins with %j', (start) => {
    expect(guard(`${start}cmd()`)).toBe(`'${start}cmd()`);
    expect(guardRaw(`${start}cmd()`)).toBe(`${start}cmd()`);
  });

  it.each(['', '1', 'a=b', "'", "'a", ' =1'])('leaves %j alone', (text) => {
    expect([guard(text), guardRaw(text), unguard(text)]).toEqual([text, text, text]);
  });

  it.each([
    ['a;=cmd()', "a;'=cmd()"],
    ['a\t+1;-1', "a\t'+1;'-1"],
    ['a\r\n@x', "a\r\n'@x"],
    ['=1;=2', "'=1;'=2"],
    [';"=1"', `;'"=1"`],
    ['"=1"', `'"=1"`],
    ["a;'=x", "a;''=x"],
    ['a;＝x', "a;'＝x"],
    ['a\r\nb;c', 'a\r\nb;c'],
  ])('stands within %j before what would be a cell of its own', (text, guarded) => {
    expect(guard(text)).toBe(guarded);
  });

  it('leaves no formula wherever a spreadsheet cuts', () => {
    const units = ["'", '"', 'a', ';', ',', ...STARTS];
    fc.assert(
      fc.property(fc.array(fc.string({ unit: fc.constantFrom(...units), maxLength: 8 })), (cells) => {
        const line = formatCsvRecord(['1', ...cells.map(guard)]);
        for (const cell of line.split(/[;\t\r\n]/).slice(1)) expect(cell).not.toMatch(/^"*[=+\-@＝＋－＠]/);
      }),
      { numRuns: runs(2500) },
    );
  });

  it('comes off without a trace, whatever the cell is', () => {
    const text = fc.string({ unit: fc.constantFrom("'", '"', 'a', ';', ' ', ...STARTS), maxLength: 8 });
    fc.assert(
      fc.property(text, (cell) => {
        expect(unguard(guard(cell))).toBe(cell);
        expect(unguard(guardRaw(cell))).toBe(cell);
        expect(STARTS).not.toContain(guard(cell)[0]);
      }),
      { numRuns: runs(8000) },
    );
  });
});
