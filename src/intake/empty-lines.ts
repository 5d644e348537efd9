// The end of a file's text that has no value: lines of delimiters, held back while the text passes by until it is known that nothing follows.
import { CR, LF } from '../core/csv/grammar.ts';
import type { Decoder } from '../core/csv/text/encodings.ts';

/** Lines that differ from the one above are kept, so many bytes in all; a longer end is text. */
const LONGEST_END = 1024 * 1024;

interface Run {
  readonly line: Buffer;
  count: number;
}

export class EmptyLines {
  readonly #delimiter: number;
  readonly #units: Pick<Decoder, 'unit' | 'codeAt'>;
  /** Equal lines, line ends included, that follow one another. */
  #runs: Run[] = [];
  /** The last line so far. */
  #open: Buffer[] = [];
  #bytes = 0;
  #records = 0;
  #hasDelimiter = false;
  /** Nothing but a line end stands before what comes next. */
  #isAtLine: boolean;
  #endsInCr = false;

  /** @param isAtLine a line begins with the first piece */
  constructor(delimiter: string, units: Pick<Decoder, 'unit' | 'codeAt'>, isAtLine: boolean) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#units = units;
    this.#isAtLine = isAtLine;
  }

  /** Of what is held. */
  get records(): number {
    return this.#records + (this.#hasDelimiter ? 1 : 0);
  }

  /** Takes the next code units, and gives those that are text; what is held at last is the end. */
  *push(text: Buffer): Generator<Buffer> {
    const from = this.#endOf(text);
    if (from > 0) {
      yield* this.#release();
      yield text.subarray(0, from);
    }
    if (from === text.length) {
      this.#endsWith(text);
      return;
    }
    this.#hold(text.subarray(from));
    if (this.#bytes <= LONGEST_END) return;
    yield* this.#release();
    this.#isAtLine = false;
  }

  #endsWith(text: Buffer): void {
    if (text.length === 0) return;
    const last = this.#units.codeAt(text, text.length - this.#units.unit);
    this.#isAtLine = last === LF || last === CR;
    this.#endsInCr = last === CR;
  }

  /** Where the end begins that the text may have: a line with nothing but delimiters and line ends from there on; its length: there is none. */
  #endOf(text: Buffer): number {
    const { unit, codeAt } = this.#units;
    let first = text.length;
    let below = -1;
    for (let at = text.length; at > 0; at -= unit) {
      const code = codeAt(text, at - unit);
      if (code === LF || (code === CR && below !== LF)) first = at;
      else if (code !== CR && code !== this.#delimiter) return first;
      below = code;
    }
    if (this.#bytes > 0) return 0;
    if (!this.#isAtLine) return first;
    return this.#endsInCr && below === LF ? unit : 0;
  }

  #hold(text: Buffer): void {
    const { unit, codeAt } = this.#units;
    let from = 0;
    for (let at = 0; at < text.length; at += unit) {
      const code = codeAt(text, at);
      if (code === this.#delimiter) this.#hasDelimiter = true;
      if (code !== LF && code !== CR) continue;
      if (this.#hasDelimiter) this.#records++;
      this.#hasDelimiter = false;
      if (code === CR) continue;
      this.#endLine(text.subarray(from, at + unit));
      from = at + unit;
    }
    if (from === text.length) return;
    // The bytes may be used again by whoever gave them.
    this.#open.push(Buffer.from(text.subarray(from)));
    this.#bytes += text.length - from;
  }

  #endLine(rest: Buffer): void {
    const line = this.#open.length === 0 ? rest : Buffer.concat([...this.#open, rest]);
    this.#open = [];
    const last = this.#runs.at(-1);
    if (last?.line.equals(line) === true) {
      last.count++;
      this.#bytes -= line.length - rest.length;
      return;
    }
    this.#runs.push({ line: Buffer.from(line), count: 1 });
    this.#bytes += rest.length;
  }

  *#release(): Generator<Buffer> {
    for (const { line, count } of this.#runs) for (let at = 0; at < count; at++) yield line;
    yield* this.#open;
    this.#runs = [];
    this.#open = [];
    this.#bytes = 0;
    this.#records = 0;
    this.#hasDelimiter = false;
  }
}
