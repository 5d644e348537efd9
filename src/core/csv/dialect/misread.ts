// Records that are well-formed and yet must not land: one that can be read in two ways, one that its reader refuses, one with a value in a
// column without a name that was taken for none, one that goes on in the next of several files, totals and notes at the end of the table,
// and all of another table.
import { cutValue, type RowError } from '../../imports/row-error.ts';
import { type CellPlaces, decodeCells, shownCell } from '../records/cell-places.ts';
import { FOOTER_LINES, FOOTER_RECORDS, looksLikeFooter } from './totals.ts';
import { ROW_COLUMN } from '../../imports/rejects.ts';
import type { ChunkPlan, FileDialect, PartOfFile } from '../types.ts';

/** Stands for a NUL, as it does for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/** A record that does not land: its cells as read, and why. */
interface Misread {
  readonly cells: readonly string[];
  readonly errors: readonly RowError[];
}

type JudgeRecord = (
  bytes: Buffer,
  places: CellPlaces,
  row: number,
  line: number,
  lineEnd: number,
) => Misread | null;

type RecordsOfChunk = Pick<ChunkPlan, 'endByte' | 'firstRow' | 'records'>;

const TOTAL_ERROR = {
  column: null,
  code: 'table-error',
  value: null,
  message:
    'This line at the end of the table looks like a total or an end mark, not like a record. Send the file with skipFooter and the number of such lines to leave them out, or with skipFooter=0 if they are records.',
} as const;

const NOTE_ERROR = {
  ...TOTAL_ERROR,
  message:
    'This line below the table looks like a note, not like a record: it is set off from the table, and only its first cell has a value, if any. Send the file with skipFooter and the number of such lines to leave them out, or with skipFooter=0 if they are records.',
} as const;

function sumError(
  column: RowError['column'],
  total: string,
  isLikely = false,
): Pick<RowError, 'column' | 'code' | 'value' | 'message'> {
  return {
    column,
    code: 'table-error',
    value: cutValue(shownCell(total)),
    message: `This last record looks like a total: its number in this column ${isLikely ? 'may be the sum of all above (there are too many to add them up)' : 'is the sum of all above'}, and it has no value where each of them has one. Send the file with skipFooter=1 to leave it out, or with skipFooter=0 if it is a record.`,
  };
}

/** Where a table ends. */
interface TableOfFile {
  readonly dataEnd: number;
  /** Null: not known, and then the last chunk shows it. */
  readonly records: number | null;
}

/**
 * @param header the file's, for the names of columns
 * @param asSent gives the cells of a sheet as they were sent
 */
export function refuseMisread(
  {
    tableEnd,
    skipFooter,
    notesBelow = 0,
    totalOf,
    isTotalLikely,
    emptyColumns = [],
    parts = [],
  }: FileDialect,
  header: readonly string[],
  chunk: RecordsOfChunk,
  { dataEnd, records }: TableOfFile,
  asSent: (cells: string[]) => string[] = (cells) => cells,
): JudgeRecord {
  const lastRow = tableEnd?.row ?? Infinity;
  const mayHaveTotals = skipFooter === undefined && !header.includes(ROW_COLUMN);
  const counted = records ?? (chunk.endByte === dataEnd ? chunk.firstRow + chunk.records - 1 : Infinity);
  const endRow = tableEnd?.row ?? counted + 1;
  const footerRow = mayHaveTotals ? endRow - FOOTER_RECORDS : Infinity;
  const noteRow = mayHaveTotals && tableEnd === undefined ? endRow - notesBelow : Infinity;
  const sumRow = mayHaveTotals && tableEnd === undefined && totalOf !== undefined ? noteRow - 1 : Infinity;
  const isAtPartEnd = mayHaveTotals ? nearEndOf(parts) : () => false;
  const totalsOfParts = mayHaveTotals ? totalsByLine(parts) : undefined;
  const filledColumn = ({ starts, ends, count }: CellPlaces): number | undefined =>
    emptyColumns.find((column) => column < count && ends[column]! > starts[column]!);
  return (bytes, places, row, line, lineEnd) => {
    const { ambiguousColumn, refusal } = places;
    const filled = emptyColumns.length === 0 ? undefined : filledColumn(places);
    const next = lineEnd > line ? parts.find((part) => part.line > line && part.line <= lineEnd) : undefined;
    const isSound = ambiguousColumn === 0 && refusal === null && filled === undefined && next === undefined;
    const isNote = row >= noteRow;
    const totalOfPart = totalsOfParts?.get(line);
    const mayBeTotal =
      isNote || row >= footerRow || row === sumRow || totalOfPart !== undefined || isAtPartEnd(line);
    if (isSound && row <= lastRow && !mayBeTotal) return null;
    const cells = asSent(decodeCells(bytes, places));
    const place = { row, line, ...(lineEnd > line ? { lineEnd } : {}) };
    const refuse = (error: Pick<RowError, 'column' | 'code' | 'value' | 'message'>): Misread => ({
      cells,
      errors: [{ ...place, ...error }],
    });
    const columnOf = (index: number): RowError['column'] =>
      index === 0 ? null : { index, name: header[index - 1] ?? '' };
    if (next !== undefined) return { cells, errors: [goesOn(next, row, line)] };
    if (row > lastRow)
      return refuse({
        column: null,
        code: 'table-error',
        value: null,
        message: `Another table begins at line ${tableEnd!.line}, and this record may belong to it. Send it as a file of its own.`,
      });
    if (mayBeTotal && looksLikeFooter(cells.map(shownCell))) return refuse(TOTAL_ERROR);
    if (isNote) return refuse(NOTE_ERROR);
    if (row === sumRow) return refuse(sumError(columnOf(totalOf! + 1), cells[totalOf!]!, isTotalLikely));
    if (totalOfPart !== undefined) {
      const { of, isLikely } = totalOfPart;
      return refuse(sumError(columnOf(of + 1), cells[of]!, isLikely));
    }
    if (refusal !== null) {
      const { columnIndex, code, message, value = cells[columnIndex - 1] } = refusal;
      return storable(
        refuse({
          column: columnOf(columnIndex),
          code,
          value: value === undefined ? null : cutValue(shownCell(value)),
          message,
        }),
      );
    }
    if (filled !== undefined)
      return refuse({
        column: columnOf(filled + 1),
        code: 'extra-cell',
        value: cutValue(cells[filled]!),
        message: `Column ${filled + 1} has no name, and this record has a value in it. Give the column a name, or remove the value.`,
      });
    if (ambiguousColumn === 0) return null;
    return refuse({
      column: columnOf(ambiguousColumn),
      code: 'quote-error',
      value: cutValue(cells[ambiguousColumn - 1]!),
      message:
        'The quote in this cell may open a quoted cell whose delimiter was lost. Put the delimiter before it, or quote the whole cell and double the quote.',
    });
  };
}

/** Undefined: no file has one. */
function totalsByLine(
  parts: readonly PartOfFile[],
): ReadonlyMap<number, NonNullable<PartOfFile['total']>> | undefined {
  const totals = parts.flatMap(({ total }) => (total === undefined ? [] : total));
  return totals.length === 0 ? undefined : new Map(totals.map((total) => [total.line, total]));
}

/** Whether a line is one of the last of its file, and not of the last file. To be asked in file order. */
function nearEndOf(parts: readonly PartOfFile[]): (line: number) => boolean {
  const starts = parts.slice(1).map(({ line }) => line);
  let next = 0;
  return (line) => {
    while (next < starts.length && starts[next]! <= line) next++;
    return next < starts.length && line >= starts[next]! - FOOTER_LINES;
  };
}

/** The end of a file is the end of its last record. */
function goesOn({ name }: PartOfFile, row: number, line: number): RowError {
  return {
    row,
    line,
    column: null,
    code: 'quote-error',
    value: null,
    message: `A quote is open at the end of this file, so its last record took in the beginning of ${JSON.stringify(name)}. Close the quote, and send both files again.`,
  };
}

/** Neither rejects nor errors can hold a NUL, which escapes may stand for. */
function storable({ cells, errors }: Misread): Misread {
  const clean = (text: string): string => text.replaceAll('\0', REPLACEMENT);
  return {
    cells: cells.map(clean),
    errors: errors.map((error) => ({ ...error, value: error.value === null ? null : clean(error.value) })),
  };
}
