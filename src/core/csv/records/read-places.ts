// The fast reader of well-formed records: the grammar (grammar.ts) over bytes, each cell found and none decoded.
// The tests hold it against papaparse (tests/core/csv/papaparse-reference.ts).
import { counted } from '../../counted.ts';
import {
  byteKinds,
  CellPlaces,
  DOUBLED,
  ENDS_CELL,
  IS_QUOTE,
  NOT_ASCII,
  NOT_DIGIT,
  SPECIAL,
} from './cell-places.ts';
import { afterLineEnd, CR, grammarOf, isLineEnd, LF, QUOTE } from '../grammar.ts';
import { readJsonPlaces } from './read-json-places.ts';
import { readAnyPlaces } from './read-any-places.ts';
import { findAmbiguousQuote } from '../dialect/ambiguous-quote.ts';
import { behindMarks } from '../text/record-marks.ts';
import type { Dialect, Stretch } from '../types.ts';

/** The places are offsets into the stretch's bytes and good until the receiver returns. `lineEnd` is the line where the record ends. */
export type OnPlaces = (cells: CellPlaces, row: number, line: number, lineEnd: number) => void;

const MARK = NOT_ASCII | NOT_DIGIT | SPECIAL | DOUBLED;

/**
 * Hands out the records of one stretch; blank lines and comments are none.
 * @param bytes exactly the stretch's; in a dialect other than the usual one escaped quotes in them are unescaped in place
 * @throws Error when they do not hold the records that the plan says
 */
export function readPlaces(bytes: Buffer, stretch: Stretch, dialect: Dialect, onPlaces: OnPlaces): void {
  const records = recordsReader(dialect)(bytes, stretch, dialect, onPlaces);
  if (records !== stretch.records)
    throw new Error(
      `Bytes ${stretch.startByte} to ${stretch.endByte} (line ${stretch.firstLine}) hold ${counted(records, 'record')}; the plan says ${stretch.records}`,
    );
}

type ReadPlaces = (bytes: Buffer, stretch: Stretch, dialect: Dialect, onPlaces: OnPlaces) => number;

function recordsReader(dialect: Dialect): ReadPlaces {
  if (dialect.json !== undefined) return readJsonPlaces;
  const read = grammarOf(dialect).isPlain ? readPlainPlaces : readAnyPlaces;
  const emptyIsNull = dialect.databaseText === 'postgres-csv' || dialect.emptyCells !== undefined;
  return emptyIsNull ? withNulls(read) : read;
}

/** A cell that is empty and not in quotes is NULL. */
function withNulls(read: ReadPlaces): ReadPlaces {
  return (bytes, stretch, dialect, onPlaces) => {
    const { quote } = grammarOf(dialect);
    return read(bytes, stretch, dialect, (cells, row, line, lineEnd) => {
      cells.makeNull((at) => bytes[at] !== quote);
      onPlaces(cells, row, line, lineEnd);
    });
  };
}

/** For cells in `"` and delimiters of one byte. @returns the number of records */
function readPlainPlaces(bytes: Buffer, stretch: Stretch, dialect: Dialect, onPlaces: OnPlaces): number {
  const grammar = grammarOf(dialect);
  const { markLeads } = grammar;
  const kinds = byteKinds(dialect.delimiter);
  const delimiter = dialect.delimiter.charCodeAt(0);
  const { length } = bytes;
  const cells = new CellPlaces();
  let row = stretch.firstRow;
  let line = stretch.firstLine;
  let at = 0;
  while (at < length) {
    if (markLeads[bytes[at]!] === 1) {
      at = behindMarks(bytes, at, length, markLeads);
      if (at === length) break;
    }
    if (isLineEnd(bytes[at])) {
      at = afterLineEnd(bytes, at, length);
      line++;
      continue;
    }
    const end = readRecord(bytes, at, kinds, delimiter, cells, line);
    const lineEnd = line + cells.lineEnds;
    cells.ambiguousColumn = cells.strayQuote ? findAmbiguousQuote(bytes, at, end, grammar) : 0;
    onPlaces(cells, row++, line, lineEnd);
    line = end < length ? lineEnd + 1 : lineEnd;
    at = afterLineEnd(bytes, end, length);
  }
  return row - stretch.firstRow;
}

/** The hot loop. @returns where the record ends */
function readRecord(
  bytes: Buffer,
  recordAt: number,
  kinds: Uint8Array,
  delimiter: number,
  cells: CellPlaces,
  line: number,
): number {
  // An imported constant is looked up anew in every turn of a loop (measured), a local one is not.
  const quote = QUOTE;
  const isQuote = IS_QUOTE;
  const endsCell = ENDS_CELL;
  const special = SPECIAL;
  const { length } = bytes;
  let { starts, ends, marks } = cells;
  let lineEnds = 0;
  let seen = 0;
  let count = 0;
  let at = recordAt;
  for (;;) {
    let mark = 0;
    let start = at;
    let end: number;
    if (bytes[at] === quote) {
      start++;
      for (at++; at < length; at++) {
        const kind = kinds[bytes[at]!]!;
        if (kind < special) {
          mark |= kind;
          continue;
        }
        if ((kind & isQuote) !== 0) {
          if (bytes[at + 1] !== quote) break;
          mark |= kind | DOUBLED;
          at++;
          continue;
        }
        mark |= kind;
        if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] !== LF)) lineEnds++;
      }
      if (at >= length) throw new Error(`A quoted cell of the record at line ${line} does not end`);
      end = at++;
      if (at < length && (kinds[bytes[at]!]! & endsCell) === 0)
        throw new Error(`Text follows a closing quote of the record at line ${line}`);
    } else {
      for (; at < length; at++) {
        const kind = kinds[bytes[at]!]!;
        if ((kind & endsCell) !== 0) break;
        mark |= kind;
      }
      seen |= mark;
      end = at;
    }
    if (count === starts.length) {
      cells.grow();
      ({ starts, ends, marks } = cells);
    }
    starts[count] = start;
    ends[count] = end;
    marks[count++] = mark & MARK;
    if (at >= length || bytes[at] !== delimiter) break;
    at++;
  }
  cells.count = count;
  cells.lineEnds = lineEnds;
  cells.strayQuote = (seen & IS_QUOTE) !== 0;
  return at;
}
