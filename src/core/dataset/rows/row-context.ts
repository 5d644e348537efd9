// What rows are compiled with, beside the dataset and the columns of the file.
import type { SentCells } from '../../imports/sent-cells.ts';
import type { BlockPool } from './block-pool.ts';

export interface RowContext {
  readonly importId: string;
  /** The user's id. */
  readonly createdBy: string | null;
  /** RFC 3339, or as Postgres writes it; becomes created_at and updated_at. Null when the tables fill these by themselves. */
  readonly at: string | null;
  /** Rows come in COPY's binary form; the tables must have the types that are planned for the dataset (tables/table-plan.ts). */
  readonly binary?: boolean;
  /** Of rows in binary form for a table that exists (tables/existing-types.ts). */
  readonly existingTypes?: readonly string[] | undefined;
  /** A new UUID v7 at each call, as ASCII text, or as its 16 bytes for binary rows; the bytes may be used again by the next. */
  readonly nextId: () => Uint8Array;
  /** Where the memory of the rows comes from. */
  readonly blocks?: BlockPool;
  /** A longer cell rejects its record. Bytes of UTF-8; no limit when left out. */
  readonly maxCellBytes?: number;
  /** A cell may be NULL of its own: `\N` in the text of a database, null in JSON, what a short record lacks. */
  readonly holdsNull?: boolean;
  /** The file is NDJSON. */
  readonly isJson?: boolean;
  /** The file is NDJSON, or mended rejects of one: an empty text is none that stands for NULL. */
  readonly tellsEmpty?: boolean;
  /** Values are as Postgres writes them. */
  readonly writtenBy?: 'postgres' | undefined;
  /** A cell `\N` is a text as any other; otherwise it is refused, for nobody has said whether it is NULL. */
  readonly takesNullSign?: boolean;
  /** A record with fewer cells than the header is taken, what it lacks being null. */
  readonly shortRecords?: 'null' | undefined;
  /** True for a reject file that comes back: what guards its cells against spreadsheets is taken off. */
  readonly guarded?: boolean;
  /** Of a sheet of a workbook, whose cells say what they are (core/excel/sheet-cell.ts): gives them back as they were sent. */
  readonly sheetCells?: SentCells | undefined;
}
