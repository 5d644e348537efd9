import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCsvRecord } from '../../../../src/core/csv/records/writer.ts';
import { outline } from '../reading.ts';

describe('formatCsvRecord', () => {
  it.each([
    ['plain cells', ['a', 'b'], 'a,b\r\n'],
    ['a delimiter, a quote, a CR, an LF', ['a,b', 'c"d', 'e\rf', 'g\nh'], '"a,b","c""d","e\rf","g\nh"\r\n'],
    ['spaces at an end', [' a', 'b ', 'c d'], '" a","b ",c d\r\n'],
    ['empty cells', ['', ''], ',\r\n'],
    ['a lone empty cell is no blank line', [''], '""\r\n'],
  ])('%s', (_name, cells, expected) => {
    expect(formatCsvRecord(cells)).toBe(expected);
  });

  it('writes what reads back as the same cells', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', ',', ';', '\t', '|', '"', '\r', '\n', ' ', '氏', '\ufeff', '='),
      maxLength: 6,
    });
    const records = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(records, async (cells) => {
        expect(
          await outline(cells.map((record) => formatCsvRecord(record)).join(''), { columns: 2 }),
        ).toEqual(cells);
      }),
      { numRuns: 1000 },
    );
  });
});
