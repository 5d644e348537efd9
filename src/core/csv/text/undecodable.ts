// Bytes that are no text in the encoding a file was declared to have. They are stored as U+FFFD; their places are kept beside
// the file, for the file may hold a U+FFFD of its own. A physical line belongs to one record at most, so the line is enough.
import { cutValue, type RowError } from '../../imports/row-error.ts';

/** The first undecodable bytes of a line. */
export interface UndecodablePlace {
  /** Physical line, from 1; places stand in their order. */
  readonly line: number;
  /** In the file as text, packing apart, from 0. */
  readonly byteOffset: number;
  /** Hex. */
  readonly bytes: string;
}

/** The errors of a record; null when all of it could be decoded. */
export function explainUndecodable(
  imp: {
    readonly undecodable: readonly UndecodablePlace[];
    readonly encoding: string;
    readonly columns: readonly { readonly header: string }[];
  },
  cells: readonly string[],
  row: number,
  line: number,
  lineEnd: number,
): RowError[] | null {
  const places = imp.undecodable.slice(
    firstFrom(imp.undecodable, line),
    firstFrom(imp.undecodable, lineEnd + 1),
  );
  if (places.length === 0) return null;
  // With one cell that holds a U+FFFD it is that cell.
  const marked = cells.flatMap((cell, index) => (cell.includes('\ufffd') ? index : []));
  const index = marked.length === 1 ? marked[0]! : undefined;
  return places.map((place) => ({
    row,
    line,
    ...(lineEnd === line ? {} : { lineEnd }),
    column: index === undefined ? null : { index: index + 1, name: imp.columns[index]?.header ?? '' },
    code: 'encoding-error',
    value: index === undefined ? null : cutValue(cells[index]!),
    message: `Some bytes are no text in ${imp.encoding} (${hexOf(place)}, byte ${place.byteOffset} of the file${place.line === line ? '' : `, line ${place.line}`}). They are shown as U+FFFD (\ufffd). Write the right characters there.`,
  }));
}

/** Whether any place is on these lines. */
export function holdsUndecodable(
  places: readonly UndecodablePlace[],
  line: number,
  lineEnd: number,
): boolean {
  const next = places[firstFrom(places, line)];
  return next !== undefined && next.line <= lineEnd;
}

/** Index of the first place on that line or below it. */
function firstFrom(places: readonly UndecodablePlace[], line: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (places[middle]!.line < line) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function describePlace(place: UndecodablePlace, encoding: string): string {
  return `Line ${place.line} (byte ${place.byteOffset} of the file) holds bytes that are no text in ${encoding}: ${hexOf(place)}.`;
}

function hexOf({ bytes }: UndecodablePlace): string {
  return bytes.toUpperCase().replaceAll(/..(?=.)/g, '$& ');
}
