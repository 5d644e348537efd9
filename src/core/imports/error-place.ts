// Where an error is, for people: in a workbook by the name of its cell, in joined files by file and its own line.
import type { FileDialect, PartOfFile } from '../csv/types.ts';
import { cellOfError } from '../excel/error-cells.ts';
import type { RowError } from './row-error.ts';

type Placed = Pick<RowError, 'line' | 'lineEnd' | 'column'> & { readonly message?: string };

/** What of a dialect says where things are. */
export type PlacesOfFile = Pick<FileDialect, 'sheet' | 'parts'>;

function partAt(parts: readonly PartOfFile[], line: number): PartOfFile {
  return parts.findLast((part) => part.line <= line) ?? parts[0]!;
}

/** The error with the name of its cell, or of its file and that file's own lines. */
export function withPlace<E extends Placed>(
  error: E,
  { sheet, parts = [] }: PlacesOfFile,
): E & { readonly cell?: string; readonly entry?: string } {
  const cell = cellOfError(error, sheet);
  if (cell !== undefined) return { ...error, cell };
  if (parts.length === 0) return error;
  const { name, line, ownLine } = partAt(parts, error.line);
  const own = (at: number): number => at - line + ownLine;
  const placed = { ...error, entry: name, line: own(error.line) };
  const { lineEnd, message } = error;
  if (lineEnd === undefined) return placed;
  // A message says both lines, if any (describe-broken.ts).
  const said = message?.replace(
    `Lines ${error.line} to ${lineEnd} `,
    `Lines ${own(error.line)} to ${own(lineEnd)} `,
  );
  return { ...placed, lineEnd: own(lineEnd), ...(said === undefined ? {} : { message: said }) };
}

/** `line 12`, `cell B12`, `row 12`, `part2.csv line 12`. */
export function placeOfError(error: Placed, file: PlacesOfFile): string {
  const { cell, entry, line } = withPlace(error, file);
  if (cell !== undefined) return `cell ${cell}`;
  const where = file.sheet === undefined ? `line ${line}` : `row ${line}`;
  return entry === undefined ? where : `${entry} ${where}`;
}
