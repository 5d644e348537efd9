// Records in, lines of COPY text out: the loop every row of every file goes through.
import type { RowError } from '../row-error.ts';
import { compileField, type FieldReader } from './compile-field.ts';
import { COPY_NULL, escapeCopyText } from './copy-text.ts';
import { explainRecord, isTooLong } from './explain-record.ts';
import { SYSTEM_COLUMNS } from './table-plan.ts';
import type { Dataset, FileColumn, Link } from './types.ts';

/** One `COPY schema.table (columns) FROM STDIN` in text format. */
export interface CopyTable {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}

export interface RowContext {
  readonly importId: string;
  /** The user's id. */
  readonly createdBy: string | null;
  /** RFC 3339; becomes created_at and updated_at. */
  readonly at: string;
  /** A new UUID v7 at each call. */
  readonly nextId: () => string;
  /** A longer cell rejects its record. Bytes of UTF-8; no limit when left out. */
  readonly maxCellBytes?: number;
}

export interface RowCompiler {
  /** In the order they must be copied: linked tables first, the dataset's own table last. */
  readonly tables: readonly CopyTable[];
  /**
   * Checks one record. When all is well, appends one line of COPY text per table (`out[i]` belongs to `tables[i]`; none
   * for a link whose cells are all null) and returns null. Otherwise appends nothing and returns all that is wrong.
   * Empty `out` into a CopyBuffer after a few rows: long strings of many pieces are slow to collect.
   * @param row data record number from 1
   * @param line physical line where the record starts, `lineEnd` where it ends
   */
  add(cells: readonly string[], row: number, line: number, lineEnd: number, out: string[]): RowError[] | null;
}

/** A column of the file that feeds a field; `cell` is its index in the record. */
export interface Feed {
  readonly cell: number;
  readonly field: string;
  readonly reader: FieldReader;
}

/** The cells that land in one table. */
interface Part {
  readonly table: CopyTable;
  readonly feeds: readonly Feed[];
}

/** Compiles the rows of one file, or of a chunk of it: each call's context gives the rows' ids and time. */
export function compileRows(
  dataset: Dataset,
  columns: readonly FileColumn[],
  context: RowContext,
): RowCompiler {
  const feeds = feedsOf(dataset, columns);
  const parts = planParts(dataset, feeds);
  const write = compileWrite(parts, context);
  const { maxCellBytes = Infinity } = context;
  return {
    tables: parts.map(({ table }) => table),
    add: (cells, row, line, lineEnd, out) =>
      cells.length === columns.length && write(cells, row, out)
        ? null
        : explainRecord({ cells, row, line, lineEnd }, columns, feeds, maxCellBytes),
  };
}

function feedsOf({ schema }: Dataset, columns: readonly FileColumn[]): Feed[] {
  return columns.flatMap(({ fieldIndex }, cell) => {
    if (fieldIndex === null) return [];
    const field = schema.fields[fieldIndex]!;
    return { cell, field: field.name, reader: compileField(field, schema) };
  });
}

/** Linked tables first, without those whose fields the file lacks; the main table refers to them by its last columns. */
function planParts({ target }: Dataset, feeds: readonly Feed[]): Part[] {
  const schema = target.schema ?? 'public';
  const part = (table: string, own: readonly Feed[], references: readonly string[]): Part => ({
    table: {
      schema,
      table,
      columns: ['id', ...own.map(({ field }) => field), ...references, ...SYSTEM_COLUMNS],
    },
    feeds: own,
  });
  const feedsOfLink = (link: Link): Feed[] => feeds.filter(({ field }) => link.fields.includes(field));
  const links = (target.links ?? []).filter((link) => feedsOfLink(link).length > 0);
  const linked = new Set(links.flatMap(feedsOfLink));
  const own = feeds.filter((feed) => !linked.has(feed));
  return [
    ...links.map((link) => part(link.table, feedsOfLink(link), [])),
    part(
      target.table,
      own,
      links.map(({ column }) => column),
    ),
  ];
}

type Write = (cells: readonly string[], row: number, out: string[]) => boolean;
/** The cells of one table as COPY text, each after a tab; undefined when one is not acceptable. */
type WriteCells = (cells: readonly string[]) => string | undefined;

const NULL_CELL = `\t${COPY_NULL}`;

/** The fast path: all or nothing, and no word about why. */
function compileWrite(
  parts: readonly Part[],
  { nextId, maxCellBytes = Infinity, at, createdBy, importId }: RowContext,
): Write {
  const writers = parts.map(({ feeds }) => compileCells(feeds, maxCellBytes));
  const allNull = parts.map(({ feeds }) => NULL_CELL.repeat(feeds.length));
  const main = parts.length - 1;
  const user = createdBy ?? COPY_NULL;
  const system = `\t${at}\t${at}\t${user}\t${user}\t${importId}\t`;
  const bodies = parts.map(() => '');
  return (cells, row, out) => {
    for (let part = 0; part <= main; part++) {
      const body = writers[part]!(cells);
      if (body === undefined) return false;
      bodies[part] = body;
    }
    const end = `${system}${row}\n`;
    let references = '';
    for (let part = 0; part < main; part++) {
      // No other value looks like `\N`: a backslash of the file is escaped.
      if (bodies[part] === allNull[part]) references += NULL_CELL;
      else {
        const id = nextId();
        references += '\t' + id;
        out[part] += id + bodies[part]! + end;
      }
    }
    out[main] += nextId() + bodies[main]! + references + end;
    return true;
  };
}

/** Index loops over parallel arrays and one call per cell: measured, this loop is most of the work of an import. */
function compileCells(feeds: readonly Feed[], maxCellBytes: number): WriteCells {
  const cellAt = feeds.map(({ cell }) => cell);
  const reads = feeds.map(({ reader }) => reader.read);
  const escapes = feeds.map(({ reader }) => reader.escapes);
  return (cells) => {
    let body = '';
    for (let i = 0; i < reads.length; i++) {
      const text = cells[cellAt[i]!]!;
      if (isTooLong(text, maxCellBytes)) return undefined;
      const value = reads[i]!(text);
      if (value === undefined) return undefined;
      if (value === null) body += NULL_CELL;
      else body += '\t' + (escapes[i]! ? escapeCopyText(value) : value);
    }
    return body;
  };
}
