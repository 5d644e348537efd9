// A record that is well-formed, and what may nevertheless be wrong with it. Each of these is looked at only where the record shows a
// sign of it: an unusual line end, a quote in an unquoted cell, a quoted cell of several lines.
import { afterLineEnd, type Grammar, isDelimiter, nextLineEnd, readShape } from '../grammar.ts';
import type { BrokenRecord } from '../types.ts';
import type { Hand } from './cell-end.ts';
import { findStrayPair } from './far-quotes.ts';
import { findCutRecord, kindAt } from './line-ends.ts';
import { isBelowBlank, isOtherHeader, recordBelowBlank } from './other-table.ts';
import { findTornRecord, LOOK_BACK_BYTES, LOOK_BACK_LINES } from './stray-quotes.ts';

export interface SuspectRecord {
  readonly from: number;
  /** Of its text: a line end stands there, or the file ends. */
  readonly end: number;
  /** Line ends in its cells. */
  readonly lines: number;
  /** Kinds of line ends that are unusual in the file (line-ends.ts). */
  readonly oddEnds: number;
  readonly hasStrayQuote: boolean;
  /** It stands below a blank line, which stands below records. */
  readonly isBelowBlank: boolean;
  /** Where a quote stands that closes one which was opened above and found to be stray. */
  readonly closesAt: number | undefined;
  /** Lines above this place are settled. */
  readonly floor: number;
}

/** Lines that are one damaged record. */
export interface Suspect {
  readonly from: number;
  readonly to: number;
  readonly reason: BrokenRecord['reason'];
  readonly columnIndex: number;
  /** It opens a quote that is not closed in it. */
  readonly opensQuote: boolean;
}

/** @returns undefined: the record is sound; `more`: that takes more bytes */
export function findSuspect(
  bytes: Buffer,
  record: SuspectRecord,
  hand: Hand,
  columns: number,
  grammar: Grammar,
): Suspect | 'more' | undefined {
  const { from, end, closesAt, oddEnds } = record;
  const next = afterLineEnd(bytes, end, hand.to);
  if ((kindAt(bytes, end, next) & oddEnds) !== 0) {
    const to = findCutRecord(bytes, from, hand, columns, grammar, oddEnds);
    if (to === 'more') return to;
    if (to !== undefined) {
      const { columns: columnIndex } = readShape(bytes, from, end, grammar);
      return { from, to, reason: 'stray-line-end', columnIndex, opensQuote: false };
    }
  }
  if (record.isBelowBlank) {
    const isOther = isOtherHeader(bytes, from, end, record.floor, hand, columns, grammar);
    if (isOther === 'more') return isOther;
    if (isOther) return { from, to: next, reason: 'other-table', columnIndex: 1, opensQuote: false };
  }
  if (record.lines > 0) {
    const restart = findStrayPair(bytes, record, hand, columns, grammar);
    if (restart === 'more') return restart;
    if (restart !== undefined) {
      const { columns: columnIndex } = readShape(bytes, from, nextLineEnd(bytes, from, end), grammar);
      return { from, to: restart, reason: 'unclosed-quote', columnIndex, opensQuote: true };
    }
  }
  if (!record.hasStrayQuote) return undefined;
  if (
    closesAt !== undefined &&
    closesAt >= from &&
    closesAt < end &&
    endsCell(bytes, closesAt + 1, end, grammar)
  ) {
    const { columns: columnIndex } = readShape(bytes, from, closesAt, grammar);
    return { from, to: next, reason: 'lost-quote', columnIndex, opensQuote: false };
  }
  const torn = findTornRecord(bytes, from, end, { ...hand, floor: record.floor }, columns, grammar);
  return typeof torn === 'object' ? { ...torn, reason: 'lost-quote', opensQuote: false } : torn;
}

function endsCell(bytes: Buffer, at: number, end: number, grammar: Grammar): boolean {
  return at === end || isDelimiter(bytes, at, grammar);
}

/**
 * Whether a chunk may end at this record end: what stands below must not show that lines above are part of a damaged record, for
 * those would be settled.
 * @param floor lines above this place are settled already
 */
export function mayEndChunk(
  bytes: Buffer,
  at: number,
  floor: number,
  { to, isAll }: Hand,
  columns: number,
  grammar: Grammar,
): boolean | 'more' {
  if (columns === 1) return true;
  if (at >= to) return isAll ? true : 'more';
  if (isBelowBlank(bytes, at)) return false;
  const bound = at + LOOK_BACK_BYTES;
  const first = recordBelowBlank(bytes, at, Math.min(to, bound), grammar);
  if (first !== undefined) {
    if (to < bound && !isAll) return 'more';
    const { from, end } = first;
    const hand = { to, isAll };
    if (
      isOtherHeader(bytes, from, end, floor, hand, columns, grammar) !==
      isOtherHeader(bytes, from, end, at, hand, columns, grammar)
    )
      return false;
  }
  const quoteAt = bytes.indexOf(grammar.quote, at);
  if (quoteAt === -1 || quoteAt >= bound) return to < bound && !isAll ? 'more' : true;
  let from = at;
  for (let records = 0; from < Math.min(to, bound); records++) {
    if (records === LOOK_BACK_LINES) return true;
    const { end, next, problem, strayQuote } = readShape(bytes, from, to, grammar);
    if (problem === 'text-after-quote') return true;
    if (problem !== undefined && !isAll) return to < bound ? 'more' : true;
    if (problem === 'open-quote') return true;
    if (strayQuote) {
      const seen = findTornRecord(bytes, from, end, { floor, to, isAll }, columns, grammar);
      if (seen === 'more') return seen;
      const alone = findTornRecord(bytes, from, end, { floor: at, to, isAll }, columns, grammar);
      if (typeof seen !== typeof alone) return false;
      if (typeof seen === 'object') return seen.from === (alone as typeof seen).from;
    }
    from = next;
  }
  return to >= bound || isAll ? true : 'more';
}

/** Records between two places, as lines outside of quotes. */
export function countRecords(bytes: Buffer, from: number, to: number, grammar: Grammar): number {
  let count = 0;
  for (let at = from; at < to;) {
    const shape = readShape(bytes, at, to, grammar);
    if (shape.end > at) count++;
    at = shape.next;
  }
  return count;
}
