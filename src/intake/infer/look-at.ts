// Shows the cells of a record to the evidence of their columns.
import {
  decodeCell,
  NOT_ASCII,
  NOT_DIGIT,
  SPECIAL,
  type CellPlaces,
} from '../../core/csv/records/cell-places.ts';
import type { ColumnEvidence } from '../../core/dataset/infer/column-evidence.ts';
import { LAST_KIND, readSheetCell } from '../../core/excel/sheet-cell.ts';

/** @param isSheet cells may say by a first byte what they are */
export function lookAt(
  columns: readonly ColumnEvidence[],
  bytes: Buffer,
  { starts, ends, marks }: CellPlaces,
  line: number,
  isSheet: boolean,
): void {
  for (let at = 0; at < columns.length; at++) {
    const start = starts[at]!;
    const end = ends[at]!;
    if (isSheet && start < end && bytes[start]! <= LAST_KIND)
      lookAtSheetCell(columns[at]!, decodeCell(bytes, start, end, marks[at]!), line);
    else columns[at]!.look(bytes, start, end, marks[at]!, line);
  }
}

/** Of a number or a date the value counts, not how the sheet shows it. */
function lookAtSheetCell(column: ColumnEvidence, cell: string, line: number): void {
  const { kind, value, shown } = readSheetCell(cell);
  const text = Buffer.from(kind === 'error' ? shown : value);
  column.look(text, 0, text.length, markOf(text), line);
}

function markOf(text: Buffer): number {
  let mark = 0;
  for (const byte of text) {
    if (byte < 48 || byte > 57) mark |= NOT_DIGIT;
    if (byte >= 0x80) mark |= NOT_ASCII;
    if (byte < 0x20) mark |= SPECIAL;
  }
  return mark;
}
