// A line end that is not the file's usual one may be part of a cell that should have been quoted. Both halves of such a record
// must be rejected: the second one often has the header's width, and would land as a record that nobody wrote.
import { countQuotes, CR, type Grammar, LF, readShape } from '../grammar.ts';
import type { LineEnd } from '../types.ts';
import type { Hand } from './cell-end.ts';

/** Bits, so that several kinds are one number. */
export const LF_END = 1;
export const CRLF_END = 2;
export const CR_END = 4;

const ALL_ENDS = LF_END | CRLF_END | CR_END;
const USUAL: Partial<Record<LineEnd, number>> = { lf: LF_END, crlf: CRLF_END, cr: CR_END };

/** The kinds that are unusual in a file; 0: it has none that is usual. */
export function oddEndsOf(lineEnd: LineEnd | undefined): number {
  const usual = lineEnd === undefined ? undefined : USUAL[lineEnd];
  return usual === undefined ? 0 : ALL_ENDS & ~usual;
}

/** Pieces between two usual line ends; more are a part of the file that is written so. */
const MAX_PIECES = 64;
/** Of one column, where nothing else tells, fewer. */
const MAX_PIECES_OF_ONE = 4;
const MAX_BYTES = 64 * 1024;
/** So far down a cell is followed whose opening quote was lost. */
const MAX_CELL_BYTES = 4 * 1024;

/**
 * Looks at the record that begins at `from` and has an unusual line end. With the pieces below, down to the next usual line end, it is
 * one record that was cut when together they have the header's width, or when at least half of them have not. Pieces that have it are
 * records, and the file just mixes its line ends.
 * @param oddEnds the kinds of line ends that are unusual
 * @returns where the record ends that is cut; undefined: it is none; `more`: that takes more bytes
 */
export function findCutRecord(
  bytes: Buffer,
  from: number,
  { to, isAll }: Hand,
  columns: number,
  grammar: Grammar,
  oddEnds: number,
): number | 'more' | undefined {
  const maxPieces = columns === 1 ? MAX_PIECES_OF_ONE : MAX_PIECES;
  const bound = Math.min(to, from + MAX_BYTES);
  let joined = 1;
  let whole = 0;
  for (let at = from, pieces = 1; pieces <= maxPieces; pieces++) {
    const shape = readShape(bytes, at, bound, grammar);
    const isUnsure = shape.problem !== undefined || (shape.next === bound && bytes[bound - 1] === CR);
    if (isUnsure && shape.problem !== 'text-after-quote') {
      if (bound < from + MAX_BYTES && !isAll) return 'more';
      if (shape.problem === 'open-quote' || bound < to) return undefined;
    }
    if (shape.problem === 'text-after-quote' || shape.end === at) return undefined;
    joined += shape.columns - 1;
    if (columns > 1 && shape.columns === columns) whole++;
    if (pieces === 2 && whole === 2) return findLostOpening(bytes, from, { to, isAll }, grammar, oddEnds);
    if ((kindAt(bytes, shape.end, shape.next) & oddEnds) === 0)
      return joined === columns || whole * 2 <= pieces
        ? shape.next
        : findLostOpening(bytes, from, { to, isAll }, grammar, oddEnds);
    at = shape.next;
  }
  return undefined;
}

/**
 * Pieces that have the header's width are yet one record when a quote closes a cell right above the next usual line end and was opened
 * nowhere: so it is with a cell of several lines as spreadsheets write it, LF in a file of CRLF, whose first quote was lost.
 */
function findLostOpening(
  bytes: Buffer,
  from: number,
  { to, isAll }: Hand,
  grammar: Grammar,
  oddEnds: number,
): number | 'more' | undefined {
  if ((oddEnds & CRLF_END) !== 0) return undefined;
  const bound = Math.min(to, from + MAX_CELL_BYTES);
  const found = bytes.subarray(0, bound).indexOf('\r\n', from);
  const isCut = found === -1 && (!isAll || bound < to);
  if (isCut) return bound < from + MAX_CELL_BYTES && !isAll ? 'more' : undefined;
  // The last record of a file may have no line end.
  const end = found === -1 ? bound : found;
  const last = Math.max(bytes.lastIndexOf(LF, end), bytes.lastIndexOf(CR, end - 1)) + 1;
  const { strayQuote, problem } = readShape(bytes, Math.max(from, last), end, grammar);
  const isOpen = countQuotes(bytes, from, end, grammar) % 2 === 1;
  return strayQuote && problem === 'cut' && isOpen ? Math.min(end + 2, bound) : undefined;
}

/** The kind of the line end between these places; 0: there is none. */
export function kindAt(bytes: Buffer, at: number, next: number): number {
  if (next === at) return 0;
  if (bytes[at] === LF) return LF_END;
  return next - at === 2 ? CRLF_END : CR_END;
}
