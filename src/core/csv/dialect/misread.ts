// Records that are well-formed and yet must not land: one that can be read in two ways, one with a value in a column without a name
// that was taken for none, and all of another table.
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

/** @param header the file's, for the names of columns */
export function refuseMisread(
  { tableEnd, emptyColumns = [] }: FileDialect,
  header: readonly string[],
): JudgeRecord {
  const lastRow = tableEnd?.row ?? Infinity;
  const isFilled = ({ starts, ends, count }: CellPlaces): number | undefined =>
    emptyColumns.find((column) => column < count && ends[column]! > starts[column]!);
  return (bytes, places, row, line, lineEnd) => {
    const { ambiguousColumn } = places;
    const filled = emptyColumns.length === 0 ? undefined : isFilled(places);
    if (ambiguousColumn === 0 && row <= lastRow && filled === undefined) return null;
    const cells = decodeCells(bytes, places);
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
            message: `Another table begins at line ${tableEnd!.line}, and this record may belong to it. Send it as a file of its own.`,
          },
        ],
      };
    if (filled !== undefined)
      return {
        cells,
        errors: [
          {
            ...place,
            column: { index: filled + 1, name: '' },
            code: 'extra-cell',
            value: cutValue(cells[filled]!),
            message: `Column ${filled + 1} has no name, and this record has a value in it. Give the column a name, or remove the value.`,
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
