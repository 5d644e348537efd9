// Records that are well-formed and yet must not land: one that can be read in two ways, one whose escapes stand for no text, totals at
// the end of the file, and all of another table.
import { cutValue, type RowError } from '../../imports/row-error.ts';
import { type CellPlaces, decodeCells } from '../records/cell-places.ts';
import { FOOTER_RECORDS, looksLikeTotal } from './totals.ts';
import { ROW_COLUMN } from '../../imports/rejects.ts';
import type { ChunkPlan, FileDialect } from '../types.ts';

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
    'This line at the end of the file looks like a total, not like a record. Send the file with skipFooter and the number of such lines to leave them out, or with skipFooter=0 if they are records.',
} as const;

/**
 * @param header the file's, for the names of columns
 * @param asSent gives the cells of a sheet as they were sent
 */
export function refuseMisread(
  { tableEnd, skipFooter }: FileDialect,
  header: readonly string[],
  chunk: RecordsOfChunk,
  dataEnd: number,
  asSent: (cells: string[]) => string[] = (cells) => cells,
): JudgeRecord {
  const lastRow = tableEnd?.row ?? Infinity;
  const isLast = skipFooter === undefined && chunk.endByte === dataEnd && !header.includes(ROW_COLUMN);
  const footerRow = isLast ? chunk.firstRow + chunk.records - FOOTER_RECORDS : Infinity;
  return (bytes, places, row, line, lineEnd) => {
    const { ambiguousColumn, notTextColumn } = places;
    if (ambiguousColumn === 0 && notTextColumn === 0 && row <= lastRow && row < footerRow) return null;
    const cells = asSent(decodeCells(bytes, places));
    const place = { row, line, ...(lineEnd > line ? { lineEnd } : {}) };
    if (row >= footerRow && row <= lastRow && looksLikeTotal(cells))
      return { cells, errors: [{ ...place, ...TOTAL_ERROR }] };
    if (ambiguousColumn === 0 && notTextColumn === 0 && row <= lastRow) return null;
    if (row > lastRow)
      return {
        cells,
        errors: [
          {
            ...place,
            column: null,
            code: 'table-error',
            value: null,
            message: `Line ${tableEnd!.line} is the header again: another table begins there, and this record may belong to it. Send it as a file of its own.`,
          },
        ],
      };
    if (notTextColumn !== 0) {
      const kept = cells.map((cell) => cell.replaceAll('\0', REPLACEMENT));
      return {
        cells: kept,
        errors: [
          {
            ...place,
            column: { index: notTextColumn, name: header[notTextColumn - 1] ?? '' },
            code: 'encoding-error',
            value: cutValue(kept[notTextColumn - 1]!),
            message:
              'The escapes in this cell stand for a NUL or for bytes that are not UTF-8, which Postgres cannot keep as text. Export the column in another form, such as hexadecimal digits.',
          },
        ],
      };
    }
    return {
      cells,
      errors: [
        {
          ...place,
          column: { index: ambiguousColumn, name: header[ambiguousColumn - 1] ?? '' },
          code: 'quote-error',
          value: cutValue(cells[ambiguousColumn - 1]!),
          message:
            'The quote in this cell may open a quoted cell whose delimiter was lost. Put the delimiter before it, or quote the whole cell and double the quote.',
        },
      ],
    };
  };
}
