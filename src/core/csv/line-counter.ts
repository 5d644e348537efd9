import { CR, LF } from './grammar.ts';

/** Counts physical lines over bytes that come in pieces: LF, CRLF and a lone CR end one each. */
export class LineCounter {
  private ends = 0;
  private afterCr = false;

  /** The line on which the next byte stands. */
  get line(): number {
    return this.ends + 1;
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.afterCr && bytes[0] === LF) this.ends--;
    this.ends += countLineEnds(bytes);
    this.afterCr = bytes[bytes.length - 1] === CR;
  }
}

/** A word of four bytes without an LF or CR is passed over at once. */
function countLineEnds(bytes: Buffer): number {
  const skew = -bytes.byteOffset & 3;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + skew, Math.max(0, bytes.length - skew) >> 2);
  let count = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (((at - skew) & 3) === 0) {
      let index = (at - skew) >> 2;
      while (index < words.length && !holdsLineEnd(words[index]!)) index++;
      at = index * 4 + skew;
    }
    const byte = bytes[at];
    if (byte === LF || (byte === CR && bytes[at + 1] !== LF)) count++;
  }
  return count;
}

/** A byte is zero after the XOR where it was equal; subtracting one then borrows into its high bit. */
function holdsLineEnd(word: number): boolean {
  const lf = word ^ 0x0a0a0a0a;
  const cr = word ^ 0x0d0d0d0d;
  return ((((lf - 0x01010101) & ~lf) | ((cr - 0x01010101) & ~cr)) & 0x80808080) !== 0;
}
