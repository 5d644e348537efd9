// UUID version 7 (RFC 9562): 48 bits of milliseconds, a 26-bit counter, 48 random bits. Text order is time order.

/** Fills the bytes with randomness, as `crypto.randomFillSync` does. */
export type RandomFill = (bytes: Uint8Array) => void;

const RANDOM_BLOCK_BYTES = 4096;
const RANDOM_BYTES_PER_ID = 6;
const COUNTER_LOW_BITS = 14;
const COUNTER_LOW_MASK = (1 << COUNTER_LOW_BITS) - 1;
/** The counter starts anywhere in the lower half of its 26 bits, so that 33 million ids fit before it runs over. */
const COUNTER_SEED_MASK = (1 << 25) - 1;
const COUNTER_END = 1 << 26;

/** ASCII codes of `0` to `f`. */
const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const DASH = 45;
const ID_TEXT_BYTES = 36;
const ID_BYTES = 16;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * Makes a generator whose ids always ascend, also within a millisecond and when the clock steps back
 * (the counter of RFC 9562, 6.2, method 1; when it runs over, the time in the id moves one millisecond ahead).
 */
export function createUuidV7(random: RandomFill): (nowMs: number) => string {
  const next = createUuidV7Sequence(random, TEXT_ID);
  return (nowMs) => next(nowMs).toString('latin1');
}

/** Ids for one batch of rows, all carrying the batch's time; ascending. Each is ASCII text that stands until the next call. */
export function uuidV7Block(nowMs: number, random: RandomFill): () => Uint8Array {
  const next = createUuidV7Sequence(random, TEXT_ID);
  return () => next(nowMs);
}

/** The same ids as their 16 bytes. */
export function binaryUuidV7Block(nowMs: number, random: RandomFill): () => Uint8Array {
  const next = createUuidV7Sequence(random, BINARY_ID);
  return () => next(nowMs);
}

/** How an id is written; into the same bytes at each call, for an id for each of millions of rows would else be as many strings. */
interface IdForm {
  readonly make: () => Buffer;
  /** The time, the version, and the upper 12 bits of the counter. */
  readonly writePrefix: (id: Buffer, timeMs: number, counterHigh: number) => void;
  /** The variant, the lower 14 bits of the counter, and the random bytes from `at` on. */
  readonly writeRest: (id: Buffer, counterLow: number, random: Uint8Array, at: number) => void;
}

const TEXT_ID: IdForm = {
  make: () => Buffer.alloc(ID_TEXT_BYTES, DASH),
  writePrefix(id, timeMs, counterHigh) {
    const time = timeMs.toString(16).padStart(12, '0');
    const high = counterHigh.toString(16).padStart(3, '0');
    id.write(`${time.slice(0, 8)}-${time.slice(8)}-7${high}`, 'latin1');
  },
  writeRest(id, counterLow, random, at) {
    writeHex(id, 19, 0x80 | (counterLow >>> 8));
    writeHex(id, 21, counterLow & 0xff);
    for (let to = 24; to < ID_TEXT_BYTES; to += 2) writeHex(id, to, random[at++]!);
  },
};

const BINARY_ID: IdForm = {
  make: () => Buffer.alloc(ID_BYTES),
  writePrefix(id, timeMs, counterHigh) {
    id.writeUIntBE(timeMs, 0, 6);
    id.writeUInt16BE(0x7000 | counterHigh, 6);
  },
  writeRest(id, counterLow, random, at) {
    id[8] = 0x80 | (counterLow >>> 8);
    id[9] = counterLow & 0xff;
    for (let to = 10; to < ID_BYTES; to++) id[to] = random[at++]!;
  },
};

function writeHex(id: Buffer, at: number, byte: number): void {
  id[at] = HEX[byte >>> 4]!;
  id[at + 1] = HEX[byte & 15]!;
}

function createUuidV7Sequence(random: RandomFill, form: IdForm): (nowMs: number) => Buffer {
  const { writePrefix, writeRest } = form;
  const id = form.make();
  const bytes = new Uint8Array(RANDOM_BLOCK_BYTES);
  let used = RANDOM_BLOCK_BYTES;
  let timeMs = -1;
  let counter = 0;

  function refill(): void {
    random(bytes);
    used = 0;
  }

  function renewPrefix(): void {
    writePrefix(id, timeMs, counter >>> COUNTER_LOW_BITS);
  }

  function seedCounter(): void {
    if (used + 4 > RANDOM_BLOCK_BYTES) refill();
    const at = used;
    used += 4;
    const bits = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
    counter = bits & COUNTER_SEED_MASK;
    renewPrefix();
  }

  function step(nowMs: number): void {
    if (nowMs > timeMs) {
      timeMs = nowMs;
      seedCounter();
    } else if (++counter === COUNTER_END) {
      timeMs++;
      seedCounter();
    } else if ((counter & COUNTER_LOW_MASK) === 0) renewPrefix();
  }

  return (nowMs) => {
    step(nowMs);
    if (used + RANDOM_BYTES_PER_ID > RANDOM_BLOCK_BYTES) refill();
    writeRest(id, counter & COUNTER_LOW_MASK, bytes, used);
    used += RANDOM_BYTES_PER_ID;
    return id;
  };
}
