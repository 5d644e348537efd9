// A set of row numbers of a file of any size: one bit each, in pages that are made when they are needed.

const PAGE_BITS = 16;
const ROWS_PER_PAGE = 1 << PAGE_BITS;

/** Holds whole numbers from 0 to 2^53 − 1. */
export class RowSet {
  readonly #pages = new Map<number, Uint8Array>();

  add(row: number): void {
    const no = Math.floor(row / ROWS_PER_PAGE);
    let page = this.#pages.get(no);
    if (page === undefined) this.#pages.set(no, (page = new Uint8Array(ROWS_PER_PAGE / 8)));
    const bit = row % ROWS_PER_PAGE;
    page[bit >> 3]! |= 1 << (bit & 7);
  }

  has(row: number): boolean {
    const bit = row % ROWS_PER_PAGE;
    return ((this.#pages.get(Math.floor(row / ROWS_PER_PAGE))?.[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0;
  }
}
