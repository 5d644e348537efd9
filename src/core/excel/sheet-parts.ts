// What reading a sheet needs, and who takes what is in it; the same for both kinds of workbooks.
import type { RowCells } from './row-cells.ts';
import type { DateSystem } from './serial-date.ts';
import type { StringStore } from './string-store.ts';
import type { Styles } from './styles.ts';

/** A range of cells that are shown as one, both ends inclusive, from 1. */
export interface MergedRange {
  readonly firstRow: number;
  readonly firstColumn: number;
  readonly lastRow: number;
  readonly lastColumn: number;
}

export interface SheetContext {
  readonly strings: StringStore;
  readonly styles: Styles;
  /** Of these a text without a character is one: in Excel, an apostrophe alone. Left out: there are none. */
  readonly prefixed?: ReadonlySet<number>;
  readonly dateSystem: DateSystem;
  /** A formula's 0 may be the place of a result that nobody has calculated. */
  readonly isUncalculated: boolean;
}

/** Takes what a sheet holds. */
export interface SheetReceiver {
  /** Cells are good until it returns. Rows come in their order; one without cells may come or not. */
  row(row: number, cells: RowCells, isHidden: boolean): void;
  /** Comes before the rows. */
  hiddenColumns(first: number, last: number): void;
  /** Comes after them. */
  merged(range: MergedRange): void;
}
