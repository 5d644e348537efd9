// The cells of some hundred records of the usual grammar, found four bytes at a time. What is found is the same as what readPlaces
// (core/csv/records) finds; here each cell costs a few nanoseconds, for a column is looked at afterwards, all of its cells in one loop.
import { counted } from '../../counted.ts';
import { findAmbiguousQuote } from '../../csv/dialect/ambiguous-quote.ts';
import { afterLineEnd, CR, grammarOf, isLineEnd, LF, QUOTE, type Grammar } from '../../csv/grammar.ts';
import { DOUBLED, NOT_ASCII, NOT_DIGIT, SPECIAL } from '../../csv/records/cell-places.ts';
import { behindMarks } from '../../csv/text/record-marks.ts';
import { BATCH_CELLS, type CellEngine } from './cell-engine.ts';
import type { Dialect, FileDialect, Stretch } from '../../csv/types.ts';

/** Before the first byte and behind the last one, so that words may be read across both ends. */
const PAD = 8;
const ONES = 0x01010101;
const HIGHEST_BITS = 0x80808080;
/** Turns LF, CR and the control characters beside them, but not a tab, into bytes below ENDS_BELOW. */
const ENDS = 0x0f0f0f0f;
const ENDS_BELOW = 0x06060606;

/** What the finder tells of a record that no column can be told of. */
export type PassOver = (line: number, cells: number, ambiguousColumn: number) => void;

/** Whether the records of such a file can be found here; all others are left to readPlaces. */
export function isBatched(dialect: FileDialect): boolean {
  const { sheet, databaseText } = dialect;
  return sheet === undefined && (databaseText ?? null) === null && grammarOf(dialect).isPlain;
}

export class CellBatch {
  /** The bytes that the places below are offsets into. Good until the next stretch. */
  bytes: Buffer = Buffer.alloc(0);
  /** Of the cell in column c of record r, at r × columns + c; quotes around it are left out. */
  starts: Int32Array;
  ends: Int32Array;
  /** The physical line of each record. */
  lines: Int32Array;
  readonly columns: number;
  /** Whose memory all of these are in; undefined: there is none. */
  readonly engine: CellEngine | undefined;
  /** Records in the batch. */
  records = 0;
  #words: DataView = new DataView(new ArrayBuffer(0));
  readonly #grammar: Grammar;
  readonly #most: number;

  constructor(columns: number, dialect: Dialect, engine?: CellEngine) {
    this.columns = columns;
    this.engine = engine;
    this.#grammar = grammarOf(dialect);
    this.#most = engine?.most ?? Math.max(1, Math.floor(BATCH_CELLS / columns));
    this.starts = engine?.starts ?? new Int32Array(this.#most * columns);
    this.ends = engine?.ends ?? new Int32Array(this.#most * columns);
    this.lines = engine?.lines ?? new Int32Array(this.#most);
  }

  /**
   * @param full is called with each batch; the last one may be smaller
   * @throws Error when the bytes do not hold the records that the plan says
   */
  read(text: Buffer, stretch: Stretch, full: () => void, passOver: PassOver): void {
    let at = this.#take(text);
    const to = at + text.length;
    let line = stretch.firstLine;
    let found = 0;
    while (at < to) {
      this.records = 0;
      const next = this.#fill(at, to, line, passOver);
      found += next.records;
      ({ at, line } = next);
      if (this.records > 0) full();
    }
    if (found !== stretch.records)
      throw new Error(
        `Bytes ${stretch.startByte} to ${stretch.endByte} (line ${stretch.firstLine}) hold ${counted(found, 'record')}; the plan says ${stretch.records}`,
      );
  }

  /** To be called when the memory of the engine may have grown. */
  share(): void {
    const { engine } = this;
    if (engine === undefined || this.bytes === engine.memory) return;
    this.bytes = engine.memory;
    this.starts = engine.starts;
    this.ends = engine.ends;
    this.lines = engine.lines;
    this.#words = new DataView(this.bytes.buffer);
  }

  /** @returns where it begins in `bytes` */
  #take(text: Buffer): number {
    if (this.engine !== undefined) {
      this.engine.put(text);
      this.share();
      return this.engine.bytesAt;
    }
    const needed = text.length + 2 * PAD;
    if (this.bytes.length < needed) {
      this.bytes = Buffer.alloc(2 * needed);
      this.#words = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    }
    text.copy(this.bytes, PAD);
    this.bytes.fill(0, PAD + text.length, needed);
    return PAD;
  }

  /** Reads on to where the batch is full. */
  #fill(
    from: number,
    to: number,
    firstLine: number,
    passOver: PassOver,
  ): { at: number; line: number; records: number } {
    const { bytes, columns, starts, ends, lines } = this;
    const words = this.#words;
    const grammar = this.#grammar;
    const most = this.#most;
    const { delimiter, markLeads } = grammar;
    const quote = QUOTE;
    const lf = LF;
    const cr = CR;
    const delimiterWord = Math.imul(delimiter, ONES);
    const quoteWord = Math.imul(quote, ONES);
    let at = from;
    let line = firstLine;
    let records = 0;
    let kept = 0;
    let place = 0;
    while (at < to && kept < most) {
      if (markLeads[bytes[at]!] === 1) {
        at = behindMarks(bytes, at, to, markLeads);
        if (at === to) break;
      }
      if (isLineEnd(bytes[at])) {
        at = afterLineEnd(bytes, at, to);
        line++;
        continue;
      }
      const recordAt = at;
      let lineEnds = 0;
      let strayQuote = false;
      let count = 0;
      for (;;) {
        let start = at;
        let end: number;
        if (bytes[at] === quote) {
          start = ++at;
          for (;;) {
            const word = words.getInt32(at, true);
            const line4 = word ^ ENDS;
            const quote4 = word ^ quoteWord;
            const hits = (((line4 - ENDS_BELOW) & ~line4) | ((quote4 - ONES) & ~quote4)) & HIGHEST_BITS;
            if (hits === 0) at += 4;
            else at += (31 - Math.clz32(hits & -hits)) >> 3;
            if (at >= to) throw new Error(`A quoted cell of the record at line ${line} does not end`);
            if (hits === 0) continue;
            const byte = bytes[at]!;
            if (byte === quote) {
              if (bytes[at + 1] !== quote) break;
              at++;
            } else if (byte === lf || (byte === cr && bytes[at + 1] !== lf)) lineEnds++;
            at++;
          }
          end = at++;
          if (at < to && bytes[at] !== delimiter && bytes[at] !== lf && bytes[at] !== cr)
            throw new Error(`Text follows a closing quote of the record at line ${line}`);
        } else {
          for (;;) {
            const word = words.getInt32(at, true);
            const line4 = word ^ ENDS;
            const quote4 = word ^ quoteWord;
            const delimiter4 = word ^ delimiterWord;
            const hits =
              (((line4 - ENDS_BELOW) & ~line4) |
                ((quote4 - ONES) & ~quote4) |
                ((delimiter4 - ONES) & ~delimiter4)) &
              HIGHEST_BITS;
            if (hits === 0) {
              at += 4;
              if (at < to) continue;
              at = to;
              break;
            }
            at += (31 - Math.clz32(hits & -hits)) >> 3;
            if (at >= to) {
              at = to;
              break;
            }
            const byte = bytes[at]!;
            if (byte === delimiter || byte === lf || byte === cr) break;
            if (byte === quote) strayQuote = true;
            at++;
          }
          end = at;
        }
        if (count < columns) {
          starts[place + count] = start;
          ends[place + count] = end;
        }
        count++;
        if (at >= to || bytes[at] !== delimiter) break;
        at++;
      }
      records++;
      const ambiguous = strayQuote ? findAmbiguousQuote(bytes, recordAt, at, grammar) : 0;
      if (ambiguous !== 0 || count !== columns) passOver(line, count, ambiguous);
      else {
        lines[kept++] = line;
        place += columns;
      }
      line += lineEnds;
      if (at < to) line++;
      at = afterLineEnd(bytes, at, to);
    }
    this.records = kept;
    return { at, line, records };
  }
}

/** The mark of a cell in a batch, which is only made for those that are looked at closely. */
export function markOf(bytes: Uint8Array, start: number, end: number): number {
  let mark = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 48 && byte <= 57) continue;
    mark |= NOT_DIGIT;
    if (byte >= 0x80) mark |= NOT_ASCII;
    // As in cell-places.ts: a backslash, tab or line end.
    else if (byte === 0x5c || byte === 0x09 || byte === LF || byte === CR) mark |= SPECIAL;
    else if (byte === QUOTE && isQuoted(bytes, start)) mark |= DOUBLED;
  }
  return mark;
}

/** Whether the cell stood in quotes: before one that did not, there is a delimiter, a line end, or nothing. */
export function isQuoted(bytes: Uint8Array, start: number): boolean {
  return bytes[start - 1] === QUOTE;
}
