// COPY text as bytes, in blocks. A string that grows by many rows keeps every piece of every row alive until it is
// flattened, and the collector copies them all; appending rows here after a few of them takes half the time (measured).

const BLOCK_BYTES = 64 * 1024;
const MAX_UTF8_BYTES_PER_UNIT = 3;

export class CopyBuffer {
  #full: Buffer[] = [];
  #block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  #length = 0;

  append(text: string): void {
    const most = text.length * MAX_UTF8_BYTES_PER_UNIT;
    if (this.#length + most > this.#block.length) this.#cut(most);
    this.#length += this.#block.write(text, this.#length);
  }

  /** Hands over the blocks filled so far, in order, and starts anew; the caller owns them. */
  take(): Buffer[] {
    if (this.#length > 0) this.#cut(0);
    const blocks = this.#full;
    this.#full = [];
    return blocks;
  }

  #cut(most: number): void {
    if (this.#length > 0) this.#full.push(this.#block.subarray(0, this.#length));
    this.#block = Buffer.allocUnsafeSlow(Math.max(most, BLOCK_BYTES));
    this.#length = 0;
  }
}
