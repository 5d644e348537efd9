// Rows in COPY's binary form: the number of values, then each with its length in front. Postgres takes them a third faster than text.
import type { BlockPool } from '../block-pool.ts';
import { CopyRows, WORD_BYTES } from '../copy-rows.ts';

const LENGTH_BYTES = 4;
const COUNT_BYTES = 2;
const ID_BYTES = 16;
/** The number of values, and the id behind its length. */
const HEAD_BYTES = COUNT_BYTES + LENGTH_BYTES + ID_BYTES;
const NULL_LENGTH = -1;
const MAX_UTF8_BYTES_PER_UNIT = 3;
const TWO_32 = 2 ** 32;

export class BinaryRows extends CopyRows {
  readonly #columns: number;

  /** @param columns of the table that rows bring, the id among them */
  constructor(pool: BlockPool, columns: number) {
    super(pool, ID_BYTES);
    this.#columns = columns;
  }

  override beginRow(source: Buffer): void {
    this.setSource(source);
    this.reserve(HEAD_BYTES);
    this.length += HEAD_BYTES;
  }

  override endRow(id: Uint8Array): void {
    const at = this.rowAt;
    this.view.setInt16(at, this.#columns);
    this.view.setInt32(at + COUNT_BYTES, ID_BYTES);
    this.writeId(id, at + COUNT_BYTES + LENGTH_BYTES);
    this.closeRow();
  }

  override isAllNull(count: number): boolean {
    const values = this.rowAt + HEAD_BYTES;
    if (this.length - values !== LENGTH_BYTES * count) return false;
    for (let at = values; at < this.length; at += LENGTH_BYTES)
      if (this.view.getInt32(at) !== NULL_LENGTH) return false;
    return true;
  }

  override appendNull(): void {
    this.reserve(LENGTH_BYTES);
    this.view.setInt32(this.length, NULL_LENGTH);
    this.length += LENGTH_BYTES;
  }

  override appendId(id: Uint8Array): void {
    this.writeId(id, this.open(ID_BYTES));
  }

  override appendCell(start: number, end: number): void {
    const count = end - start;
    this.reserve(LENGTH_BYTES + count + WORD_BYTES);
    const at = this.length + LENGTH_BYTES;
    this.view.setInt32(this.length, count);
    this.copySource(start, end, at);
    this.length = at + count;
  }

  override appendText(text: string): void {
    this.reserve(LENGTH_BYTES + text.length * MAX_UTF8_BYTES_PER_UNIT);
    const at = this.length + LENGTH_BYTES;
    const count = this.block.write(text, at);
    this.view.setInt32(this.length, count);
    this.length = at + count;
  }

  override appendInteger(number: number): void {
    this.appendInt64(number);
  }

  /** As `boolean`. */
  appendBoolean(value: boolean): void {
    const at = this.open(1);
    this.block[at] = value ? 1 : 0;
  }

  /** As `integer` or `date`. */
  appendInt32(value: number): void {
    const at = this.open(4);
    this.view.setInt32(at, value);
  }

  /** As `bigint`, `time` or `timestamptz`. @param value a safe integer */
  appendInt64(value: number): void {
    const high = Math.floor(value / TWO_32);
    const at = this.open(8);
    this.view.setInt32(at, high);
    this.view.setUint32(at + 4, value - high * TWO_32);
  }

  /** The same of one that is not negative and has at most 31 bits. */
  appendSmallInt64(value: number): void {
    const at = this.open(8);
    this.view.setInt32(at, 0);
    this.view.setInt32(at + 4, value);
  }

  /**
   * As `numeric`, not negative: digits to the base of 10,000, two before the point and one behind it.
   * @param scale how many decimals are shown
   */
  appendNumeric(high: number, low: number, fraction: number, scale: number): void {
    const first = high !== 0 ? 1 : low !== 0 ? 0 : -1;
    const isZero = first === -1 && fraction === 0;
    const last = fraction !== 0 ? -1 : low !== 0 ? 0 : 1;
    const groups = isZero ? 0 : first - last + 1;
    let at = this.open(8 + 2 * groups);
    this.view.setInt16(at, groups);
    this.view.setInt16(at + 2, isZero ? 0 : first);
    this.view.setInt16(at + 4, 0);
    this.view.setInt16(at + 6, scale);
    at += 8;
    for (let group = first; group >= last; group--, at += 2)
      this.view.setInt16(at, group === 1 ? high : group === 0 ? low : fraction);
  }

  /** As `double precision`. */
  appendDouble(value: number): void {
    const at = this.open(8);
    this.view.setFloat64(at, value);
  }

  appendBigInt64(value: bigint): void {
    const at = this.open(8);
    this.view.setBigInt64(at, value);
  }

  /** Begins a value of so many bytes. @returns where they are to be written: see `put…` */
  open(bytes: number): number {
    this.reserve(LENGTH_BYTES + bytes + WORD_BYTES);
    this.view.setInt32(this.length, bytes);
    const at = this.length + LENGTH_BYTES;
    this.length = at + bytes;
    return at;
  }

  putByte(at: number, byte: number): void {
    this.block[at] = byte;
  }

  putInt16(at: number, value: number): void {
    this.view.setInt16(at, value);
  }

  /** @param bytes part of any buffer */
  putBytes(at: number, bytes: Uint8Array): void {
    this.block.set(bytes, at);
  }
}
