// The rejected records of a chunk, written down as they are found: a chunk may hold tens of thousands, and as objects they would
// burden the collector more than all its other records.
import { describeErrors, formatReject, type Reject } from '../core/rejects.ts';
import type { RowError } from '../core/row-error.ts';

/** A record that does not land, and why. */
export interface RejectedRecord {
  /** Its number in its file; of a retry, in the first file. */
  readonly row: number;
  /** Physical line where it starts. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly errors: readonly RowError[];
}

const FIRST_BYTES = 64 * 1024;
const MAX_UTF8_BYTES_PER_UNIT = 3;

export class RejectLog {
  /** The physical lines where the records start, in the order of `add`, which must be ascending. */
  readonly starts: number[] = [];
  /** The first errors, as many as may be kept. */
  readonly errors: RowError[] = [];
  /** Of all records. */
  errorCount = 0;
  readonly #mostErrors: number;
  #bytes = Buffer.alloc(0);
  /** Where the line of each record ends. */
  readonly #ends: number[] = [];

  constructor(mostErrors: number) {
    this.#mostErrors = mostErrors;
  }

  add({ row, line, cells, errors }: RejectedRecord): void {
    const isFinal = errors.some(({ code }) => code === 'retry-error');
    this.addLine({ row, line, ...(isFinal ? { isFinal } : {}), cells, errors: describeErrors(errors) });
    this.errorCount += errors.length;
    for (const error of errors) if (this.errors.length < this.#mostErrors) this.errors.push(error);
  }

  /** A reject whose errors are told elsewhere. */
  addLine(reject: Reject): void {
    const line = formatReject(reject);
    const start = this.#endOf(this.starts.length);
    this.#reserve(start + line.length * MAX_UTF8_BYTES_PER_UNIT);
    this.#ends.push(start + this.#bytes.write(line, start));
    this.starts.push(reject.line ?? reject.row);
  }

  /** The lines of some of the records, by their place in `starts`; `to` exclusive. */
  lines(from: number, to: number): Buffer {
    return this.#bytes.subarray(this.#endOf(from), this.#endOf(to));
  }

  #endOf(count: number): number {
    return this.#ends[count - 1] ?? 0;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, 2 * length));
    this.#bytes.copy(grown);
    this.#bytes = grown;
  }
}

/** The lines of both, in the order of the file. */
export function* mergeLines(a: RejectLog, b: RejectLog): Generator<Buffer> {
  let atA = 0;
  let atB = 0;
  while (atA < a.starts.length || atB < b.starts.length) {
    const fromA = atA;
    while (atA < a.starts.length && a.starts[atA]! <= (b.starts[atB] ?? Infinity)) atA++;
    if (atA > fromA) yield a.lines(fromA, atA);
    const fromB = atB;
    while (atB < b.starts.length && b.starts[atB]! < (a.starts[atA] ?? Infinity)) atB++;
    if (atB > fromB) yield b.lines(fromB, atB);
  }
}

/** The first errors of both, in the order of their rows. */
export function mergeErrors(a: RejectLog, b: RejectLog): RowError[] {
  return [...a.errors, ...b.errors].sort((one, other) => one.row - other.row || one.line - other.line);
}
