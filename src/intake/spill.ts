// Bytes that are written to the storage as they come, beside another stream that goes on at its own pace.
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Storage, StorageKey } from '../storage/storage.ts';

export class Spill {
  readonly #stream = new PassThrough();
  readonly #written: Promise<number>;

  constructor(storage: Storage, key: StorageKey) {
    this.#written = storage.write(key, this.#stream);
    // What went wrong is thrown where it is waited for.
    this.#written.catch(() => this.#stream.destroy());
  }

  /** Resolves when there is room for more. @throws what the storage says, such as AppError STORAGE_FULL */
  async write(bytes: Buffer): Promise<void> {
    if (this.#stream.write(bytes)) return;
    await Promise.race([once(this.#stream, 'drain'), this.#written]);
  }

  /** Resolves when all is in the storage. */
  async end(): Promise<void> {
    this.#stream.end();
    await this.#written;
  }

  /** Gives up; nothing of it stays. */
  async abort(): Promise<void> {
    this.#stream.destroy(new Error('given up'));
    await this.#written.catch(() => undefined);
  }
}
