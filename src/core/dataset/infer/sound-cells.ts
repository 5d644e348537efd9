// Finds the cells of a file whose records are all sound, without a scan before it: what is unusual ends it, and then all is found out
// anew by the scanner (core/csv/chunks), which is the authority for files with broken records. What is sound is what it is for
// sound-records.ts.
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
import { grammarOf, isLineEnd } from '../../csv/grammar.ts';
import { isEmptyRecord } from '../../csv/records/empty-record.ts';
import type { CellBatch } from './cell-batch.ts';
import { BYTES, FULL, LEFT_BYTES, type CellEngine } from './cell-engine.ts';

export class SoundCells {
  readonly #batch: CellBatch;
  readonly #engine: CellEngine;
  /** Bytes of a record that is not whole yet. */
  #left = 0;
  #line: number;
  /** That were taken. */
  #pieces = 0;

  /** @param passOver is told of records of another width */
  constructor(
    batch: CellBatch,
    engine: CellEngine,
    { dialect, columns, dataLine }: BeginningOfRecords,
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
    this.#line = dataLine;
    engine.makeRoomForPieces();
    batch.share();
    engine.asked = {
      passOver,
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

  /**
   * Takes the next piece of the file.
   * @param full is called with each batch
   * @returns false when a record is not sound: what was found is of no use then
   */
  push(bytes: Buffer, isAll: boolean, full: () => void): boolean {
    const engine = this.#engine;
    const batch = this.#batch;
    const { memory } = engine;
    const start = engine.pieceAt(this.#pieces++);
    const to = start + bytes.length;
    if (bytes.buffer !== memory.buffer) memory.set(bytes, start);
    engine.endAt(to);
    let at = start - this.#left;
    for (;;) {
      const found = engine.findSound(at, to, this.#line, isAll);
      ({ at, line: this.#line } = found);
      batch.records = found.kept;
      if (found.kept > 0) full();
      if (found.outcome === FULL) continue;
      if (found.outcome !== BYTES) return isAll && this.#areLineEnds(at, to);
      this.#left = to - at;
      if (this.#left >= LEFT_BYTES) return false;
      const next = engine.pieceAt(this.#pieces) - this.#left;
      memory.copyWithin(next, at, to);
      // As before the first record: nothing.
      memory[next - 1] = 0;
      return true;
    }
  }

  /** Blank lines at the end of the file say nothing. */
  #areLineEnds(from: number, to: number): boolean {
    const { memory } = this.#engine;
    let at = from;
    while (at < to && isLineEnd(memory[at])) at++;
    return at === to;
  }
}
