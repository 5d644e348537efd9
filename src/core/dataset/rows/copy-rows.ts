// Rows on their way into one table as COPY takes them, in blocks of bytes: a row that turns out to be bad is taken back.
import { BLOCK_BYTES, type BlockPool } from './block-pool.ts';

/** Shorter runs are copied faster by a loop over words than by a call (measured). */
const LOOPED_BYTES = 128;
export const WORD_BYTES = 4;

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Copies in words, the last of them whole: up to three bytes behind it are read, and written over. */
function copyWords(from: DataView, start: number, count: number, to: DataView, at: number): void {
  for (let word = 0; word < count; word += WORD_BYTES)
    to.setInt32(at + word, from.getInt32(start + word, true), true);
}

/** The values of a row come in the order of the table's columns, behind its id. */
export abstract class CopyRows {
  readonly #pool: BlockPool;
  /** Of an id as it is written, with what comes before it in a row; whole words. */
  readonly #idBytes: number;
  #full: Buffer[] = [];
  #id: Uint8Array = Buffer.alloc(0);
  #idView: DataView = viewOf(this.#id);
  #rowAt = 0;
  #rows = 0;
  #sourceView: DataView = viewOf(this.#id);
  /** What the cells of the row are in. */
  protected source: Buffer = Buffer.alloc(0);
  protected block: Buffer;
  protected view: DataView;
  /** Bytes of the block that are written. */
  protected length = 0;

  constructor(pool: BlockPool, idBytes: number) {
    this.#pool = pool;
    this.#idBytes = idBytes;
    this.block = pool.take();
    this.view = viewOf(this.block);
  }

  /** Rows that were ended. */
  get rows(): number {
    return this.#rows;
  }

  /** Begins a row whose cells are in `source`, with room for its id in front, which `endRow` puts there. */
  abstract beginRow(source: Buffer): void;

  /** Ends the row. @param id of `idBytes` */
  abstract endRow(id: Uint8Array): void;

  /** True when the row so far, behind its id, is nothing but `count` NULLs: no other value looks like one. */
  abstract isAllNull(count: number): boolean;

  abstract appendNull(): void;

  abstract appendId(id: Uint8Array): void;

  /** Bytes of the source, as they are. @param mark the cell's, with the bits of cell-places.ts */
  abstract appendCell(start: number, end: number, mark: number): void;

  abstract appendText(text: string): void;

  /** A whole number that is not negative. */
  abstract appendInteger(number: number): void;

  /** Bytes in the form of the rows, each value with what comes before it. */
  appendBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.block.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The values that a function appends, in the form of the rows, where no row was begun yet. */
  bytesOf(append: () => void): Buffer {
    append();
    const bytes = Buffer.from(this.block.subarray(this.#rowAt, this.length));
    this.dropRow();
    return bytes;
  }

  /** Takes back the row that was begun and not ended, if there is one. */
  dropRow(): void {
    this.length = this.#rowAt;
  }

  /** Hands over the blocks, in order; the caller owns them. To be called once, at the end. */
  take(): Buffer[] {
    return this.#rowAt > 0 ? [...this.#full, this.block.subarray(0, this.#rowAt)] : this.#full;
  }

  /** Where the row begins in the block. */
  protected get rowAt(): number {
    return this.#rowAt;
  }

  protected setSource(source: Buffer): void {
    if (source === this.source) return;
    this.source = source;
    this.#sourceView = viewOf(source);
  }

  protected closeRow(): void {
    this.#rowAt = this.length;
    this.#rows++;
  }

  /** Room for so many bytes behind `length`. */
  protected reserve(bytes: number): void {
    if (this.length + bytes > this.block.length) this.#cut(bytes);
  }

  /** Copies bytes of the source to `at`; there must be room for a word more. */
  protected copySource(start: number, end: number, at: number): void {
    const count = end - start;
    if (count > LOOPED_BYTES || end + WORD_BYTES > this.source.length)
      this.block.set(this.source.subarray(start, end), at);
    else copyWords(this.#sourceView, start, count, this.view, at);
  }

  protected writeId(id: Uint8Array, at: number): void {
    if (id !== this.#id) {
      this.#id = id;
      this.#idView = viewOf(id);
    }
    copyWords(this.#idView, 0, this.#idBytes, this.view, at);
  }

  /** The row that has been begun moves to the next block. */
  #cut(bytes: number): void {
    const row = this.block.subarray(this.#rowAt, this.length);
    if (this.#rowAt > 0) this.#full.push(this.block.subarray(0, this.#rowAt));
    const room = row.length + bytes;
    this.block = room > BLOCK_BYTES ? Buffer.allocUnsafeSlow(2 * room) : this.#pool.take();
    this.view = viewOf(this.block);
    this.block.set(row);
    this.length = row.length;
    this.#rowAt = 0;
  }
}
