// Rows as COPY text.
import { SPECIAL } from '../../csv/records/cell-places.ts';
import type { BlockPool } from './block-pool.ts';
import { CopyRows, WORD_BYTES } from './copy-rows.ts';
import { COPY_ESCAPES, escapeCopyText } from './copy-text.ts';

const MAX_UTF8_BYTES_PER_UNIT = 3;
/** Of a UUID as text. */
const ID_BYTES = 36;
const TAB = 9;
const LF = 10;
const BACKSLASH = 92;
const ZERO = 48;
const LETTER_N = 78;

/** The letter that stands for a byte behind a backslash; 0 where none is needed. */
const ESCAPES = new Uint8Array(256);
for (const [char, letter] of COPY_ESCAPES) ESCAPES[char.charCodeAt(0)] = letter.charCodeAt(0);

/** Each value but the id comes behind a tab. */
export class TextRows extends CopyRows {
  constructor(pool: BlockPool) {
    super(pool, ID_BYTES);
  }

  override beginRow(source: Buffer): void {
    this.setSource(source);
    this.reserve(ID_BYTES);
    this.length += ID_BYTES;
  }

  override endRow(id: Uint8Array): void {
    this.writeId(id, this.rowAt);
    this.reserve(1);
    this.block[this.length++] = LF;
    this.closeRow();
  }

  override isAllNull(count: number): boolean {
    const values = this.rowAt + ID_BYTES;
    if (this.length - values !== 3 * count) return false;
    for (let at = values; at < this.length; at += 3)
      if (this.block[at + 1] !== BACKSLASH || this.block[at + 2] !== LETTER_N) return false;
    return true;
  }

  override appendNull(): void {
    this.reserve(3);
    const { block, length: at } = this;
    block[at] = TAB;
    block[at + 1] = BACKSLASH;
    block[at + 2] = LETTER_N;
    this.length = at + 3;
  }

  override appendId(id: Uint8Array): void {
    this.reserve(1 + ID_BYTES);
    this.block[this.length++] = TAB;
    this.writeId(id, this.length);
    this.length += ID_BYTES;
  }

  override appendCell(start: number, end: number, mark: number): void {
    if ((mark & SPECIAL) !== 0) return this.#appendEscaped(start, end);
    const count = end - start;
    this.reserve(1 + count + WORD_BYTES);
    const at = this.length + 1;
    this.block[this.length] = TAB;
    this.copySource(start, end, at);
    this.length = at + count;
  }

  override appendText(text: string): void {
    const escaped = escapeCopyText(text);
    this.reserve(escaped.length * MAX_UTF8_BYTES_PER_UNIT + 1);
    this.block[this.length++] = TAB;
    this.length += this.block.write(escaped, this.length);
  }

  override appendInteger(number: number): void {
    let digits = 1;
    for (let rest = number; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    this.reserve(digits + 1);
    const { block } = this;
    block[this.length++] = TAB;
    let rest = number;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      block[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    this.length += digits;
  }

  #appendEscaped(start: number, end: number): void {
    this.reserve(2 * (end - start) + 1);
    const { source, block } = this;
    let at = this.length;
    block[at++] = TAB;
    for (let from = start; from < end; from++) {
      const byte = source[from]!;
      const letter = ESCAPES[byte]!;
      if (letter !== 0) block[at++] = BACKSLASH;
      block[at++] = letter === 0 ? byte : letter;
    }
    this.length = at;
  }
}
