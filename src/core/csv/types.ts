// The words of the CSV reader. Bytes are always UTF-8 without BOM here: storing has decoded the file already.

/** One ASCII character, or two that differ (`, `): dialect-options.ts has the rule. */
export type Delimiter = string;

/** Null: no cell is quoted, and quotes are text. */
export type Quote = '"' | "'" | null;

/** What stands before a quote that is text in a quoted cell: the quote itself (it is doubled), or another character. */
export type Escape = '"' | "'" | '\\';

/**
 * The text in which a database writes tables: a backslash anywhere makes the next byte text or stands for another (`\n`), and a cell
 * `\N` is NULL. `mysql`: SELECT … INTO OUTFILE, mysqldump --tab; `postgres-text`: COPY … TO in its text format, pg_dump.
 */
export type EscapedText = 'mysql' | 'postgres-text';

/**
 * What a database writes. `postgres-csv`: COPY … TO in its CSV format, where an empty cell without quotes is NULL, and one in quotes the
 * empty text.
 */
export type DatabaseText = EscapedText | 'postgres-csv';

/** Whether a backslash escapes in any cell. */
export function isEscapedText(text: DatabaseText | null | undefined): text is EscapedText {
  return text === 'mysql' || text === 'postgres-text';
}

/** Whether typed values are as Postgres writes them: `t`, `infinity`, `2024-01-31 13:45:00+02`. */
export function isFromPostgres(text: DatabaseText | null | undefined): boolean {
  return text === 'postgres-text' || text === 'postgres-csv';
}

/** Whether a file has NULL beside the empty text, so that its rejects must tell the two apart too. */
export function tellsNull({
  databaseText,
  json,
  emptyCells,
}: Pick<Dialect, 'databaseText' | 'json' | 'emptyCells'>): boolean {
  return (databaseText ?? null) !== null || json !== undefined || emptyCells !== undefined;
}

/** How a file is cut into cells. Without the optional ones it is RFC 4180: `"`, doubled inside a quoted cell, no comments. */
export interface Dialect {
  readonly delimiter: Delimiter;
  readonly quote?: Quote;
  readonly escape?: Escape;
  /** One ASCII character: a line that begins with it where a record could is passed over. */
  readonly comment?: string | null;
  /** Blanks at the beginning of a cell are no part of it, and a quote behind them opens it. */
  readonly skipInitialSpace?: boolean;
  /** Null: the sender says that it is none. Left out: nobody has said, and a cell `\N` is refused. */
  readonly databaseText?: DatabaseText | null;
  /** A blank line is a record whose one cell is NULL, as Postgres writes a table of one column. Left out: it is no record. */
  readonly blankLines?: 'null';
  /**
   * An empty cell is NULL, and `""` the empty text, as in the rejects of a file that has both; `json`: of one that is NDJSON. Left out:
   * both are the empty text.
   */
  readonly emptyCells?: 'null' | 'json';
  /** Each line is a JSON object; the other parts of a dialect have no meaning then. */
  readonly json?: JsonLines;
}

/** A file of JSON objects, one a line (NDJSON, also JSON Lines), and what its keys feed. */
export interface JsonLines {
  /** In the order of the columns. */
  readonly keys: readonly JsonKey[];
  /** Other keys are passed over; otherwise their record is refused. */
  readonly ignoresOthers: boolean;
  /** The file was a JSON array; its elements are the lines. */
  readonly isArray?: boolean;
}

export interface JsonKey {
  readonly name: string;
  /** The field takes objects and lists. */
  readonly takesNested: boolean;
  /** How the field writes the point of a number; `.` when left out. */
  readonly decimalChar?: string;
}

export type LineEnd = 'lf' | 'crlf' | 'cr' | 'mixed';

/** How the file as a whole is laid out. Imports from before these options have the delimiter alone. */
export interface FileDialect extends Dialect {
  /** Default true; without a header the columns are the dataset's fields in order. */
  readonly header?: boolean;
  /** Physical lines above header or records that were passed over: those asked for, or Excel's line `sep=`. */
  readonly skipLines?: number;
  /** Of how many records the header is, their names joined; 1 when left out. */
  readonly headerRows?: number;
  /** Records below the header that were passed over (units, dashes). Left out: nobody has said. */
  readonly skipAfterHeader?: number;
  /** Lines at the end, blank ones not counted, that were passed over. Left out: nobody has said, and totals are refused. */
  readonly skipFooter?: number;
  /** The header repeated further down is left out. Left out: there another table begins. */
  readonly repeatedHeader?: 'skip';
  /** Of each column, other names that the dataset has for it, folded: the header may come again with them. Left out: there are none. */
  readonly otherNames?: readonly (readonly string[])[];
  /** How often it was; known when the file has been scanned. */
  readonly repeatedHeaders?: number;
  /** Records without a value in any cell (`,,,`) are left out. Left out: they are records. */
  readonly emptyRecords?: 'skip';
  /** How many of them the end of the file has. Left out: none. */
  readonly skippedEmptyRecords?: number;
  /** How many stand further up; known when the file has been scanned. Left out: none. */
  readonly emptyRecordsWithin?: number;
  /** So many of the last records are notes below the table, which are rejected. Left out: none is. */
  readonly notesBelow?: number;
  /** The last record above these is a total without a word: of this column (from 0) it has the sum. Left out: it is a record. */
  readonly totalOf?: number;
  /** The file is too long to add up: the number may be the sum. Left out: it is. */
  readonly isTotalLikely?: true;
  /** What a record that has fewer cells than the header lacks is null. Left out: the record is rejected. */
  readonly shortRecords?: 'null';
  /** As found in the file's first bytes. Another one ends a record too, unless it cuts one that is whole only together. */
  readonly lineEnd?: LineEnd;
  /** Columns (from 0) without a name, whose cells are all empty in the file's first bytes. */
  readonly emptyColumns?: readonly number[];
  /** Known when the file has been scanned. */
  readonly tableEnd?: TableEnd;
  /** Several files of a ZIP archive that were joined, in file order. */
  readonly parts?: readonly PartOfFile[];
  /** Files of the ZIP archive that were not read. */
  readonly otherEntries?: readonly string[];
  /** Set for a sheet of a workbook: its cells are written as core/excel/sheet-cell.ts says, and each line is a row of the sheet. */
  readonly sheet?: SheetOfFile;
}

/** A file of a ZIP archive whose records are a part of the table. */
export interface PartOfFile {
  readonly name: string;
  /** The line of the joined text where it begins, from 1. */
  readonly line: number;
  /** What line that is of the file itself: the headers of all but the first are left out. */
  readonly ownLine: number;
  /** Its last record is a total without a word: its line of the joined text, and the rest as `totalOf` and `isTotalLikely` of a file. */
  readonly total?: { readonly line: number; readonly of: number; readonly isLikely?: true };
}

/** The sheet of a workbook whose rows are the records. */
export interface SheetOfFile {
  readonly name: string;
  readonly isHidden: boolean;
  /** The column of the sheet where the table begins, from 1. */
  readonly firstColumn: number;
  /** Rows with values that are hidden; they are records like others. */
  readonly hiddenRows: number;
  readonly hiddenColumns: number;
  /** Ranges of cells that are shown as one, as [first row, first column, last row, last column]. */
  readonly merged: readonly (readonly [number, number, number, number])[];
  /** Sheets that were not read. */
  readonly otherSheets: readonly string[];
}

/** A record that is the header again, further down: another table begins there, and none of its records is landed. */
export interface TableEnd {
  readonly row: number;
  readonly line: number;
}

/** Bytes of the stored file; `endByte` exclusive. */
export interface ByteRange {
  readonly startByte: number;
  readonly endByte: number;
}

/** A stretch of the file that cannot be read as a record with certainty; it counts as one record and is rejected. */
export interface BrokenRecord extends ByteRange {
  /** Its number among the data records, from 1. */
  readonly row: number;
  readonly line: number;
  /** The last physical line it swallows; equal to `line` for one line. */
  readonly lineEnd: number;
  readonly reason:
    | 'unclosed-quote'
    | 'text-after-quote'
    /** A quote closes a cell, or opens one, whose other quote or delimiter was lost. */
    | 'lost-quote'
    /** A line end that is not the file's usual one stands in a cell without quotes. */
    | 'stray-line-end'
    | 'record-too-long'
    | 'header-again'
    /** The header of another table, below a blank line. */
    | 'other-table';
  /** Column (from 1) where reading failed. */
  readonly columnIndex: number;
}

/** The header again, where the sender says that it is left out, or a record without a value: it is no record. `row` is that of the next one. */
export interface LeftOut extends ByteRange {
  readonly row: number;
  readonly line: number;
  readonly lineEnd: number;
  readonly reason: 'repeated-header' | 'no-value';
}

/** What of a chunk is not read as records. */
export type Unread = BrokenRecord | LeftOut;

/** A run of whole, well-formed records of a chunk, blank lines among them. */
export interface Stretch extends ByteRange {
  readonly firstRow: number;
  /** Physical line of its first byte. */
  readonly firstLine: number;
  readonly records: number;
}

/** The unit of work: a byte range that begins and ends at record ends. */
export interface ChunkPlan extends ByteRange {
  /** From 0. */
  readonly chunkNo: number;
  /** Number of its first data record, from 1. */
  readonly firstRow: number;
  /** Physical line of its first byte, from 1. */
  readonly firstLine: number;
  /** Data records in it, broken ones included, blank lines not. */
  readonly records: number;
  /** In file order, within the range, what is left out among them; of many, what they are found again with. */
  readonly broken: readonly Unread[] | Rescan;
}

/** What only a scan of the whole file tells of how it is read. */
export type Learnt = Pick<FileDialect, 'tableEnd' | 'repeatedHeaders' | 'emptyRecordsWithin'>;

/** What a scan of the whole file gives. */
export interface FilePlan {
  /** None when the file has more records than it may. */
  readonly chunks: readonly ChunkPlan[];
  /** All of the file, also where there are no chunks. */
  readonly records: number;
  readonly learnt: Learnt;
}

/**
 * Stands in a plan for the list of a chunk's broken records when they are many, so that the plan of a file that is nothing but
 * broken is as small as any: they are found again by scanning the chunk as it was scanned first (listed-parts.ts).
 */
export interface Rescan {
  /** The limit it was scanned with. */
  readonly maxRecordBytes: number;
  /** The header's own lines below its first, as far as they stand above the chunk. */
  readonly headerLines: number;
  /** Whether another table begins above the chunk. */
  readonly tableEnded: boolean;
  /** Whether a quote was opened above the chunk, and the next one was not yet met. */
  readonly openAbove?: boolean;
  /** What the records above the chunk are like, if they show anything (chunks/likeness.ts). */
  readonly likeness?: string;
}
