// Which record of the first file each record of a retry is, by its cell `_row`, and whether it may land.
import { type CellPlaces, decodeCell } from '../../core/csv/records/cell-places.ts';
import { readRecords } from '../../core/csv/records/read-records.ts';
import type { ByteRange } from '../../core/csv/types.ts';
import { shownText } from '../../core/excel/sheet-cell.ts';
import { ROW_COLUMN } from '../../core/imports/rejects.ts';
import { cutValue, type RowError } from '../../core/imports/row-error.ts';
import { RowSet } from '../../core/imports/row-set.ts';
import type { ChunkPlan } from '../../core/csv/types.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { freeClaimsOfEnded, readClaims, type Retry } from '../../db/imports/retried-rows.ts';
import { readParentRejects } from './rejects/parent-rejects.ts';
import type { Tx } from '../../db/transaction.ts';
import type { SlotDeps } from '../work-deps.ts';

/** The number of a record that says none. */
const NO_ROW = 0;

/** The retry that an import is; null when it is none. */
export function retryOf(imp: ImportRow): (Retry & { readonly parentId: string }) | null {
  const { id, parentId, rootId } = imp;
  return parentId === null || rootId === null ? null : { importId: id, parentId, rootId };
}

/** Where the cell `_row` is among the cells. */
export function rowColumn(imp: ImportRow): number {
  return imp.columns.findIndex(({ header }) => header === ROW_COLUMN);
}

/** @param cell as it stands in the file @returns NO_ROW when it holds no number */
export function readRow(cell: string | undefined): number {
  const text = cell?.trim() ?? '';
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : NO_ROW;
}

/** What tells which record a sound one is: its place in the file or, of a retry, what it says. */
export function rowReader(imp: ImportRow): (bytes: Buffer, cells: CellPlaces, rowInFile: number) => number {
  const at = rowColumn(imp);
  return imp.parentId === null
    ? (_bytes, _cells, rowInFile) => rowInFile
    : (bytes, cells) => readRow(cellText(bytes, cells, at, imp.dialect.sheet !== undefined));
}

export interface JudgedRecord {
  /** Its number in the first file. */
  readonly row: number;
  /** Why it must not land. */
  readonly error: RowError | null;
}

export interface RetryRecords {
  /** To be asked once for each record of the chunk, in file order. */
  judge(cell: string | undefined, line: number, lineEnd: number): JudgedRecord;
  /** What the parent's reject file told of a record, as far as it matters. */
  told(row: number): string;
}

/** Looks up what the records of a chunk may claim, within the transaction that lands them. */
export async function openRetryRecords(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  retry: Retry & { readonly parentId: string },
  chunk: ChunkPlan,
  read: (range: ByteRange) => Promise<Buffer>,
): Promise<RetryRecords> {
  const at = rowColumn(imp);
  const rejects = await readParentRejects(deps, tx, retry.parentId);
  const { first, last } = await rowRange(imp, chunk, read);
  const [landed, own, seen] = [new RowSet(), new RowSet(), new RowSet()];
  await freeClaimsOfEnded(tx, retry.rootId);
  for await (const claims of readClaims(tx, retry, first, last))
    for (const claim of claims) (claim.own ? own : landed).add(claim.row);

  const why = (row: number, value: string | undefined): string | null => {
    if (row === NO_ROW)
      return `The cell "${ROW_COLUMN}" must hold the record’s number as the reject file gives it; "${cutValue(value ?? '')}" is none.`;
    if (!rejects.has(row))
      return `Record ${row} is not among the rejects of import ${retry.parentId}: it has landed already, or the file has no such record. Only rejected records can be retried.`;
    if (seen.has(row) || own.has(row))
      return `Record ${row} comes more than once in this file. Only one of them lands.`;
    if (landed.has(row)) return `Another retry has landed record ${row}, or is landing it now.`;
    return null;
  };
  const judge: RetryRecords['judge'] = (cell, line, lineEnd) => {
    const row = readRow(cell);
    const message = why(row, cell);
    seen.add(row);
    if (message === null) return { row, error: null };
    const place = { row, line, ...(lineEnd === line ? {} : { lineEnd }) };
    const column = { index: at + 1, name: ROW_COLUMN };
    return { row, error: { ...place, column, code: 'retry-error', value: cutValue(cell ?? ''), message } };
  };
  return {
    judge,
    told: (row) => rejects.told(row),
  };
}

/** The text of one cell, as it is shown; undefined when the record has fewer. */
export function cellText(
  bytes: Buffer,
  { count, starts, ends, marks }: CellPlaces,
  at: number,
  isSheet: boolean,
): string | undefined {
  if (at >= count) return undefined;
  const cell = decodeCell(bytes, starts[at]!, ends[at]!, marks[at]!);
  return isSheet ? shownText(cell) : cell;
}

/** The least and the greatest number in a chunk. */
async function rowRange(
  imp: ImportRow,
  chunk: ChunkPlan,
  read: (range: ByteRange) => Promise<Buffer>,
): Promise<{ first: number; last: number }> {
  let first = Infinity;
  let last = NO_ROW;
  const numberOf = rowReader(imp);
  await readRecords(imp, chunk, read, {
    sound(bytes, cells, rowInFile) {
      const row = numberOf(bytes, cells, rowInFile);
      if (row === NO_ROW) return;
      first = Math.min(first, row);
      last = Math.max(last, row);
    },
  });
  return { first: Math.min(first, last), last };
}
