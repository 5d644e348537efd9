import { expect, it } from 'vitest';
import { linesFromEnd } from '../../../../src/core/csv/text/lines-from-end.ts';

const START = 3;

async function lines(text: string): Promise<[number, string, boolean][]> {
  const bytes = Buffer.from(`xyz${text}`);
  const found: [number, string, boolean][] = [];
  const range = { startByte: START, endByte: bytes.length };
  const read = async ({ startByte, endByte }: typeof range) => bytes.subarray(startByte, endByte);
  for await (const some of linesFromEnd(read, range))
    for (const { text: line, startByte, begins } of some)
      found.push([startByte - START, line.toString(), begins]);
  return found;
}

it.each<[string, [number, string][]]>([
  ['', []],
  ['a', [[0, 'a']]],
  [
    'a\nb\r\n\rc\n',
    [
      [6, 'c'],
      [5, ''],
      [2, 'b'],
      [0, 'a'],
    ],
  ],
  ['\n', [[0, '']]],
])('%j has the lines %j', async (text, expected) =>
  expect(await lines(text)).toEqual(expected.map((line) => [...line, true])),
);

it('a line may begin anywhere in what is read at a time, and be longer', async () => {
  for (const length of [65_534, 65_535, 65_536, 65_537, 200_000])
    for (const end of ['\n', '\r\n']) {
      const long = 'x'.repeat(length);
      expect(await lines(`a${end}${long}${end}b${end}`)).toEqual([
        [1 + length + 2 * end.length, 'b', true],
        [1 + end.length, long, true],
        [0, 'a', true],
      ]);
    }
});

it('of a line that is too long, pieces come', async () => {
  const found = await lines(`a\n${'x'.repeat(2_500_000)}\nb\n`);
  expect(found[0]).toEqual([2_500_003, 'b', true]);
  expect(found.at(-1)).toEqual([0, 'a', true]);
  const pieces = found.slice(1, -1).reverse();
  expect(pieces.map(([, , begins]) => begins)).toEqual([true, ...pieces.slice(1).map(() => false)]);
  expect(pieces.map(([, text]) => text).join('')).toBe('x'.repeat(2_500_000));
});
