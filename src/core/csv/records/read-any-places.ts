// The reader of records in any dialect, by the plain grammar: what read-places.ts is for the usual dialect, and slower.
import { byteKinds, CellPlaces, NOT_ASCII, NOT_DIGIT, SPECIAL } from './cell-places.ts';
import { decodeEscapes, isNullSign, isText } from './database-text.ts';
import {
  countLineEnds,
  type Grammar,
  grammarOf,
  isEscape,
  isRecord,
  NO_BYTE,
  readShape,
} from '../grammar.ts';
import type { OnPlaces } from './read-places.ts';
import { findAmbiguousQuote } from '../dialect/ambiguous-quote.ts';
import { type Dialect, isEscapedText, type Stretch } from '../types.ts';

const NOT_TEXT =
  'The escapes in this cell stand for a NUL or for bytes that are not UTF-8, which Postgres cannot keep as text. Export the column in another form, such as hexadecimal digits.';

/**
 * Hands out the records of one stretch; blank lines and comments are none.
 * @param bytes exactly the stretch's; what is escaped in them is unescaped in place, so that each cell is its text
 * @returns the number of records
 */
export function readAnyPlaces(bytes: Buffer, stretch: Stretch, dialect: Dialect, onPlaces: OnPlaces): number {
  const grammar = grammarOf(dialect);
  const kinds = byteKinds(',');
  const cells = new CellPlaces();
  let row = stretch.firstRow;
  let line = stretch.firstLine;
  let lineEnd = line;
  const databaseText = isEscapedText(dialect.databaseText) ? dialect.databaseText : undefined;
  cells.tellsNull = databaseText !== undefined;
  const onCell = (start: number, sentEnd: number, quoted: boolean): void => {
    if (quoted || databaseText !== undefined) lineEnd += countLineEnds(bytes, start, sentEnd);
    let end = sentEnd;
    if (databaseText !== undefined) {
      if (!quoted && isNullSign(bytes, start, sentEnd)) return cells.addNull();
      end = decodeEscapes(bytes, start, sentEnd, databaseText, quoted ? grammar.quote : NO_BYTE);
      if (end < sentEnd && !isText(bytes, start, end))
        cells.refusal ??= { columnIndex: cells.count + 1, code: 'encoding-error', message: NOT_TEXT };
    } else if (quoted) end = unescape(bytes, start, sentEnd, grammar);
    let mark = 0;
    for (let at = start; at < end; at++) mark |= kinds[bytes[at]!]!;
    cells.add(start, end, mark & (NOT_ASCII | NOT_DIGIT | SPECIAL));
  };
  for (let at = 0; at < bytes.length;) {
    lineEnd = line;
    cells.count = 0;
    cells.refusal = null;
    const ambiguousColumn = ambiguousColumnOf(bytes, at, grammar);
    const shape = readShape(bytes, at, bytes.length, grammar, onCell);
    if (shape.problem === 'open-quote')
      throw new Error(`A quoted cell of the record at line ${line} does not end`);
    if (shape.problem === 'text-after-quote')
      throw new Error(`Text follows a closing quote of the record at line ${line}`);
    if (isRecord(shape, grammar)) {
      cells.ambiguousColumn = ambiguousColumn;
      onPlaces(cells, row++, line, lineEnd);
    }
    line = lineEnd + 1;
    at = shape.next;
  }
  return row - stretch.firstRow;
}

/** To be looked for before the record's cells are unescaped. */
function ambiguousColumnOf(bytes: Buffer, from: number, grammar: Grammar): number {
  const shape = readShape(bytes, from, bytes.length, grammar);
  return shape.strayQuote ? findAmbiguousQuote(bytes, from, shape.end, grammar) : 0;
}

/** The text of a quoted cell moves together; what is left behind it is garbage. @returns its new end */
function unescape(bytes: Buffer, start: number, end: number, grammar: Grammar): number {
  let to = start;
  for (let at = start; at < end; at++) {
    const escapes = grammar.escape === NO_BYTE ? bytes[at] === grammar.quote : isEscape(bytes, at, grammar);
    if (escapes) at++;
    bytes[to++] = bytes[at]!;
  }
  return to;
}
