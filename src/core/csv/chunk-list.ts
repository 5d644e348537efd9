import type { BrokenRecord, ChunkPlan } from './types.ts';

/** A chunk is closed early when it has so many, which bounds its plan. */
const MAX_BROKEN_PER_CHUNK = 1000;

/** The chunks of a file, put together record by record. */
export class ChunkList {
  private readonly chunkBytes: number;
  private chunkNo = 0;
  /** Where the open chunk begins. */
  private at: number;
  private line: number;
  private row = 1;
  private broken: BrokenRecord[] = [];
  private closed: ChunkPlan[] = [];

  constructor(startByte: number, startLine: number, chunkBytes: number) {
    this.at = startByte;
    this.line = startLine;
    this.chunkBytes = chunkBytes;
  }

  /** The closed chunks cover the file up to here. */
  get endByte(): number {
    return this.at;
  }

  /** A record end at or behind this byte ends the chunk. */
  get fullAt(): number {
    return this.at + this.chunkBytes;
  }

  addBroken(record: BrokenRecord): void {
    this.broken.push(record);
  }

  isFull(at: number): boolean {
    return at >= this.fullAt || this.broken.length >= MAX_BROKEN_PER_CHUNK;
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
