import type { ChunkPlan, Rescan, Unread } from '../types.ts';
import type { ChunkScanner } from './chunk-scanner.ts';

/** A chunk with more broken records does not list them: all the lists of a file are one plan, which must stay small. */
const MOST_LISTED = 100;

/** A chunk ends at so many broken records: their rejects, longer than themselves, are held until they are stored. */
const MOST_BROKEN = 40_000;

/** What a record costs beside its cells, in cells. */
const CELLS_OF_RECORD = 10;

export interface ChunkLimits {
  /** A chunk ends at the first record end at or behind so many bytes. */
  readonly chunkBytes: number;
  /** It also ends at so many cells, a record counting for some more: short records are many, and each is an object while it is read. */
  readonly chunkCells: number;
  /** Of a chunk that is cut into parts: they also end at so many broken records, and where it ends. They list what is broken. */
  readonly parts?: { readonly broken: number; readonly endByte: number };
}

/** Where the first chunk begins. */
export interface ChunkStart {
  readonly startByte: number;
  readonly startLine: number;
  readonly firstRow: number;
}

/** The chunks of a file, put together record by record. */
export class ChunkList {
  private readonly chunkBytes: number;
  private readonly chunkRecords: number;
  private readonly endAt: number;
  private readonly mostBroken: number;
  private readonly mostListed: number;
  private chunkNo = 0;
  /** Where the open chunk begins. */
  private at: number;
  private line: number;
  private row: number;
  private rescan: () => Rescan;
  /** Those of the open chunk; when they are more than can be listed, the first of them. */
  private broken: Unread[] = [];
  private brokenCount = 0;
  private closed: ChunkPlan[] = [];

  /** @param rescan what the broken records of the first chunk can be found again with */
  constructor(start: ChunkStart, columns: number, limits: ChunkLimits, rescan: () => Rescan) {
    this.at = start.startByte;
    this.line = start.startLine;
    this.row = start.firstRow;
    this.rescan = rescan;
    this.chunkBytes = limits.chunkBytes;
    this.chunkRecords = Math.max(1, Math.floor(limits.chunkCells / (columns + CELLS_OF_RECORD)));
    this.endAt = limits.parts?.endByte ?? Infinity;
    this.mostBroken = limits.parts?.broken ?? MOST_BROKEN;
    this.mostListed = limits.parts?.broken ?? MOST_LISTED;
  }

  /** The closed chunks cover the file up to here. */
  get endByte(): number {
    return this.at;
  }

  /** Of the open chunk. */
  get open(): ChunkScanner['open'] {
    const { headerLines, tableEnded, openAbove } = this.rescan();
    return { byte: this.at, line: this.line, headerLines, tableEnded, ...(openAbove && { openAbove }) };
  }

  /** A record end at or behind this byte ends the chunk. */
  get fullAt(): number {
    const full = this.at + this.chunkBytes;
    return this.at < this.endAt ? Math.min(full, this.endAt) : full;
  }

  /** So does the end of this record of the file. */
  get fullRow(): number {
    return this.row + this.chunkRecords - 1;
  }

  addBroken(record: Unread): void {
    this.brokenCount++;
    if (this.broken.length < this.mostListed) this.broken.push(record);
  }

  /** So many of the last that were added are lines of a broken record. */
  takeBack(count: number): void {
    const unlisted = this.brokenCount - this.broken.length;
    this.brokenCount -= count;
    if (count > unlisted) this.broken.length -= count - unlisted;
  }

  /** @param at a record end, `records` those of the file so far */
  isFull(at: number, records: number): boolean {
    return at >= this.fullAt || records >= this.fullRow || this.brokenCount >= this.mostBroken;
  }

  /**
   * @param at a record end, `line` the physical line there, `records` those of the file so far
   * @param rescan what the broken records of the next chunk can be found again with
   */
  close(at: number, line: number, records: number, rescan: () => Rescan): void {
    this.closed.push({
      chunkNo: this.chunkNo++,
      startByte: this.at,
      endByte: at,
      firstRow: this.row,
      firstLine: this.line,
      records: records - this.row + 1,
      broken: this.brokenCount > this.mostListed ? this.rescan() : this.broken,
    });
    this.at = at;
    this.line = line;
    this.row = records + 1;
    this.rescan = rescan;
    this.broken = [];
    this.brokenCount = 0;
  }

  /** Those closed since the last call. */
  take(): ChunkPlan[] {
    const closed = this.closed;
    this.closed = [];
    return closed;
  }
}
