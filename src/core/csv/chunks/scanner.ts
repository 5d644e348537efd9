// Cuts the data part of a file into chunks at record ends, quote-aware, over bytes (grammar.ts has the grammar).
// A record fails by text after a closing quote, by a quote still open at the end of the file, or by its size. It is then
// read on, a quote that cannot close being text, to where it ends; if a line inside it can be trusted to begin a record
// (restart.ts), it ends above that line instead. Either way it counts as one record and nothing of it is landed.
// Some records are well-formed and yet damaged: their line end is an odd one, they have a quote in an unquoted cell, or a quoted cell
// of many lines. When such a record ends, it is looked at more closely (suspects.ts).
// Which file to open: reading.ts has the state, record-loop.ts reads records by the whole grammar and stops where something is to be
// decided, sound-records.ts is its short cut for most records; this file decides, with broken-end.ts for broken records, suspects.ts
// for well-formed ones, and table-watch.ts for the header. open-quote.ts remembers a quote that a broken record left open.
// Memory: the record being read, at most `maxRecordBytes`, some lines above it, and the bytes of one push.
import { AboveChunk } from './above-chunk.ts';
import { BrokenEnd } from './broken-end.ts';
import { ChunkList } from './chunk-list.ts';
import type { ChunkScanner, ChunkScannerOptions, ScanTotals } from './chunk-scanner.ts';
import { type Grammar, grammarOf } from '../grammar.ts';
import { EmptyRecords } from './empty-records.ts';
import { HeaderAgain } from '../dialect/header-again.ts';
import { readLikeness } from './likeness.ts';
import { oddEndsOf } from './line-ends.ts';
import { OpenQuote } from './open-quote.ts';
import { isTitle, type Table } from './other-table.ts';
import { type Bounds, FEW_LINES, Reading } from './reading.ts';
import { HAS_STRAY_QUOTE, MAY_BEGIN_TABLE, RecordLoop, type Stop } from './record-loop.ts';
import { LOOK_BACK_BYTES, type StrayRecord } from './stray-quotes.ts';
import { countRecords, findSuspect, mayEndChunk, suspectAt, type Suspect } from './suspects.ts';
import { rescanOf } from './rescan-of.ts';
import { TableWatch } from './table-watch.ts';
import type { BrokenRecord, ChunkPlan, LeftOut } from '../types.ts';

export function createChunkScanner(options: ChunkScannerOptions): ChunkScanner {
  return new Scanner(options);
}

const FROM_THE_TOP = { firstRow: 1, headerLines: 0, tableEnded: false, openAbove: false, likeness: '' };

class Scanner implements ChunkScanner {
  private readonly columns: number;
  private readonly table: Table;
  private readonly grammar: Grammar;
  private readonly watch: TableWatch;
  private readonly reading: Reading;
  private readonly loop: RecordLoop;
  private readonly chunks: ChunkList;
  /** A chunk that is scanned again ends in parts, and these are one chunk. */
  private readonly isInParts: boolean;

  private readonly openQuote: OpenQuote;
  private readonly broken: BrokenEnd;
  /** What to do where the loop stopped is not decided before so many bytes are at hand. */
  private waitsFor = 0;
  private waits = false;
  /** Where the loop stopped, when bytes are waited for to deal with it. */
  private stopped: Stop = 'bytes';

  private brokenRecords = 0;
  /** Records without a value are left out. */
  private readonly skipsEmpty: boolean;
  private readonly emptyRecords = new EmptyRecords();

  constructor(options: ChunkScannerOptions) {
    const { columns, dialect, startByte, startLine, header = [], limits } = options;
    const { firstRow, headerLines, tableEnded, openAbove, likeness } = options.resumed ?? FROM_THE_TOP;
    const oddEnds = oddEndsOf(dialect.lineEnd);
    this.columns = columns;
    this.table = { columns, header };
    this.grammar = grammarOf(dialect);
    const skipsHeader = dialect.repeatedHeader === 'skip';
    const headerAgain = new HeaderAgain(header, this.grammar, skipsHeader, dialect.otherNames);
    this.watch = new TableWatch(headerAgain, skipsHeader, { headerLines, tableEnded });
    // A program that quotes without fail may have a whole file in a cell.
    const fewLines = dialect.databaseText === 'postgres-csv' ? Infinity : FEW_LINES;
    const start = { startByte, startLine, records: firstRow - 1, oddEnds, fewLines, ...limits };
    this.isInParts = options.resumed !== undefined && options.above === undefined;
    const above =
      options.above === undefined
        ? new AboveChunk(Buffer.alloc(0), columns, this.grammar, readLikeness(likeness ?? ''))
        : AboveChunk.of(options.above, options.above.length, columns, this.grammar);
    this.reading = new Reading(start, this.grammar, above);
    this.skipsEmpty = dialect.emptyRecords === 'skip';
    this.loop = new RecordLoop(this.reading, headerAgain, this.skipsEmpty);
    this.openQuote = new OpenQuote(this.grammar.quote, openAbove === true ? startByte : undefined);
    this.broken = new BrokenEnd(this.reading, columns, this.openQuote, (reason, columnIndex) =>
      this.addBroken(reason, columnIndex),
    );
    this.chunks = new ChunkList(
      { ...options, firstRow },
      columns,
      options,
      rescanOf(this.reading, this.watch, this.openQuote),
    );
  }

  get totals(): ScanTotals {
    const { reading, brokenRecords: broken, emptyRecords, chunks, watch } = this;
    const { end: tableEnd, repeatedHeaders } = watch;
    return {
      records: reading.records,
      broken,
      endByte: chunks.endByte,
      tableEnd,
      repeatedHeaders,
      emptyRecords: emptyRecords.count,
    };
  }

  get open(): ChunkScanner['open'] {
    return this.chunks.open;
  }

  push(bytes: Buffer): ChunkPlan[] {
    const { reading } = this;
    reading.window.append(bytes, reading.firstNeeded(), reading.maxRecordBytes + LOOK_BACK_BYTES);
    if (reading.handEnd >= this.waitsFor) while (this.step(false));
    return this.chunks.take();
  }

  end(): ChunkPlan[] {
    this.waitsFor = 0;
    while (this.step(true) || this.endOfFile());
    if (this.reading.at > this.chunks.endByte) this.closeChunk();
    return this.chunks.take();
  }

  /** Waits for bytes; twice as many each time, so that none is looked at often. */
  private wait(from: number): false {
    const { handEnd } = this.reading;
    this.waitsFor = handEnd + Math.max(1, (handEnd - from) >> 1);
    this.waits = true;
    return false;
  }

  private endOrWait(waitsFrom: number | undefined): boolean {
    return waitsFrom === undefined ? true : this.wait(waitsFrom);
  }

  /** Reads to the next stop and deals with it. False when all bytes at hand are read. */
  private step(atEnd: boolean): boolean {
    const { reading } = this;
    this.openQuote.look(reading.bytes, reading.base);
    if (!this.waits) this.stopped = this.loop.run(this.bounds(atEnd));
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
      case 'no-value':
        return this.leaveOutEmpty(atEnd);
      case 'text-after-quote':
        reading.at++;
        reading.fail('text-after-quote', reading.at + 1);
        return true;
      case 'lines':
        return this.endOrWait(
          reading.failure === null ? this.broken.doubtManyLines(atEnd) : this.broken.lookForWayOut(atEnd),
        );
      case 'too-long':
        return this.endOrWait(this.broken.endLimit(atEnd));
      case 'ended':
        return this.endOrWait(this.broken.endHere(atEnd));
    }
  }

  private bounds(atEnd: boolean): Bounds {
    const { chunks, watch } = this;
    return { fullAt: chunks.fullAt, fullRow: chunks.fullRow, tableEnded: watch.hasEnded, atEnd };
  }

  /** Deals with what is left when the file ends inside a record. False when nothing is. */
  private endOfFile(): boolean {
    const { reading } = this;
    if (reading.recordAt === reading.at) return false;
    if (reading.failure === null && reading.quoted) reading.fail('unclosed-quote', reading.at);
    if (reading.failure !== null) {
      if (!reading.quoted) this.broken.endHere(true);
      else this.broken.endWithFile();
    } else if (reading.oddities !== 0 && reading.passedAt !== reading.at) this.look(true);
    else if (reading.isNoRecord()) reading.startRecord();
    else if (this.watch.at(reading) !== undefined) this.endHeader();
    else if (this.skipsEmpty && !this.watch.hasEnded && reading.isEmpty()) this.leaveOutEmpty(true);
    else {
      reading.records++;
      reading.startRecord();
    }
    return true;
  }

  private endHeader(): void {
    const { means, isOther } = this.watch.meet(this.reading);
    if (means === 'left-out') this.leaveOutHeader();
    else this.addBroken(isOther ? 'other-table' : 'header-again', 1);
  }

  /** A record ends that is well-formed, and yet may be damaged. */
  private look(atEnd: boolean): boolean {
    const { reading } = this;
    const { bytes } = reading;
    const record = suspectAt(reading, this.watch, this.openQuote);
    const suspect = findSuspect(bytes, record, reading.hand(atEnd), this.table, this.grammar);
    if (suspect === 'more') return this.wait(reading.recordAt);
    if (suspect === undefined)
      reading.pass(
        (reading.oddities & HAS_STRAY_QUOTE) !== 0,
        record.mayBeginTable && isTitle(bytes, record.from, record.end, this.table, this.grammar),
      );
    else this.breakUp(suspect);
    return true;
  }

  /** The lines of the suspect are one broken record, also those that were counted as records of their own. */
  private breakUp({ from, to, reason, columnIndex, opensQuote }: Suspect): void {
    const { reading } = this;
    const { bytes, base, recordAt } = reading;
    const empty = this.emptyRecords.takeBack(from + base);
    this.chunks.takeBack(empty);
    reading.takeIn(from + base, to + base, countRecords(bytes, from, recordAt - base, this.grammar) - empty);
    if (reason === 'other-table') this.watch.endAt(reading);
    if (opensQuote) this.openQuote.openAt(reading.at);
    this.addBroken(reason, columnIndex);
  }

  private endChunk(atEnd: boolean): boolean {
    const { reading } = this;
    const { bytes, base, at } = reading;
    // Below a chunk's end, nothing says that.
    if ((reading.oddities & MAY_BEGIN_TABLE) !== 0) return true;
    const floor = this.reading.settledTo - base;
    const strays = (): readonly StrayRecord[] => reading.straysAtHand();
    const may = mayEndChunk(bytes, at - base, floor, strays, reading.hand(atEnd), this.table, this.grammar);
    if (may === 'more') return this.wait(at);
    if (may) this.closeChunk();
    return true;
  }

  private addBroken(reason: BrokenRecord['reason'], columnIndex: number): void {
    const { reading } = this;
    this.chunks.addBroken({ row: ++reading.records, ...reading.place(), reason, columnIndex });
    this.brokenRecords++;
    this.settle();
  }

  private leaveOutHeader(): void {
    this.leaveOut('repeated-header');
    this.settle();
  }

  /** Below it another table may begin, as below a blank line; and it may be a line of a damaged record. */
  private leaveOutEmpty(atEnd: boolean): boolean {
    const { reading } = this;
    this.leaveOut('no-value');
    const mayBeginTable = this.emptyRecords.add(reading);
    reading.startRecord();
    if (mayBeginTable) reading.oddities = MAY_BEGIN_TABLE;
    else if (this.chunks.isFull(reading.at, reading.records)) {
      this.stopped = 'chunk-full';
      return this.endChunk(atEnd);
    }
    return true;
  }

  private leaveOut(reason: LeftOut['reason']): void {
    const { reading } = this;
    this.chunks.addBroken({ row: reading.records + 1, ...reading.place(), reason });
  }

  /** What ends where reading stands is done with. */
  private settle(): void {
    const { reading } = this;
    reading.settledTo = reading.at;
    this.emptyRecords.settle(reading.at);
    reading.startRecord();
    if (this.chunks.isFull(reading.at, reading.records)) this.closeChunk();
  }

  private closeChunk(): void {
    const { at, line, records, bytes, base } = this.reading;
    if (!this.isInParts)
      this.reading.aboveChunk = AboveChunk.of(bytes, at - base, this.columns, this.grammar);
    this.chunks.close(at, line, records, rescanOf(this.reading, this.watch, this.openQuote));
    this.reading.settledTo = at;
    this.emptyRecords.settle(at);
  }
}
