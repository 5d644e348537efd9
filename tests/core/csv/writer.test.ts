import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delimiter } from '../../../src/core/csv/types.ts';
import { formatCsvRecord } from '../../../src/core/csv/writer.ts';
import { outline } from './reading.ts';

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

  it('quotes for the delimiter it writes', () => {
    expect(formatCsvRecord(['a,b', 'c;d'], { delimiter: ';' })).toBe('a,b;"c;d"\r\n');
  });

  it.each(['=cmd()', '+1', '-1', '@x', '\tx', '\rx'])('guards %j when asked, and only then', (cell) => {
    expect(formatCsvRecord([cell, 'x'], { guardFormulas: true })).toContain(`'${cell}`);
    expect(formatCsvRecord([cell, 'x'])).not.toContain("'");
  });

  it('leaves other values alone when guarding', () => {
    expect(formatCsvRecord(['1', 'a=b', "'", ''], { guardFormulas: true })).toBe("1,a=b,',\r\n");
  });

  it('writes what reads back as the same cells', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', ',', ';', '\t', '|', '"', '\r', '\n', ' ', '氏', '\ufeff', '='),
      maxLength: 6,
    });
    const records = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(records, fc.constantFrom<Delimiter>(',', ';', '\t', '|'), async (cells, delimiter) => {
        const text = cells.map((record) => formatCsvRecord(record, { delimiter })).join('');
        expect(await outline(text, { columns: 2, delimiter })).toEqual(cells);
      }),
      { numRuns: 1000 },
    );
  });
});
