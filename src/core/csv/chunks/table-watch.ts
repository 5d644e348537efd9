// Where the table ends that is read: the header comes again, perhaps written otherwise, or that of another table stands there.
import type { HeaderAgain } from '../dialect/header-again.ts';
import type { HeaderVariant } from '../dialect/header-variants.ts';
import type { Rescan, TableEnd } from '../types.ts';
import type { Reading } from './reading.ts';

/** What the header is that ends where reading stands: left out, one more line of the first one, or the beginning of another table. */
export type HeaderMeans = 'left-out' | 'more-lines' | 'table-end';

export class TableWatch {
  readonly headerAgain: HeaderAgain;
  /** The header again is left out. */
  readonly #skipsHeader: boolean;
  /** The header's own lines below its first. */
  headerLines: number;
  hasEnded: boolean;
  end: TableEnd | undefined;
  /** How often the header was left out. */
  repeatedHeaders = 0;

  /** @param seen what was seen above, of a chunk that is scanned again */
  constructor(
    headerAgain: HeaderAgain,
    skipsHeader: boolean,
    { headerLines, tableEnded }: Pick<Rescan, 'headerLines' | 'tableEnded'>,
  ) {
    this.headerAgain = headerAgain;
    this.#skipsHeader = skipsHeader;
    this.headerLines = headerLines;
    this.hasEnded = tableEnded;
  }

  /** Whether the record that ends where reading stands is the header again; what follows the table does not matter. */
  at(reading: Reading): HeaderVariant | undefined {
    if (this.hasEnded) return undefined;
    const { recordAt, at, base, window } = reading;
    if (this.headerAgain.isAt(window.bytes, recordAt - base, at - base)) return 'again';
    return this.headerAgain.variants.at(window.bytes, reading.recordStart() - base, at - base);
  }

  /** Takes note of the header that ends where reading stands. */
  meet(reading: Reading): { readonly means: HeaderMeans; readonly isOther: boolean } {
    const isOther = this.at(reading) === 'other';
    if (!isOther && this.#skipsHeader) {
      this.repeatedHeaders++;
      return { means: 'left-out', isOther };
    }
    if (!isOther && reading.records === this.headerLines) {
      this.headerLines++;
      return { means: 'more-lines', isOther };
    }
    this.endAt(reading);
    return { means: 'table-end', isOther };
  }

  /** Another table begins with the record being read. */
  endAt({ records, recordLine }: Reading): void {
    this.hasEnded = true;
    this.end = { row: records + 1, line: recordLine };
  }

  /** Whether the record that ends where reading stands may be the header of another table, by where it stands. */
  mayBegin(reading: Reading): boolean {
    return reading.records > this.headerLines && !(this.#skipsHeader && this.at(reading) === 'again');
  }
}
