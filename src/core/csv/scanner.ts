// Cuts the data part of a file into chunks at record ends, quote-aware, over bytes (grammar.ts has the grammar).
// A record fails by text after a closing quote, by a quote still open at the end of the file, or by its size. It is then
// read on, a quote that cannot close being text, to where it ends; if a line inside it can be trusted to begin a record
// (restart.ts), it ends above that line instead. Either way it counts as one record and nothing of it is landed.
// Memory: the record being read, at most `maxRecordBytes`, and the bytes of one push.
import { CR, LF, QUOTE, isLineEnd, readShape } from './grammar.ts';
import { findRestart, type Restart, type RestartRegion } from './restart.ts';
import type { BrokenRecord, ChunkPlan, Dialect } from './types.ts';

/** A chunk is closed early when it has so many, which bounds its plan. */
const MAX_BROKEN_PER_CHUNK = 1000;
/** Lines read behind text that follows a quote before the way out is chosen. */
const LOOK_AHEAD_LINES = 8;

export interface ChunkScannerOptions {
  readonly dialect: Dialect;
  /** Width of the header; evidence for what is a record around a broken one. */
  readonly columns: number;
  /** Where the data begins in the file, behind the header. */
  readonly startByte: number;
  /** The physical line there. */
  readonly startLine: number;
  /** A chunk ends at the first record end at or behind so many bytes. */
  readonly chunkBytes: number;
  readonly limits: { readonly maxRecordBytes: number };
}

export interface ScanTotals {
  /** Broken ones included, blank lines not. */
  readonly records: number;
  readonly broken: number;
  /** The chunks that are closed cover the file up to here. */
  readonly endByte: number;
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

/** Why the loop stopped. `bytes`: it needs more. `ended`: a broken record did. `lines`: enough is read to choose the way out. */
type Stop = 'bytes' | 'chunk-full' | 'text-after-quote' | 'too-long' | 'lines' | 'ended';

/** What went wrong with the record being read. Offsets are the file's. */
interface Failure {
  readonly reason: BrokenRecord['reason'];
  readonly columnIndex: number;
  /** Behind the byte that is one too many. */
  readonly byte: number;
  /** Lines above this place are no longer looked at for a restart. */
  readonly searchByte: number;
  readonly searchLine: number;
  readonly decideAtLine: number;
}

class Scanner implements ChunkScanner {
  private readonly options: ChunkScannerOptions;
  private readonly delimiter: number;

  /** The bytes at hand are the first `length` of `window`; its first is the file's byte `base`. */
  private window = Buffer.alloc(0);
  private words = new Int32Array(0);
  private length = 0;
  private base: number;

  private at: number;
  private line: number;
  private quoted = false;
  private recordAt: number;
  private recordLine: number;
  /** The record is too long when it has not ended before this byte. */
  private limitAt: number;
  private failure: Failure | null = null;

  private records = 0;
  private brokenRecords = 0;
  private chunkNo = 0;
  private chunkAt: number;
  private chunkLine: number;
  private chunkRow = 1;
  private broken: BrokenRecord[] = [];
  private closed: ChunkPlan[] = [];

  constructor(options: ChunkScannerOptions) {
    this.options = options;
    this.delimiter = options.dialect.delimiter.charCodeAt(0);
    this.base = this.at = this.recordAt = this.chunkAt = options.startByte;
    this.line = this.recordLine = this.chunkLine = options.startLine;
    this.limitAt = this.recordAt + options.limits.maxRecordBytes + 1;
  }

  get totals(): ScanTotals {
    return { records: this.records, broken: this.brokenRecords, endByte: this.chunkAt };
  }

  push(bytes: Buffer): ChunkPlan[] {
    this.append(bytes);
    while (this.step(false));
    return this.takeClosed();
  }

  end(): ChunkPlan[] {
    while (this.step(true) || this.endOfFile());
    if (this.at > this.chunkAt) this.closeChunk();
    return this.takeClosed();
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
    const { window: bytes, words, base, length: end, delimiter, failure } = this;
    const maxRecordBytes = this.options.limits.maxRecordBytes;
    const fullAt = this.chunkAt + this.options.chunkBytes - base;
    let at = this.at - base;
    let recordAt = this.recordAt - base;
    let limitAt = this.limitAt - base;
    let { line, recordLine, quoted, records } = this;
    let stop: Stop = 'bytes';
    while (at < end) {
      if ((at & 3) === 0) {
        while (at + 4 <= end) {
          const word = words[at >> 2]!;
          const lf = word ^ 0x0a0a0a0a;
          const cr = word ^ 0x0d0d0d0d;
          const quote = word ^ 0x22222222;
          const hits =
            ((lf - 0x01010101) & ~lf) | ((cr - 0x01010101) & ~cr) | ((quote - 0x01010101) & ~quote);
          if ((hits & 0x80808080) !== 0) break;
          at += 4;
        }
        if (at >= end) break;
      }
      const byte = bytes[at]!;
      if (byte !== LF && byte !== QUOTE && byte !== CR) {
        at++;
        continue;
      }
      if (at >= limitAt) {
        stop = 'too-long';
        break;
      }
      if (byte === QUOTE) {
        if (!quoted) {
          quoted = at === recordAt || bytes[at - 1] === delimiter;
        } else {
          if (at + 1 === end && !atEnd) break;
          const next = at + 1 === end ? LF : bytes[at + 1];
          if (next === QUOTE) at++;
          else if (next === delimiter || next === LF || next === CR) quoted = false;
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
      if (!isLineEnd(bytes[recordAt])) records++;
      recordAt = at;
      recordLine = line;
      limitAt = at + maxRecordBytes + 1;
      if (at >= fullAt) {
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
    if (this.failure === null) {
      this.records++;
      this.startRecord();
    } else if (!this.quoted) this.endBrokenHere();
    else if (!this.restart(this.at, 'with-file')) this.endBroken();
    return true;
  }

  /** The broken record closed its last quote and its line; of one that is only too long every quote did close. */
  private endBrokenHere(): void {
    if (this.failure!.reason === 'record-too-long' || !this.restart(this.at, 'with-record')) this.endBroken();
  }

  private fail(reason: BrokenRecord['reason'], byte: number): void {
    this.failure = {
      reason,
      columnIndex: readShape(this.window, this.recordAt - this.base, byte - this.base, this.delimiter)
        .columns,
      byte,
      searchByte: this.recordAt,
      searchLine: this.recordLine,
      decideAtLine: this.line + LOOK_AHEAD_LINES,
    };
  }

  private isInsideCrlf(byte: number): boolean {
    return this.window[byte - this.base - 1] === CR && this.window[byte - this.base] === LF;
  }

  private searchFrom(byte: number): void {
    this.failure = { ...this.failure!, searchByte: byte, searchLine: this.line };
  }

  /** Goes back to a line of the broken record that can be trusted to begin a record. False when there is none. */
  private restart(to: number, ends: RestartRegion['ends']): boolean {
    const failure = this.failure!;
    const region: RestartRegion = {
      from: failure.searchByte - this.base,
      line: failure.searchLine,
      to: to - this.base,
      ends,
      atFirstLine: failure.searchByte === this.recordAt,
      failedAt: failure.reason === 'text-after-quote' ? failure.byte - 1 - this.base : undefined,
    };
    const restart = findRestart(this.window, region, this.options.columns, this.delimiter);
    if (restart === undefined) return false;
    this.goBack(restart);
    return true;
  }

  private goBack({ at, line }: Restart): void {
    this.at = at + this.base;
    this.line = line;
    this.quoted = false;
    this.endBroken();
  }

  /** The broken record ends where reading stands. */
  private endBroken(): void {
    const { reason, columnIndex, byte } = this.failure!;
    this.broken.push({
      row: ++this.records,
      startByte: this.recordAt,
      endByte: this.at,
      line: this.recordLine,
      lineEnd: isLineEnd(this.window[this.at - this.base - 1]) ? this.line - 1 : this.line,
      // The text was found below the record: what is wrong with the record itself is its open quote.
      reason: reason === 'text-after-quote' && byte > this.at ? 'unclosed-quote' : reason,
      columnIndex,
    });
    this.brokenRecords++;
    this.failure = null;
    this.quoted = false;
    this.startRecord();
    if (this.at - this.chunkAt >= this.options.chunkBytes || this.broken.length >= MAX_BROKEN_PER_CHUNK)
      this.closeChunk();
  }

  private startRecord(): void {
    this.recordAt = this.at;
    this.recordLine = this.line;
    this.limitAt = this.at + this.options.limits.maxRecordBytes + 1;
  }

  private closeChunk(): void {
    this.closed.push({
      chunkNo: this.chunkNo++,
      startByte: this.chunkAt,
      endByte: this.at,
      firstRow: this.chunkRow,
      firstLine: this.chunkLine,
      records: this.records - this.chunkRow + 1,
      broken: this.broken,
    });
    this.chunkAt = this.at;
    this.chunkLine = this.line;
    this.chunkRow = this.records + 1;
    this.broken = [];
  }

  private takeClosed(): ChunkPlan[] {
    const closed = this.closed;
    this.closed = [];
    return closed;
  }

  /** Drops what is done with, and puts the new bytes behind what is not. */
  private append(bytes: Buffer): void {
    // The byte before `at` tells whether a quote stands at the start of a cell.
    const keepFrom = this.failure === null ? this.recordAt : Math.min(this.failure.searchByte, this.at - 1);
    const kept = this.window.subarray(keepFrom - this.base, this.length);
    const needed = kept.length + bytes.length;
    if (needed > this.window.length) {
      const room = Math.min(kept.length * 2, this.options.limits.maxRecordBytes + bytes.length);
      const memory = new ArrayBuffer(Math.ceil(Math.max(needed, room, 64 * 1024) / 4) * 4);
      this.window = Buffer.from(memory);
      this.words = new Int32Array(memory);
      kept.copy(this.window);
    } else if (keepFrom !== this.base) kept.copy(this.window);
    bytes.copy(this.window, kept.length);
    this.length = needed;
    this.base = keepFrom;
  }
}
