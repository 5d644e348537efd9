// The fast reader of well-formed records: the grammar (grammar.ts) over bytes, each cell found and none decoded.
// The tests hold it against papaparse (tests/core/csv/papaparse-reference.ts).
import { byteKinds, CellPlaces, DOUBLED, ENDS_CELL, IS_QUOTE, NOT_ASCII, SPECIAL } from './cell-places.ts';
import { afterLineEnd, CR, grammarOf, isLineEnd, LF, QUOTE } from './grammar.ts';
import { readAnyPlaces } from './read-any-places.ts';
import { findSecondReading } from './second-reading.ts';
import type { Dialect, Stretch } from './types.ts';

/** The places are offsets into the stretch's bytes and good until the receiver returns. `lineEnd` is the line where the record ends. */
export type OnPlaces = (cells: CellPlaces, row: number, line: number, lineEnd: number) => void;

const MARK = NOT_ASCII | SPECIAL;

/**
 * Hands out the records of one stretch; blank lines and comments are none.
 * @param bytes exactly the stretch's; in a dialect other than the usual one escaped quotes in them are unescaped in place
 * @throws Error when they do not hold the records that the plan says
 */
export function readPlaces(bytes: Buffer, stretch: Stretch, dialect: Dialect, onPlaces: OnPlaces): void {
  const grammar = grammarOf(dialect);
  const records = grammar.isPlain
    ? readPlainPlaces(bytes, stretch, dialect, onPlaces)
    : readAnyPlaces(bytes, stretch, grammar, onPlaces);
  if (records !== stretch.records)
    throw new Error(
      `Bytes ${stretch.startByte} to ${stretch.endByte} (line ${stretch.firstLine}) hold ${records} records; the plan says ${stretch.records}`,
    );
}

/** The hot loop, for cells in `"` and delimiters of one byte. @returns the number of records */
function readPlainPlaces(bytes: Buffer, stretch: Stretch, dialect: Dialect, onPlaces: OnPlaces): number {
  const grammar = grammarOf(dialect);
  const kinds = byteKinds(dialect.delimiter);
  const delimiter = dialect.delimiter.charCodeAt(0);
  const { length } = bytes;
  const cells = new CellPlaces();
  let row = stretch.firstRow;
  let line = stretch.firstLine;
  let at = 0;
  while (at < length) {
    if (isLineEnd(bytes[at])) {
      at = afterLineEnd(bytes, at, length);
      line++;
      continue;
    }
    const firstLine = line;
    const recordAt = at;
    let seen = 0;
    cells.count = 0;
    cells.ambiguousColumn = 0;
    for (;;) {
      let mark = 0;
      let start = at;
      let end: number;
      if (bytes[at] === QUOTE) {
        start++;
        for (at++; at < length; at++) {
          const kind = kinds[bytes[at]!]!;
          if (kind === 0) continue;
          if (kind === IS_QUOTE) {
            if (bytes[at + 1] !== QUOTE) break;
            mark |= DOUBLED;
            at++;
            continue;
          }
          mark |= kind & MARK;
          if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) line++;
        }
        if (at >= length) throw new Error(`A quoted cell of the record at line ${firstLine} does not end`);
        end = at++;
        if (at < length && (kinds[bytes[at]!]! & ENDS_CELL) === 0)
          throw new Error(`Text follows a closing quote of the record at line ${firstLine}`);
      } else {
        for (; at < length; at++) {
          const kind = kinds[bytes[at]!]!;
          if ((kind & ENDS_CELL) !== 0) break;
          mark |= kind;
        }
        seen |= mark;
        mark &= MARK;
        end = at;
      }
      cells.add(start, end, mark);
      if (at >= length || bytes[at] !== delimiter) break;
      at++;
    }
    if ((seen & IS_QUOTE) !== 0) cells.ambiguousColumn = findSecondReading(bytes, recordAt, at, grammar);
    onPlaces(cells, row++, firstLine, line);
    if (at < length) line++;
    at = afterLineEnd(bytes, at, length);
  }
  return row - stretch.firstRow;
}
