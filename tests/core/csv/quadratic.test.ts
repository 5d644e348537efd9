// Bytes made to be searched again and again. Each of these took seconds to hours, or overflowed the stack; none asserts a time: a test
// that has to wait for a square of its input does not end within its patience.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAmbiguousQuote } from '../../../src/core/csv/dialect/ambiguous-quote.ts';
import { hintAtHeader } from '../../../src/core/csv/dialect/hint-at-header.ts';
import { closingQuote, grammarOf, isDelimiter, readShape } from '../../../src/core/csv/grammar.ts';
import { createTextInspector } from '../../../src/core/csv/text/text-inspector.ts';
import { AppError } from '../../../src/errors.ts';

const ESCAPED = grammarOf({ delimiter: ',', escape: '\\' });

describe('what would cost the square of its length', () => {
  it('escaped quotes in a cell without quotes: each is not searched from anew', () => {
    const record = Buffer.from(`a${'\\"'.repeat(2 * 1024 * 1024)}`);
    expect(findAmbiguousQuote(record, 0, record.length, ESCAPED)).toBe(0);
  });

  it('bytes that are no text below tens of thousands of short lines', () => {
    const inspector = createTextInspector('utf-8', 10);
    const bytes = Buffer.concat([
      Buffer.from('\n'.repeat(60_000)),
      Buffer.alloc(60_000, 0x61),
      Buffer.from([0xff]),
    ]);
    const text = Buffer.concat([inspector.push(bytes), inspector.end()]).toString();
    expect(text.endsWith('a\ufffd')).toBe(true);
    expect(inspector.undecodable).toEqual([{ line: 60_001, byteOffset: 120_000, bytes: 'ff' }]);
  });

  it('a header looked for below a line that opens a quote', () => {
    const body = Buffer.from(`x\n${'"\n'.repeat(500)}${'a'.repeat(10_000_000)}`);
    const error = new AppError('HEADER_MISMATCH', 'No.');
    const table = { fits: () => false, knows: () => true, takesNullSign: false, columns: 2 };
    expect(hintAtHeader(error, body, { cells: ['x'] }, table, { endLine: 1 })).toBe(error);
  });
});

/** As the rule is told, each quote searched for by itself. */
function ambiguousQuotePlainly(bytes: Buffer, dialect: typeof ESCAPED): number {
  let column = 0;
  let found = 0;
  const { quote } = dialect;
  readShape(bytes, 0, bytes.length, dialect, (start, end, quoted) => {
    column++;
    if (quoted) return;
    for (let at = start + 1; found === 0 && at < end - 1; at++) {
      if (bytes[at] !== quote || bytes[at - 1] === quote) continue;
      const close = closingQuote(bytes, at, bytes.length, dialect);
      if (close <= end || isDelimiter(bytes, close - 1, dialect)) continue;
      if (close + 1 === bytes.length || isDelimiter(bytes, close + 1, dialect)) found = column;
    }
  });
  return found;
}

it('finds the same ambiguous quote as a search of each by itself', () => {
  const records = fc.string({ unit: fc.constantFrom('"', '\\', ',', 'a', ' ', "'"), maxLength: 24 });
  const dialects = [
    ESCAPED,
    grammarOf({ delimiter: ',' }),
    grammarOf({ delimiter: ',', quote: "'", escape: '"' }),
  ];
  fc.assert(
    fc.property(records, fc.constantFrom(...dialects), (record, dialect) => {
      const bytes = Buffer.from(record);
      expect(findAmbiguousQuote(bytes, 0, bytes.length, dialect)).toBe(ambiguousQuotePlainly(bytes, dialect));
    }),
    { numRuns: 20_000 },
  );
});
