// Memory for COPY text and rejects, used again: blocks left to the collector outlive many chunks, for they hardly burden its own heap.

export const BLOCK_BYTES = 64 * 1024;
/** More are left to the collector: a chunk whose rows grew far beyond its bytes is rare. */
const MOST_KEPT = 256;

export class BlockPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
  }

  /** To be called when nobody reads the blocks any more, a socket's queue included. */
  giveBack(blocks: readonly Buffer[]): void {
    for (const { buffer } of blocks)
      if (buffer.byteLength === BLOCK_BYTES && this.#free.length < MOST_KEPT)
        this.#free.push(Buffer.from(buffer));
  }
}
