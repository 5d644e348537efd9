// What random tests share.
import fc from 'fast-check';

const TIMES = Number(process.env['SLUICE_TEST_RUNS'] ?? 1);

/** How many cases a random test tries; SLUICE_TEST_RUNS=10 tries ten times as many. */
export function runs(usual: number): number {
  return Math.ceil(usual * TIMES);
}

/** All characters, from whatever plane. (`unit: 'binary'` of fast-check first makes a table of a million of them, for two seconds.) */
const character = fc
  .oneof(
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 0xff }) },
    { weight: 2, arbitrary: fc.integer({ min: 0x100, max: 0xd7ff }) },
    { weight: 1, arbitrary: fc.integer({ min: 0xe000, max: 0xffff }) },
    { weight: 3, arbitrary: fc.integer({ min: 0x1_0000, max: 0x10_ffff }) },
  )
  .map((codePoint) => String.fromCodePoint(codePoint));

export function unicodeText(constraints: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.array(character, constraints).map((characters) => characters.join(''));
}
