// The rejected records of a chunk, written down as they are found: a chunk may hold tens of thousands, and as objects they would
// burden the collector more than all its other records.
import { describeErrors, formatReject, type Reject } from '../core/rejects.ts';
import type { RowError } from '../core/row-error.ts';

/** A record that does not land, and why. */
export interface RejectedRecord {
  readonly row: number;
  readonly cells: readonly string[];
  readonly errors: readonly RowError[];
}

const FIRST_BYTES = 64 * 1024;
const MAX_UTF8_BYTES_PER_UNIT = 3;

export class RejectLog {
  /** In the order of `add`, which must be ascending. */
  readonly rows: number[] = [];
  /** The first errors, as many as may be kept. */
  readonly errors: RowError[] = [];
  /** Of all records. */
  errorCount = 0;
  readonly #mostErrors: number;
  #bytes = Buffer.alloc(0);
  /** Where the line of each row ends. */
  readonly #ends: number[] = [];

  constructor(mostErrors: number) {
    this.#mostErrors = mostErrors;
  }

  add({ row, cells, errors }: RejectedRecord): void {
    this.addLine({ row, cells, errors: describeErrors(errors) });
    this.errorCount += errors.length;
    for (const error of errors) if (this.errors.length < this.#mostErrors) this.errors.push(error);
  }

  /** A reject whose errors are told elsewhere. */
  addLine(reject: Reject): void {
    const line = formatReject(reject);
    const start = this.#endOf(this.rows.length);
    this.#reserve(start + line.length * MAX_UTF8_BYTES_PER_UNIT);
    this.#ends.push(start + this.#bytes.write(line, start));
    this.rows.push(reject.row);
  }

  /** The lines of some of the rows, by their place in `rows`; `to` exclusive. */
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

/** The lines of both, in the order of their rows. */
export function* mergeLines(a: RejectLog, b: RejectLog): Generator<Buffer> {
  let atA = 0;
  let atB = 0;
  while (atA < a.rows.length || atB < b.rows.length) {
    const fromA = atA;
    while (atA < a.rows.length && a.rows[atA]! <= (b.rows[atB] ?? Infinity)) atA++;
    if (atA > fromA) yield a.lines(fromA, atA);
    const fromB = atB;
    while (atB < b.rows.length && b.rows[atB]! < (a.rows[atA] ?? Infinity)) atB++;
    if (atB > fromB) yield b.lines(fromB, atB);
  }
}

/** The first errors of both, in the order of their rows. */
export function mergeErrors(a: RejectLog, b: RejectLog): RowError[] {
  return [...a.errors, ...b.errors].sort((one, other) => one.row - other.row);
}
