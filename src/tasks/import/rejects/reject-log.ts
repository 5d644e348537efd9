// The rejected records of a chunk, written down as they are found: a chunk may hold tens of thousands, and as objects they would
// burden the collector more than all its other records.
import { BLOCK_BYTES, type BlockPool } from '../../../core/dataset/rows/block-pool.ts';
import { describeErrors, formatReject, type Reject } from '../../../core/imports/rejects.ts';
import type { PlacesOfFile } from '../../../core/imports/error-place.ts';
import type { HideValues } from '../../../core/imports/hide-sensitive.ts';
import type { RowError } from '../../../core/imports/row-error.ts';

/** A record that does not land, and why. */
export interface RejectedRecord {
  /** Its number in its file; of a retry, in the first file. */
  readonly row: number;
  /** Physical line where it starts. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly errors: readonly RowError[];
}

const MAX_UTF8_BYTES_PER_UNIT = 3;

/** Whole lines. What has been written stays where it is: memory that grew by copying would be there twice. */
interface Block {
  readonly bytes: Buffer;
  /** The place in `starts` of its first line. */
  readonly first: number;
}

export class RejectLog {
  /** The physical lines where the records start, in the order of `add`, which must be ascending. */
  readonly starts: number[] = [];
  /** The first errors, as many as may be kept. */
  readonly errors: RowError[] = [];
  /** Of all records. */
  errorCount = 0;
  readonly #mostErrors: number;
  readonly #pool: BlockPool;
  readonly #file: PlacesOfFile;
  readonly #hide: HideValues;
  readonly #blocks: Block[] = [];
  /** Where the line of each record ends in its block. */
  readonly #ends: number[] = [];

  /**
   * @param pool where the memory of its lines comes from
   * @param file says what its places are called
   * @param hide what becomes of errors that are kept; the lines have all of them as they are
   */
  constructor(
    mostErrors: number,
    pool: BlockPool,
    file: PlacesOfFile = {},
    hide: HideValues = (error) => error,
  ) {
    this.#hide = hide;
    this.#file = file;
    this.#mostErrors = mostErrors;
    this.#pool = pool;
  }

  add({ row, line, cells, errors }: RejectedRecord): void {
    const isFinal = errors.some(({ code }) => code === 'retry-error');
    this.addLine({
      row,
      line,
      ...(isFinal ? { isFinal } : {}),
      cells,
      errors: describeErrors(errors, this.#file),
    });
    this.errorCount += errors.length;
    for (const error of errors)
      if (this.errors.length < this.#mostErrors) this.errors.push(this.#hide(error));
  }

  /** A reject whose errors are told elsewhere. */
  addLine(reject: Reject): void {
    const line = formatReject(reject);
    const { bytes, first } = this.#blockFor(line.length * MAX_UTF8_BYTES_PER_UNIT);
    const start = this.#startOf(this.starts.length, first);
    this.#ends.push(start + bytes.write(line, start));
    this.starts.push(reject.line ?? reject.row);
  }

  /** The lines of some of the records, by their place in `starts`; `to` exclusive. */
  *lines(from: number, to: number): Generator<Buffer> {
    for (const [at, { bytes, first }] of this.#blocks.entries()) {
      const begin = Math.max(from, first);
      const end = Math.min(to, this.#blocks[at + 1]?.first ?? to);
      if (begin < end) yield bytes.subarray(this.#startOf(begin, first), this.#ends[end - 1]);
    }
  }

  /** Gives the memory of the lines back: nobody may read them any more. */
  free(): void {
    this.#pool.giveBack(this.#blocks.map(({ bytes }) => bytes));
    this.#blocks.length = 0;
  }

  /** Where a line stands in the block whose first line is `first`. */
  #startOf(at: number, first: number): number {
    return at === first ? 0 : this.#ends[at - 1]!;
  }

  /** The last block, if it has so much room, or a new one. */
  #blockFor(room: number): Block {
    const last = this.#blocks.at(-1);
    const count = this.starts.length;
    if (last !== undefined && this.#startOf(count, last.first) + room <= last.bytes.length) return last;
    const bytes = room > BLOCK_BYTES ? Buffer.allocUnsafeSlow(room) : this.#pool.take();
    const block = { bytes, first: count };
    this.#blocks.push(block);
    return block;
  }
}

/** The lines of both, in the order of the file. */
export function* mergeLines(a: RejectLog, b: RejectLog): Generator<Buffer> {
  let atA = 0;
  let atB = 0;
  while (atA < a.starts.length || atB < b.starts.length) {
    const fromA = atA;
    while (atA < a.starts.length && a.starts[atA]! <= (b.starts[atB] ?? Infinity)) atA++;
    if (atA > fromA) yield* a.lines(fromA, atA);
    const fromB = atB;
    while (atB < b.starts.length && b.starts[atB]! < (a.starts[atA] ?? Infinity)) atB++;
    if (atB > fromB) yield* b.lines(fromB, atB);
  }
}

/** The first errors of both, in the order of their rows. */
export function mergeErrors(a: RejectLog, b: RejectLog): RowError[] {
  return [...a.errors, ...b.errors].sort((one, other) => one.row - other.row || one.line - other.line);
}
