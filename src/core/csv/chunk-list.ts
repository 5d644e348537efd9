import type { BrokenRecord, ChunkPlan } from './types.ts';

/** A chunk is closed early when it has so many, which bounds its plan. */
const MAX_BROKEN_PER_CHUNK = 1000;

/** What a record costs beside its cells, in cells. */
const CELLS_OF_RECORD = 4;

export interface ChunkLimits {
  /** A chunk ends at the first record end at or behind so many bytes. */
  readonly chunkBytes: number;
  /** It also ends at so many cells, a record counting for some more: short records are many, and each is an object while it is read. */
  readonly chunkCells: number;
}

/** The chunks of a file, put together record by record. */
export class ChunkList {
  private readonly chunkBytes: number;
  private readonly chunkRecords: number;
  private chunkNo = 0;
  /** Where the open chunk begins. */
  private at: number;
  private line: number;
  private row = 1;
  private broken: BrokenRecord[] = [];
  private closed: ChunkPlan[] = [];

  constructor(startByte: number, startLine: number, columns: number, limits: ChunkLimits) {
    this.at = startByte;
    this.line = startLine;
    this.chunkBytes = limits.chunkBytes;
    this.chunkRecords = Math.max(1, Math.floor(limits.chunkCells / (columns + CELLS_OF_RECORD)));
  }

  /** The closed chunks cover the file up to here. */
  get endByte(): number {
    return this.at;
  }

  /** A record end at or behind this byte ends the chunk. */
  get fullAt(): number {
    return this.at + this.chunkBytes;
  }

  /** So does the end of this record of the file. */
  get fullRow(): number {
    return this.row + this.chunkRecords - 1;
  }

  addBroken(record: BrokenRecord): void {
    this.broken.push(record);
  }

  /** @param at a record end, `records` those of the file so far */
  isFull(at: number, records: number): boolean {
    return at >= this.fullAt || records >= this.fullRow || this.broken.length >= MAX_BROKEN_PER_CHUNK;
  }

  /** @param at a record end, `line` the physical line there, `records` those of the file so far */
  close(at: number, line: number, records: number): void {
    this.closed.push({
      chunkNo: this.chunkNo++,
      startByte: this.at,
      endByte: at,
      firstRow: this.row,
      firstLine: this.line,
      records: records - this.row + 1,
      broken: this.broken,
    });
    this.at = at;
    this.line = line;
    this.row = records + 1;
    this.broken = [];
  }

  /** Those closed since the last call. */
  take(): ChunkPlan[] {
    const closed = this.closed;
    this.closed = [];
    return closed;
  }
}
