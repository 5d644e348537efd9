// NUL characters. Text has none, and Postgres takes none: each is stored as U+FFFD, and costs its record. A file that is full of them
// is no text.
import { guessUtf16, type Guess } from './encoding-guess.ts';
import { LineCounter } from './line-counter.ts';
import type { UndecodablePlace } from './undecodable.ts';

/** A NUL, or several in a row, of a text whose lines are not counted. */
export interface NulPlace {
  /** Offset in the text as it is stored. */
  readonly textByte: number;
  /** Offset in the file. */
  readonly byteOffset: number;
}

export const NUL = 0;
const REPLACEMENT = Buffer.from('\ufffd');
/** Of so many bytes one is a NUL: the bytes are no text. A few of them in a small file are chance. */
const BYTES_PER_NUL = 100;
const FEW = 8;

export function isFullOfNuls(sample: Buffer): boolean {
  return findRuns(sample).length >= Math.max(FEW, sample.length / BYTES_PER_NUL);
}

const SAMPLE_BYTES = 4096;

/** Looks at the bytes from the first NUL on: does it stand alone, or is the file no text, or UTF-16? */
export class NulWatch {
  /** The first NUL has been met, and more bytes are wanted. */
  isWatching = false;
  isFull = false;
  utf16: Guess | undefined;
  #sample: Buffer | undefined;
  #byteOffset = 0;

  /** @param offset of the bytes in the file; a NUL is looked for in them */
  push(bytes: Buffer, offset: number): void {
    if (this.isWatching) this.#take(bytes);
    else if (this.#sample === undefined && offset >= 0) {
      const at = bytes.indexOf(NUL);
      if (at === -1) return;
      [this.isWatching, this.#byteOffset] = [true, offset + at];
      this.#take(bytes.subarray(at));
    }
  }

  end(): void {
    if (this.isWatching) this.#judge(this.#sample!);
  }

  #take(bytes: Buffer): void {
    const before = this.#sample ?? Buffer.alloc(0);
    this.#sample = Buffer.concat([before, bytes.subarray(0, SAMPLE_BYTES - before.length)]);
    if (this.#sample.length >= SAMPLE_BYTES) this.#judge(this.#sample);
  }

  #judge(sample: Buffer): void {
    this.isWatching = false;
    this.utf16 = guessUtf16(sample, this.#byteOffset);
    this.isFull = isFullOfNuls(sample);
  }
}

/** @returns the text with U+FFFD for each run of NULs, and where in it they are */
export function replaceNuls(bytes: Buffer): {
  readonly text: Buffer;
  readonly places: readonly { at: number; textAt: number }[];
} {
  const pieces: Buffer[] = [];
  let textAt = 0;
  let from = 0;
  const places = findRuns(bytes).map(({ at, end }) => {
    pieces.push(bytes.subarray(from, at), REPLACEMENT);
    textAt += at - from;
    from = end;
    const place = { at, textAt };
    textAt += REPLACEMENT.length;
    return place;
  });
  return { text: Buffer.concat([...pieces, bytes.subarray(from)]), places };
}

function findRuns(bytes: Buffer): { readonly at: number; readonly end: number }[] {
  const runs: { at: number; end: number }[] = [];
  for (let at = bytes.indexOf(NUL); at !== -1; at = bytes.indexOf(NUL, at)) {
    const start = at;
    while (bytes[at] === NUL) at++;
    runs.push({ at: start, end: at });
  }
  return runs;
}

/** Finds the lines of such places, once the text is there: one for each line that has some. */
export class NulLines {
  readonly places: UndecodablePlace[] = [];
  readonly #nuls: readonly NulPlace[];
  readonly #lines = new LineCounter();
  #at = 0;
  #next = 0;

  constructor(nuls: readonly NulPlace[]) {
    this.#nuls = nuls;
  }

  /** @param text the next bytes of it */
  push(text: Buffer): void {
    const end = this.#at + text.length;
    let from = this.#at;
    for (; this.#next < this.#nuls.length && this.#nuls[this.#next]!.textByte < end; this.#next++) {
      const { textByte, byteOffset } = this.#nuls[this.#next]!;
      this.#lines.push(text.subarray(from - this.#at, textByte - this.#at));
      from = textByte;
      const { line } = this.#lines;
      if (this.places.at(-1)?.line !== line) this.places.push({ line, byteOffset, bytes: '00' });
    }
    this.#lines.push(text.subarray(from - this.#at));
    this.#at = end;
  }
}
