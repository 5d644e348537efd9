// Records in, rows as COPY takes them out, as text or binary: the loop every row of every file goes through.
import { type CellPlaces, decodeAll, shownCell } from '../../csv/records/cell-places.ts';
import type { RowError } from '../../imports/row-error.ts';
import { unguard } from '../../imports/spreadsheet-guard.ts';
import { copyTables, landingParts, type CopyTable } from '../tables/landing-parts.ts';
import type { Dataset, FileColumn } from '../types.ts';
import { BinaryRows } from './binary/binary-rows.ts';
import { appendValue, BINARY_WRITERS } from './binary/value-writers.ts';
import { BlockPool } from './block-pool.ts';
import type { CopyRows } from './copy-rows.ts';
import { explainRecord } from './explain-record.ts';
import { feedsOf, type Feed, type Part } from './feeds.ts';
import type { RowContext } from './row-context.ts';
import { TextRows } from './text-rows.ts';
import { compileCells } from './write-cells.ts';

/** A record that does not land: its cells as they were sent, and all that is wrong with it. */
export interface RefusedRecord {
  readonly cells: readonly string[];
  readonly errors: readonly RowError[];
}

export interface RowCompiler {
  /** In the order they must be copied: linked tables first, the dataset's own table last. */
  readonly tables: readonly CopyTable[];
  /**
   * Checks one record. When all is well, appends one row per table (none for a link whose cells are all
   * null) and returns null. Otherwise appends nothing.
   * @param bytes what the cells' places are in
   * @param row data record number from 1
   * @param line physical line where the record starts, `lineEnd` where it ends
   * @throws NotBinary for a value that must go as text, and with it all rows
   */
  add(bytes: Buffer, cells: CellPlaces, row: number, line: number, lineEnd: number): RefusedRecord | null;
  /** Rows so far, of each table. */
  rowCounts(): number[];
  /** Hands over the rows, a list of blocks for each table. To be called once, at the end. */
  take(): Buffer[][];
}

/** Compiles the rows of one file, or of a chunk of it: each call's context gives the rows' ids and time. */
export function compileRows(
  dataset: Dataset,
  columns: readonly FileColumn[],
  context: RowContext,
): RowCompiler {
  const feeds = feedsOf(dataset, columns, context);
  const parts = planParts(dataset, feeds, context);
  const { blocks = new BlockPool(), maxCellBytes = Infinity, guarded = false, sheetCells } = context;
  const outs = parts.map(({ table: { columns, types } }) =>
    types === undefined ? new TextRows(blocks) : new BinaryRows(blocks, columns.length),
  );
  const fillsShort = context.shortRecords === 'null';
  const write = compileWrite(parts, context, outs);
  return {
    tables: parts.map(({ table }) => table),
    add(bytes, places, row, line, lineEnd) {
      if (fillsShort) while (places.count < columns.length) places.addNull();
      if (places.count === columns.length && write(bytes, places, row)) return null;
      for (const out of outs) out.dropRow();
      const asRead = decodeAll(bytes, places);
      if (sheetCells !== undefined) {
        const record = { cells: asRead, row, line, lineEnd };
        return { cells: sheetCells(asRead), errors: explainRecord(record, columns, feeds, maxCellBytes) };
      }
      const cells = guarded ? asRead.map(unguard) : asRead;
      const errors = explainRecord({ cells, row, line, lineEnd }, columns, feeds, maxCellBytes);
      return { cells: places.tellsNull ? cells : cells.map(shownCell), errors };
    },
    rowCounts: () => outs.map((out) => out.rows),
    take: () => outs.map((out) => out.take()),
  };
}

/** In the order of `copyTables`. */
function planParts(dataset: Dataset, feeds: readonly Feed[], context: RowContext): Part[] {
  const { at: time, binary, existingTypes } = context;
  const parts = landingParts(
    dataset,
    feeds.map(({ field }) => field),
  );
  const tables = copyTables(parts, time === null, binary === true ? dataset : undefined, existingTypes);
  return [...parts.links, parts.main].map(({ fields }, at) => ({
    table: tables[at]!,
    feeds: feeds.filter(({ field }) => fields.includes(field)),
  }));
}

/** False when a cell is not acceptable; rows are then left begun. */
type Write = (bytes: Buffer, places: CellPlaces, row: number) => boolean;

/** The fast path: all or nothing, and no word about why. */
function compileWrite(parts: readonly Part[], context: RowContext, outs: readonly CopyRows[]): Write {
  const { nextId } = context;
  const writers = parts.map((part) => compileCells(part, context));
  const main = parts.length - 1;
  const system = systemValues(context, outs[main]!);
  const end = (out: CopyRows, id: Uint8Array, row: number): void => {
    out.appendBytes(system);
    out.appendInteger(row);
    out.endRow(id);
  };
  return (bytes, places, row) => {
    for (let part = 0; part <= main; part++) {
      outs[part]!.beginRow(bytes);
      if (!writers[part]!(bytes, places, outs[part]!)) return false;
    }
    for (let part = 0; part < main; part++) {
      const out = outs[part]!;
      if (out.isAllNull(parts[part]!.feeds.length)) {
        out.dropRow();
        outs[main]!.appendNull();
      } else {
        const id = nextId();
        outs[main]!.appendId(id);
        end(out, id, row);
      }
    }
    end(outs[main]!, nextId(), row);
    return true;
  };
}

/**
 * The values behind those of the file, but for the last, in the form of the rows: they are the same in each.
 * @param rows where no row was begun yet
 */
function systemValues({ at, createdBy, importId, binary = false }: RowContext, rows: CopyRows): Uint8Array {
  const append = (value: string | null, type: string): void => {
    if (value === null) rows.appendNull();
    else appendValue(rows, value, binary ? BINARY_WRITERS.get(type)! : null);
  };
  return rows.bytesOf(() => {
    if (at !== null) for (const time of [at, at]) append(time, 'timestamptz');
    for (const id of [createdBy, createdBy, importId]) append(id, 'uuid');
  });
}
