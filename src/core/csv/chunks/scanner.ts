// Cuts the data part of a file into chunks at record ends, quote-aware, over bytes (grammar.ts has the grammar).
// A record fails by text after a closing quote, by a quote still open at the end of the file, or by its size. It is then
// read on, a quote that cannot close being text, to where it ends; if a line inside it can be trusted to begin a record
// (restart.ts), it ends above that line instead. Either way it counts as one record and nothing of it is landed.
// Some records are well-formed and yet damaged: their line end is an odd one, they have a quote in an unquoted cell, or a quoted cell
// of many lines. When such a record ends, it is looked at more closely (suspects.ts).
// Memory: the record being read, at most `maxRecordBytes`, some lines above it, and the bytes of one push.
import { ByteWindow } from '../text/byte-window.ts';
import { ChunkList, type ChunkLimits } from './chunk-list.ts';
import {
  countLineEnds,
  countQuotes,
  CR,
  escapedBytes,
  type Grammar,
  grammarOf,
  isEndMark,
  isLineEnd,
  LF,
  NO_BYTE,
  readShape,
  SPACE,
} from '../grammar.ts';
import { HeaderAgain, NO_STARTS } from '../dialect/header-again.ts';
import { BOM_LEAD, behindBoms } from '../text/bom.ts';
import { CR_END, CRLF_END, LF_END, oddEndsOf } from './line-ends.ts';
import { areRecords, BELOW_BYTES, findRestart, type Restart, type RestartRegion } from './restart.ts';
import { findRecordEnd } from './cell-end.ts';
import { LOOK_BACK_BYTES } from './stray-quotes.ts';
import { findSuspect, mayEndChunk, type Suspect, type SuspectRecord } from './suspects.ts';
import type { BrokenRecord, ChunkPlan, Dialect, FileDialect, Rescan, TableEnd } from '../types.ts';

/** Lines read behind text that follows a quote before the way out is first looked for, and then twice as many each time. */
const LOOK_AHEAD_LINES = 8;
/** So far, until a line that might begin a record is no longer waited for. */
const LOOK_AHEAD_BYTES = 64 * 1024;
/** Lines of one quoted cell, until it is asked whether they are records; then twice as many each time. */
const MANY_LINES = 64;
/** A record with so many line ends in its cells is looked at when it has ended. */
const FEW_LINES = 4;

/** At most one in sixteen lines is no record. */
const NEARLY_ALL = { atLeast: FEW_LINES, most: Infinity, misfits: 16 };

/** Why a record is looked at when it ends. */
const FAILED = 8;
const HAS_STRAY_QUOTE = 16;
const HAS_LINES = 32;
const BELOW_BLANK = 64;

export interface ChunkScannerOptions extends ChunkLimits {
  readonly dialect: Dialect & Pick<FileDialect, 'lineEnd'>;
  /** Width of the header; evidence for what is a record around a broken one, and the cells of one. */
  readonly columns: number;
  /** The header's cells, to know it when it comes again. */
  readonly header?: readonly string[];
  /** Where the data begins in the file, behind the header. */
  readonly startByte: number;
  /** The physical line there. */
  readonly startLine: number;
  /** When it begins at a chunk further down: the chunk's first row, and what was seen above it. */
  readonly resumed?: Omit<Rescan, 'maxRecordBytes'> & { readonly firstRow: number };
  readonly limits: { readonly maxRecordBytes: number };
}

export interface ScanTotals {
  /** Of the file up to here; broken ones included, blank lines not. */
  readonly records: number;
  readonly broken: number;
  /** The chunks that are closed cover the file up to here. */
  readonly endByte: number;
  /** Where another table begins. */
  readonly tableEnd: TableEnd | undefined;
}

export interface ChunkScanner {
  /** Takes the next bytes of the data part, cut anywhere; they may be reused afterwards. Gives the chunks that closed. */
  push(bytes: Buffer): ChunkPlan[];
  /** Gives the last chunk. To be called once. */
  end(): ChunkPlan[];
  readonly totals: ScanTotals;
}

export function createChunkScanner(options: ChunkScannerOptions): ChunkScanner {
  return new Scanner(options);
}

/**
 * Why the loop stopped. `bytes`: it needs more. `ended`: a broken record did. `lines`: enough is read to choose the way out, or a
 * quoted cell has many. `suspect`: a record ends that must be looked at. `header-again`: a record ended that is the header.
 */
type Stop =
  | 'bytes'
  | 'chunk-full'
  | 'text-after-quote'
  | 'too-long'
  | 'lines'
  | 'ended'
  | 'suspect'
  | 'header-again';

/** What went wrong with the record being read. Offsets are the file's. */
interface Failure {
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

/** 1 for each byte the hot loop looks at. */
function stopsOf({ quote, escape }: Grammar): Uint8Array {
  const stops = new Uint8Array(256);
  for (const byte of [LF, CR, quote, escape]) if (byte !== NO_BYTE) stops[byte] = 1;
  return stops;
}

const FROM_THE_TOP = { firstRow: 1, headerLines: 0, tableEnded: false, openAbove: false };

/** Of lines outside of quotes. */
function countRecords(bytes: Buffer, from: number, to: number, grammar: Grammar): number {
  let count = 0;
  for (let at = from; at < to;) {
    const shape = readShape(bytes, at, to, grammar);
    if (shape.end > at) count++;
    at = shape.next;
  }
  return count;
}

class Scanner implements ChunkScanner {
  private readonly options: ChunkScannerOptions;
  private readonly grammar: Grammar;
  private readonly stops: Uint8Array;
  private readonly headerAgain: HeaderAgain;
  private readonly window: ByteWindow;
  private readonly chunks: ChunkList;

  private at: number;
  private line: number;
  private quoted = false;
  private recordAt: number;
  private recordLine: number;
  /** The record is too long when it has not ended before this byte. */
  private limitAt: number;
  private failure: Failure | null = null;
  /** Why the record being read is to be looked at when it ends. */
  private oddities = 0;
  /** The kinds of line ends that are. */
  private readonly oddEnds: number;
  /** A line end of a record that was looked at and is sound. */
  private passedAt = -1;
  /** A quoted cell is not looked at again before this line. */
  private patientTo = 0;
  /** Records above this byte are settled. */
  private settledTo: number;
  /** A quote was opened above, and the next one was not yet met; from here on it may be. */
  private openAbove: number | undefined;
  /** The next quote closes what was opened above. */
  private closesAt: number | undefined;
  /** What to do where the loop stopped is not decided before so many bytes are at hand. */
  private waitsFor = 0;
  private waits = false;
  /** Where the loop stopped, when bytes are waited for to deal with it. */
  private stopped: Stop = 'bytes';

  private records: number;
  private brokenRecords = 0;
  /** The header's own lines below its first. */
  private headerLines: number;
  private tableEnded: boolean;
  private tableEnd: TableEnd | undefined;

  constructor(options: ChunkScannerOptions) {
    this.options = options;
    this.grammar = grammarOf(options.dialect);
    this.stops = stopsOf(this.grammar);
    this.headerAgain = new HeaderAgain(options.header ?? [], this.grammar);
    this.window = new ByteWindow(options.startByte);
    const { firstRow, headerLines, tableEnded, openAbove } = options.resumed ?? FROM_THE_TOP;
    this.records = firstRow - 1;
    this.headerLines = headerLines;
    this.tableEnded = tableEnded;
    this.at = this.recordAt = this.settledTo = options.startByte;
    this.oddEnds = oddEndsOf(options.dialect.lineEnd);
    if (openAbove === true) this.openAbove = options.startByte;
    this.chunks = new ChunkList({ ...options, firstRow }, options.columns, options, this.rescan());
    this.line = this.recordLine = options.startLine;
    this.limitAt = this.recordAt + options.limits.maxRecordBytes + 1;
  }

  get totals(): ScanTotals {
    const { records, brokenRecords: broken, chunks, tableEnd } = this;
    return { records, broken, endByte: chunks.endByte, tableEnd };
  }

  push(bytes: Buffer): ChunkPlan[] {
    this.window.append(bytes, this.firstNeeded(), this.options.limits.maxRecordBytes + LOOK_BACK_BYTES);
    if (this.handEnd >= this.waitsFor) while (this.step(false));
    return this.chunks.take();
  }

  end(): ChunkPlan[] {
    this.waitsFor = 0;
    while (this.step(true) || this.endOfFile());
    if (this.at > this.chunks.endByte) this.closeChunk();
    return this.chunks.take();
  }

  /** The bytes before `at` tell whether a quote stands at the start of a cell; lines above a record, whether it is torn. */
  private firstNeeded(): number {
    const needed = this.failure === null ? this.recordAt : Math.min(this.failure.searchByte, this.at - 2);
    return Math.max(this.window.base, needed - LOOK_BACK_BYTES);
  }

  /** The end of the bytes at hand. */
  private get handEnd(): number {
    return this.window.base + this.window.length;
  }

  /** Waits for bytes; twice as many each time, so that none is looked at often. */
  private wait(from: number): false {
    this.waitsFor = this.handEnd + Math.max(1, (this.handEnd - from) >> 1);
    this.waits = true;
    return false;
  }

  /** Reads to the next stop and deals with it. False when all bytes at hand are read. */
  private step(atEnd: boolean): boolean {
    if (this.openAbove !== undefined) this.findClosing();
    if (!this.waits) this.stopped = this.advance(atEnd);
    this.waits = false;
    switch (this.stopped) {
      case 'bytes':
        return false;
      case 'chunk-full':
        return this.endChunk(atEnd);
      case 'suspect':
        return this.look(atEnd);
      case 'header-again':
        this.endHeader();
        return true;
      case 'text-after-quote':
        this.at++;
        this.fail('text-after-quote', this.at + 1);
        return true;
      case 'lines':
        if (this.failure === null) return this.doubtManyLines(atEnd);
        return this.chooseWayOut(atEnd);
      case 'too-long':
        if (this.failure === null)
          this.fail(this.quoted ? 'unclosed-quote' : 'record-too-long', this.limitAt);
        if (this.quoted) {
          const restarts = this.restart(this.limitAt, 'anywhere', atEnd);
          if (restarts === 'more') return this.wait(this.limitAt);
          if (restarts === true) return true;
        }
        this.searchFrom(this.isInsideCrlf(this.limitAt) ? this.limitAt + 1 : this.limitAt);
        this.limitAt += this.options.limits.maxRecordBytes;
        return true;
      case 'ended':
        return this.endBrokenHere(atEnd);
    }
  }

  /** The hot loop. A word of four bytes without a quote or a byte below 0x0e is passed over at once. */
  private advance(atEnd: boolean): Stop {
    const { failure } = this;
    const { bytes, words, base, length: end } = this.window;
    const { quote, escape, escapesAll, hasEndMark, delimiter, delimiter2, comment, skipsBlanks } =
      this.grammar;
    const isPlain = escape === NO_BYTE && delimiter2 === NO_BYTE;
    const { maxRecordBytes } = this.options.limits;
    const quoteWord = (quote === NO_BYTE ? LF : quote) * 0x01010101;
    const { stops, headerAgain } = this;
    const headerStarts = this.tableEnded ? NO_STARTS : headerAgain.starts;
    const inComment = failure?.inComment === true;
    const belowBlank = this.tableEnded ? 0 : BELOW_BLANK;
    const oddLf = this.oddEnds & LF_END;
    const oddCr = this.oddEnds & CR_END;
    const oddCrlf = this.oddEnds & CRLF_END;
    const patientTo = failure === null ? this.patientTo : failure.decideAtLine;
    const mostLines = failure === null ? MANY_LINES : 0;
    // A program that quotes without fail may have a whole file in a cell.
    const fewLines =
      failure === null && this.options.dialect.databaseText === 'postgres-csv' ? Infinity : FEW_LINES;
    const passedAt = this.passedAt - base;
    let oddities = failure === null ? this.oddities : FAILED;
    const fullAt = this.chunks.fullAt - base;
    const { fullRow } = this.chunks;
    let at = this.at - base;
    let recordAt = this.recordAt - base;
    let limitAt = this.limitAt - base;
    let { line, recordLine, quoted, records } = this;
    let stop: Stop = 'bytes';
    /** Behind the last byte that an escape made text, where it escapes all: no quote begins a cell there. */
    let escapedAt = -1;
    while (at < end) {
      if ((at & 3) === 0 && escape === NO_BYTE) {
        while (at + 4 <= end) {
          const word = words[at >> 2]!;
          const lf = word ^ 0x0a0a0a0a;
          const cr = word ^ 0x0d0d0d0d;
          const quotes = word ^ quoteWord;
          const hits =
            ((lf - 0x01010101) & ~lf) | ((cr - 0x01010101) & ~cr) | ((quotes - 0x01010101) & ~quotes);
          if ((hits & 0x80808080) !== 0) break;
          at += 4;
        }
        if (at >= end) break;
      }
      const byte = bytes[at]!;
      if (stops[byte] === 0) {
        at++;
        continue;
      }
      if (at >= limitAt) {
        stop = 'too-long';
        break;
      }
      if (byte === escape && escapesAll) {
        // A CRLF is escaped as a whole.
        const isCut = at + 1 === end || (bytes[at + 1] === CR && at + 2 === end);
        if (isCut && !atEnd) break;
        if (at + 1 < end && isLineEnd(bytes[at + 1])) line++;
        at += 1 + escapedBytes(bytes, at, end);
        escapedAt = at;
        continue;
      }
      if (byte === escape) {
        if (quoted && at + 1 === end && !atEnd) break;
        const isEscaped = quoted && at + 1 < end && (bytes[at + 1] === quote || bytes[at + 1] === escape);
        at += isEscaped ? 2 : 1;
        continue;
      }
      if (byte === quote) {
        if (!quoted) {
          const start = bytes[recordAt] === BOM_LEAD ? behindBoms(bytes, recordAt) : recordAt;
          let cellAt = at;
          if (skipsBlanks) while (cellAt > start && bytes[cellAt - 1] === SPACE) cellAt--;
          const behindDelimiter =
            delimiter2 === NO_BYTE
              ? bytes[cellAt - 1] === delimiter
              : bytes[cellAt - 1] === delimiter2 && bytes[cellAt - 2] === delimiter && cellAt - 2 >= recordAt;
          quoted =
            (cellAt === start || (behindDelimiter && cellAt !== escapedAt)) &&
            bytes[start] !== comment &&
            !inComment;
          if (!quoted) oddities |= HAS_STRAY_QUOTE;
        } else {
          if (at + 1 === end && !atEnd) break;
          const next = at + 1 === end ? LF : bytes[at + 1];
          if (next === delimiter && isPlain && at + 2 < end && at + 2 < limitAt && bytes[at + 2] === quote) {
            // The next cell is quoted too: a short cut, for a file often has all of them so.
            at += 3;
            continue;
          }
          if (next === quote && (escape === NO_BYTE || escapesAll)) at++;
          else if (next === LF || next === CR) quoted = false;
          else if (next === delimiter && delimiter2 !== NO_BYTE && at + 2 === end && !atEnd) break;
          else if (
            next === delimiter &&
            (delimiter2 === NO_BYTE || (at + 2 < end && bytes[at + 2] === delimiter2))
          )
            quoted = false;
          else if (failure === null) {
            stop = 'text-after-quote';
            break;
          }
        }
        at++;
        continue;
      }
      let odd = oddities | oddLf;
      if (byte === CR) {
        if (at + 1 === end && !atEnd) break;
        odd = oddities | oddCr;
        if (at + 1 < end && bytes[at + 1] === LF) {
          odd = oddities | oddCrlf;
          at++;
        }
      }
      at++;
      line++;
      if (quoted) {
        if (line - recordLine < fewLines) continue;
        oddities |= HAS_LINES;
        if (line - recordLine < mostLines || line < patientTo) continue;
        stop = 'lines';
        break;
      }
      if (odd !== 0) {
        if (failure !== null) {
          stop = 'ended';
          break;
        }
        const endsAt = byte === CR && bytes[at - 1] === LF ? at - 2 : at - 1;
        // A blank line is nothing to look at.
        if (endsAt !== passedAt && endsAt !== recordAt) {
          at = endsAt;
          line--;
          stop = 'suspect';
          break;
        }
        oddities = 0;
      }
      const start = bytes[recordAt] === BOM_LEAD ? behindBoms(bytes, recordAt) : recordAt;
      const first = bytes[start];
      if (!isLineEnd(first) && first !== comment && !(hasEndMark && isEndMark(bytes, start, at))) {
        if (
          headerStarts[first === quote ? bytes[start + 1]! : first!] === 1 &&
          headerAgain.isAt(bytes, recordAt, at)
        ) {
          stop = 'header-again';
          break;
        }
        records++;
      } else if (first !== comment) oddities = belowBlank;
      recordAt = at;
      recordLine = line;
      limitAt = at + maxRecordBytes + 1;
      if (at >= fullAt || records >= fullRow) {
        stop = 'chunk-full';
        break;
      }
    }
    if (stop === 'bytes' && at >= limitAt) stop = 'too-long';
    this.at = at + base;
    this.recordAt = recordAt + base;
    this.limitAt = limitAt + base;
    this.line = line;
    this.recordLine = recordLine;
    this.quoted = quoted;
    this.records = records;
    this.oddities = oddities;
    return stop;
  }

  /** Deals with what is left when the file ends inside a record. False when nothing is. */
  private endOfFile(): boolean {
    if (this.recordAt === this.at) return false;
    if (this.failure === null && this.quoted) this.fail('unclosed-quote', this.at);
    if (this.failure !== null) {
      if (!this.quoted) this.endBrokenHere(true);
      else if (this.restart(this.at, 'with-file', true) !== true) this.endBroken();
    } else if (this.oddities !== 0 && this.passedAt !== this.at) this.look(true);
    else if (this.isComment() || this.isEndMark() || this.recordStart() === this.at) this.startRecord();
    else if (this.isHeader()) this.endHeader();
    else {
      this.records++;
      this.startRecord();
    }
    return true;
  }

  private isComment(): boolean {
    return this.window.bytes[this.recordStart() - this.window.base] === this.grammar.comment;
  }

  private isEndMark(): boolean {
    const { bytes, base } = this.window;
    return this.grammar.hasEndMark && isEndMark(bytes, this.recordStart() - base, this.at - base);
  }

  /** Behind BOMs. */
  private recordStart(): number {
    const { bytes, base } = this.window;
    return behindBoms(bytes, this.recordAt - base, this.at - base) + base;
  }

  /** Whether the record that ends where reading stands is the header again; what follows the table does not matter. */
  private isHeader(): boolean {
    const { bytes, base } = this.window;
    return !this.tableEnded && this.headerAgain.isAt(bytes, this.recordAt - base, this.at - base);
  }

  private endHeader(): void {
    if (this.records === this.headerLines) this.headerLines++;
    else this.endTable();
    this.addBroken('header-again', 1);
  }

  /** Another table begins with the record being read. */
  private endTable(): void {
    this.tableEnded = true;
    this.tableEnd = { row: this.records + 1, line: this.recordLine };
  }

  /** The broken record closed its last quote and its line; of one that is only too long every quote did close. */
  private endBrokenHere(atEnd: boolean): boolean {
    if (this.failure!.reason === 'record-too-long') this.endBroken();
    else {
      const way = this.readOn(atEnd) ?? this.restart(this.at, 'with-record', atEnd);
      if (way === 'more') return this.wait(this.recordAt);
      // Its quote did close: it is only too long.
      if (way !== true)
        this.endBroken(this.failure!.reason === 'unclosed-quote' ? 'record-too-long' : undefined);
    }
    return true;
  }

  /** Text follows a quote, and some lines below are read. */
  private chooseWayOut(atEnd: boolean): boolean {
    const { searchByte, searchLine } = this.failure!;
    const way = this.readOn(atEnd) ?? this.restart(this.at, 'anywhere', atEnd);
    if (way === 'more') return this.wait(searchByte);
    if (way === true) return true;
    if (way === 'undecided' && this.at - searchByte < LOOK_AHEAD_BYTES)
      this.failure = { ...this.failure!, decideAtLine: 2 * this.line - searchLine };
    else {
      this.failure = { ...this.failure!, decideAtLine: Infinity };
      this.searchFrom(this.at);
    }
    return true;
  }

  /** The cell where text follows a quote may go on below, to a quote that closes it and gives the record the header's width. */
  private readOn(atEnd: boolean): true | 'more' | undefined {
    const { reason, byte, columnIndex, searchByte } = this.failure!;
    if (reason !== 'text-after-quote' || searchByte !== this.recordAt) return undefined;
    const { columns } = this.options;
    if (columns === 1) return undefined;
    const { base } = this.window;
    const end = findRecordEnd(
      this.bytes,
      { from: this.recordAt - base, quoteAt: byte - 2 - base, columnIndex },
      this.hand(atEnd),
      columns,
      this.grammar,
    );
    if (end === 'more' || end === undefined) return end;
    this.moveTo(end + base);
    this.quoted = false;
    this.endBroken();
    return true;
  }

  /** A quoted cell has many lines. Are they records, below a quote that was never closed? */
  private doubtManyLines(atEnd: boolean): boolean {
    this.patientTo = 2 * this.line - this.recordLine;
    const { columns } = this.options;
    if (columns === 1) return true;
    const { base } = this.window;
    this.fail('unclosed-quote', this.at);
    const restart = this.findRestart(this.at, 'anywhere', atEnd);
    if (restart === 'more') {
      this.failure = null;
      return this.wait(this.recordAt);
    }
    const isTable =
      typeof restart === 'object' &&
      areRecords(this.bytes, restart.at, this.at - base, columns, this.grammar, NEARLY_ALL);
    if (isTable) this.goBack(restart);
    else this.failure = null;
    return true;
  }

  /** A record ends that is well-formed, and yet may be damaged. */
  private look(atEnd: boolean): boolean {
    const suspect = findSuspect(
      this.bytes,
      this.suspectRecord(),
      this.hand(atEnd),
      this.options.columns,
      this.grammar,
    );
    if (suspect === 'more') return this.wait(this.recordAt);
    if (suspect === undefined) this.passedAt = this.at;
    else this.breakUp(suspect);
    return true;
  }

  private suspectRecord(): SuspectRecord {
    const { base } = this.window;
    const { closesAt } = this;
    return {
      from: this.recordAt - base,
      end: this.at - base,
      lines: this.line - this.recordLine,
      oddEnds: this.oddEnds,
      hasStrayQuote: (this.oddities & HAS_STRAY_QUOTE) !== 0,
      isBelowBlank: (this.oddities & BELOW_BLANK) !== 0 && this.records > this.headerLines,
      closesAt: closesAt === undefined ? undefined : closesAt - base,
      floor: this.settledTo - base,
    };
  }

  /** The lines of the suspect are one broken record, also those that were counted as records of their own. */
  private breakUp({ from, to, reason, columnIndex, opensQuote }: Suspect): void {
    const { base } = this.window;
    const above = this.recordAt - base;
    this.records -= countRecords(this.bytes, from, above, this.grammar);
    this.recordLine -= countLineEnds(this.bytes, from, above);
    this.recordAt = from + base;
    this.line = this.recordLine + countLineEnds(this.bytes, from, to);
    this.at = to + base;
    this.quoted = false;
    if (reason === 'other-table') this.endTable();
    if (opensQuote) this.openAbove = this.at;
    this.addBroken(reason, columnIndex);
  }

  private moveTo(byte: number): void {
    const { base } = this.window;
    const forth = countLineEnds(this.bytes, this.at - base, byte - base);
    const back = countLineEnds(this.bytes, byte - base, this.at - base);
    this.line += forth - back;
    this.at = byte;
  }

  private get bytes(): Buffer {
    return this.window.bytes.subarray(0, this.window.length);
  }

  private hand(isAll: boolean): { to: number; isAll: boolean } {
    return { to: this.window.length, isAll };
  }

  /** The next quote below one that was opened and not closed: it may be what a stray one left. */
  private findClosing(): void {
    const { base } = this.window;
    const { bytes } = this;
    const at = bytes.indexOf(this.grammar.quote, this.openAbove! - base);
    if (at === -1) this.openAbove = Math.max(this.openAbove!, this.handEnd);
    else {
      this.openAbove = undefined;
      this.closesAt = at + base;
    }
  }

  private endChunk(atEnd: boolean): boolean {
    const may = mayEndChunk(
      this.bytes,
      this.at - this.window.base,
      this.settledTo - this.window.base,
      this.hand(atEnd),
      this.options.columns,
      this.grammar,
    );
    if (may === 'more') return this.wait(this.at);
    if (may) this.closeChunk();
    return true;
  }

  private fail(reason: BrokenRecord['reason'], byte: number): void {
    const { base } = this.window;
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

  private isInsideCrlf(byte: number): boolean {
    const { bytes, base } = this.window;
    return bytes[byte - base - 1] === CR && bytes[byte - base] === LF;
  }

  private searchFrom(byte: number): void {
    this.failure = { ...this.failure!, searchByte: byte, searchLine: this.line };
  }

  /** Goes back to a line of the broken record that can be trusted to begin a record. False when there is none. */
  private restart(to: number, ends: RestartRegion['ends'], atEnd: boolean): boolean | 'more' | 'undecided' {
    const restart = this.findRestart(to, ends, atEnd);
    if (typeof restart !== 'object') return restart ?? false;
    this.goBack(restart);
    return true;
  }

  private findRestart(
    to: number,
    ends: RestartRegion['ends'],
    atEnd: boolean,
  ): Restart | 'more' | 'undecided' | undefined {
    const failure = this.failure!;
    const { base } = this.window;
    if (to + BELOW_BYTES > this.handEnd && !atEnd) return 'more';
    const region: RestartRegion = {
      from: failure.searchByte - base,
      line: failure.searchLine,
      to: to - base,
      ends,
      atFirstLine: failure.searchByte === this.recordAt,
      failedAt: failure.reason === 'text-after-quote' ? failure.byte - 1 - base : undefined,
      columnIndex: failure.columnIndex,
    };
    const seen = this.bytes.subarray(0, to + BELOW_BYTES - base);
    return findRestart(seen, region, this.options.columns, this.grammar);
  }

  private goBack({ at, line }: Restart): void {
    const { base } = this.window;
    const quotes = countQuotes(this.bytes, this.recordAt - base, at, this.grammar);
    this.at = at + base;
    this.line = line;
    this.quoted = false;
    if (quotes % 2 > 0) this.openAbove = this.at;
    this.endBroken();
  }

  /** The broken record ends where reading stands. */
  private endBroken(as?: BrokenRecord['reason']): void {
    const { columnIndex, byte } = this.failure!;
    const reason = as ?? this.failure!.reason;
    // The text was found below the record: what is wrong with the record itself is its open quote.
    const isBelow = reason === 'text-after-quote' && byte > this.at;
    this.failure = null;
    this.quoted = false;
    this.addBroken(isBelow ? 'unclosed-quote' : reason, columnIndex);
  }

  private addBroken(reason: BrokenRecord['reason'], columnIndex: number): void {
    const endsLine = isLineEnd(this.window.bytes[this.at - this.window.base - 1]);
    this.chunks.addBroken({
      row: ++this.records,
      startByte: this.recordAt,
      endByte: this.at,
      line: this.recordLine,
      lineEnd: endsLine ? this.line - 1 : this.line,
      reason,
      columnIndex,
    });
    this.brokenRecords++;
    this.settledTo = this.at;
    this.startRecord();
    if (this.chunks.isFull(this.at, this.records)) this.closeChunk();
  }

  private startRecord(): void {
    this.recordAt = this.at;
    this.recordLine = this.line;
    this.limitAt = this.at + this.options.limits.maxRecordBytes + 1;
    this.oddities = 0;
  }

  private closeChunk(): void {
    this.chunks.close(this.at, this.line, this.records, this.rescan());
    this.settledTo = this.at;
  }

  private rescan(): Rescan {
    const { headerLines, tableEnded } = this;
    const isOpen = this.openAbove !== undefined || (this.closesAt !== undefined && this.closesAt >= this.at);
    const { maxRecordBytes } = this.options.limits;
    return { maxRecordBytes, headerLines, tableEnded, ...(isOpen && { openAbove: true }) };
  }
}
