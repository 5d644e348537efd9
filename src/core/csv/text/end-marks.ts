// Ctrl-Z: at the end of a file, one or more of them are the end of the text, as DOS wrote it, also with line ends that another program has
// put behind, or with the NULs that fill up the last block; elsewhere they are text.
import { isLineEnd } from '../grammar.ts';
import type { Decoder } from './encodings.ts';

const END_MARK = 0x1a;
const NUL = 0;
/** A longer end is text. */
const LONGEST_END = 1024 * 1024;

type CodeUnits = Pick<Decoder, 'unit' | 'codeAt'>;

const BYTES: CodeUnits = { unit: 1, codeAt: (bytes, at) => bytes[at]! };

export class EndMarks {
  /** A mark and what came behind it so far: marks, line ends and NULs; given on when text follows. */
  #held: Buffer[] = [];
  #bytes = 0;
  readonly #units: CodeUnits;

  /** @param units of the text; without, its bytes */
  constructor(units = BYTES) {
    this.#units = units;
  }

  /** Of the end so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The end so far. */
  get held(): readonly Buffer[] {
    return this.#held;
  }

  /** Takes the next bytes, cut between code units, and gives those that are text; what is held at last is the end. */
  *push(text: Buffer): Generator<Buffer> {
    const goesOn = this.#bytes > 0 && this.#isAllOfEnd(text) && this.#bytes + text.length <= LONGEST_END;
    const from = goesOn ? 0 : this.#endOf(text);
    if (!goesOn) {
      yield* this.#held;
      this.#held = [];
      this.#bytes = 0;
    }
    if (from > 0) yield text.subarray(0, from);
    if (from === text.length) return;
    // The bytes may be used again by whoever gave them.
    this.#held.push(Buffer.from(text.subarray(from)));
    this.#bytes += text.length - from;
  }

  /** Where the end begins that the text may have: its first mark with nothing but marks, line ends and NULs behind it; its length: there is none. */
  #endOf(text: Buffer): number {
    const { unit, codeAt } = this.#units;
    let first = text.length;
    for (let at = text.length - unit; at >= 0 && isOfEnd(codeAt(text, at)); at -= unit)
      if (codeAt(text, at) === END_MARK) first = at;
    return first;
  }

  #isAllOfEnd(text: Buffer): boolean {
    const { unit, codeAt } = this.#units;
    for (let at = 0; at < text.length; at += unit) if (!isOfEnd(codeAt(text, at))) return false;
    return true;
  }
}

function isOfEnd(code: number): boolean {
  return code === END_MARK || code === NUL || isLineEnd(code);
}
