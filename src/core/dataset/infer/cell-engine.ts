// The loops over cells in WebAssembly (scripts/wasm/cells.ts), which look at 16 bytes at once, and the memory that they work on. Where a
// processor has no such instructions, the loops in cell-batch.ts and passes.ts do the same.
import { CELLS_WASM } from './cells-wasm.ts';
import { CHOICES_BYTES, type ChoiceTable } from './choice-table.ts';
import { EMAIL_CHARS } from '../fields/readers/string.ts';
import type { CellKind } from './cell-kinds.ts';

/** Some more than those of one batch would not stay in the processor's nearer memory. */
export const BATCH_CELLS = 16 * 1024;
/** Behind the bytes, so that 64 may be looked at wherever a cell ends; before them, so that there is always a byte before a cell. */
const PAD = 64;

/** How the search for cells ended: the batch is full, more bytes are needed, or the record is unusual. */
export const FULL = 0;
export const BYTES = 1;

/** Of a piece of a file at most, and of a record that began in the piece before. */
export const PIECE_BYTES = 1024 * 1024;
export const LEFT_BYTES = 64 * 1024;
const ROOM_BYTES = LEFT_BYTES + PIECE_BYTES + PAD;

/** Numbers of `isSure` in cells.ts; others have no loop there. */
const KIND_NUMBERS: Readonly<Partial<Record<CellKind, number>>> = {
  text: 0,
  integer: 1,
  number: 2,
  date: 3,
  isoDatetime: 4,
  datetime: 4,
  localDatetime: 5,
  uuid: 6,
  email: 7,
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  layOut(...places: number[]): void;
  setUp(...settings: number[]): void;
  findSound(from: number, to: number, firstLine: number, isAll: number): number;
  pass(kind: number, column: number, from: number, to: number, before: number): number;
  passTexts(column: number, from: number, to: number, longest: number): number;
  passKeys(
    kind: number,
    column: number,
    from: number,
    to: number,
    before: number,
    lastLength: number,
  ): number;
  passChoices(size: number, column: number, from: number, to: number, longest: number): number;
}

interface Wasm {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

export interface Asked {
  /** Whether the record is to be left to the scanner. Called for those that begin like a header or totals. */
  readonly isUnusual: (start: number, from: number, to: number) => boolean;
  /** A record of another width. */
  readonly passOver: (line: number, cells: number) => void;
}

export interface EngineSetUp {
  readonly delimiter: number;
  /** The kinds of line ends that are unusual (line-ends.ts). */
  readonly oddEnds: number;
  /** A record with so many line ends in its cells is unusual. */
  readonly mostLines: number;
  readonly mostBytes: number;
  /** What a record's first two bytes say, behind its quote; 0: nothing. */
  readonly pairs: Uint8Array;
  /** 1 for each byte that the header may end with, before its quote. */
  readonly headerEnds: Uint8Array;
}

const PAGE_BYTES = 64 * 1024;
const PAIRS = 64 * 1024;
const RESULT_AT = 1024;
const LAST_AT = RESULT_AT + 64;
const EMAIL_AT = LAST_AT + 64;
const CHOICES_AT = EMAIL_AT + 256;
const HEADER_ENDS_AT = CHOICES_AT + 4096;
const PAIRS_AT = HEADER_ENDS_AT + 256;
const LINES_AT = PAIRS_AT + PAIRS;

let compiled: object | undefined;

export class CellEngine {
  readonly columns: number;
  /** Records of a batch. */
  readonly most: number;
  asked: Asked | undefined;
  readonly #exports: Exports;
  readonly #startsAt: number;
  readonly #endsAt: number;
  readonly #hashesAt: number;
  /** Where the bytes of the file begin in `memory`. */
  readonly bytesAt: number;
  memory: Buffer = Buffer.alloc(0);
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  lines = new Int32Array(0);
  hashes = new Int32Array(0);
  #result = new Int32Array(0);

  private constructor(columns: number, wasm: Wasm) {
    compiled ??= new wasm.Module(Buffer.from(CELLS_WASM, 'base64'));
    const { exports } = new wasm.Instance(compiled, {
      cells: {
        isUnusual: (start: number, from: number, to: number) =>
          Number(this.asked!.isUnusual(start, from, to)),
        passOver: (line: number, cells: number) => this.asked!.passOver(line, cells),
      },
    });
    this.#exports = exports as Exports;
    this.columns = columns;
    this.most = Math.max(1, Math.floor(BATCH_CELLS / columns));
    const cells = this.most * columns;
    this.#hashesAt = LINES_AT + 4 * this.most + (this.most % 2) * 4;
    this.#startsAt = this.#hashesAt + 8 * this.most;
    this.#endsAt = this.#startsAt + 4 * cells;
    this.bytesAt = this.#endsAt + 4 * cells + PAD;
    this.#makeRoom(0);
    this.#exports.layOut(
      RESULT_AT,
      this.#startsAt,
      this.#endsAt,
      LINES_AT,
      this.#hashesAt,
      PAIRS_AT,
      HEADER_ENDS_AT,
      EMAIL_AT,
      LAST_AT,
      CHOICES_AT,
    );
    this.#exports.setUp(columns, this.most, 0, 0, 0, 0);
    this.memory.set(EMAIL_CHARS, EMAIL_AT);
  }

  /** Undefined: this machine has none. */
  static open(columns: number): CellEngine | undefined {
    const wasm = (globalThis as { WebAssembly?: Wasm }).WebAssembly;
    if (wasm === undefined) return undefined;
    if (compiled === undefined && !wasm.validate(Buffer.from(CELLS_WASM, 'base64'))) return undefined;
    return new CellEngine(columns, wasm);
  }

  setUp({ delimiter, oddEnds, mostLines, mostBytes, pairs, headerEnds }: EngineSetUp): void {
    this.#exports.setUp(
      this.columns,
      this.most,
      delimiter,
      oddEnds,
      mostLines,
      Math.min(mostBytes, 0x7fffffff),
    );
    this.memory.set(pairs, PAIRS_AT);
    this.memory.set(headerEnds, HEADER_ENDS_AT);
  }

  /** For so many bytes of a file, from `bytesAt` on; what is in memory stays. */
  #makeRoom(bytes: number): void {
    const { memory } = this.#exports;
    const more = this.bytesAt + bytes + PAD - memory.buffer.byteLength;
    if (more > 0) memory.grow(Math.ceil(more / PAGE_BYTES));
    // What grew is another buffer.
    if (this.memory.buffer === memory.buffer && this.memory.length > 0) return;
    const { buffer } = memory;
    const cells = this.most * this.columns;
    this.memory = Buffer.from(buffer);
    this.starts = new Int32Array(buffer, this.#startsAt, cells);
    this.ends = new Int32Array(buffer, this.#endsAt, cells);
    this.lines = new Int32Array(buffer, LINES_AT, this.most);
    this.hashes = new Int32Array(buffer, this.#hashesAt, 2 * this.most);
    this.#result = new Int32Array(buffer, RESULT_AT, 8);
  }

  /** Puts bytes of a file at `bytesAt`. */
  put(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.memory.set(bytes, this.bytesAt);
    this.endAt(this.bytesAt + bytes.length);
  }

  /** No bytes follow: so that none of before are taken for some. */
  endAt(at: number): void {
    this.memory.fill(0, at, at + PAD);
  }

  /** Where the first and second piece of a file begin in the memory, and so on by turns. Room for both must have been made. */
  pieceAt(index: number): number {
    return this.bytesAt + (index % 2) * ROOM_BYTES + LEFT_BYTES;
  }

  makeRoomForPieces(): void {
    this.#makeRoom(2 * ROOM_BYTES);
  }

  /**
   * Finds the cells of sound records between these places of the memory, as many as a batch holds.
   * @param isAll the file ends at `to`
   */
  findSound(
    from: number,
    to: number,
    firstLine: number,
    isAll: boolean,
  ): { outcome: number; at: number; line: number; kept: number } {
    const outcome = this.#exports.findSound(from, to, firstLine, Number(isAll));
    const [at, line, kept] = this.#result;
    return { outcome, at: at!, line: line!, kept: kept! };
  }

  kindNumber(kind: CellKind): number | undefined {
    return KIND_NUMBERS[kind];
  }

  /** As of passes.ts. */
  pass(kind: number, column: number, from: number, to: number, before: number): number {
    return this.#exports.pass(kind, column, from, to, before);
  }

  passTexts(column: number, from: number, to: number, longest: number): number {
    return this.#exports.passTexts(column, from, to, longest);
  }

  /** @param last the value before; undefined: that they come in order does not matter */
  passKeys(
    kind: number,
    column: number,
    from: number,
    to: number,
    before: number,
    last: Uint8Array | undefined,
  ): number {
    if (last !== undefined) this.memory.set(last, LAST_AT);
    return this.#exports.passKeys(kind, column, from, to, before, last?.length ?? -1);
  }

  /** Counts the choices. */
  passChoices(
    { memory, size }: ChoiceTable,
    column: number,
    from: number,
    to: number,
    longest: number,
  ): number {
    this.memory.set(memory, CHOICES_AT);
    const record = this.#exports.passChoices(size, column, from, to, longest);
    this.memory.copy(memory, 0, CHOICES_AT, CHOICES_AT + CHOICES_BYTES);
    return record;
  }

  /** Of the last pass: empty cells, and the bytes of the longest value. */
  get empty(): number {
    return this.#result[3]!;
  }
  get longest(): number {
    return this.#result[4]!;
  }
  /** Of `passKeys`: values that each come behind the one before. */
  get ordered(): number {
    return this.#result[5]!;
  }
  /** The last of these. Good until the next pass. */
  get last(): Uint8Array {
    const at = this.#result[6]!;
    return this.memory.subarray(at, at + this.#result[7]!);
  }
}
