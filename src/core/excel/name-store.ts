// Names come again and again in an XML file: each is made a string once, and found by its bytes.

const SLOTS = 1024;
/** Of longer ones a string is made each time. */
const MAX_BYTES = 64;

interface Known {
  readonly bytes: Buffer;
  readonly text: string;
}

export class NameStore {
  /** By hash. A name takes the place of one with the same. */
  readonly #slots: (Known | undefined)[] = Array.from({ length: SLOTS });

  find(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0 || length > MAX_BYTES) return bytes.toString('utf8', start, end);
    const middle = bytes[start + (length >> 1)]!;
    const slot = (length * 7 + bytes[start]! * 31 + bytes[end - 1]! * 131 + middle * 521) % SLOTS;
    const known = this.#slots[slot];
    if (known !== undefined && isSame(known.bytes, bytes, start, length)) return known.text;
    const text = bytes.toString('utf8', start, end);
    this.#slots[slot] = { bytes: Buffer.from(bytes.subarray(start, end)), text };
    return text;
  }
}

function isSame(known: Buffer, bytes: Buffer, start: number, length: number): boolean {
  if (known.length !== length) return false;
  for (let at = 0; at < length; at++) if (known[at] !== bytes[start + at]) return false;
  return true;
}
