// A few lines of a stream that hold what is looked for, cut around it, for people to see how they read.
import { CR, LF } from '../grammar.ts';
import { LastBytes } from './last-bytes.ts';

const MOST_LINES = 2;
/** Kept of a line before the place and from it on. */
const KEPT_BYTES = 240;

/** Part of a line, as bytes. */
export interface SampleLine {
  readonly bytes: Buffer;
  /** Of the place in it. */
  readonly at: number;
  /** It is the first line of the file. */
  readonly isFirst: boolean;
}

export class SampleLines {
  readonly #lines: SampleLine[] = [];
  /** The end of the stream so far, not longer than what is kept before a place. */
  readonly #recent = new LastBytes(KEPT_BYTES);
  #hasLines = false;
  /** More of the last line is wanted. */
  #isOpen = false;

  get lines(): readonly SampleLine[] {
    return this.#lines;
  }

  /** @param places offsets in `bytes`, the next of the stream, of what is looked for; one for each line that holds it */
  push(bytes: Buffer, places: readonly number[] = []): void {
    if (this.#isOpen) this.#goOn(bytes);
    for (const place of places.slice(0, MOST_LINES - this.#lines.length)) this.#note(bytes, place);
    if (this.#lines.length < MOST_LINES) this.#remember(bytes);
  }

  #note(bytes: Buffer, place: number): void {
    const before = Buffer.concat([
      this.#recent.last(),
      bytes.subarray(Math.max(0, place - KEPT_BYTES), place),
    ]);
    const lineStart = Math.max(before.lastIndexOf(LF), before.lastIndexOf(CR)) + 1;
    const hasLines = this.#hasLines || firstLineEnd(bytes.subarray(0, place)) < place;
    const kept = before.subarray(Math.max(lineStart, before.length - KEPT_BYTES));
    this.#lines.push({ bytes: kept, at: kept.length, isFirst: !hasLines });
    this.#goOn(bytes.subarray(place));
  }

  #goOn(bytes: Buffer): void {
    const line = this.#lines.pop()!;
    const room = line.at + KEPT_BYTES - line.bytes.length;
    const end = firstLineEnd(bytes.subarray(0, room));
    this.#lines.push({ ...line, bytes: Buffer.concat([line.bytes, bytes.subarray(0, end)]) });
    this.#isOpen = end === bytes.length && end < room;
  }

  #remember(bytes: Buffer): void {
    this.#hasLines ||= firstLineEnd(bytes) < bytes.length;
    this.#recent.push(bytes);
  }
}

/** The length where there is none. */
function firstLineEnd(bytes: Buffer): number {
  const lf = bytes.indexOf(LF);
  const cr = (lf === -1 ? bytes : bytes.subarray(0, lf)).indexOf(CR);
  return cr !== -1 ? cr : lf !== -1 ? lf : bytes.length;
}
