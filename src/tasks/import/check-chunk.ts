// Reads a chunk's bytes into records, checks and converts each, and keeps good rows as COPY text, bad ones as rejects.
import { describeBroken } from '../../core/csv/records/describe-broken.ts';
import { decodeCells, type CellPlaces } from '../../core/csv/records/cell-places.ts';
import { refuseMisread } from '../../core/csv/dialect/misread.ts';
import type { ByteRange, ChunkPlan } from '../../core/csv/types.ts';
import { readPlaces } from '../../core/csv/records/read-places.ts';
import { readStretches, splitBroken } from '../../core/csv/records/records.ts';
import { explainUndecodable, holdsUndecodable } from '../../core/csv/text/undecodable.ts';
import { compileRows, type RowCompiler } from '../../core/dataset/rows/compile-rows.ts';
import { isDirect } from '../../core/imports/import-mode.ts';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import { isRejectFile } from '../../core/imports/rejects.ts';
import { unguard } from '../../core/imports/spreadsheet-guard.ts';
import { explainUnmended } from '../../core/imports/unmended.ts';
import type { RowError } from '../../core/imports/row-error.ts';
import { uuidV7Block } from '../../core/uuid.ts';
import { fillTimes } from '../../db/datasets/dataset-tables.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { countRowErrors } from '../../db/imports/row-errors.ts';
import type { RefusedRow } from '../../db/landing/refusals/refused-rows.ts';
import type { RowBatch } from '../../db/landing/stage-rows.ts';
import { describeDatabaseErrors } from './describe-database-error.ts';
import { RejectLog } from './rejects/reject-log.ts';
import {
  cellText,
  openRetryRecords,
  readRow,
  retryOf,
  rowColumn,
  type JudgedRecord,
  type RetryRecords,
} from './retry-records.ts';
import type { Tx } from '../../db/transaction.ts';
import { uploadReader } from '../../storage/upload-bytes.ts';
import type { SlotDeps } from '../work-deps.ts';

export interface CheckedChunk extends RowBatch {
  /** Of a retry: the numbers of the rows. */
  readonly retriedRows: readonly number[];
  readonly rejected: RejectLog;
}

/** @param timesAreFilled whether the tables fill the times of new rows; asked of Postgres when left out */
export async function checkChunk(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  chunk: ChunkPlan,
  timesAreFilled?: boolean,
): Promise<CheckedChunk> {
  const compiler = await compile(deps, tx, imp, timesAreFilled);
  const retriedRows: number[] = [];
  const rejected = await openRejectLog(deps, tx, imp);
  const header = imp.columns.map((column) => column.header);
  const asSent = unguarded(imp);
  const misread = refuseMisread(imp.dialect, header);
  const read = reader(deps, imp);
  const retry = retryOf(imp);
  const retried = retry && (await openRetryRecords(deps, tx, imp, retry, chunk, read));
  const undecodable = undecodableRecords(imp, retried);
  const refuse = undecodable && refuseUndecodable(imp, undecodable, asSent);

  await readStretches(imp, chunk, read, {
    stretch(bytes, stretch) {
      readPlaces(bytes, stretch, imp.dialect, (cells, rowInFile, line, lineEnd) => {
        const judged = retried?.judgePlaces(bytes, cells, line, lineEnd);
        const row = judged?.row ?? rowInFile;
        const refused =
          (judged && refuseJudged(judged, () => asSent(decodeCells(bytes, cells)))) ??
          refuse?.(bytes, cells, row, line, lineEnd) ??
          misread(bytes, cells, rowInFile, line, lineEnd) ??
          compiler.add(bytes, cells, row, line, lineEnd);
        if (refused !== null)
          rejected.add({ row, line, cells: refused.cells, errors: withRow(refused.errors, row) });
        else if (judged !== undefined) retriedRows.push(row);
      });
    },
    broken(record, rawText) {
      const { line, lineEnd } = record;
      const cells = asSent(splitBroken(rawText, imp.dialect));
      const judged = retried?.judge(cells[rowColumn(imp)], line, lineEnd);
      const row = judged?.row ?? record.row;
      const error = describeBroken(record, header, rawText, deps.settings);
      const more = undecodable?.(cells, row, line, lineEnd) ?? [];
      const refused = judged?.error ?? null;
      const errors = [...(refused === null ? [] : [refused]), error, ...more];
      rejected.add({ row, line, cells, errors: withRow(errors, row) });
    },
  });
  return {
    tables: compiler.tables,
    blocks: compiler.take(),
    rowCounts: compiler.rowCounts(),
    retriedRows,
    rejected,
  };
}

/** Errors that would not be stored are not kept. Where an import begins anew, those that were stored are gone. */
async function openRejectLog({ settings, memory }: SlotDeps, tx: Tx, imp: ImportRow): Promise<RejectLog> {
  const { maxStoredErrors } = settings;
  const isFull = memory.lastFull.importId === imp.id && (await countRowErrors(tx, imp.id)) >= maxStoredErrors;
  return new RejectLog(isFull ? 0 : maxStoredErrors, memory.blocks);
}

function refuseJudged({ error }: JudgedRecord, cells: () => string[]) {
  return error && { cells: cells(), errors: [error] };
}

/** What reads the file knows a record by its number there. */
function withRow(errors: readonly RowError[], row: number): readonly RowError[] {
  return errors.every((error) => error.row === row) ? errors : errors.map((error) => ({ ...error, row }));
}

/** Reads into the slot's own memory: a read undoes the one before it. */
function reader({ storage, memory }: SlotDeps, imp: ImportRow): (range: ByteRange) => Promise<Buffer> {
  return uploadReader(storage, imp, memory.fileBytes);
}

/** Takes off what our own reject file put before the cells of a record that comes back in it. */
function unguarded(imp: ImportRow): (cells: string[]) => string[] {
  return isGuarded(imp) ? (cells) => cells.map(unguard) : (cells) => cells;
}

function isGuarded(imp: ImportRow): boolean {
  return isRejectFile(imp.columns);
}

type ExplainRecord = (
  cells: readonly string[],
  row: number,
  line: number,
  lineEnd: number,
) => RowError[] | null;

/**
 * The errors of a record with bytes that could not be decoded, in this file or, not mended, in the one whose rejects it holds.
 * Undefined when no record has any.
 */
function undecodableRecords(imp: ImportRow, retried: RetryRecords | null): ExplainRecord | undefined {
  const header = imp.columns.map((column) => column.header);
  if (isGuarded(imp))
    return (cells, row, line, lineEnd) =>
      explainUndecodable(imp, cells, row, line, lineEnd) ??
      explainUnmended(header, cells, row, line, lineEnd, retried?.told(row));
  return imp.undecodable.length === 0 ? undefined : (...record) => explainUndecodable(imp, ...record);
}

/** Decodes only records that may have such errors. */
function refuseUndecodable(imp: ImportRow, explain: ExplainRecord, asSent: (cells: string[]) => string[]) {
  const looksAtAll = isGuarded(imp);
  return (bytes: Buffer, places: CellPlaces, row: number, line: number, lineEnd: number) => {
    if (!looksAtAll && !holdsUndecodable(imp.undecodable, line, lineEnd)) return null;
    const cells = asSent(decodeCells(bytes, places));
    const errors = explain(cells, row, line, lineEnd);
    return errors && { cells, errors };
  };
}

async function compile(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  known: boolean | undefined,
): Promise<RowCompiler> {
  const at = deps.now();
  // Staging tables always do.
  const timesAreFilled = known ?? (!isDirect(imp) || (await fillTimes(tx, landingTables(imp.document))));
  return compileRows(imp.document, imp.columns, {
    importId: imp.id,
    createdBy: imp.createdBy,
    at: timesAreFilled ? null : at.toISOString(),
    nextId: uuidV7Block(at.getTime(), deps.random),
    blocks: deps.memory.blocks,
    maxCellBytes: deps.settings.maxCellBytes,
    guarded: isGuarded(imp),
  });
}

/**
 * Reads the chunk once more for the records that Postgres refused, to tell their place and give their cells back.
 * @param before lines of records that were rejected for another reason: of a retry, they may claim the same rows
 */
export async function rejectRefused(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  chunk: ChunkPlan,
  refused: readonly RefusedRow[],
  before: readonly number[],
): Promise<RejectLog> {
  const rejected = await openRejectLog(deps, tx, imp);
  if (refused.length === 0) return rejected;
  const errorOfRow = new Map(refused.map(({ row, error }) => [row, error]));
  const asSent = unguarded(imp);
  const describe = describeDatabaseErrors(imp.document, imp.columns);
  const rowAt = imp.parentId === null ? undefined : rowColumn(imp);
  const linesBefore = new Set(rowAt === undefined ? [] : before);
  await readStretches(imp, chunk, reader(deps, imp), {
    stretch(bytes, stretch) {
      readPlaces(bytes, stretch, imp.dialect, (places, rowInFile, line, lineEnd) => {
        const row = rowAt === undefined ? rowInFile : readRow(cellText(bytes, places, rowAt));
        const error = errorOfRow.get(row);
        if (error === undefined || linesBefore.has(line)) return;
        const cells = asSent(decodeCells(bytes, places));
        rejected.add({ row, line, cells, errors: [describe(error, { row, line, lineEnd, cells })] });
      });
    },
    broken() {},
  });
  return rejected;
}
