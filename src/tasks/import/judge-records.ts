// The one route by which a record of a chunk is judged, be it sound or broken, of a first file or of a retry:
// which record it is, whether it may land by its number, whether it could be decoded, whether it reads in one way, and what is in it.
import { decodeCells, type CellPlaces } from '../../core/csv/records/cell-places.ts';
import { describeBroken } from '../../core/csv/records/describe-broken.ts';
import type { RecordReceiver } from '../../core/csv/records/read-records.ts';
import { splitBroken } from '../../core/csv/records/records.ts';
import { refuseMisread } from '../../core/csv/dialect/misread.ts';
import { explainUndecodable, holdsUndecodable } from '../../core/csv/text/undecodable.ts';
import type { RowCompiler } from '../../core/dataset/rows/compile-rows.ts';
import { isRejectFile } from '../../core/imports/rejects.ts';
import type { RowError } from '../../core/imports/row-error.ts';
import { sentCells } from '../../core/imports/sent-cells.ts';
import { coveredCells } from '../../core/excel/covered-cells.ts';
import { explainUnmended } from '../../core/imports/unmended.ts';
import type { ChunkPlan } from '../../core/csv/types.ts';
import type { ImportRow } from '../../db/imports/imports.ts';
import type { SlotSettings } from '../work-deps.ts';
import type { RejectLog } from './rejects/reject-log.ts';
import { cellText, rowColumn, type RetryRecords } from './retry-records.ts';

/** Where the records go. */
export interface Judged {
  /** Takes those that are good. */
  readonly compiler: RowCompiler;
  readonly rejected: RejectLog;
  /** Of a retry: the numbers of those that are good. */
  readonly retriedRows: number[];
}

/** @param retried null for a first file */
export function judgeRecords(
  imp: ImportRow,
  chunk: ChunkPlan,
  settings: SlotSettings,
  retried: RetryRecords | null,
  { compiler, rejected, retriedRows }: Judged,
): RecordReceiver {
  const header = imp.columns.map((column) => column.header);
  const rowAt = rowColumn(imp);
  const isSheet = imp.dialect.sheet !== undefined;
  const asSent = sentCells(imp);
  const covered = coveredCells(imp.dialect.sheet, imp.columns);
  const misread = refuseMisread(imp.dialect, header, chunk, imp, isSheet ? asSent : undefined);
  const undecodable = undecodableRecords(imp, retried);
  const refuse = undecodable && refuseUndecodable(imp, undecodable, asSent);
  const reject = (row: number, line: number, cells: readonly string[], errors: readonly RowError[]): void =>
    rejected.add({ row, line, cells, errors: withRow(errors, row) });

  const refuseCovered =
    covered &&
    ((bytes: Buffer, places: CellPlaces, row: number, line: number) => {
      const errors = covered(row, line);
      return errors && { cells: asSent(decodeCells(bytes, places)), errors };
    });

  return {
    sound(bytes, places, rowInFile, line, lineEnd) {
      const claim = retried?.judge(cellText(bytes, places, rowAt, isSheet), line, lineEnd);
      const row = claim?.row ?? rowInFile;
      if (claim !== undefined && claim.error !== null)
        return reject(row, line, asSent(decodeCells(bytes, places)), [claim.error]);
      const refused =
        refuse?.(bytes, places, row, line, lineEnd) ??
        misread(bytes, places, rowInFile, line, lineEnd) ??
        refuseCovered?.(bytes, places, row, line) ??
        compiler.add(bytes, places, row, line, lineEnd);
      if (refused !== null) reject(row, line, refused.cells, refused.errors);
      else if (claim !== undefined) retriedRows.push(row);
    },
    broken(record, rawText) {
      const { line, lineEnd } = record;
      const cells = asSent(splitBroken(rawText, imp.dialect));
      const claim = retried?.judge(cells[rowAt], line, lineEnd);
      const row = claim?.row ?? record.row;
      const errors = [
        describeBroken(record, header, rawText, settings),
        ...(undecodable?.(cells, row, line, lineEnd) ?? []),
      ];
      reject(
        row,
        line,
        cells,
        claim === undefined || claim.error === null ? errors : [claim.error, ...errors],
      );
    },
  };
}

/** What reads the file knows a record by its number there. */
function withRow(errors: readonly RowError[], row: number): readonly RowError[] {
  return errors.every((error) => error.row === row) ? errors : errors.map((error) => ({ ...error, row }));
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
  if (isRejectFile(imp.columns))
    return (cells, row, line, lineEnd) =>
      explainUndecodable(imp, cells, row, line, lineEnd) ??
      explainUnmended(header, cells, row, line, lineEnd, retried?.told(row));
  return imp.undecodable.length === 0 ? undefined : (...record) => explainUndecodable(imp, ...record);
}

/** Decodes only records that may have such errors. */
function refuseUndecodable(imp: ImportRow, explain: ExplainRecord, asSent: (cells: string[]) => string[]) {
  const looksAtAll = isRejectFile(imp.columns);
  return (bytes: Buffer, places: CellPlaces, row: number, line: number, lineEnd: number) => {
    if (!looksAtAll && !holdsUndecodable(imp.undecodable, line, lineEnd)) return null;
    const cells = asSent(decodeCells(bytes, places));
    const errors = explain(cells, row, line, lineEnd);
    return errors && { cells, errors };
  };
}
