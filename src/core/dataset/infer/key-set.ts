// Whether all values of a column differ, in little memory: their hashes are kept, 8 bytes a value. Of two values with one hash it says that
// they may be the same, never the other way round.

const FIRST_SLOTS = 1024;
const OFFSET = 0x811c9dc5;
const PRIME = 0x01000193;

export class KeySet {
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #count = 0;

  get bytes(): number {
    return this.#slots.byteLength;
  }

  /** @returns false when the value, or one with its hash, was there before */
  add(bytes: Uint8Array, start: number, end: number): boolean {
    let one = OFFSET;
    let other = 0x9e3779b9 ^ (end - start);
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      one = Math.imul(one ^ byte, PRIME);
      other = Math.imul((other ^ byte) + (other >>> 15), 0x85ebca6b);
    }
    // An empty slot is two zeros.
    return this.#insert(one >>> 0, (other ^ (other >>> 13)) >>> 0 || 1);
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
    this.#slots = new Uint32Array(2 * before.length);
    this.#count = 0;
    for (let at = 0; at < before.length; at += 2)
      if (before[at + 1] !== 0) this.#insert(before[at]!, before[at + 1]!);
  }
}
