// A record that is well-formed, and what may nevertheless be wrong with it. Each of these is looked at only where the record shows a
// sign of it: an unusual line end, a quote in an unquoted cell, a quoted cell of several lines.
import { afterLineEnd, type Grammar, isDelimiter, isRecord, nextLineEnd, readShape } from '../grammar.ts';
import type { BrokenRecord } from '../types.ts';
import type { Hand } from './cell-end.ts';
import { findStrayPair } from './far-quotes.ts';
import { findCutRecord, kindAt } from './line-ends.ts';
import type { OpenQuote } from './open-quote.ts';
import { isBelowBlank, isOtherHeader, recordBelowEnd, titlesAbove, type Table } from './other-table.ts';
import type { Reading } from './reading.ts';
import { HAS_STRAY_QUOTE, MAY_BEGIN_TABLE } from './record-loop.ts';
import { findTornRecord, LOOK_BACK_BYTES, LOOK_BACK_LINES, type StrayRecord } from './stray-quotes.ts';
import type { TableWatch } from './table-watch.ts';

export interface SuspectRecord {
  readonly from: number;
  /** Of its text: a line end stands there, or the file ends. */
  readonly end: number;
  /** Line ends in its cells. */
  readonly lines: number;
  /** Kinds of line ends that are unusual in the file (line-ends.ts). */
  readonly oddEnds: number;
  readonly hasStrayQuote: boolean;
  /** It stands below a blank line or a total, and these below records. */
  readonly mayBeginTable: boolean;
  /** Where a quote stands that closes one which was opened above and found to be stray. */
  readonly closesAt: number | undefined;
  /** Lines above this place are settled. */
  readonly floor: number;
  /** Records above that have a quote inside an unquoted cell. */
  readonly strays: () => readonly StrayRecord[];
}

/** The record that ends where reading stands. */
export function suspectAt(reading: Reading, watch: TableWatch, { closesAt }: OpenQuote): SuspectRecord {
  const { base, recordAt, at, line, recordLine, oddEnds, oddities, settledTo } = reading;
  return {
    from: recordAt - base,
    end: at - base,
    lines: line - recordLine,
    oddEnds,
    hasStrayQuote: (oddities & HAS_STRAY_QUOTE) !== 0,
    mayBeginTable: (oddities & MAY_BEGIN_TABLE) !== 0 && watch.mayBegin(reading),
    closesAt: closesAt === undefined ? undefined : closesAt - base,
    floor: settledTo - base,
    strays: () => reading.straysAtHand(),
  };
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
  table: Table,
  grammar: Grammar,
): Suspect | 'more' | undefined {
  const { columns } = table;
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
  if (record.mayBeginTable) {
    const isOther = isOtherHeader(bytes, record, record.floor, hand, table, grammar);
    if (isOther === 'more') return isOther;
    if (isOther) {
      const top = titlesAbove(bytes, from, record.floor, table, grammar);
      return { from: top, to: next, reason: 'other-table', columnIndex: 1, opensQuote: false };
    }
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
  const { floor, strays } = record;
  const torn = findTornRecord(bytes, from, end, { ...hand, floor, strays }, columns, grammar);
  return typeof torn === 'object' ? { ...torn, reason: 'lost-quote', opensQuote: false } : torn;
}

function endsCell(bytes: Buffer, at: number, end: number, grammar: Grammar): boolean {
  return at === end || isDelimiter(bytes, at, grammar);
}

/**
 * Whether a chunk may end at this record end: what stands below must not show that lines above are part of a damaged record, for
 * those would be settled.
 * @param floor lines above this place are settled already, `above` the records below it that have stray quotes
 */
export function mayEndChunk(
  bytes: Buffer,
  at: number,
  floor: number,
  above: () => readonly StrayRecord[],
  hand: Hand,
  table: Table,
  grammar: Grammar,
): boolean | 'more' {
  const { to, isAll } = hand;
  const { columns } = table;
  if (columns === 1) return true;
  if (at >= to) return isAll ? true : 'more';
  if (isBelowBlank(bytes, at)) return false;
  const bound = at + LOOK_BACK_BYTES;
  const first = recordBelowEnd(bytes, at, to, table, grammar);
  if (first !== undefined) {
    if (to < bound && !isAll) return 'more';
    const isOther = (top: number): boolean | 'more' => isOtherHeader(bytes, first, top, hand, table, grammar);
    if (isOther(floor) !== isOther(at)) return false;
  }
  const quoteAt = bytes.indexOf(grammar.quote, at);
  if (quoteAt === -1 || quoteAt >= bound) return to < bound && !isAll ? 'more' : true;
  let from = at;
  const strays: StrayRecord[] = [];
  for (let records = 0; from < Math.min(to, bound); records++) {
    if (records === LOOK_BACK_LINES) return true;
    const { end, next, problem, strayQuote } = readShape(bytes, from, to, grammar);
    if (problem === 'text-after-quote') return true;
    if (problem !== undefined && !isAll) return to < bound ? 'more' : true;
    if (problem === 'open-quote') return true;
    if (strayQuote) {
      const around = { floor, strays: () => [...above(), ...strays], to, isAll };
      const seen = findTornRecord(bytes, from, end, around, columns, grammar);
      if (seen === 'more') return seen;
      const alone = findTornRecord(
        bytes,
        from,
        end,
        { floor: at, strays: () => strays, to, isAll },
        columns,
        grammar,
      );
      if (typeof seen !== typeof alone) return false;
      if (typeof seen === 'object') return seen.from === (alone as typeof seen).from;
      strays.push({ start: from, end });
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
    if (isRecord(shape, grammar)) count++;
    at = shape.next;
  }
  return count;
}
