// The way out of a broken record: to the end of its cell further down (cell-end.ts), or back to a line inside it that can be trusted to
// begin a record (restart.ts).
import { CR, isLineEnd, LF, nextLineEnd, readShape } from '../grammar.ts';
import { findRecordEnd } from './cell-end.ts';
import type { Reading } from './reading.ts';
import { isKnown } from './likeness.ts';
import { likenessAbove } from './stray-quotes.ts';
import { areRecords } from './line-shapes.ts';
import { BELOW_BYTES, findRestart, type Restart, type RestartRegion } from './restart.ts';

/** So far, until a line that might begin a record is no longer waited for. */
const LOOK_AHEAD_BYTES = 64 * 1024;

/** At most one in sixteen lines is no record. */
const NEARLY_ALL = { atLeast: 4, most: Infinity, misfits: 16 };

/** `ended`: the record ends at `to`, where it can be read no further. `restart`: above a line of its own. `more`: that takes more bytes. */
export type WayOut =
  | { readonly kind: 'ended'; readonly to: number }
  | { readonly kind: 'restart'; readonly restart: Restart }
  | 'more'
  | 'undecided'
  | 'none';

/** @param to where the lines end that are looked at, `ends` what that place is */
export function findWayOut(
  reading: Reading,
  to: number,
  ends: RestartRegion['ends'],
  columns: number,
  atEnd: boolean,
): WayOut {
  const restart = restartOf(reading, to, ends, columns, atEnd);
  if (restart === undefined) return 'none';
  return typeof restart === 'object' ? { kind: 'restart', restart } : restart;
}

/**
 * The cell where text follows a quote may go on below, to a quote that closes it and gives the record the header's width; otherwise as
 * findWayOut.
 */
export function findEndOrWayOut(
  reading: Reading,
  ends: RestartRegion['ends'],
  columns: number,
  atEnd: boolean,
): WayOut {
  const end = recordEnd(reading, columns, atEnd);
  if (end === 'more') return end;
  if (end !== undefined) return { kind: 'ended', to: end + reading.base };
  return findWayOut(reading, reading.at, ends, columns, atEnd);
}

function recordEnd(reading: Reading, columns: number, atEnd: boolean): number | 'more' | undefined {
  const { reason, byte, columnIndex, searchByte } = reading.failure!;
  if (reason !== 'text-after-quote' || searchByte !== reading.recordAt || columns === 1) return undefined;
  const { base } = reading;
  return findRecordEnd(
    reading.bytes,
    { from: reading.recordAt - base, quoteAt: byte - 2 - base, columnIndex },
    reading.hand(atEnd),
    columns,
    reading.grammar,
  );
}

/** A quoted cell has many lines. Are they records, below a quote that was never closed? */
export function findWayOutOfLines(reading: Reading, columns: number, atEnd: boolean): WayOut {
  const way = findWayOut(reading, reading.at, 'anywhere', columns, atEnd);
  if (typeof way !== 'object' || way.kind !== 'restart') return way;
  const { bytes, grammar, at, base } = reading;
  return areRecords(bytes, way.restart.at, at - base, columns, grammar, NEARLY_ALL) ? way : 'none';
}

function restartOf(
  reading: Reading,
  to: number,
  ends: RestartRegion['ends'],
  columns: number,
  atEnd: boolean,
): Restart | 'more' | 'undecided' | undefined {
  const { base, recordAt, grammar } = reading;
  const { reason, byte, columnIndex, searchByte, searchLine } = reading.failure!;
  if (to + BELOW_BYTES > reading.handEnd && !atEnd) return 'more';
  const region: RestartRegion = {
    from: searchByte - base,
    line: searchLine,
    to: to - base,
    ends,
    atFirstLine: searchByte === recordAt,
    failedAt: reason === 'text-after-quote' ? byte - 1 - base : undefined,
    columnIndex,
    closedTo: searchByte === recordAt ? closedCellsTo(reading) : searchByte - base,
    oddEnds: reading.oddEnds,
    above: () => {
      const { bytes, settledTo } = reading;
      // Farther down, what stands above the record may not be at hand.
      if (searchByte !== recordAt) return reading.aboveChunk.likeness;
      const likeness = likenessAbove(bytes, recordAt - base, settledTo - base, columns, grammar);
      return likeness.some(isKnown) ? likeness : reading.aboveChunk.likeness;
    },
  };
  return findRestart(reading.bytes.subarray(0, to + BELOW_BYTES - base), region, columns, grammar);
}

/**
 * Where the cells of several lines end that stand before the one in which reading failed. Behind a stray quote the next one seldom closes a
 * cell: it opens another, so that a delimiter stands before it and text behind it.
 */
function closedCellsTo({ bytes, base, recordAt, failure, grammar }: Reading): number {
  const { columnIndex, byte } = failure!;
  const from = recordAt - base;
  let column = 0;
  let closedTo = from;
  readShape(bytes, from, byte - base, grammar, (start, end, quoted) => {
    if (++column >= columnIndex || !quoted || start === end) return;
    const last = bytes[end - 1]!;
    const isText = !isLineEnd(last) && last !== grammar.delimiter;
    if (isText && nextLineEnd(bytes, start, end) < end) closedTo = end + 1;
  });
  return closedTo;
}

/** No way out of these lines was found: it is looked for again further down. */
export function lookFurtherDown(reading: Reading, isUndecided: boolean): void {
  const { searchByte, searchLine } = reading.failure!;
  if (isUndecided && reading.at - searchByte < LOOK_AHEAD_BYTES) {
    reading.failure = { ...reading.failure!, decideAtLine: 2 * reading.line - searchLine };
    return;
  }
  reading.failure = { ...reading.failure!, decideAtLine: Infinity };
  reading.searchFrom(reading.at);
}

/** The record is longer than may be, and goes on. */
export function lookBehindLimit(reading: Reading): void {
  const { bytes, base } = reading.window;
  const { limitAt } = reading;
  const isInsideCrlf = bytes[limitAt - base - 1] === CR && bytes[limitAt - base] === LF;
  reading.searchFrom(isInsideCrlf ? limitAt + 1 : limitAt);
  reading.limitAt += reading.maxRecordBytes;
}
