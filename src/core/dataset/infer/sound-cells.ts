// Finds the cells of sound records without a scan before it. What is around a record that is not sound is left to the scanner
// (core/csv/chunks), which is the authority for broken records. What is sound is what it is for sound-records.ts.
import { oddEndsOf } from '../../csv/chunks/line-ends.ts';
import { FEW_LINES } from '../../csv/chunks/reading.ts';
import {
  MAY_BE_EMPTY,
  MAY_BE_HEADER,
  MAY_BE_VARIANT,
  MAY_BE_TOTAL,
  recordStarts,
} from '../../csv/chunks/record-starts.ts';
import type { BeginningOfRecords } from '../../csv/chunks/scan-chunks.ts';
import { HeaderAgain } from '../../csv/dialect/header-again.ts';
import { Totals } from '../../csv/dialect/totals.ts';
import { LOOK_BACK_BYTES, LOOK_BACK_LINES } from '../../csv/chunks/stray-quotes.ts';
import { grammarOf, isLineEnd } from '../../csv/grammar.ts';
import { isEmptyRecord } from '../../csv/records/empty-record.ts';
import type { CellBatch } from './cell-batch.ts';
import { BYTES, FULL, LEFT_BYTES, type CellEngine } from './cell-engine.ts';

const QUOTE = 0x22;

/** A place of the file where a record begins. */
export interface RecordPlace {
  readonly byte: number;
  readonly line: number;
}

interface OtherWidth {
  readonly line: number;
  readonly cells: number;
}

export class SoundCells {
  readonly #batch: CellBatch;
  readonly #engine: CellEngine;
  readonly #passOver: (line: number, cells: number) => void;
  /** Of what was found last. */
  #others: OtherWidth[] = [];
  /** Of the file; where to go on. */
  #next: RecordPlace;
  /** That were taken. */
  #pieces = 0;
  /** The last of them: its places in the memory, and where it begins in the file. */
  #start = 0;
  #to = 0;
  #fileAt = 0;
  #isAll = false;

  /** @param passOver is told of records of another width */
  constructor(
    batch: CellBatch,
    engine: CellEngine,
    { dialect, columns, dataStart, dataLine }: BeginningOfRecords,
    maxRecordBytes: number,
    passOver: (line: number, cells: number) => void,
  ) {
    const grammar = grammarOf(dialect);
    const header = columns.map((column) => column.header);
    const again = new HeaderAgain(header, grammar, dialect.repeatedHeader === 'skip', dialect.otherNames);
    const totals = new Totals(grammar);
    const skipsEmpty = dialect.emptyRecords === 'skip';
    this.#batch = batch;
    this.#engine = engine;
    this.#passOver = passOver;
    this.#next = { byte: dataStart, line: dataLine };
    engine.makeRoomForPieces();
    batch.share();
    engine.asked = {
      passOver: (line, cells) => this.#others.push({ line, cells }),
      isUnusual: (start, from, to) =>
        ((start & MAY_BE_EMPTY) !== 0 && isEmptyRecord(engine.memory, from, to, grammar)) ||
        ((start & MAY_BE_TOTAL) !== 0 && totals.isAt(engine.memory, from, to)) ||
        ((start & MAY_BE_VARIANT) !== 0 && again.variants.at(engine.memory, from, to) !== undefined) ||
        ((start & MAY_BE_HEADER) !== 0 && again.isAt(engine.memory, from, to)),
    };
    engine.setUp({
      delimiter: grammar.delimiter,
      oddEnds: oddEndsOf(dialect.lineEnd),
      mostLines: FEW_LINES,
      mostBytes: maxRecordBytes,
      pairs: recordStarts(again, totals.starts(), skipsEmpty ? grammar.delimiter : undefined),
      headerEnds: again.ends,
    });
  }

  /** Where a piece of the file may be read to, PIECE_BYTES at most; the one before it is in other memory. @param index from 0 */
  room(index: number, size: number): Buffer {
    const at = this.#engine.pieceAt(index);
    return this.#engine.memory.subarray(at, at + size);
  }

  /** Takes the next piece of the file. @param fileAt where it begins */
  take(bytes: Buffer, fileAt: number, isAll: boolean): void {
    const { memory } = this.#engine;
    const start = this.#engine.pieceAt(this.#pieces++);
    this.#start = start;
    this.#to = start + bytes.length;
    this.#fileAt = fileAt;
    this.#isAll = isAll;
    if (bytes.buffer !== memory.buffer) memory.set(bytes, start);
    this.#engine.endAt(this.#to);
    // As before the first record: nothing.
    if (this.#next.byte === fileAt) memory[start - 1] = 0;
  }

  /** Others have read up to here. */
  goOnAt(place: RecordPlace): void {
    this.#next = place;
  }

  /**
   * Finds the records of the piece.
   * @param full is called with each batch
   * @returns undefined: all; else where the scanner is to read on, since a record there or below is not sound
   */
  find(full: () => void): RecordPlace | undefined {
    const engine = this.#engine;
    const batch = this.#batch;
    const to = this.#to;
    for (;;) {
      const at = this.#start + this.#next.byte - this.#fileAt;
      if (at >= to) return undefined;
      this.#others = [];
      const found = engine.findSound(at, to, this.#next.line, this.#isAll);
      const isEnd =
        this.#isAll &&
        (found.outcome === BYTES || (found.outcome !== FULL && this.#areLineEnds(found.at, to)));
      const held = isEnd ? found.kept : this.#firstHeld(found, at);
      batch.records = held;
      const next = this.#placeOf(held, found, isEnd, at);
      for (const { line, cells } of this.#others) if (isEnd || line < next.line) this.#passOver(line, cells);
      if (held > 0) full();
      this.#next = { byte: next.at - this.#start + this.#fileAt, line: next.line };
      if (isEnd) return undefined;
      if (found.outcome === FULL) continue;
      if (found.outcome !== BYTES || to - next.at >= LEFT_BYTES) return this.#next;
      this.#keepLeft(next.at);
      return undefined;
    }
  }

  /**
   * The first record that is found again with what follows: an odd record below may show that lines above it are part of it, as far as the
   * scanner looks back.
   */
  #firstHeld({ kept, at, outcome }: { kept: number; at: number; outcome: number }, from: number): number {
    const { starts, columns } = this.#batch;
    let held = Math.max(0, kept - LOOK_BACK_LINES);
    while (held < kept && at - starts[held * columns]! > LOOK_BACK_BYTES) held++;
    // Of records of another width it is not known where they begin.
    if (held === kept && at - from > 0 && outcome !== FULL) held = 0;
    return held === 0 && outcome === FULL ? kept >> 1 : held;
  }

  /** In the memory: where the record begins that is the first not to be shown. */
  #placeOf(
    held: number,
    found: { kept: number; at: number; line: number },
    isEnd: boolean,
    from: number,
  ): { at: number; line: number } {
    if (isEnd) return { at: this.#to, line: found.line };
    if (held === 0) return { at: from, line: this.#next.line };
    if (held === found.kept) return found;
    const { starts, lines, columns, bytes } = this.#batch;
    const start = starts[held * columns]!;
    return { at: bytes[start - 1] === QUOTE ? start - 1 : start, line: lines[held]! };
  }

  /** Puts what is not read yet before the next piece. */
  #keepLeft(at: number): void {
    const { memory } = this.#engine;
    const next = this.#engine.pieceAt(this.#pieces) - (this.#to - at);
    memory.copyWithin(next, at, this.#to);
    memory[next - 1] = 0;
  }

  /** Blank lines at the end of the file say nothing. */
  #areLineEnds(from: number, to: number): boolean {
    const { memory } = this.#engine;
    let at = from;
    while (at < to && isLineEnd(memory[at])) at++;
    return at === to;
  }
}
