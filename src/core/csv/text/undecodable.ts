// Bytes that are no text: NULs, and what cannot be decoded in the encoding of the file. They are stored as U+FFFD; their places are kept
// beside the file, for the file may hold a U+FFFD of its own. A physical line belongs to one record at most, so the line is enough.
import { AppError } from '../../../errors.ts';
import { cutValue, type RowError } from '../../imports/row-error.ts';
import type { EncodingCandidate } from './encoding-candidates.ts';

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
    message: isNul(place)
      ? `There is a NUL character (${whereOf(place, line)}), which text cannot hold. It is shown as U+FFFD (\ufffd). Remove it, or write the right characters there.`
      : `Some bytes are no text in ${imp.encoding} (${hexOf(place)}, ${whereOf(place, line)}). They are shown as U+FFFD (\ufffd). Write the right characters there.`,
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

/** For a place that cannot be left to its record. @param why a sentence @param candidates what else the file may be */
export function refusePlace(
  place: UndecodablePlace,
  encoding: string,
  why: string,
  candidates: readonly EncodingCandidate[],
): AppError {
  const { line, byteOffset } = place;
  const where = `Line ${line} (byte ${byteOffset} of the file)`;
  if (isNul(place))
    return new AppError(
      'FILE_NUL_BYTE',
      `${where} holds a NUL character, which text does not. ${why} Is the file damaged, or in another encoding than ${encoding}? Nothing was kept.`,
      { line, byteOffset },
    );
  const likely = candidates[0] === undefined ? '' : `The file looks like ${candidates[0].encoding}. `;
  return new AppError(
    'FILE_ENCODING',
    `${where} holds bytes that are no text in ${encoding}: ${hexOf(place)}. ${why} ${likely}Name the encoding that the file has (encoding=…), or save it as UTF-8.`,
    { line, byteOffset, encoding, likelyEncoding: candidates[0]?.encoding ?? null, candidates },
  );
}

/** Of UTF-16 it has two bytes. */
function isNul({ bytes }: UndecodablePlace): boolean {
  return /^0+$/.test(bytes);
}

function whereOf(place: UndecodablePlace, line: number): string {
  return `byte ${place.byteOffset} of the file${place.line === line ? '' : `, line ${place.line}`}`;
}

function hexOf({ bytes }: UndecodablePlace): string {
  return bytes.toUpperCase().replaceAll(/..(?=.)/g, '$& ');
}
