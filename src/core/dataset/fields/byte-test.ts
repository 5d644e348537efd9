// Tests on a cell's bytes, for speed. A yes is certain; a no decides nothing: then the cell is decoded and the string
// readers are asked, which alone know why a cell is refused. So a test may be as simple as the common cell is.

/** @param mark the cell's, with the bits of cell-places.ts */
export type ByteTest = (bytes: Uint8Array, start: number, end: number, mark: number) => boolean;

/** For what takes every cell. `allOf` knows it and does not ask it. */
export const ANY_BYTES: ByteTest = () => true;

/** Yes when all tests say yes; undefined, which is never yes, when one of them is missing. */
export function allOf(tests: readonly (ByteTest | undefined)[]): ByteTest | undefined {
  if (tests.includes(undefined)) return undefined;
  const asked = tests.filter((test) => test !== undefined && test !== ANY_BYTES) as ByteTest[];
  return asked.reduce(both, ANY_BYTES);
}

function both(first: ByteTest, second: ByteTest): ByteTest {
  if (first === ANY_BYTES) return second;
  return (bytes, start, end, mark) => first(bytes, start, end, mark) && second(bytes, start, end, mark);
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

/** The ASCII digits of `bytes[start, end)` as a number, or -1 when one of them is something else. 15 digits at most. */
export function digitsAt(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < 48 || byte > 57) return -1;
    value = value * 10 + byte - 48;
  }
  return value;
}

/** Characters (code points) of UTF-8: every byte but those that continue one. */
export function charactersAt(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) if ((bytes[at]! & 0xc0) !== 0x80) count++;
  return count;
}
