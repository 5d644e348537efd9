// Records in, lines of COPY text out: the loop every row of every file goes through.
import { cutValue, type RowError } from '../row-error.ts';
import { compileField, type FieldReader } from './compile-field.ts';
import { COPY_NULL, escapeCopyText } from './copy-text.ts';
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
   * Checks one record. When all is well, appends one line of COPY text per table (`out[i]` belongs to `tables[i]`;
   * none for a link whose cells are all null) and returns null. Otherwise appends nothing and returns all that is wrong.
   * @param row data record number from 1
   * @param line physical line where the record starts, `lineEnd` where it ends
   */
  add(cells: readonly string[], row: number, line: number, lineEnd: number, out: string[]): RowError[] | null;
}

/** A column of the file that feeds a field. */
interface Feed {
  /** Index into the record. */
  readonly cell: number;
  readonly column: string;
  readonly header: string;
  readonly reader: FieldReader;
  /** The reader's value as COPY text. */
  readonly read: (text: string) => string | undefined;
}

interface Part {
  readonly table: CopyTable;
  readonly feeds: readonly Feed[];
  /** The column of the main table that refers to this part; null for the main table itself. */
  readonly link: string | null;
}

/** Compiles the rows of one file (or of one chunk: the context's time and ids are the rows'). */
export function compileRows(dataset: Dataset, columns: readonly FileColumn[], context: RowContext): RowCompiler {
  const parts = planParts(dataset, columns);
  const write = compileWrite(parts, context);
  const explain = compileExplain(parts, columns, context.maxCellBytes);
  const width = columns.length;
  return {
    tables: parts.map(({ table }) => table),
    add: (cells, row, line, lineEnd, out) =>
      cells.length === width && write(cells, row, out) ? null : explain(cells, row, line, lineEnd),
  };
}

function planParts(dataset: Dataset, columns: readonly FileColumn[]): Part[] {
  const feeds = feedsOf(dataset, columns);
  const links = (dataset.target.links ?? []).map((link) => linkPart(dataset, link, feeds)).filter((part) => part.feeds.length > 0);
  const linked = new Set(dataset.target.links?.flatMap(({ fields }) => fields));
  const own = feeds.filter(({ column }) => !linked.has(column));
  const table = copyTable(dataset, dataset.target.table, [...own.map(({ column }) => column), ...links.map(({ link }) => link!)]);
  return [...links, { table, feeds: own, link: null }];
}

function linkPart(dataset: Dataset, link: Link, feeds: readonly Feed[]): Part {
  const own = feeds.filter(({ column }) => link.fields.includes(column));
  return { table: copyTable(dataset, link.table, own.map(({ column }) => column)), feeds: own, link: link.column };
}

function copyTable(dataset: Dataset, table: string, columns: readonly string[]): CopyTable {
  return { schema: dataset.target.schema ?? 'public', table, columns: ['id', ...columns, ...SYSTEM_COLUMNS] };
}

function feedsOf({ schema }: Dataset, columns: readonly FileColumn[]): Feed[] {
  return columns.flatMap(({ header, fieldIndex }, cell) => {
    if (fieldIndex === null) return [];
    const field = schema.fields[fieldIndex]!;
    const reader = compileField(field, schema);
    return { cell, column: field.name, header, reader, read: copyReader(reader) };
  });
}

function copyReader({ read, escapes }: FieldReader): Feed['read'] {
  if (!escapes)
    return (text) => {
      const value = read(text);
      return value === null ? COPY_NULL : value;
    };
  return (text) => {
    const value = read(text);
    return value === null ? COPY_NULL : value === undefined ? undefined : escapeCopyText(value);
  };
}

function compileWrite(parts: readonly Part[], context: RowContext): (cells: readonly string[], row: number, out: string[]) => boolean {
  const { nextId, maxCellBytes = Infinity, at, createdBy, importId } = context;
  const suffix = `\t${at}\t${at}\t${createdBy ?? COPY_NULL}\t${createdBy ?? COPY_NULL}\t${importId}\t`;
  const links = parts.slice(0, -1);
  const main = parts.at(-1)!;
  const surelyShort = maxCellBytes / 3;
  const bodies: string[] = parts.map(() => '');
  return (cells, row, out) => {
    for (const cell of cells) if (cell.length > surelyShort && isTooLong(cell, maxCellBytes)) return false;
    for (let p = 0; p < parts.length; p++) {
      let body = '';
      let filled = false;
      for (const feed of parts[p]!.feeds) {
        const value = feed.read(cells[feed.cell]!);
        if (value === undefined) return false;
        if (value !== COPY_NULL) filled = true;
        body += '\t' + value;
      }
      bodies[p] = filled ? body : '';
    }
    let references = '';
    for (let p = 0; p < links.length; p++) {
      if (bodies[p] === '') references += '\t' + COPY_NULL;
      else {
        const id = nextId();
        references += '\t' + id;
        out[p] += id + bodies[p]! + suffix + row + '\n';
      }
    }
    out[links.length] += nextId() + bodies[links.length]! + references + suffix + row + '\n';
    return true;
  };
}

function isTooLong(cell: string, maxBytes: number): boolean {
  return cell.length * 3 > maxBytes && Buffer.byteLength(cell) > maxBytes;
}
function compileExplain(parts: readonly Part[], columns: readonly FileColumn[], maxCellBytes?: number): any { return () => [] }
