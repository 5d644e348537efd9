// The shared strings of a workbook, as bytes in blocks, so that a million of them cost their bytes and little more. What is beyond
// the memory they may take goes to a scratch file; strings that are used together were mostly written together.

export const BLOCK_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;
/** A cell of Excel holds 32,767 characters, at most three bytes each. */
export const MAX_STRING_BYTES = BLOCK_BYTES - 2 * LENGTH_BYTES;
/** Stands for a length where the rest of a block is empty. */
const NEXT_BLOCK = 0xffff_ffff;
/** Of each so many strings one place is kept; the others are found from there. */
const STRIDE = 8;
/** Places are kept in pieces: an array that grows is there twice while it is copied. */
const PLACES_OF_PIECE = 16_384;

/** A file of blocks of `BLOCK_BYTES`. */
export interface Scratch {
  write(block: number, bytes: Buffer): void;
  read(block: number, into: Buffer): void;
}

interface Block {
  readonly bytes: Buffer;
  usedAt: number;
}

export class StringStore {
  /** Where the string is that `find` has found. */
  bytes: Buffer = Buffer.alloc(0);
  start = 0;
  end = 0;
  private readonly maxBlocks: number;
  private readonly openScratch: () => Scratch;
  private scratch: Scratch | undefined;
  /** The blocks at hand. */
  private readonly blocks = new Map<number, Block>();
  /** Counts on with each use of a block. */
  private clock = 0;
  private last = 0;
  private at = 0;
  private count = 0;
  private readonly places: Float64Array[] = [];

  /** @param openScratch is called when the memory is used up */
  constructor(maxBytes: number, openScratch: () => Scratch) {
    this.maxBlocks = Math.max(2, Math.floor(maxBytes / BLOCK_BYTES));
    this.openScratch = openScratch;
    this.blocks.set(0, { bytes: Buffer.allocUnsafe(BLOCK_BYTES), usedAt: 0 });
  }

  get size(): number {
    return this.count;
  }

  /** @param text has at most `MAX_STRING_BYTES` */
  add(text: string): void {
    const bytes = Buffer.byteLength(text);
    const block = this.begin(bytes);
    block.write(text, this.at);
    this.at += bytes;
  }

  /** A string as UTF-8, of at most `MAX_STRING_BYTES`. */
  addBytes(from: Buffer, start: number, end: number): void {
    const block = this.begin(end - start);
    for (let at = start; at < end; at++) block[this.at++] = from[at]!;
  }

  /** @returns false when there is no such string */
  find(index: number): boolean {
    if (!(index >= 0 && index < this.count)) return false;
    const stride = Math.floor(index / STRIDE);
    const place = this.places[Math.floor(stride / PLACES_OF_PIECE)]![stride % PLACES_OF_PIECE]!;
    let number = Math.floor(place / BLOCK_BYTES);
    let at = place % BLOCK_BYTES;
    let block = this.block(number);
    for (let left = index % STRIDE; ; left--) {
      let length = block.readUInt32LE(at);
      if (length === NEXT_BLOCK) {
        block = this.block(++number);
        at = 0;
        length = block.readUInt32LE(at);
      }
      at += LENGTH_BYTES;
      if (left === 0) {
        this.bytes = block;
        this.start = at;
        this.end = at + length;
        return true;
      }
      at += length;
    }
  }

  /** @returns the block in which the string of so many bytes stands from `at` on */
  private begin(bytes: number): Buffer {
    let block = this.blocks.get(this.last)!.bytes;
    if (this.at + bytes + 2 * LENGTH_BYTES > BLOCK_BYTES) {
      block.writeUInt32LE(NEXT_BLOCK, this.at);
      block = this.beginBlock();
    }
    if (this.count % STRIDE === 0) this.notePlace(this.last * BLOCK_BYTES + this.at);
    block.writeUInt32LE(bytes, this.at);
    this.at += LENGTH_BYTES;
    this.count++;
    return block;
  }

  private beginBlock(): Buffer {
    const full = this.blocks.get(this.last)!.bytes;
    if (this.scratch === undefined && this.blocks.size >= this.maxBlocks) {
      this.scratch = this.openScratch();
      for (const [number, { bytes }] of this.blocks) this.scratch.write(number, bytes);
    } else this.scratch?.write(this.last, full);
    const next = this.scratch && this.takeOldest();
    this.last++;
    this.at = 0;
    const block = next ?? Buffer.allocUnsafe(BLOCK_BYTES);
    this.blocks.set(this.last, { bytes: block, usedAt: ++this.clock });
    return block;
  }

  /** Memory of the block that was not used for longest. The one that is being filled is not in the scratch file and stays at hand. */
  private takeOldest(): Buffer | undefined {
    if (this.blocks.size < this.maxBlocks) return undefined;
    let oldest = -1;
    let usedAt = Infinity;
    for (const [number, block] of this.blocks)
      if (number !== this.last && block.usedAt < usedAt) {
        oldest = number;
        usedAt = block.usedAt;
      }
    const found = this.blocks.get(oldest);
    this.blocks.delete(oldest);
    return found?.bytes;
  }

  private block(number: number): Buffer {
    const found = this.blocks.get(number);
    if (found !== undefined) {
      found.usedAt = ++this.clock;
      return found.bytes;
    }
    const bytes = this.takeOldest() ?? Buffer.allocUnsafe(BLOCK_BYTES);
    this.scratch!.read(number, bytes);
    this.blocks.set(number, { bytes, usedAt: ++this.clock });
    return bytes;
  }

  private notePlace(place: number): void {
    const stride = this.count / STRIDE;
    const at = stride % PLACES_OF_PIECE;
    if (at === 0) this.places.push(new Float64Array(PLACES_OF_PIECE));
    this.places.at(-1)![at] = place;
  }
}
