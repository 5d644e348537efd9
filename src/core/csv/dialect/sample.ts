// The first records of a file, read in one dialect, to see how well it fits them.
import { afterLineEnd, type Grammar, grammarOf, nextLineEnd, QUOTE, readShape } from '../grammar.ts';
import { readCells } from '../records/read-cells.ts';
import { findAmbiguousQuote } from './ambiguous-quote.ts';
import type { Dialect } from '../types.ts';

const MAX_RECORDS = 500;
/** How many records' worth of agreement the header has by itself. */
const HEADER_WEIGHT = 3;

/** Where a record stands. Its cells are read when they are asked for: most never are, and there is a sample for each dialect. */
export interface SampleRecord {
  readonly at: number;
  readonly cells: () => readonly string[];
}

export interface Sample {
  /** The header's cells; without a header, those of the first record. */
  readonly first: readonly string[];
  /** It is well-formed and to be read in one way only. */
  readonly firstIsSound: boolean;
  /** The width each record must have: the header's. */
  readonly columns: number;
  /** Data records of that width, well-formed and to be read in one way only. */
  readonly records: readonly SampleRecord[];
  /** Their number, and that of all others. */
  readonly agreeing: number;
  readonly bad: number;
  /** Share of the records that agree (0 to 1), a header counting as several. */
  readonly confidence: number;
  /** Quoted cells of agreeing records, and those of them that hold a delimiter. */
  readonly quoted: number;
  readonly quotedDelimiters: number;
  /** Cells that stand in quotes, the header's and those of agreeing records, outnumber those that begin with a `"` as text. */
  readonly showsQuotes: boolean;
  /** Some column has quotes around each of its cells that is not empty. */
  readonly hasQuotedColumn: boolean;
}

/**
 * @param isWhole the head is all of the file; otherwise its last record is cut and not looked at
 * @param columns the width of records where the file has no header
 * @param isWorthReading whether to go on below the first record
 */
export function readSample(
  head: Buffer,
  isWhole: boolean,
  dialect: Dialect,
  columns?: number,
  isWorthReading?: (first: readonly string[], isSound: boolean) => boolean,
): Sample {
  const grammar = grammarOf(dialect);
  const headerQuotes = new QuotedColumns();
  const quotes = new QuotedColumns();
  let first: readonly string[] | undefined;
  let firstIsSound = false;
  const found: SampleRecord[] = [];
  let agreeing = 0;
  let bad = 0;
  for (let at = 0, looked = 0; at < head.length && looked < MAX_RECORDS;) {
    const record = readShape(head, at, head.length, grammar);
    const isBroken = record.problem === 'text-after-quote' || record.problem === 'open-quote';
    const isCut = record.problem === 'cut' || (record.problem === 'open-quote' && at > head.length / 2);
    if (isCut && !isWhole) break;
    if (record.end > at) {
      looked++;
      const isFirst = first === undefined;
      first ??= readCells(head, at, head.length, grammar).cells;
      const isSound =
        !isBroken && !(record.strayQuote && findAmbiguousQuote(head, at, record.end, grammar) > 0);
      if (isFirst) {
        firstIsSound = isSound;
        if (isWorthReading?.(first, isSound) === false) break;
      }
      if (isFirst && columns === undefined) {
        bad += isSound ? 0 : 1;
        headerQuotes.add(head, at, record.end, grammar);
      } else if (isSound && record.columns === (columns ?? first.length)) {
        agreeing++;
        const start = at;
        found.push({ at, cells: () => readCells(head, start, head.length, grammar).cells });
        quotes.add(head, at, record.end, grammar);
      } else bad++;
    }
    at = isBroken ? afterLineEnd(head, nextLineEnd(head, at, head.length), head.length) : record.next;
  }
  const weight = columns === undefined && first !== undefined ? HEADER_WEIGHT : 0;
  const all = agreeing + bad + weight;
  return {
    first: first ?? [],
    firstIsSound,
    columns: columns ?? first?.length ?? 0,
    records: found,
    agreeing,
    bad,
    confidence: all === 0 ? 0 : (agreeing + weight) / all,
    quoted: quotes.quoted,
    quotedDelimiters: quotes.withDelimiter,
    showsQuotes: quotes.quoted + headerQuotes.quoted > quotes.doubtful + headerQuotes.doubtful,
    hasQuotedColumn: quotes.hasWholeColumn(),
  };
}

class QuotedColumns {
  quoted = 0;
  withDelimiter = 0;
  /** Cells without quotes that begin with the usual one. */
  doubtful = 0;
  /** Per column: cells in quotes, and cells without that are not empty. */
  private readonly counts: { quoted: number; bare: number }[] = [];

  add(bytes: Buffer, from: number, to: number, grammar: Grammar): void {
    let column = 0;
    readShape(bytes, from, to, grammar, (start, end, quoted) => {
      const count = (this.counts[column++] ??= { quoted: 0, bare: 0 });
      if (!quoted) {
        if (end > start) count.bare++;
        if (bytes[start] === QUOTE) this.doubtful++;
        return;
      }
      count.quoted++;
      this.quoted++;
      if (bytes.subarray(start, end).includes(grammar.delimiter)) this.withDelimiter++;
    });
  }

  hasWholeColumn(): boolean {
    return this.counts.some(({ quoted, bare }) => quoted > 0 && bare === 0);
  }
}
