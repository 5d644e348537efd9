// Reads a chunk's bytes into records, checks and converts each, and keeps good rows as COPY takes them, bad ones as rejects.
import { decodeCells } from '../../core/csv/records/cell-places.ts';
import {
  type ByteRange,
  type ChunkPlan,
  type FileDialect,
  isFromPostgres,
  tellsNull,
} from '../../core/csv/types.ts';
import { readRecords } from '../../core/csv/records/read-records.ts';
import { NotBinary } from '../../core/dataset/rows/binary/writer.ts';
import { compileRows, type RowCompiler } from '../../core/dataset/rows/compile-rows.ts';
import type { RowContext } from '../../core/dataset/rows/row-context.ts';
import { copyTables, fileFields, landingParts } from '../../core/dataset/tables/landing-parts.ts';
import { isDirect } from '../../core/imports/import-mode.ts';
import { binaryTypesOf } from '../../core/dataset/tables/existing-types.ts';
import { landingTables } from '../../core/dataset/tables/landing-tables.ts';
import { sentCells } from '../../core/imports/sent-cells.ts';
import { isRejectFile } from '../../core/imports/rejects.ts';
import { binaryUuidV7Block, uuidV7Block } from '../../core/uuid.ts';
import { fillTimes } from '../../db/datasets/read-tables.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import { countRowErrors } from '../../db/imports/row-errors.ts';
import { haveTypes } from '../../db/landing/column-types.ts';
import type { RefusedRow } from '../../db/landing/refusals/refused-rows.ts';
import type { RowBatch } from '../../db/landing/stage-rows.ts';
import { readTarget } from '../../db/landing/existing/stage-existing.ts';
import { stagingTargets } from '../../db/landing/staging.ts';
import { describeDatabaseErrors } from './describe-database-error.ts';
import { judgeRecords } from './judge-records.ts';
import { hideSensitive } from '../../core/imports/hide-sensitive.ts';
import { RejectLog } from './rejects/reject-log.ts';
import { openRetryRecords, retryOf, rowReader } from './retry-records.ts';
import type { Tx } from '../../db/transaction.ts';
import { uploadReader } from '../../storage/upload-bytes.ts';
import type { SlotDeps } from '../work-deps.ts';

export interface CheckedChunk extends RowBatch {
  /** Of a retry: the numbers of the rows. */
  readonly retriedRows: readonly number[];
  readonly rejected: RejectLog;
}

/** Of a chunk that is smaller than such a part of a whole one the rows go as text: to ask for the types of columns would cost more than it saves. */
const SMALL_PART = 16;

/**
 * The rows come in COPY's binary form where the tables take it, and no value of the chunk has a form that only Postgres can read.
 * @param at the rows' `created_at` and `updated_at`; when left out the tables fill them, or they are the worker's now
 */
export async function checkChunk(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  chunk: ChunkPlan,
  at?: string,
): Promise<CheckedChunk> {
  const isSmall = chunk.endByte - chunk.startByte < deps.settings.chunkBytes / SMALL_PART;
  const binary = isSmall ? undefined : await binaryForm(tx, imp);
  if (binary !== undefined)
    try {
      return await check(deps, tx, imp, chunk, at, binary);
    } catch (error) {
      if (!(error instanceof NotBinary)) throw error;
    }
  return check(deps, tx, imp, chunk, at, undefined);
}

/** Rows in binary form. */
type BinaryForm = Pick<RowContext, 'existingTypes'>;

/** Undefined: the tables that the rows are copied into have other types than are planned, or take values that only Postgres can read. */
async function binaryForm(tx: Tx, imp: ImportRow): Promise<BinaryForm | undefined> {
  const parts = landingParts(imp.document, fileFields(imp.document, imp.columns));
  // Values that are looked up have not the type of their column.
  if (parts.lookups.length > 0) return undefined;
  if (parts.isExisting === true) {
    const target = copyTables(parts, true)[0]!;
    const { table } = await readTarget(tx, target);
    const existingTypes = binaryTypesOf(table, target.columns, imp.document.schema.fields);
    return existingTypes && { existingTypes };
  }
  const tables = copyTables(parts, false, imp.document);
  return (await haveTypes(tx, isDirect(imp) ? tables : stagingTargets(imp.id, tables))) ? {} : undefined;
}

async function check(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  chunk: ChunkPlan,
  at: string | undefined,
  binary: BinaryForm | undefined,
): Promise<CheckedChunk> {
  const compiler = await compile(deps, tx, imp, at, binary);
  const rejected = await openRejectLog(deps, tx, imp);
  const retriedRows: number[] = [];
  const read = reader(deps, imp);
  const retry = retryOf(imp);
  const retried = retry && (await openRetryRecords(deps, tx, imp, retry, chunk, read));
  const judge = judgeRecords(imp, chunk, deps.settings, retried, { compiler, rejected, retriedRows });
  try {
    await readRecords(imp, chunk, read, judge);
  } catch (error) {
    // Nothing of it was sent, so its memory can be used at once.
    if (error instanceof NotBinary) {
      for (const blocks of compiler.take()) deps.memory.blocks.giveBack(blocks);
      rejected.free();
    }
    throw error;
  }
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
  const hide = hideSensitive(imp.document, imp.columns);
  return new RejectLog(isFull ? 0 : maxStoredErrors, memory.blocks, imp.dialect, hide);
}

/** Reads into the slot's own memory: a read undoes the one before it. */
function reader({ storage, memory }: SlotDeps, imp: ImportRow): (range: ByteRange) => Promise<Buffer> {
  return uploadReader(storage, imp, memory.fileBytes);
}

async function compile(
  deps: SlotDeps,
  tx: Tx,
  imp: ImportRow,
  at: string | undefined,
  binary: BinaryForm | undefined,
): Promise<RowCompiler> {
  const now = deps.now();
  const block = binary === undefined ? uuidV7Block : binaryUuidV7Block;
  return compileRows(imp.document, imp.columns, {
    importId: imp.id,
    createdBy: imp.createdBy,
    at: await timeOf(tx, imp, at ?? null, now),
    binary: binary !== undefined,
    ...binary,
    nextId: block(now.getTime(), deps.random),
    blocks: deps.memory.blocks,
    maxCellBytes: deps.settings.maxCellBytes,
    ...nullsOf(imp.dialect),
    guarded: isRejectFile(imp.columns),
    sheetCells: imp.dialect.sheet && sentCells(imp),
  });
}

/** Which cells may be NULL by themselves, and whether `\N` has been said to be one of them, or none. */
function nullsOf({
  databaseText,
  json,
  sheet,
  shortRecords,
  emptyCells,
}: FileDialect): Pick<
  RowContext,
  'holdsNull' | 'takesNullSign' | 'shortRecords' | 'writtenBy' | 'isJson' | 'tellsEmpty'
> {
  return {
    holdsNull: tellsNull({ databaseText, json, emptyCells }) || shortRecords === 'null',
    takesNullSign: databaseText !== undefined || json !== undefined || sheet !== undefined,
    shortRecords,
    isJson: json !== undefined,
    tellsEmpty: json !== undefined || emptyCells === 'json',
    writtenBy: isFromPostgres(databaseText) ? 'postgres' : undefined,
  };
}

/** Null where the tables fill the times: staging tables always do. */
async function timeOf(tx: Tx, imp: ImportRow, at: string | null, now: Date): Promise<string | null> {
  if (imp.document.target.existing === true) return null;
  if (at !== null) return at;
  const areFilled = !isDirect(imp) || (await fillTimes(tx, landingTables(imp.document)));
  return areFilled ? null : now.toISOString();
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
  const asSent = sentCells(imp);
  const describe = describeDatabaseErrors(imp.document, imp.columns);
  const numberOf = rowReader(imp);
  const linesBefore = new Set(imp.parentId === null ? [] : before);
  await readRecords(imp, chunk, reader(deps, imp), {
    sound(bytes, places, rowInFile, line, lineEnd) {
      const row = numberOf(bytes, places, rowInFile);
      const error = errorOfRow.get(row);
      if (error === undefined || linesBefore.has(line)) return;
      const cells = asSent(decodeCells(bytes, places));
      rejected.add({ row, line, cells, errors: [describe(error, { row, line, lineEnd, cells })] });
    },
  });
  return rejected;
}
