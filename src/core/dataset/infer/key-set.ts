// Whether all values of a column differ, in little memory: their hashes are kept, 8 bytes a value. Of two values with one hash it says that
// they may be the same, never the other way round. As long as each value comes behind the one before it (a longer one behind a shorter,
// as numbers do), it must be another one, and is only noted: most keys are numbered, and a look into a large table costs more than all else.

const FIRST_VALUES = 512;
const FIRST_SLOTS = 1024;
/** A smaller table grows to four times its size, a larger one to twice. */
const MANY_WORDS = 512 * 1024;
/** So many are put into the table one behind the other. */
const TOGETHER = 512;
/** Longer ones are not compared with the one before. */
const LONGEST_IN_ORDER = 64;

export class KeySet {
  /** Two words of hash for each value, in their order, until one comes out of order. */
  #noted: Int32Array | undefined = new Int32Array(2 * FIRST_VALUES);
  readonly #last = new Uint8Array(LONGEST_IN_ORDER);
  #lastLength = 0;
  #slots = new Int32Array(0);
  #count = 0;

  /** Of its memory. */
  bytes = 8 * FIRST_VALUES;

  /** @returns false when the value, or one with its hash, was there before */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    // Two hashes of 32 bits over four bytes at a time, with the constants of MurmurHash3.
    let one = end - start;
    let other = ~one;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      one = Math.imul(one ^ word, 0xcc9e2d51);
      one ^= one >>> 15;
      other = Math.imul(other + word, 0x85ebca6b);
      other ^= other >>> 13;
    }
    let rest = 0;
    for (; at < end; at++) rest = (rest << 8) | bytes[at]!;
    one = Math.imul(one ^ rest, 0x1b873593);
    one = Math.imul(one ^ (one >>> 16), 0x85ebca6b);
    one ^= one >>> 13;
    other = Math.imul(other + rest, 0xc2b2ae35);
    other = Math.imul(other ^ (other >>> 15), 0xcc9e2d51);
    other ^= other >>> 16;
    // An empty slot is two zeros. Signed: numbers above 2^31 would each be an object.
    const second = other === 0 ? 1 : other;
    if (this.#noted !== undefined) {
      if (this.#comesNext(bytes, start, end)) {
        this.#note(this.#noted, one, second);
        return true;
      }
      this.#fill(this.#noted);
    }
    return this.#insert(one, second);
  }

  /** The value that the next one has to come behind; undefined: one came out of order. */
  get last(): Uint8Array | undefined {
    return this.#noted === undefined ? undefined : this.#last.subarray(0, this.#lastLength);
  }

  /**
   * Adds values by their hashes, two words each, as `add` makes them.
   * @param ordered so many at the beginning each come behind the one before, of `lastOrdered` the last
   * @param mostBytes no more are added once its memory is larger
   * @returns how many were added: all, or those before one that was there before
   */
  addHashes(
    hashes: Int32Array,
    values: number,
    ordered: number,
    lastOrdered: Uint8Array,
    mostBytes: number,
  ): number {
    let at = 0;
    if (this.#noted !== undefined) {
      for (; at < ordered && this.bytes <= mostBytes; at++)
        this.#note(this.#noted, hashes[2 * at]!, hashes[2 * at + 1]!);
      if (at > 0) {
        this.#last.set(lastOrdered);
        this.#lastLength = lastOrdered.length;
      }
      if (at === values || this.bytes > mostBytes) return at;
      this.#fill(this.#noted);
    }
    for (; at < values; at += TOGETHER) {
      const to = Math.min(at + TOGETHER, values);
      while (4 * (this.#count + to - at) > this.#slots.length) this.#grow();
      if (this.bytes > mostBytes) return at;
      const next = this.#insertAll(hashes, at, to);
      if (next < to) return next;
    }
    return values;
  }

  /** There is room for all of them. @returns the first that was there before, or `to` */
  #insertAll(hashes: Int32Array, from: number, to: number): number {
    const slots = this.#slots;
    const last = slots.length / 2 - 1;
    for (let at = from; at < to; at++) {
      const one = hashes[2 * at]!;
      const other = hashes[2 * at + 1]!;
      let slot = (one ^ (one >>> 15)) & last;
      while (slots[2 * slot + 1] !== 0) {
        if (slots[2 * slot] === one && slots[2 * slot + 1] === other) {
          this.#count += at - from;
          return at;
        }
        slot = (slot + 1) & last;
      }
      slots[2 * slot] = one;
      slots[2 * slot + 1] = other;
    }
    this.#count += to - from;
    return to;
  }

  /** Whether the value comes behind the last one, which it then is. */
  #comesNext(bytes: Uint8Array, start: number, end: number): boolean {
    const last = this.#last;
    const length = end - start;
    if (length < this.#lastLength || length > LONGEST_IN_ORDER) return false;
    let at = 0;
    if (length === this.#lastLength) {
      while (at < length && bytes[start + at] === last[at]) at++;
      if (at === length || bytes[start + at]! < last[at]!) return false;
    }
    for (; at < length; at++) last[at] = bytes[start + at]!;
    this.#lastLength = length;
    return true;
  }

  #note(noted: Int32Array, one: number, other: number): void {
    let to = noted;
    if (2 * this.#count === to.length) {
      to = new Int32Array(2 * to.length);
      to.set(noted);
      this.#noted = to;
      this.bytes = to.byteLength;
    }
    to[2 * this.#count] = one;
    to[2 * this.#count + 1] = other;
    this.#count++;
  }

  /** From now on there is a table. */
  #fill(noted: Int32Array): void {
    const count = this.#count;
    let slots = FIRST_SLOTS;
    while (slots < 4 * count) slots *= 2;
    this.#noted = undefined;
    this.#slots = new Int32Array(2 * slots);
    this.bytes = this.#slots.byteLength;
    this.#count = 0;
    // They are known to differ, though two may have one hash.
    for (let at = 0; at < 2 * count; at += 2) this.#insert(noted[at]!, noted[at + 1]!);
  }

  #insert(one: number, other: number): boolean {
    if (2 * this.#count >= this.#slots.length / 2) this.#grow();
    const slots = this.#slots;
    const last = slots.length / 2 - 1;
    let slot = (one ^ (one >>> 15)) & last;
    while (slots[2 * slot + 1] !== 0) {
      if (slots[2 * slot] === one && slots[2 * slot + 1] === other) return false;
      slot = (slot + 1) & last;
    }
    slots[2 * slot] = one;
    slots[2 * slot + 1] = other;
    this.#count++;
    return true;
  }

  #grow(): void {
    const before = this.#slots;
    // To put all into a larger table costs as much as to put in new ones.
    this.#slots = new Int32Array((before.length < MANY_WORDS ? 4 : 2) * before.length);
    this.bytes = this.#slots.byteLength;
    const slots = this.#slots;
    const last = slots.length / 2 - 1;
    for (let at = 0; at < before.length; at += 2) {
      const other = before[at + 1]!;
      if (other === 0) continue;
      const one = before[at]!;
      let slot = (one ^ (one >>> 15)) & last;
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & last;
      slots[2 * slot] = one;
      slots[2 * slot + 1] = other;
    }
  }
}
