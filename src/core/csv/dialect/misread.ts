// Records that are well-formed and yet must not land: one that can be read in two ways, and all of another table.
import { cutValue, type RowError } from '../../imports/row-error.ts';
import { type CellPlaces, decodeCells } from '../records/cell-places.ts';
import type { FileDialect } from '../types.ts';

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

/**
 * @param header the file's, for the names of columns
 * @param asSent gives the cells of a sheet as they were sent
 */
export function refuseMisread(
  { tableEnd }: FileDialect,
  header: readonly string[],
  asSent: (cells: string[]) => string[] = (cells) => cells,
): JudgeRecord {
  const lastRow = tableEnd?.row ?? Infinity;
  return (bytes, places, row, line, lineEnd) => {
    const { ambiguousColumn } = places;
    if (ambiguousColumn === 0 && row <= lastRow) return null;
    const cells = asSent(decodeCells(bytes, places));
    const place = { row, line, ...(lineEnd > line ? { lineEnd } : {}) };
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
