// A quote that a broken record opened and nothing closed: the next quote below it may be what a stray one left. Offsets are the file's.
export class OpenQuote {
  private readonly quote: number;
  /** From here on the next quote may stand. */
  private searchFrom: number | undefined;
  /** Where the next quote stands, which closes what was opened above. */
  closesAt: number | undefined;

  /** @param searchFrom undefined: no quote is open */
  constructor(quote: number, searchFrom: number | undefined) {
    this.quote = quote;
    this.searchFrom = searchFrom;
  }

  openAt(byte: number): void {
    this.searchFrom = byte;
  }

  /** Looks for the next quote, if one is open. @param bytes those at hand, `base` where they begin */
  look(bytes: Buffer, base: number): void {
    if (this.searchFrom === undefined) return;
    const at = bytes.indexOf(this.quote, this.searchFrom - base);
    if (at === -1) this.searchFrom = Math.max(this.searchFrom, base + bytes.length);
    else {
      this.searchFrom = undefined;
      this.closesAt = at + base;
    }
  }

  /** Whether what was opened above this place is not closed above it. */
  isOpen(at: number): boolean {
    return this.searchFrom !== undefined || (this.closesAt !== undefined && this.closesAt >= at);
  }
}
