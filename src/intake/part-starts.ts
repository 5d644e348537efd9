// Where each of several files that were joined stands in the stored text: their places are known in bytes as they came, which may be of
// another encoding, and in lines.
import { CR, isLineEnd, LF } from '../core/csv/grammar.ts';
import { LastBytes } from '../core/csv/text/last-bytes.ts';
import { LineCounter } from '../core/csv/text/line-counter.ts';
import type { PartOfFile } from '../core/csv/types.ts';
import { partsToKeep, type PartPlace } from './part-place.ts';

export interface PartInText extends PartOfFile {
  /** Of the stored text. */
  readonly startByte: number;
  /** The last bytes of the part, if another one follows. */
  readonly last?: Buffer;
}

/** A last line that is longer is read from the stored text. */
const LAST_BYTES = 256;

export class PartStarts {
  readonly #parts: () => readonly PartPlace[] | undefined;
  readonly #starts: { startByte: number; last?: Buffer }[] = [];
  readonly #lines = new LineCounter();
  readonly #last = new LastBytes(LAST_BYTES);
  #bytes = 0;

  /** @param parts those that have begun so far, each before its first byte is pushed; undefined: the text is that of one file */
  constructor(parts: () => readonly PartPlace[] | undefined) {
    this.#parts = parts;
  }

  /** Takes the next bytes of the text. */
  push(text: Buffer): void {
    const parts = this.#parts();
    if (parts === undefined) return;
    let from = 0;
    while (this.#starts.length < parts.length) {
      const at = lineStart(text, from, parts[this.#starts.length]!.line - this.#lines.line);
      if (at === undefined) break;
      this.#pass(text.subarray(from, at));
      from = at;
      const before = this.#starts.at(-1);
      if (before !== undefined) before.last = this.#last.last();
      this.#starts.push({ startByte: this.#bytes });
    }
    this.#pass(text.subarray(from));
  }

  /** The parts that have a byte in the text. */
  get parts(): PartInText[] {
    const kept = partsToKeep(this.#parts() ?? []);
    return this.#starts.map((start, at) => ({ ...kept[at]!, ...start }));
  }

  #pass(text: Buffer): void {
    this.#lines.push(text);
    this.#last.push(text);
    this.#bytes += text.length;
  }
}

/** Where the line begins that stands so many line ends behind `from`; undefined: behind these bytes. */
function lineStart(text: Buffer, from: number, lineEnds: number): number | undefined {
  let at = from;
  for (let left = lineEnds; left > 0; left--) {
    while (at < text.length && !isLineEnd(text[at])) at++;
    if (at === text.length) return undefined;
    at += text[at] === CR && text[at + 1] === LF ? 2 : 1;
  }
  return at;
}
