// Where the scanner stands in the file: what its loops read and write, and the record that is being read.
import { countLineEnds, type Grammar, isEndMark, isLineEnd, readShape } from '../grammar.ts';
import { isEmptyRecord } from '../records/empty-record.ts';
import { behindMarks } from '../text/record-marks.ts';
import { ByteWindow } from '../text/byte-window.ts';
import type { BrokenRecord } from '../types.ts';
import type { AboveChunk } from './above-chunk.ts';
import type { Hand } from './cell-end.ts';
import { LOOK_BACK_BYTES, LOOK_BACK_LINES, type StrayRecord } from './stray-quotes.ts';

/** Lines read behind text that follows a quote before the way out is first looked for, and then twice as many each time. */
const LOOK_AHEAD_LINES = 8;

/** A record with so many line ends in its cells is looked at when it has ended. */
export const FEW_LINES = 4;

/** Where the loop stops however sound the records are. */
export interface Bounds {
  /** A chunk is full at a record end at or behind this byte of the file, or with this row. */
  readonly fullAt: number;
  readonly fullRow: number;
  /** No other table begins any more: the header and blank lines mean nothing. */
  readonly tableEnded: boolean;
  /** No bytes follow those at hand. */
  readonly atEnd: boolean;
}

/** What went wrong with the record being read. Offsets are the file's. */
export interface Failure {
  readonly reason: BrokenRecord['reason'];
  readonly columnIndex: number;
  /** Behind the byte that is one too many. */
  readonly byte: number;
  /** It is a comment that is too long: quotes in it are text. */
  readonly inComment: boolean;
  /** Lines above this place are no longer looked at for a restart. */
  readonly searchByte: number;
  readonly searchLine: number;
  readonly decideAtLine: number;
}

/** Where reading begins. */
export interface ReadingStart {
  readonly startByte: number;
  readonly startLine: number;
  /** Of the file, above it. */
  readonly records: number;
  readonly maxRecordBytes: number;
  /** The kinds of line ends that are unusual in the file (line-ends.ts). */
  readonly oddEnds: number;
  /** FEW_LINES; more where many are usual. */
  readonly fewLines: number;
}

export class Reading {
  readonly grammar: Grammar;
  readonly maxRecordBytes: number;
  readonly oddEnds: number;
  readonly fewLines: number;
  readonly window: ByteWindow;

  at: number;
  line: number;
  quoted = false;
  recordAt: number;
  recordLine: number;
  /** The record is too long when it has not ended before this byte. */
  limitAt: number;
  failure: Failure | null = null;
  /** Why the record being read is to be looked at when it ends (record-loop.ts has the bits). */
  oddities = 0;
  /** A line end of a record that was looked at and is sound. */
  passedAt = -1;
  /** The same, of one that may be a title above another table's header; -1: it is none. */
  titleAt = -1;
  /** A quoted cell is not looked at again before this line. */
  patientTo = 0;
  /** Records above this byte are settled. */
  settledTo: number;
  /** The last records that were looked at, have stray quotes and are sound; places are the file's. */
  private strays: StrayRecord[] = [];
  /** Of the file up to here. */
  records: number;
  aboveChunk: AboveChunk;

  constructor(start: ReadingStart, grammar: Grammar, aboveChunk: AboveChunk) {
    this.aboveChunk = aboveChunk;
    this.grammar = grammar;
    this.maxRecordBytes = start.maxRecordBytes;
    this.oddEnds = start.oddEnds;
    this.fewLines = start.fewLines;
    this.window = new ByteWindow(start.startByte);
    this.records = start.records;
    this.at = this.recordAt = this.settledTo = start.startByte;
    this.line = this.recordLine = start.startLine;
    this.limitAt = this.recordAt + this.maxRecordBytes + 1;
  }

  get base(): number {
    return this.window.base;
  }

  get bytes(): Buffer {
    return this.window.bytes.subarray(0, this.window.length);
  }

  /** The end of the bytes at hand. */
  get handEnd(): number {
    return this.window.base + this.window.length;
  }

  hand(isAll: boolean): Hand {
    return { to: this.window.length, isAll };
  }

  startRecord(): void {
    this.recordAt = this.at;
    this.recordLine = this.line;
    this.limitAt = this.at + this.maxRecordBytes + 1;
    this.oddities = 0;
  }

  /** The record that ends where reading stands was looked at and is sound. @param isTitle another table may begin below it */
  pass(hasStrayQuote: boolean, isTitle: boolean): void {
    this.passedAt = this.at;
    this.titleAt = isTitle ? this.at : -1;
    if (!hasStrayQuote) return;
    if (this.strays.length === 2 * LOOK_BACK_LINES) this.strays = this.strays.slice(LOOK_BACK_LINES);
    this.strays.push({ start: this.recordAt, end: this.at });
  }

  /** Those among the bytes at hand, by their places there. */
  straysAtHand(): readonly StrayRecord[] {
    const { base, strays } = this;
    return strays.slice(-LOOK_BACK_LINES).map(({ start, end }) => ({ start: start - base, end: end - base }));
  }

  moveTo(byte: number): void {
    const { base } = this;
    const forth = countLineEnds(this.bytes, this.at - base, byte - base);
    const back = countLineEnds(this.bytes, byte - base, this.at - base);
    this.line += forth - back;
    this.at = byte;
  }

  fail(reason: BrokenRecord['reason'], byte: number): void {
    const { base } = this;
    const bytes = this.window.bytes.subarray(0, byte - base);
    this.failure = {
      reason,
      columnIndex: readShape(bytes, this.recordAt - base, bytes.length, this.grammar).columns,
      byte,
      inComment: this.isComment(),
      searchByte: this.recordAt,
      searchLine: this.recordLine,
      decideAtLine: this.line + LOOK_AHEAD_LINES,
    };
  }

  /** The broken record is at its end. @returns what is wrong with it */
  endFailure(): Pick<BrokenRecord, 'reason' | 'columnIndex'> {
    const { columnIndex, byte, reason } = this.failure!;
    // The text was found below the record: what is wrong with the record itself is its open quote.
    const isBelow = reason === 'text-after-quote' && byte > this.at;
    this.failure = null;
    this.quoted = false;
    return { reason: isBelow ? 'unclosed-quote' : reason, columnIndex };
  }

  /** The lines from one place to another are one record, and reading stands behind it. @param records so many of them were counted */
  takeIn(from: number, to: number, records: number): void {
    const { bytes, base } = this;
    this.records -= records;
    this.recordLine -= countLineEnds(bytes, from - base, this.recordAt - base);
    this.recordAt = from;
    this.line = this.recordLine + countLineEnds(bytes, from - base, to - base);
    this.at = to;
    this.quoted = false;
  }

  /** The bytes before `at` tell whether a quote stands at the start of a cell; lines above a record, whether it is torn. */
  firstNeeded(): number {
    const { failure, recordAt, at, base } = this;
    const needed = failure === null ? recordAt : Math.min(failure.searchByte, at - 2);
    return Math.max(base, needed - LOOK_BACK_BYTES);
  }

  searchFrom(byte: number): void {
    this.failure = { ...this.failure!, searchByte: byte, searchLine: this.line };
  }

  /** Where the record stands that ends where reading does. */
  place(): Pick<BrokenRecord, 'startByte' | 'endByte' | 'line' | 'lineEnd'> {
    const { at, line, recordAt, recordLine, base, window } = this;
    const endsLine = isLineEnd(window.bytes[at - base - 1]);
    return { startByte: recordAt, endByte: at, line: recordLine, lineEnd: endsLine ? line - 1 : line };
  }

  /** Behind the marks before it. */
  recordStart(): number {
    const { bytes, base } = this.window;
    return behindMarks(bytes, this.recordAt - base, this.at - base, this.grammar.markLeads) + base;
  }

  isComment(): boolean {
    return this.window.bytes[this.recordStart() - this.base] === this.grammar.comment;
  }

  /** Whether the record that ends where reading stands has no value. */
  isEmpty(): boolean {
    const { bytes, base } = this.window;
    return isEmptyRecord(bytes, this.recordStart() - base, this.at - base, this.grammar);
  }

  /** Whether the record that ends where reading stands is none: a blank line, a comment, the mark at the end of a database's text. */
  isNoRecord(): boolean {
    const { bytes, base } = this.window;
    const start = this.recordStart();
    return (
      start === this.at ||
      this.isComment() ||
      (this.grammar.hasEndMark && isEndMark(bytes, start - base, this.at - base))
    );
  }
}
