// A set of row numbers of a file of any size: one bit each, in pages that are made when they are needed.

const PAGE_BITS = 16;
const ROWS_PER_PAGE = 1 << PAGE_BITS;

/** Holds whole numbers from 0 to 2^53 − 1. */
export class RowSet {
  readonly #pages = new Map<number, Uint8Array>();

  add(row: number): void {
    const bit = row % ROWS_PER_PAGE;
    this.#page(row)[bit >> 3]! |= 1 << (bit & 7);
  }

  /** Adds all from `first` to `last`, both included. */
  addRun(first: number, last: number): void {
    for (let row = first; row <= last;) {
      this.add(row);
      row++;
      // Whole bytes at once.
      if (row % 8 !== 0) continue;
      for (; last - row >= 7; row += 8) {
        this.#page(row)[(row % ROWS_PER_PAGE) >> 3] = 0xff;
      }
    }
  }

  remove(row: number): void {
    const bit = row % ROWS_PER_PAGE;
    this.#page(row)[bit >> 3]! &= ~(1 << (bit & 7));
  }

  has(row: number): boolean {
    const bit = row % ROWS_PER_PAGE;
    return ((this.#pages.get(Math.floor(row / ROWS_PER_PAGE))?.[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }

  /** The page that has the row; made when it is not there. */
  #page(row: number): Uint8Array {
    const no = Math.floor(row / ROWS_PER_PAGE);
    let page = this.#pages.get(no);
    if (page === undefined) this.#pages.set(no, (page = new Uint8Array(ROWS_PER_PAGE / 8)));
    return page;
  }
}
