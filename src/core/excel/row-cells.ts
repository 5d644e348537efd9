// The cells of one row of a sheet, as bytes, by their columns.
import { writeError } from './sheet-cell.ts';

const FIRST_BYTES = 64 * 1024;
const FIRST_COLUMNS = 256;

export class RowCells {
  /** What the cells' places are in. */
  bytes: Buffer;
  /** By column, from 1; a cell that is not there or empty ends where it starts. */
  starts = new Int32Array(FIRST_COLUMNS);
  ends = new Int32Array(FIRST_COLUMNS);
  /** The columns that were filled, in the order they came. */
  readonly columns: number[] = [];
  /** The first and the last of them. */
  first = Infinity;
  last = 0;
  private length = 0;

  constructor(firstBytes = FIRST_BYTES) {
    this.bytes = Buffer.allocUnsafe(firstBytes);
  }

  /** Whether the column has a value already. */
  has(column: number): boolean {
    return column < this.starts.length && this.starts[column]! < this.ends[column]!;
  }

  /** @param first a byte that comes before; 0: none */
  putBytes(column: number, first: number, from: Uint8Array, start: number, end: number): void {
    if (this.isTwice(column)) return;
    this.reserve(end - start + 1);
    const at = this.length;
    let to = at;
    if (first !== 0) this.bytes[to++] = first;
    for (let index = start; index < end; index++) this.bytes[to++] = from[index]!;
    this.note(column, at, to);
  }

  putText(column: number, text: string): void {
    if (this.isTwice(column)) return;
    this.put(column, text);
  }

  clear(): void {
    for (const column of this.columns) this.starts[column] = this.ends[column] = 0;
    this.columns.length = 0;
    this.first = Infinity;
    this.last = 0;
    this.length = 0;
  }

  /** Bytes of all cells. */
  get size(): number {
    return this.length;
  }

  /** A copy, for rows that wait. */
  copy(): RowCells {
    const copy = new RowCells(this.length);
    for (const column of this.columns)
      copy.putBytes(column, 0, this.bytes, this.starts[column]!, this.ends[column]!);
    return copy;
  }

  private isTwice(column: number): boolean {
    if (!this.has(column)) return false;
    this.put(
      column,
      writeError('#TWICE', 'holds two values; open the file in Excel, look at the cell and save it'),
    );
    return true;
  }

  private put(column: number, text: string): void {
    this.reserve(text.length * 3);
    const at = this.length;
    this.note(column, at, at + this.bytes.write(text, at));
  }

  private note(column: number, start: number, end: number): void {
    this.length = end;
    if (column >= this.starts.length) this.widen(column);
    if (end > start && !this.has(column)) {
      this.columns.push(column);
      if (column < this.first) this.first = column;
      if (column > this.last) this.last = column;
    }
    this.starts[column] = start;
    this.ends[column] = end;
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.length + bytes));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }

  private widen(column: number): void {
    const size = 2 * (column + 1);
    const [starts, ends] = [new Int32Array(size), new Int32Array(size)];
    starts.set(this.starts);
    ends.set(this.ends);
    this.starts = starts;
    this.ends = ends;
  }
}
