import { CR, LF } from '../grammar.ts';

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

function countLineEnds(bytes: Buffer): number {
  return bytes.includes(CR) ? countMixed(bytes) : countLineFeeds(bytes);
}

const BYTES_PER_WORD = 4;
/** As many words as four counters of a byte each can take. */
const WORDS_PER_SUM = 255;

/** Four bytes at a time and without a branch: a byte's high bit is set where it was LF, and moved down to be summed. */
function countLineFeeds(bytes: Buffer): number {
  const skew = -bytes.byteOffset & 3;
  if (bytes.length < skew) return countMixed(bytes);
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + skew, (bytes.length - skew) >> 2);
  let count = 0;
  for (let at = 0; at < words.length;) {
    const end = Math.min(at + WORDS_PER_SUM, words.length);
    let sums = 0;
    for (; at < end; at++) {
      const word = words[at]! ^ 0x0a0a0a0a;
      sums = (sums + (~(((word & 0x7f7f7f7f) + 0x7f7f7f7f) | word | 0x7f7f7f7f) >>> 7)) | 0;
    }
    count += (sums & 0xff) + ((sums >>> 8) & 0xff) + ((sums >>> 16) & 0xff) + (sums >>> 24);
  }
  const behind = skew + words.length * BYTES_PER_WORD;
  for (const rest of [bytes.subarray(0, skew), bytes.subarray(behind)])
    for (const byte of rest) if (byte === LF) count++;
  return count;
}

/** A word of four bytes without an LF or CR is passed over at once. */
function countMixed(bytes: Buffer): number {
  const skew = -bytes.byteOffset & 3;
  // The memory may end before the next whole word begins.
  const words =
    bytes.length < skew
      ? new Int32Array(0)
      : new Int32Array(bytes.buffer, bytes.byteOffset + skew, (bytes.length - skew) >> 2);
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
