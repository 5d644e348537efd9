// Stage 1 of taking a file in: its bytes as they are sent, counted and hashed.
import { createHash } from 'node:crypto';
import { tooLarge } from './too-large.ts';

export class SentBytes {
  readonly #source: AsyncIterable<Buffer>;
  readonly #maxBytes: number;
  readonly #hash = createHash('sha256');
  #count = 0;
  #sha256: string | undefined;

  constructor(source: AsyncIterable<Buffer>, maxBytes: number) {
    this.#source = source;
    this.#maxBytes = maxBytes;
  }

  /** To be read once. @throws AppError UPLOAD_TOO_LARGE at the first byte that is too many */
  async *read(): AsyncGenerator<Buffer> {
    for await (const chunk of this.#source) {
      this.#count += chunk.length;
      if (this.#count > this.#maxBytes) throw tooLarge(this.#maxBytes);
      this.#hash.update(chunk);
      yield chunk;
    }
  }

  /** So far. */
  get count(): number {
    return this.#count;
  }

  /** Hex, of all that was read; nothing may be read after it. */
  sha256(): string {
    return (this.#sha256 ??= this.#hash.digest('hex'));
  }
}
