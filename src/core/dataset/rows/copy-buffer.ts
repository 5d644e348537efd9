// COPY text as bytes, in blocks, row by row: a row that turns out to be bad is taken back.
import { BLOCK_BYTES, type BlockPool } from './block-pool.ts';
import { COPY_ESCAPES, escapeCopyText } from './copy-text.ts';

const MAX_UTF8_BYTES_PER_UNIT = 3;
/** Of a UUID as text: whole words. */
const ID_BYTES = 36;
const TAB = 9;
const LF = 10;
const BACKSLASH = 92;
const ZERO = 48;
const LETTER_N = 78;
/** Shorter runs are copied faster by a loop over words than by a call (measured). */
const LOOPED_BYTES = 128;
const WORD_BYTES = 4;

/** The letter that stands for a byte behind a backslash; 0 where none is needed. */
const ESCAPES = new Uint8Array(256);
for (const [char, letter] of COPY_ESCAPES) ESCAPES[char.charCodeAt(0)] = letter.charCodeAt(0);

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Copies in words, the last of them whole: up to three bytes behind it are read, and written over. */
function copyWords(from: DataView, start: number, count: number, to: DataView, at: number): void {
  for (let word = 0; word < count; word += WORD_BYTES)
    to.setInt32(at + word, from.getInt32(start + word, true), true);
}

export class CopyBuffer {
  readonly #pool: BlockPool;
  #full: Buffer[] = [];
  #block: Buffer;
  #view: DataView;
  /** What the cells of the row are in. */
  #source: Buffer = Buffer.alloc(0);
  #sourceView: DataView = viewOf(this.#source);
  #id: Uint8Array = this.#source;
  #idView: DataView = this.#sourceView;
  #length = 0;
  #rowAt = 0;

  constructor(pool: BlockPool) {
    this.#pool = pool;
    this.#block = pool.take();
    this.#view = viewOf(this.#block);
  }

  #rows = 0;

  /** Rows that were ended. */
  get rows(): number {
    return this.#rows;
  }

  /** Begins a row whose cells are in `source`, with room for its id in front, which `fillId` puts there. */
  beginRow(source: Buffer): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = viewOf(source);
    }
    this.#reserve(ID_BYTES);
    this.#length += ID_BYTES;
  }

  /** @param id of `ID_BYTES` */
  fillId(id: Uint8Array): void {
    this.#writeId(id, this.#rowAt);
  }

  /** True when the row so far, behind its id, is nothing but `count` NULLs: no other value looks like one. */
  isAllNull(count: number): boolean {
    const values = this.#rowAt + ID_BYTES;
    if (this.#length - values !== 3 * count) return false;
    for (let at = values; at < this.#length; at += 3)
      if (this.#block[at + 1] !== BACKSLASH || this.#block[at + 2] !== LETTER_N) return false;
    return true;
  }

  /** A tab and `\N`. */
  appendNull(): void {
    this.#reserve(3);
    const block = this.#block;
    const at = this.#length;
    block[at] = TAB;
    block[at + 1] = BACKSLASH;
    block[at + 2] = LETTER_N;
    this.#length = at + 3;
  }

  /** A tab and an id. */
  appendId(id: Uint8Array): void {
    this.#reserve(1 + ID_BYTES);
    this.#block[this.#length++] = TAB;
    this.#writeId(id, this.#length);
    this.#length += ID_BYTES;
  }

  /** A tab and bytes of the source that need no escape. */
  appendPlain(start: number, end: number): void {
    const count = end - start;
    this.#reserve(1 + count + WORD_BYTES);
    const at = this.#length + 1;
    this.#block[this.#length] = TAB;
    if (count > LOOPED_BYTES || end + WORD_BYTES > this.#source.length)
      this.#block.set(this.#source.subarray(start, end), at);
    else copyWords(this.#sourceView, start, count, this.#view, at);
    this.#length = at + count;
  }

  /** A tab and bytes of the source, of any kind. */
  appendEscaped(start: number, end: number): void {
    this.#reserve(2 * (end - start) + 1);
    const source = this.#source;
    const block = this.#block;
    let at = this.#length;
    block[at++] = TAB;
    for (let from = start; from < end; from++) {
      const byte = source[from]!;
      const letter = ESCAPES[byte]!;
      if (letter !== 0) block[at++] = BACKSLASH;
      block[at++] = letter === 0 ? byte : letter;
    }
    this.#length = at;
  }

  /** A tab and a text, escaped. */
  appendText(text: string): void {
    const escaped = escapeCopyText(text);
    this.#reserve(escaped.length * MAX_UTF8_BYTES_PER_UNIT + 1);
    this.#block[this.#length++] = TAB;
    this.#length += this.#block.write(escaped, this.#length);
  }

  /** A tab and a whole number that is not negative. */
  appendInteger(number: number): void {
    let digits = 1;
    for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    this.#reserve(digits + 1);
    const block = this.#block;
    block[this.#length++] = TAB;
    let rest = number;
    for (let at = this.#length + digits - 1; at >= this.#length; at--) {
      block[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.#length += digits;
  }

  /** Bytes as they are. */
  appendBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#block.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  endRow(): void {
    this.#reserve(1);
    this.#block[this.#length++] = LF;
    this.#rowAt = this.#length;
    this.#rows++;
  }

  /** Takes back the row that was begun and not ended, if there is one. */
  dropRow(): void {
    this.#length = this.#rowAt;
  }

  /** Hands over the blocks, in order; the caller owns them. To be called once, at the end. */
  take(): Buffer[] {
    return this.#rowAt > 0 ? [...this.#full, this.#block.subarray(0, this.#rowAt)] : this.#full;
  }

  #writeId(id: Uint8Array, at: number): void {
    if (id !== this.#id) {
      this.#id = id;
      this.#idView = viewOf(id);
    }
    copyWords(this.#idView, 0, ID_BYTES, this.#view, at);
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes > this.#block.length) this.#cut(bytes);
  }

  /** The row that has been begun moves to the next block. */
  #cut(bytes: number): void {
    const row = this.#block.subarray(this.#rowAt, this.#length);
    if (this.#rowAt > 0) this.#full.push(this.#block.subarray(0, this.#rowAt));
    const room = row.length + bytes;
    this.#block = room > BLOCK_BYTES ? Buffer.allocUnsafeSlow(2 * room) : this.#pool.take();
    this.#view = viewOf(this.#block);
    this.#block.set(row);
    this.#length = row.length;
    this.#rowAt = 0;
  }
}
