// Where joined files begin in the stored text, however its pieces are cut.
import { expect, it } from 'vitest';
import type { PartPlace } from '../../src/intake/part-place.ts';
import { PartStarts } from '../../src/intake/part-starts.ts';

const FILES = ['a,b\n1,é\n', '2,"x\r\ny"\r\n', '3,4\r', '5,6\n', '7,8'];

it.each([1, 2, 3, 7, 1000])('in pieces of %i bytes', (pieceBytes) => {
  const parts: PartPlace[] = [];
  const starts = new PartStarts(() => parts);
  let line = 1;
  for (const [at, content] of FILES.entries()) {
    parts.push({ name: `${at}.csv`, line, ownLine: 1, byte: 0, ownByte: 0 });
    line += content.match(/\r\n|\n|\r/g)?.length ?? 0;
    const bytes = Buffer.from(content);
    for (let from = 0; from < bytes.length; from += pieceBytes)
      starts.push(bytes.subarray(from, from + pieceBytes));
  }
  const text = Buffer.from(FILES.join(''));
  const own = starts.parts.map(({ startByte, last }) => [startByte, last?.toString()]);
  const begins = FILES.map((_, at) => Buffer.byteLength(FILES.slice(0, at).join('')));
  expect(own).toEqual(
    begins.map((from, at) => [from, begins[at + 1] && text.toString('utf8', 0, begins[at + 1])]),
  );
  expect(starts.parts.map(({ line: first }) => first)).toEqual(parts.map((part) => part.line));
});

it('of one file, nowhere', () => {
  const starts = new PartStarts(() => undefined);
  starts.push(Buffer.from('a\n'));
  expect(starts.parts).toEqual([]);
});
