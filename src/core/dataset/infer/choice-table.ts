// The few values of a column, and how often each is there.

/** A power of two that is much larger than the most choices, so that few share a place. */
const PLACES = 256;
export const MOST_CHOICES = 20;
export const LONGEST_CHOICE_BYTES = 100;

/** Of each choice: how often it is there, its length, and its bytes (scripts/wasm/cells.ts reads them too). */
const ENTRY_BYTES = 128;
const HEAD_BYTES = 8;
const ENTRY_WORDS = ENTRY_BYTES / 4;
/** Behind the choices, the first one of each place, from 1. */
const PLACES_AT = MOST_CHOICES * ENTRY_BYTES;
export const CHOICES_BYTES = PLACES_AT + PLACES;

/** The same for equal values, of 1 byte at least. */
function placeOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  return (
    (length + 31 * bytes[start]! + 17 * bytes[end - 1]! + 7 * bytes[start + (length >> 1)]!) & (PLACES - 1)
  );
}

export class ChoiceTable {
  readonly #bytes = Buffer.alloc(CHOICES_BYTES);
  readonly #words = new Int32Array(this.#bytes.buffer, this.#bytes.byteOffset, PLACES_AT / 4);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** All of it. */
  get memory(): Buffer {
    return this.#bytes;
  }

  get all(): { readonly value: string; readonly count: number }[] {
    return Array.from({ length: this.#size }, (_, index) => {
      const at = index * ENTRY_BYTES + HEAD_BYTES;
      const length = this.#words[index * ENTRY_WORDS + 1]!;
      return {
        value: this.#bytes.toString('utf8', at, at + length),
        count: this.#words[index * ENTRY_WORDS]!,
      };
    });
  }

  /** @returns false when the value is none of the choices */
  count(bytes: Uint8Array, start: number, end: number): boolean {
    const here = this.#bytes[PLACES_AT + placeOf(bytes, start, end)]!;
    if (here === 0) return false;
    let index = here - 1;
    if (!this.#isAt(index, bytes, start, end)) {
      index = 0;
      while (index < this.#size && !this.#isAt(index, bytes, start, end)) index++;
      if (index === this.#size) return false;
    }
    this.#words[index * ENTRY_WORDS]!++;
    return true;
  }

  /** Of MOST_CHOICES at most, and of LONGEST_CHOICE_BYTES each. */
  add(bytes: Uint8Array, start: number, end: number): void {
    const index = this.#size++;
    this.#words[index * ENTRY_WORDS] = 1;
    this.#words[index * ENTRY_WORDS + 1] = end - start;
    this.#bytes.set(bytes.subarray(start, end), index * ENTRY_BYTES + HEAD_BYTES);
    const place = PLACES_AT + placeOf(bytes, start, end);
    if (this.#bytes[place] === 0) this.#bytes[place] = index + 1;
  }

  #isAt(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#words[index * ENTRY_WORDS + 1] !== end - start) return false;
    const own = this.#bytes;
    const from = index * ENTRY_BYTES + HEAD_BYTES - start;
    for (let at = start; at < end; at++) if (own[from + at] !== bytes[at]) return false;
    return true;
  }
}
