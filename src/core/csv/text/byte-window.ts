// The bytes at hand of a stream that is read once: new ones are put behind those that are still needed.

const FIRST_BYTES = 64 * 1024;

export class ByteWindow {
  /** The first `length` bytes are those at hand. */
  bytes: Buffer = Buffer.alloc(0);
  /** The same memory, four bytes at a time. */
  words = new Int32Array(0);
  length = 0;
  /** The stream's byte that `bytes` begins with. */
  base: number;

  constructor(startByte: number) {
    this.base = startByte;
  }

  /**
   * @param keepFrom what stands before this byte of the stream is dropped
   * @param mostKept so many bytes are ever kept; the memory does not grow beyond them and those of one push
   */
  append(pushed: Buffer, keepFrom: number, mostKept: number): void {
    const kept = this.bytes.subarray(keepFrom - this.base, this.length);
    const needed = kept.length + pushed.length;
    if (needed > this.bytes.length) {
      const room = Math.min(kept.length * 2, mostKept + pushed.length);
      const memory = new ArrayBuffer(Math.ceil(Math.max(needed, room, FIRST_BYTES) / 4) * 4);
      this.bytes = Buffer.from(memory);
      this.words = new Int32Array(memory);
      kept.copy(this.bytes);
    } else if (keepFrom !== this.base) kept.copy(this.bytes);
    pushed.copy(this.bytes, kept.length);
    this.length = needed;
    this.base = keepFrom;
  }
}
