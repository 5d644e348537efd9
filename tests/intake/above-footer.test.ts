import { expect, it } from 'vitest';
import { aboveFooter } from '../../src/intake/above-footer.ts';

function end(text: string, lines: number, mayBeEmpty?: boolean): Promise<number> {
  const bytes = Buffer.from(text);
  return aboveFooter(
    (range) => Promise.resolve(bytes.subarray(range.startByte, range.endByte)),
    2,
    bytes.length,
    lines,
    mayBeEmpty,
  );
}

it.each([
  ['x\na\nb\nT\n', 1, 'x\na\nb\n'],
  ['x\na\nb\nT', 1, 'x\na\nb\n'],
  ['x\na\r\n\r\nT\r\n\r\n', 1, 'x\na\r\n\r\n'],
  ['x\na\rb\rT\r', 2, 'x\na\r'],
  ['x\na\nb\n', 0, 'x\na\nb\n'],
])('%j without its last %d lines', async (text, lines, above) => {
  expect(await end(text, lines)).toBe(above.length);
});

it('looks as far up as it must', async () => {
  const footer = `${'T'.repeat(200_000)}\n${'U'.repeat(100_000)}\n`;
  expect(await end(`x\na\n${footer}`, 2)).toBe(4);
});

it.each([
  ['x\na\n', 1],
  ['x\n\n\na\n', 1],
  ['x\na\nb\n', 5],
])('%j has no record above its last %d lines', async (text, lines) => {
  await expect(end(text, lines)).rejects.toMatchObject({ code: 'FILE_HEADER_ONLY' });
});

it.each([
  ['x\nT\n', 1],
  ['x\n\r\nT\nU', 2],
])('%j may hold no record above its last %d lines', async (text, lines) => {
  expect(await end(text, lines, true)).toBe(2);
});

it('a text of fewer lines than are skipped is refused, also where it may hold no record', async () => {
  await expect(end('x\nT\n', 2, true)).rejects.toMatchObject({ code: 'FILE_HEADER_ONLY' });
});
