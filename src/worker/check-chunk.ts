// Reads a chunk's bytes into records, checks and converts each, and keeps good rows as COPY text, bad ones as rejects.
import { describeBroken } from '../core/csv/describe-broken.ts';
import { readRecords, splitBroken } from '../core/csv/records.ts';
import { explainUndecodable, explainUnmended } from '../core/csv/undecodable.ts';
import { compileRows, type RowCompiler } from '../core/dataset/compile-rows.ts';
import { CopyBuffer } from '../core/dataset/copy-buffer.ts';
import { isRejectFile } from '../core/rejects.ts';
import { unguard } from '../core/spreadsheet-guard.ts';
import type { RowError } from '../core/row-error.ts';
import { uuidV7Block } from '../core/uuid.ts';
import type { ChunkRow } from '../db/chunks.ts';
import type { ImportRow } from '../db/imports.ts';
import type { RefusedRow, RowBatch } from '../db/land-rows.ts';
import { describeDatabaseError } from './describe-database-error.ts';
import type { SlotDeps } from './slot-deps.ts';

/** A record that does not land, and why. */
export interface RejectedRecord {
  readonly row: number;
  readonly cells: readonly string[];
  readonly errors: readonly RowError[];
}

export interface CheckedChunk extends RowBatch {
  readonly rejected: readonly RejectedRecord[];
}

/** COPY text becomes bytes after so many rows. */
const ROWS_PER_APPEND = 16;

export async function checkChunk(deps: SlotDeps, imp: ImportRow, chunk: ChunkRow): Promise<CheckedChunk> {
  const compiler = compile(deps, imp);
  const buffers = compiler.tables.map(() => new CopyBuffer());
  const text: string[] = compiler.tables.map(() => '');
  const rows: number[] = [];
  const rejected: RejectedRecord[] = [];
  const header = imp.columns.map((column) => column.header);
  const asSent = unguarded(imp);
  const undecodable = undecodableRecords(imp);

  const appendText = (): void => {
    for (let at = 0; at < text.length; at++) {
      buffers[at]!.append(text[at]!);
      text[at] = '';
    }
  };
  await readRecords(chunk, imp.dialect, (range) => deps.storage.readBytes(imp.storageKey, range), {
    record(asRead, row, line, lineEnd) {
      const cells = asSent(asRead);
      const errors = undecodable(cells, row, line, lineEnd) ?? compiler.add(cells, row, line, lineEnd, text);
      if (errors !== null) rejected.push({ row, cells, errors });
      else if (rows.push(row) % ROWS_PER_APPEND === 0) appendText();
    },
    broken(record, rawText) {
      const error = describeBroken(record, header, rawText, deps.settings);
      const cells = asSent(splitBroken(rawText, imp.dialect));
      const more = undecodable(cells, record.row, record.line, record.lineEnd) ?? [];
      rejected.push({ row: record.row, cells, errors: [error, ...more] });
    },
  });
  appendText();
  return { tables: compiler.tables, blocks: buffers.map((buffer) => buffer.take()), rows, rejected };
}

/** Takes off what our own reject file put before the cells of a record that comes back in it. */
function unguarded(imp: ImportRow): (cells: string[]) => string[] {
  return isRejectFile(imp.columns.map((column) => column.header))
    ? (cells) => cells.map(unguard)
    : (cells) => cells;
}

type ExplainRecord = (
  cells: readonly string[],
  row: number,
  line: number,
  lineEnd: number,
) => RowError[] | null;

/** The errors of a record with bytes that could not be decoded, in this file or, not mended, in the one whose rejects it holds. */
function undecodableRecords(imp: ImportRow): ExplainRecord {
  const header = imp.columns.map((column) => column.header);
  if (isRejectFile(header))
    return (...record) => explainUndecodable(imp, ...record) ?? explainUnmended(header, ...record);
  return imp.undecodable.length === 0 ? () => null : (...record) => explainUndecodable(imp, ...record);
}

function compile(deps: SlotDeps, imp: ImportRow): RowCompiler {
  const at = deps.now();
  return compileRows(imp.document, imp.columns, {
    importId: imp.id,
    createdBy: imp.createdBy,
    at: at.toISOString(),
    nextId: uuidV7Block(at.getTime(), deps.random),
    maxCellBytes: deps.settings.maxCellBytes,
  });
}

/** Reads the chunk once more for the records that Postgres refused, to tell their place and give their cells back. */
export async function rejectRefused(
  deps: SlotDeps,
  imp: ImportRow,
  chunk: ChunkRow,
  refused: readonly RefusedRow[],
): Promise<RejectedRecord[]> {
  const errorOfRow = new Map(refused.map(({ row, error }) => [row, error]));
  const rejected: RejectedRecord[] = [];
  const asSent = unguarded(imp);
  await readRecords(chunk, imp.dialect, (range) => deps.storage.readBytes(imp.storageKey, range), {
    record(asRead, row, line, lineEnd) {
      const error = errorOfRow.get(row);
      if (error === undefined) return;
      const cells = asSent(asRead);
      rejected.push({
        row,
        cells,
        errors: [describeDatabaseError(error, { row, line, lineEnd, cells }, imp.document, imp.columns)],
      });
    },
    broken() {},
  });
  return rejected;
}
