/** Remembers the last bytes of a stream, however small the pieces are that it comes in. */
export class LastBytes {
  readonly #count: number;
  readonly #memory: Buffer;
  #length = 0;

  constructor(count: number) {
    this.#count = count;
    this.#memory = Buffer.alloc(2 * count);
  }

  push(bytes: Buffer): void {
    const last = bytes.subarray(-this.#count);
    if (this.#length + last.length > this.#memory.length) {
      const kept = this.#count - last.length;
      this.#memory.copyWithin(0, this.#length - kept, this.#length);
      this.#length = kept;
    }
    this.#length += last.copy(this.#memory, this.#length);
  }

  /** A copy of as many as there are, not more than are remembered. */
  last(count = this.#count): Buffer {
    return Buffer.from(this.#memory.subarray(Math.max(0, this.#length - count), this.#length));
  }
}
