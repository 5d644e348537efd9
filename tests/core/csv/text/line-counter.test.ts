import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineCounter } from '../../../../src/core/csv/text/line-counter.ts';

const text = (...units: string[]) =>
  fc
    .string({ unit: fc.constantFrom(...units), maxLength: 3000, size: 'max' })
    .map((each) => Buffer.from(each));

test.each([
  ['LF', text('\n', 'a', '\u008a', '山', '\v', '\t')],
  ['few LF', text('a', 'bcdefgh', '\u000b\u008a', 'klmnopq\n')],
  ['LF, CRLF and lone CR', text('\n', '\r', '\r\n', 'a', '\u008d')],
])('counts lines ended by %s, wherever the bytes are cut and stand in memory', (_name, files) => {
  fc.assert(
    fc.property(files, fc.array(fc.nat(3000), { maxLength: 4 }), fc.nat(3), (file, cuts, skew) => {
      const bytes = Buffer.concat([Buffer.alloc(skew), file]).subarray(skew);
      const counter = new LineCounter();
      const ends = [...cuts.sort((a, b) => a - b), bytes.length];
      for (const [at, end] of ends.entries()) counter.push(bytes.subarray(ends[at - 1] ?? 0, end));
      expect(counter.line).toBe(file.toString().split(/\r\n|\r|\n/).length);
    }),
  );
});

test('counts many LF in a row', () => {
  const counter = new LineCounter();
  counter.push(Buffer.alloc(100_003, '\n'));
  expect(counter.line).toBe(100_004);
});

test('counts the last bytes of their memory, however few they are', () => {
  for (const size of [5, 6, 7, 8])
    for (let start = 0; start <= size; start++) {
      const bytes = Buffer.from(new ArrayBuffer(size)).fill('\n').subarray(start);
      const counter = new LineCounter();
      counter.push(bytes);
      expect(counter.line).toBe(bytes.length + 1);
    }
});
