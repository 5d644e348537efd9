// Whole numbers as bytes: no string is made for each cell.

const ZERO = 0x30;

/** NaN for what is no whole number. */
export function digitsOf(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  if (end === start || end - start > 10) return NaN;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) return NaN;
    number = number * 10 + digit;
  }
  return number;
}
