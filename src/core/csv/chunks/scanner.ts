// Cuts the data part of a file into chunks at record ends, quote-aware, over bytes (grammar.ts has the grammar).
// A record fails by text after a closing quote, by a quote still open at the end of the file, or by its size. It is then
// read on, a quote that cannot close being text, to where it ends; if a line inside it can be trusted to begin a record
// (restart.ts), it ends above that line instead. Either way it counts as one record and nothing of it is landed.
// Memory: the record being read, at most `maxRecordBytes`, and the bytes of one push.
import { ByteWindow } from '../text/byte-window.ts';
import { ChunkList, type ChunkLimits } from './chunk-list.ts';
import {
  CR,
  escapedBytes,
  type Grammar,
  grammarOf,
  isEndMark,
  isLineEnd,
  LF,
  NO_BYTE,
  readShape,
} from '../grammar.ts';
import { HeaderAgain, NO_STARTS } from '../dialect/header-again.ts';
import { BOM_LEAD, behindBoms } from '../text/bom.ts';
import { findRestart, type Restart, type RestartRegion } from './restart.ts';
import type { BrokenRecord, ChunkPlan, Dialect, Rescan, TableEnd } from '../types.ts';

/** Lines read behind text that follows a quote before the way out is chosen. */
const LOOK_AHEAD_LINES = 8;

export interface ChunkScannerOptions extends ChunkLimits {
  readonly dialect: Dialect;
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
 * Why the loop stopped. `bytes`: it needs more. `ended`: a broken record did. `lines`: enough is read to choose the way out.
 * `header-again`: a record ended that is the header.
 */
type Stop = 'bytes' | 'chunk-full' | 'text-after-quote' | 'too-long' | 'lines' | 'ended' | 'header-again';

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

const FROM_THE_TOP = { firstRow: 1, headerLines: 0, tableEnded: false };

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
    const { firstRow, headerLines, tableEnded } = options.resumed ?? FROM_THE_TOP;
    this.records = firstRow - 1;
    this.headerLines = headerLines;
    this.tableEnded = tableEnded;
    this.chunks = new ChunkList({ ...options, firstRow }, options.columns, options, this.rescan());
    this.at = this.recordAt = options.startByte;
    this.line = this.recordLine = options.startLine;
    this.limitAt = this.recordAt + options.limits.maxRecordBytes + 1;
  }

  get totals(): ScanTotals {
    const { records, brokenRecords: broken, chunks, tableEnd } = this;
    return { records, broken, endByte: chunks.endByte, tableEnd };
  }

  push(bytes: Buffer): ChunkPlan[] {
    this.window.append(bytes, this.firstNeeded(), this.options.limits.maxRecordBytes);
    while (this.step(false));
    return this.chunks.take();
  }

  end(): ChunkPlan[] {
    while (this.step(true) || this.endOfFile());
    if (this.at > this.chunks.endByte) this.closeChunk();
    return this.chunks.take();
  }

  /** The bytes before `at` tell whether a quote stands at the start of a cell. */
  private firstNeeded(): number {
    if (this.failure === null) return this.recordAt;
    return Math.max(this.window.base, Math.min(this.failure.searchByte, this.at - 2));
  }

  /** Reads to the next stop and deals with it. False when all bytes at hand are read. */
  private step(atEnd: boolean): boolean {
    const stop = this.advance(atEnd);
    switch (stop) {
      case 'bytes':
        return false;
      case 'chunk-full':
        this.closeChunk();
        return true;
      case 'header-again':
        this.endHeader();
        return true;
      case 'text-after-quote':
        this.at++;
        this.fail('text-after-quote', this.at + 1);
        return true;
      case 'lines':
        this.failure = { ...this.failure!, decideAtLine: Infinity };
        if (!this.restart(this.at, 'anywhere')) this.searchFrom(this.at);
        return true;
      case 'too-long':
        if (this.failure === null)
          this.fail(this.quoted ? 'unclosed-quote' : 'record-too-long', this.limitAt);
        if (this.quoted && this.restart(this.limitAt, 'anywhere')) return true;
        this.searchFrom(this.isInsideCrlf(this.limitAt) ? this.limitAt + 1 : this.limitAt);
        this.limitAt += this.options.limits.maxRecordBytes;
        return true;
      case 'ended':
        this.endBrokenHere();
        return true;
    }
  }

  /** The hot loop. A word of four bytes without a quote or a byte below 0x0e is passed over at once. */
  private advance(atEnd: boolean): Stop {
    const { failure } = this;
    const { bytes, words, base, length: end } = this.window;
    const { quote, escape, escapesAll, hasEndMark, delimiter, delimiter2, comment } = this.grammar;
    const isPlain = escape === NO_BYTE && delimiter2 === NO_BYTE;
    const { maxRecordBytes } = this.options.limits;
    const quoteWord = (quote === NO_BYTE ? LF : quote) * 0x01010101;
    const { stops, headerAgain } = this;
    const headerStarts = this.tableEnded ? NO_STARTS : headerAgain.starts;
    const inComment = failure?.inComment === true;
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
          const behindDelimiter =
            delimiter2 === NO_BYTE
              ? bytes[at - 1] === delimiter
              : bytes[at - 1] === delimiter2 && bytes[at - 2] === delimiter && at - 2 >= recordAt;
          const start = bytes[recordAt] === BOM_LEAD ? behindBoms(bytes, recordAt) : recordAt;
          quoted =
            (at === start || (behindDelimiter && at !== escapedAt)) && bytes[start] !== comment && !inComment;
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
      if (byte === CR) {
        if (at + 1 === end && !atEnd) break;
        if (at + 1 < end && bytes[at + 1] === LF) at++;
      }
      at++;
      line++;
      if (quoted) {
        if (failure === null || line < failure.decideAtLine) continue;
        stop = 'lines';
        break;
      }
      if (failure !== null) {
        stop = 'ended';
        break;
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
      }
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
    return stop;
  }

  /** Deals with what is left when the file ends inside a record. False when nothing is. */
  private endOfFile(): boolean {
    if (this.recordAt === this.at) return false;
    if (this.failure === null && this.quoted) this.fail('unclosed-quote', this.at);
    if (this.failure !== null) {
      if (!this.quoted) this.endBrokenHere();
      else if (!this.restart(this.at, 'with-file')) this.endBroken();
    } else if (this.isComment() || this.isEndMark() || this.recordStart() === this.at) this.startRecord();
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
    else {
      this.tableEnded = true;
      this.tableEnd = { row: this.records + 1, line: this.recordLine };
    }
    this.addBroken('header-again', 1);
  }

  /** The broken record closed its last quote and its line; of one that is only too long every quote did close. */
  private endBrokenHere(): void {
    if (this.failure!.reason === 'record-too-long' || !this.restart(this.at, 'with-record')) this.endBroken();
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
  private restart(to: number, ends: RestartRegion['ends']): boolean {
    const failure = this.failure!;
    const { bytes, base } = this.window;
    const region: RestartRegion = {
      from: failure.searchByte - base,
      line: failure.searchLine,
      to: to - base,
      ends,
      atFirstLine: failure.searchByte === this.recordAt,
      failedAt: failure.reason === 'text-after-quote' ? failure.byte - 1 - base : undefined,
    };
    const restart = findRestart(bytes, region, this.options.columns, this.grammar);
    if (restart === undefined) return false;
    this.goBack(restart);
    return true;
  }

  private goBack({ at, line }: Restart): void {
    this.at = at + this.window.base;
    this.line = line;
    this.quoted = false;
    this.endBroken();
  }

  /** The broken record ends where reading stands. */
  private endBroken(): void {
    const { reason, columnIndex, byte } = this.failure!;
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
    this.startRecord();
    if (this.chunks.isFull(this.at, this.records)) this.closeChunk();
  }

  private startRecord(): void {
    this.recordAt = this.at;
    this.recordLine = this.line;
    this.limitAt = this.at + this.options.limits.maxRecordBytes + 1;
  }

  private closeChunk(): void {
    this.chunks.close(this.at, this.line, this.records, this.rescan());
  }

  private rescan(): Rescan {
    const { headerLines, tableEnded } = this;
    return { maxRecordBytes: this.options.limits.maxRecordBytes, headerLines, tableEnded };
  }
}
