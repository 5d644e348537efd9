// Where a damaged quoted cell ends that goes on in the lines below. Nothing but its width tells: with the cells behind it the record has
// as many as the header, and the lines between are no records.
import {
  afterLineEnd,
  CR,
  type Grammar,
  isDelimiter,
  isEscape,
  isLineEnd,
  nextLineEnd,
  NO_BYTE,
  readShape,
} from '../grammar.ts';
import { isUnlike, likenessOf } from './likeness.ts';
import { areRecords, literalWidth } from './line-shapes.ts';
import { BELOW_BYTES } from './restart.ts';

/** A cell is followed so far. */
const MAX_CELL_BYTES = 64 * 1024;
/** Quotes of its text: those that are doubled, and those that should be. */
const MAX_DOUBLED = 64;
const MAX_OTHERS = 4;

/** Bytes at hand. */
export interface Hand {
  readonly to: number;
  /** The file ends at `to`. */
  readonly isAll: boolean;
}

/** A record that has text behind a closing quote. */
interface FailedRecord {
  readonly from: number;
  /** The quote before that text. */
  readonly quoteAt: number;
  readonly columnIndex: number;
}

/**
 * Where a record ends that failed in its first line, and goes on below: in the cell where it failed, or in the last one that a quote
 * opens in that line.
 * @returns undefined: it does not go on; `more`: that takes more bytes
 */
export function findRecordEnd(
  bytes: Buffer,
  { from, quoteAt, columnIndex }: FailedRecord,
  hand: Hand,
  columns: number,
  grammar: Grammar,
): number | 'more' | undefined {
  const lineEnd = nextLineEnd(bytes, from, hand.to);
  if (lineEnd <= quoteAt || columns === 1) return undefined;
  const column = (at: number): number => literalWidth(bytes.subarray(from, at), grammar);
  const lastAt = bytes.lastIndexOf(grammar.quote, lineEnd - 1);
  const places = [
    [quoteAt, columnIndex],
    [quoteAt, column(quoteAt)],
    [lastAt, column(lastAt)],
  ] as const;
  for (const [index, [at, place]] of places.entries()) {
    if (places.slice(0, index).some((other) => other[0] === at && other[1] === place)) continue;
    // Two records whose line end was lost have the last cell of one and the first of the other in one.
    for (const width of [columns, 2 * columns - 1]) {
      if (width < place) continue;
      const end = findCellEnd(bytes, at, hand, width - place, columns, grammar);
      if (end !== undefined) return end;
    }
  }
  return undefined;
}

/**
 * Follows a quoted cell beyond its line.
 * @param quoteAt a quote of the cell before which text may stand
 * @param behind how many cells the record must have behind this one
 * @returns where its record ends; undefined: nothing shows that it goes on, or what stands below are records; `more`: that takes
 *   more bytes
 */
export function findCellEnd(
  bytes: Buffer,
  quoteAt: number,
  { to, isAll }: Hand,
  behind: number,
  columns: number,
  grammar: Grammar,
): number | 'more' | undefined {
  const bound = Math.min(to, quoteAt + MAX_CELL_BYTES);
  const isCut = bound < quoteAt + MAX_CELL_BYTES && !isAll;
  const close = findClosing(bytes, quoteAt, bound, isAll && bound === to, grammar);
  if (close === 'more') return isCut ? 'more' : undefined;
  if (close === undefined) return undefined;
  const lineEnd = nextLineEnd(bytes, quoteAt, close);
  if (lineEnd === close) return undefined;
  let end = close + 1;
  let cells = 0;
  if (end < to && isDelimiter(bytes, end, grammar)) {
    const rest = readShape(bytes, end + (grammar.delimiter2 === NO_BYTE ? 1 : 2), to, grammar);
    if (rest.problem !== undefined && (rest.problem !== 'cut' || !isAll))
      return rest.problem !== 'text-after-quote' && to < quoteAt + MAX_CELL_BYTES && !isAll
        ? 'more'
        : undefined;
    cells = rest.columns;
    end = rest.end;
  }
  if (cells !== behind) return undefined;
  const next = afterLineEnd(bytes, end, to);
  if (next === to && bytes[to - 1] === CR && !isAll) return 'more';
  const second = afterLineEnd(bytes, lineEnd, close);
  if (!areRecords(bytes, second, lineStart(bytes, close), columns, grammar)) return next;
  if (to < next + BELOW_BYTES && !isAll) return 'more';
  const likeness = likenessOf(bytes, next, Math.min(to, next + BELOW_BYTES), columns, grammar);
  return isUnlike(bytes, second, nextLineEnd(bytes, second, close), likeness, grammar) ? next : undefined;
}

/** The next quote that closes a cell; `more`: there is none in these bytes; undefined: a quote that opens one comes first. */
function findClosing(
  bytes: Buffer,
  quoteAt: number,
  to: number,
  isFileEnd: boolean,
  grammar: Grammar,
): number | 'more' | undefined {
  const { quote, escape } = grammar;
  const delimiterBytes = grammar.delimiter2 === NO_BYTE ? 1 : 2;
  let at = bytes.indexOf(quote, quoteAt + 1);
  let doubled = 0;
  let others = 0;
  for (; at !== -1 && at < to; at = bytes.indexOf(quote, at + 1)) {
    if (at + delimiterBytes >= to && !isFileEnd) return 'more';
    const behind = bytes[at - 1];
    if (isLineEnd(behind) || isDelimiter(bytes, at - delimiterBytes, grammar)) return undefined;
    if (escape === NO_BYTE ? bytes[at + 1] === quote : isEscape(bytes, at - 1, grammar)) {
      if (escape === NO_BYTE) at++;
      if (++doubled > MAX_DOUBLED) return undefined;
      continue;
    }
    if (at + 1 === to || isLineEnd(bytes[at + 1]) || isDelimiter(bytes, at + 1, grammar)) return at;
    if (++others > MAX_OTHERS) return undefined;
  }
  return 'more';
}

function lineStart(bytes: Buffer, at: number): number {
  let start = at;
  while (start > 0 && !isLineEnd(bytes[start - 1])) start--;
  return start;
}
