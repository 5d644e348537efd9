// Keeps a file as it was sent, for when it raises a question. What is stored is its text, which for most files is the same bytes: then
// nothing is kept twice. From the first byte on that the text does not hold as it was sent, the file is copied beside it.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Storage, StorageKey } from '../storage/storage.ts';
import type { UploadPlace } from '../storage/upload-bytes.ts';
import { Spill } from './spill.ts';
import { MAGIC_BYTES } from './unpack.ts';

/** A copy that is no longer stays in memory. */
const MOST_HELD_BYTES = 256 * 1024;
/** The text follows the file this closely. If it does not, the file is copied. */
const MOST_BEHIND_BYTES = 4 * 1024 * 1024;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const NONE = Buffer.alloc(0);

/** The text that was made of the file, as far as it is stored. */
export interface StoredText extends UploadPlace {
  /** A BOM stood before it. */
  readonly hadBom: boolean;
  readonly length: number;
  /** What stands behind it in the file and is no part of it: the marks that DOS ends a text with. */
  readonly end: readonly Buffer[];
}

/**
 * How many of the first bytes of the file the text holds as they were sent; undefined as soon as it holds others.
 * @param first bytes, which say how the file is packed
 */
export type SameBytes = (first: Buffer) => number | undefined;

export class SentCopy {
  readonly #source: AsyncIterator<Buffer>;
  readonly #storage: Storage;
  readonly #key: StorageKey;
  readonly #sameBytes: SameBytes;
  #first: Buffer = Buffer.alloc(0);
  #same = 0;
  #isSame = true;
  /** The bytes behind those: `#from` is the place of the first in the file. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #from = 0;
  #spill: Spill | undefined;
  /** The whole file is stored here already. */
  #elsewhere: StorageKey | undefined;

  /** @param key where the copy goes when it is one */
  constructor(source: AsyncIterable<Buffer>, storage: Storage, key: StorageKey, sameBytes: SameBytes) {
    this.#source = source[Symbol.asyncIterator]();
    this.#storage = storage;
    this.#key = key;
    this.#sameBytes = sameBytes;
  }

  /** The file. Who stops early leaves the rest to `keep` or `close`. */
  async *read(): AsyncGenerator<Buffer> {
    for (;;) {
      const next = await this.#source.next();
      if (next.done === true) return;
      await this.#take(next.value);
      yield next.value;
      this.#settle();
    }
  }

  /** From here on the file is stored whole by somebody else. */
  leaveTo(key: StorageKey): void {
    this.#elsewhere = key;
    this.#held = [];
    this.#heldBytes = 0;
  }

  /**
   * Reads the file to its end and stores it, all of it, as it was sent.
   * @param sha256 of what was sent, asked for when all of it is read
   */
  async keep(to: StorageKey, text: StoredText, sha256: () => string): Promise<void> {
    for (let next = await this.#source.next(); next.done !== true; next = await this.#source.next())
      await this.#take(next.value);
    await this.#spill?.end();
    if (this.#elsewhere !== undefined) return this.#storage.copy(this.#elsewhere, to);
    if (this.#same === 0 && this.#spill !== undefined) return this.#storage.copy(this.#key, to);
    const isText = !text.hadBom && this.#same === text.length && this.#from + this.#heldBytes === this.#same;
    if (isText && text.content === null) return this.#storage.copy(text.storageKey, to);
    const hash = createHash('sha256');
    await this.#storage.write(
      to,
      Readable.from(
        hashed(this.#pieces(text), (bytes) => hash.update(bytes)),
        { objectMode: false },
      ),
    );
    if (hash.digest('hex') !== sha256())
      throw new Error('The copy of an upload is not what was sent; it is not kept');
  }

  /** Ends the source, and removes what was copied. */
  async close(): Promise<void> {
    await this.#source.return?.();
    await this.#spill?.abort();
    if (this.#spill !== undefined) await this.#storage.remove(this.#key);
    if (this.#elsewhere !== undefined) await this.#storage.remove(this.#elsewhere);
  }

  async #take(bytes: Buffer): Promise<void> {
    if (this.#elsewhere !== undefined) return;
    if (this.#first.length < MAGIC_BYTES)
      this.#first = Buffer.concat([this.#first, bytes.subarray(0, MAGIC_BYTES - this.#first.length)]);
    if (this.#spill !== undefined) return this.#spill.write(bytes);
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes <= (this.#isSame ? MOST_BEHIND_BYTES : MOST_HELD_BYTES)) return;
    this.#isSame = false;
    this.#spill = new Spill(this.#storage, this.#key);
    for (const piece of this.#notInText()) await this.#spill.write(piece);
    this.#held = [];
  }

  /** What the text holds by now is let go. */
  #settle(): void {
    if (!this.#isSame) return;
    const same = this.#sameBytes(this.#first);
    if (same === undefined) {
      this.#isSame = false;
      return;
    }
    this.#same = same;
    while (this.#held.length > 0 && this.#from + this.#held[0]!.length <= same) {
      const { length } = this.#held.shift()!;
      this.#from += length;
      this.#heldBytes -= length;
    }
  }

  /** The bytes at hand that the text does not hold. */
  *#notInText(): Generator<Buffer> {
    let skip = this.#same - this.#from;
    for (const bytes of this.#held) {
      if (skip < bytes.length) yield bytes.subarray(Math.max(0, skip));
      skip -= bytes.length;
    }
  }

  async *#pieces({ hadBom, length, end, content, storageKey }: StoredText): AsyncGenerator<Buffer> {
    const bom = hadBom && this.#same >= BOM.length ? BOM : NONE;
    yield bom;
    const ofText = Math.max(0, Math.min(this.#same - bom.length, length));
    if (content !== null) yield content.subarray(0, ofText);
    else if (ofText > 0)
      yield* this.#storage.read(storageKey, { startByte: 0, endByte: ofText }) as AsyncIterable<Buffer>;
    let ofEnd = this.#same - bom.length - ofText;
    for (const piece of end) {
      if (ofEnd > 0) yield piece.subarray(0, ofEnd);
      ofEnd -= piece.length;
    }
    if (this.#spill === undefined) yield* this.#notInText();
    else yield* this.#storage.read(this.#key) as AsyncIterable<Buffer>;
  }
}

async function* hashed(
  pieces: AsyncIterable<Buffer>,
  update: (bytes: Buffer) => void,
): AsyncGenerator<Buffer> {
  for await (const bytes of pieces) {
    update(bytes);
    yield bytes;
  }
}
